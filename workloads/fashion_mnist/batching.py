"""Dynamic batching: requests that arrive within a few milliseconds share one forward pass.

A slice classifies 256 images in hardly more time than one, so a single worker takes what has arrived, waiting at most
`max_wait_seconds` after the oldest request for others to join.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch


class Overloaded(Exception):
    """The queue is full: the client should try again later."""


class Closed(Exception):
    """The batcher takes no more requests."""


Predict = Callable[[torch.Tensor], torch.Tensor]
"""uint8 images (n, 28, 28) on the CPU -> probabilities (n, 10) on the CPU."""


@dataclass(frozen=True)
class _Waiting:
    images: torch.Tensor
    result: "Future[torch.Tensor]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


class Batcher:
    """A queue and the one thread that empties it."""

    def __init__(
        self,
        predict: Predict,
        *,
        max_batch: int,
        max_wait_seconds: float,
        max_queue: int,
        on_batch: Callable[[int], None] = lambda _images: None,
    ) -> None:
        """`on_batch` is called with the number of images of every forward pass."""
        self.max_batch = max_batch
        self._predict = predict
        self._max_wait_seconds = max_wait_seconds
        self._max_queue = max_queue
        self._on_batch = on_batch
        self._changed = threading.Condition()
        self._queue: deque[_Waiting] = deque()
        self._queued = 0
        self._closed = False
        self._busy_since: float | None = None
        self._failure: Exception | None = None
        self._worker = threading.Thread(target=self._work, name="batcher", daemon=True)
        self._worker.start()

    def submit(self, images: torch.Tensor) -> "Future[torch.Tensor]":
        """Queues 1 to `max_batch` images; the future gives their probabilities, in order."""
        if not 0 < len(images) <= self.max_batch:
            raise ValueError(f"{len(images)} images; a request takes 1 to {self.max_batch}")
        waiting = _Waiting(images)
        with self._changed:
            if self._closed:
                raise Closed
            if self._queued + len(images) > self._max_queue:
                raise Overloaded
            self._queue.append(waiting)
            self._queued += len(images)
            self._changed.notify()
        return waiting.result

    def queued(self) -> int:
        """Images that wait."""
        return self._queued

    def unhealthy(self, limit_seconds: float) -> str | None:
        """Why a restart is needed: a failed forward pass (CUDA does not recover from one), or one that hangs."""
        if self._failure is not None:
            return f"a forward pass failed: {self._failure}"
        busy_since = self._busy_since
        if busy_since is not None and time.monotonic() - busy_since > limit_seconds:
            return f"a forward pass has been running for over {limit_seconds:g} s"
        if not self._worker.is_alive() and not self._closed:
            return "the batching thread has ended"
        return None

    def close(self, timeout_seconds: float) -> bool:
        """Refuses new requests, answers the queued ones, ends the thread; True when that was done in time."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._worker.join(timeout_seconds)
        return not self._worker.is_alive()

    def _work(self) -> None:
        while taken := self._take():
            # A request that was given up while it waited costs nothing more.
            batch = [waiting for waiting in taken if waiting.result.set_running_or_notify_cancel()]
            if not batch:
                continue
            self._busy_since = time.monotonic()
            try:
                probabilities = self._predict(torch.cat([waiting.images for waiting in batch]))
            except Exception as error:  # whatever it is, the requests must get an answer and liveness must hear of it
                self._failure = error
                for waiting in batch:
                    waiting.result.set_exception(error)
            else:
                self._on_batch(len(probabilities))
                for waiting, part in zip(batch, probabilities.split([len(w.images) for w in batch]), strict=True):
                    waiting.result.set_result(part)
            finally:
                self._busy_since = None

    def _take(self) -> list[_Waiting]:
        """The next batch; empty when the batcher is closed and nothing waits."""
        with self._changed:
            while not self._queue:
                if self._closed:
                    return []
                self._changed.wait()
            deadline = self._queue[0].since + self._max_wait_seconds
            while not self._closed and self._queued < self.max_batch:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
            batch: list[_Waiting] = []
            images = 0
            while self._queue and images + len(self._queue[0].images) <= self.max_batch:
                batch.append(self._queue.popleft())
                images += len(batch[-1].images)
            self._queued -= images
            return batch
