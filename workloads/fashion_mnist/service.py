"""What the inference service answers to POST /predict, GET /healthz, /readyz and /metrics; `http_server` carries it.

Requests and answers follow the "instances"/"predictions" form that TensorFlow Serving and KServe (V1 protocol) use. A
body of type application/octet-stream is taken as raw uint8 images of 784 bytes each.
"""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import torch

from fashion_mnist.batching import Batcher, Closed, Overloaded
from fashion_mnist.data import CLASSES, IMAGE_SIZE
from fashion_mnist.metrics import Counter, Gauge, Histogram, Metric, exposition

PIXELS = IMAGE_SIZE * IMAGE_SIZE
RESULT_TIMEOUT_SECONDS = 30.0
HANG_SECONDS = 30.0
BYTES_PER_JSON_PIXEL = 16
"""Generous: "255, " is five bytes; bounds the size of a JSON body."""

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
    accuracy: float
    accuracy_images: int


class Service:
    """State, metrics and the answers to requests."""

    def __init__(self) -> None:
        self.state = State.LOADING
        self.served: Served | None = None
        self._started = time.monotonic()
        self._in_flight = 0
        self._idle = threading.Condition()
        self.requests = Counter("fashion_mnist_requests_total", "HTTP prediction requests by status code.")
        self.latency = Histogram(
            "fashion_mnist_request_duration_seconds", "Time from a request's body received to its answer.", LATENCY_BOUNDS
        )
        self.images = Counter("fashion_mnist_images_total", "Images classified, by origin; its rate is the throughput.")
        self.batches = Histogram("fashion_mnist_batch_images", "Images in one forward pass.", BATCH_BOUNDS)
        self.self_load_correct = Counter(
            "fashion_mnist_self_load_correct_total", "Held-out images of the self-load that were classified correctly."
        )
        self.requests.add(0, code="200")
        self.images.add(0, origin="http")

    def serve(self, served: Served) -> None:
        """The model is loaded: from now on the service is ready, unless it is already going down."""
        self.served = served
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
        """Readiness: ready, loading or draining."""
        return (HTTPStatus.OK if self.state is State.READY else HTTPStatus.SERVICE_UNAVAILABLE), self.state.value

    def metrics(self) -> str:
        """The exposition, with the model's facts once it is loaded."""
        served = self.served
        metrics: list[Metric] = [self.requests, self.latency, self.images, self.batches, self.self_load_correct]
        metrics.append(Gauge("fashion_mnist_ready", "1 while the service is ready.", lambda: self.state is State.READY))
        metrics.append(Gauge("fashion_mnist_uptime_seconds", "Time since the start.", lambda: time.monotonic() - self._started))
        if served is not None:
            model = (("architecture", served.architecture), ("source", served.source))
            metrics += [
                Gauge("fashion_mnist_model_info", "Which model is served.", lambda: 1, model),
                Gauge("fashion_mnist_held_out_accuracy", "Accuracy on held-out images.", lambda: served.accuracy),
                Gauge("fashion_mnist_held_out_images", "Images it was measured on.", lambda: served.accuracy_images),
                Gauge("fashion_mnist_queued_images", "Images that wait for a forward pass.", served.batcher.queued),
            ]
        if torch.cuda.is_available():
            metrics.append(Gauge("fashion_mnist_device_memory_bytes", "Device memory in use.", torch.cuda.memory_allocated))
        return exposition(metrics)

    def predict(self, content_type: str, body: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
        """The answer to one POST /predict."""
        started = time.perf_counter()
        status, answer = self._predict(content_type, body)
        self.count(status, time.perf_counter() - started)
        return status, answer

    def count(self, status: HTTPStatus, duration_seconds: float) -> None:
        """Counts a prediction request that was answered."""
        self.requests.add(code=str(int(status)))
        self.latency.observe(duration_seconds)

    def max_body_bytes(self) -> int:
        """Largest body of a request that can be valid."""
        images = self.served.batcher.max_batch if self.served else 1
        return images * PIXELS * BYTES_PER_JSON_PIXEL + 1024

    def _predict(self, content_type: str, body: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
        served = self.served
        if served is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the model is still loading"}
        try:
            images = read_images(content_type, body)
            future = served.batcher.submit(images)
            probabilities = future.result(RESULT_TIMEOUT_SECONDS)
        except ValueError as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}
        except Overloaded:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "too many images are waiting; try again"}
        except Closed:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the service has shut down"}
        except FutureTimeoutError:
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
            "model": {"architecture": served.architecture, "source": served.source},
        }


def read_images(content_type: str, body: bytes) -> torch.Tensor:
    """The uint8 images (n, 28, 28) of a request body; ValueError with a sentence when there are none in it."""
    if content_type.partition(";")[0].strip().lower() == "application/octet-stream":
        if not body or len(body) % PIXELS:
            raise ValueError(f"{len(body)} bytes are not a whole number of images of {PIXELS} bytes")
        return torch.frombuffer(bytearray(body), dtype=torch.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    try:
        instances = json.loads(body)["instances"]
        pixels = torch.tensor(instances, dtype=torch.float32)
    except (ValueError, KeyError, TypeError, RuntimeError, RecursionError) as error:
        raise ValueError(
            f'the body must be {{"instances": [image, ...]}}, each image 784 or 28 x 28 numbers from 0 to 255 ({error})'
        ) from error
    if pixels.dim() < 2 or pixels.numel() == 0 or pixels[0].numel() != PIXELS:
        raise ValueError(f"instances have the shape {tuple(pixels.shape)}; (n, 784) or (n, 28, 28) is expected")
    if not bool(((pixels >= 0) & (pixels <= 255)).all()):  # also refuses NaN
        raise ValueError("pixels must be numbers from 0 to 255")
    return pixels.round().to(torch.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
