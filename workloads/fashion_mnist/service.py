"""What the inference service answers to POST /predict, GET /, /healthz, /readyz and /metrics; `http_server` carries it.

Answers follow the "predictions" form that TensorFlow Serving and KServe (V1 protocol) use.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import torch

from fashion_mnist.batching import Batcher, Closed, Overloaded
from fashion_mnist.data import CLASSES
from fashion_mnist.instances import max_body_bytes, read_images
from fashion_mnist.metrics import Counter, Gauge, Histogram, Metric, exposition
from fashion_mnist.page import Epoch, Example, page

RESULT_TIMEOUT_SECONDS = 30.0
HANG_SECONDS = 30.0

LATENCY_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class State(Enum):
    """Where the service is in its life."""

    LOADING = "loading"
    READY = "ready"
    DRAINING = "draining"


@dataclass(frozen=True)
class Served:
    """The model behind the service and what is known of it."""

    batcher: Batcher
    architecture: str
    source: str
    epoch: int | None
    """Epochs of the training that it comes from; None for the small network, which knows none."""
    accuracy: float
    accuracy_images: int
    examples: tuple[Example, ...] = ()
    """What it makes of a few held-out images, for the page."""

    @property
    def facts(self) -> dict[str, Any]:
        """What an answer says of the model that gave it."""
        return {
            "architecture": self.architecture,
            "source": self.source,
            "epoch": self.epoch,
            "heldOutAccuracy": round(self.accuracy, 4),
        }


class Service:
    """State, metrics and the answers to requests. Requests are answered on the event loop of `http_server`."""

    def __init__(self, max_batch: int) -> None:
        """A request has at most `max_batch` images."""
        self.state = State.LOADING
        self.served: Served | None = None
        self.history: tuple[Epoch, ...] = ()
        """The epochs of the training whose checkpoint was read last."""
        self.max_body_bytes = max_body_bytes(max_batch)
        self._started = time.monotonic()
        self._in_flight = 0
        # One thread: reading JSON holds Python's lock for tens of milliseconds, and with more threads the event loop, and with
        # it the probes, would wait for each of them.
        self._reading = ThreadPoolExecutor(1, "reading")
        self._idle = threading.Condition()
        self.requests = Counter("fashion_mnist_requests_total", "HTTP prediction requests by status code.")
        self.latency = Histogram(
            "fashion_mnist_request_duration_seconds",
            "Time from a request's body received to its answer, of the requests that were answered with 200.",
            LATENCY_BOUNDS,
        )
        self.images = Counter("fashion_mnist_images_total", "Images classified, by origin; its rate is the throughput.")
        self.batches = Histogram("fashion_mnist_batch_images", "Images in one forward pass.", BATCH_BOUNDS)
        self.self_load_correct = Counter(
            "fashion_mnist_self_load_correct_total", "Held-out images of the self-load that were classified correctly."
        )
        self.swaps = Counter("fashion_mnist_model_swaps_total", "Times that a better network took the place of the one served.")
        self.requests.add(0, code="200")
        self.images.add(0, origin="http")
        self.swaps.add(0)

    def serve(self, served: Served) -> None:
        """Serves this model from now on. The first makes the service ready, unless it is already going down.

        What was asked of the model before is still answered by it.
        """
        before, self.served = self.served, served
        if before is not None:
            self.swaps.add()
            before.batcher.close(RESULT_TIMEOUT_SECONDS)
        if self.state is State.LOADING:
            self.state = State.READY

    def drain(self) -> None:
        """Not ready any more, but every request that still arrives is answered."""
        self.state = State.DRAINING

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Around a request from its header to its answer on the wire, so that the service does not leave before."""
        with self._idle:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._idle:
                self._in_flight -= 1
                self._idle.notify_all()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits for the requests in flight; True when none is left."""
        with self._idle:
            return self._idle.wait_for(lambda: self._in_flight == 0, timeout_seconds)

    def health(self) -> tuple[HTTPStatus, str]:
        """Liveness: only what a restart mends."""
        problem = self.served.batcher.unhealthy(HANG_SECONDS) if self.served else None
        return (HTTPStatus.INTERNAL_SERVER_ERROR, problem) if problem else (HTTPStatus.OK, "ok")

    def readiness(self) -> tuple[HTTPStatus, str]:
        """Readiness: ready, or loading, draining, or in need of a restart."""
        status, problem = self.health()
        if status is not HTTPStatus.OK:
            return HTTPStatus.SERVICE_UNAVAILABLE, problem
        return (HTTPStatus.OK if self.state is State.READY else HTTPStatus.SERVICE_UNAVAILABLE), self.state.value

    def metrics(self) -> str:
        """The exposition, with the model's facts once it is loaded."""
        served = self.served
        metrics: list[Metric] = [self.requests, self.latency, self.images, self.batches, self.self_load_correct, self.swaps]
        metrics.append(Gauge("fashion_mnist_ready", "1 while the service is ready.", lambda: self.state is State.READY))
        metrics.append(Gauge("fashion_mnist_uptime_seconds", "Time since the start.", lambda: time.monotonic() - self._started))
        if served is not None:
            model = (("architecture", served.architecture), ("source", served.source))
            metrics += [
                Gauge("fashion_mnist_model_info", "Which model is served.", lambda: 1, model),
                Gauge("fashion_mnist_model_epoch", "Epochs of the training that it comes from.", lambda: served.epoch),
                Gauge("fashion_mnist_held_out_accuracy", "Accuracy on held-out images.", lambda: served.accuracy),
                Gauge("fashion_mnist_held_out_images", "Images it was measured on.", lambda: served.accuracy_images),
                Gauge("fashion_mnist_queued_images", "Images that wait for a forward pass.", served.batcher.queued),
            ]
        if torch.cuda.is_available():
            metrics.append(Gauge("fashion_mnist_device_memory_bytes", "Device memory in use.", torch.cuda.memory_allocated))
        return exposition(metrics)

    def page(self) -> str:
        """The page for people: what is served, how it was learnt, and what it makes of a few images."""
        served = self.served
        if served is None:
            return page(None, self.history, ())
        model = f"{served.architecture} ({served.source})" + (f", epoch {served.epoch}" if served.epoch is not None else "")
        return page((model, served.accuracy, served.accuracy_images), self.history, served.examples)

    def count(self, status: HTTPStatus) -> None:
        """Counts a prediction request that was answered."""
        self.requests.add(code=str(int(status)))

    async def predict(self, content_type: str, body: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
        """The answer to one POST /predict."""
        started = time.perf_counter()
        status, answer = await self._predict(content_type, body)
        self.count(status)
        if status is HTTPStatus.OK:
            self.latency.observe(time.perf_counter() - started)
        return status, answer

    async def _predict(self, content_type: str, body: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
        if self.served is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the model is still loading"}
        try:
            # Not on the event loop: a body of 256 images as JSON takes tens of milliseconds to read.
            images = await asyncio.get_running_loop().run_in_executor(self._reading, read_images, content_type, body)
            served, future = self.submit(images)
            probabilities = await asyncio.wait_for(asyncio.wrap_future(future), RESULT_TIMEOUT_SECONDS)
        except ValueError as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}
        except Overloaded:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "too many images are waiting; try again"}
        except Closed:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the service has shut down"}
        except TimeoutError:
            return HTTPStatus.GATEWAY_TIMEOUT, {"error": f"no result within {RESULT_TIMEOUT_SECONDS:g} s"}
        except Exception as error:  # a failed forward pass: liveness reports it too
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"the forward pass failed: {error}"}
        self.images.add(len(images), origin="http")
        best = probabilities.max(1)
        return HTTPStatus.OK, {
            "predictions": [
                {"class": index, "label": CLASSES[index], "probability": round(probability, 6)}
                for probability, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ],
            "model": served.facts,
        }

    def submit(self, images: torch.Tensor) -> tuple[Served, "Future[torch.Tensor]"]:
        """Queues the images for the model served at this moment, and says which that is."""
        while True:
            served = self.served
            assert served is not None  # noqa: S101 (a model is replaced, never taken away)
            try:
                return served, served.batcher.submit(images)
            except Closed:
                if served is self.served:
                    raise
