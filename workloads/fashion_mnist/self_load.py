"""The load that the service gives itself: held-out images over and over, as the article's loop classifies them."""

import threading
import time

from fashion_mnist.batching import Closed, Overloaded
from fashion_mnist.data import Split
from fashion_mnist.service import Service
from fashion_mnist.stopping import StopRequest

BATCH = 32
"""Images in one request, as in the article's loop."""


class SelfLoad:
    """Classifies held-out images and counts the correct answers.

    It has one request in the queue at a time, so a client's request never waits for more than one of its batches.
    """

    def __init__(self, service: Service, held_out: Split, images_per_second: float, stop: StopRequest) -> None:
        self._service = service
        self._held_out = held_out
        self._pause = BATCH / images_per_second
        self._stop = stop

    def start(self) -> None:
        """Begins; ends by itself when a stop is requested or a forward pass fails."""
        threading.Thread(target=self._run, name="self-load", daemon=True).start()

    def _run(self) -> None:
        start, due = 0, time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic())
            part = slice(start, start + BATCH)
            start = part.stop if part.stop < len(self._held_out) else 0
            labels = self._held_out.labels[part]
            try:
                probabilities = self._service.submit(self._held_out.images[part])[1].result()
            except Overloaded:
                self._stop.wait(0.1)  # clients come first
                continue
            except Closed:
                return
            self._service.images.add(len(labels), origin="self-load")
            self._service.self_load_correct.add(int((probabilities.argmax(1) == labels).sum().item()))
