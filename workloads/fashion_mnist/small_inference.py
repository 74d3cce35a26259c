"""Small inference, for a 1g.5gb slice: an HTTP service over the medium training's checkpoint, or over a small MLP.

The checkpoint is taken from the shared volume once the medium training has finished an epoch; until then the service
trains its own small network for a few seconds rather than serve random weights.
"""

import argparse
import math
import sys
import threading
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import data as datasets
from fashion_mnist import medium_training, models
from fashion_mnist.batches import normalise
from fashion_mnist.batching import Batcher, Closed, Overloaded, Predict
from fashion_mnist.data import IMAGE_SIZE, Split
from fashion_mnist.device import Acquired, acquire
from fashion_mnist.errors import DataError, SettingsError
from fashion_mnist.http_server import HttpServer
from fashion_mnist.measuring import held_out_accuracy
from fashion_mnist.options import inference_parser
from fashion_mnist.reporting import emit, percent, run_program
from fashion_mnist.service import Served, Service
from fashion_mnist.stopping import StopRequest

WORKLOAD = "small-inference"
MLP_BATCH = 256
MLP_LEARNING_RATE = 1e-3
SELF_LOAD_BATCH = 32
"""Images in one request of the self-load, as in the article's loop."""


def main(arguments: list[str]) -> None:
    """Serves until SIGTERM, then drains and returns."""
    chosen = inference_parser("small_inference", __doc__).parse_args(arguments)
    stop = StopRequest().install()
    service = Service()
    # Listening comes first, so that liveness and readiness are answered truthfully while the model loads.
    server = _listen(chosen, service)
    try:
        served, test = _prepare(chosen, service, stop)
        service.serve(served)
        emit(
            "ready",
            f"ready: {served.architecture} ({served.source}), held-out accuracy {percent(served.accuracy)} "
            f"on {served.accuracy_images:,} images",
            architecture=served.architecture,
            source=served.source,
            testAccuracy=served.accuracy,
            testImages=served.accuracy_images,
        )
        if chosen.self_load is not None:
            SelfLoad(service, served.batcher, test, chosen.self_load, stop).start()
        _report_until(stop, service, chosen.report_seconds)
        _shut_down(chosen, service, server, served.batcher, stop)
    finally:
        server.shutdown()
        server.server_close()


def _listen(chosen: argparse.Namespace, service: Service) -> HttpServer:
    try:
        server = HttpServer((chosen.host, chosen.port), service)
    except OSError as error:
        raise SettingsError(f"{chosen.host}:{chosen.port} cannot be listened on: {error.strerror}.") from error
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="http", daemon=True).start()
    emit("listening", f"listening on {chosen.host}:{server.server_port}", port=server.server_port)
    return server


def _prepare(chosen: argparse.Namespace, service: Service, stop: StopRequest) -> tuple[Served, Split]:
    acquired = acquire(chosen)
    torch.manual_seed(chosen.seed)
    data = datasets.load(chosen.baked_dir, chosen.data_dir, chosen.data_url)
    test = data.test.first(chosen.limit_test)
    found = load_trained(chosen)
    if found is None:
        emit("mlp", f"no checkpoint of the medium training: the small MLP is trained for {chosen.mlp_seconds:g} s")
        model, architecture, source = models.mlp(), "mlp", "trained at start"
        train_mlp(model, data.train.to(acquired.device), chosen.mlp_seconds, stop)
    else:
        model, architecture, source = found, "cnn", medium_training.WORKLOAD
        model.to(acquired.device)
    accuracy = held_out_accuracy(model, test.to(acquired.device), resolution=IMAGE_SIZE, bf16=acquired.is_cuda)
    batcher = Batcher(
        _predictor(model, acquired),
        max_batch=chosen.max_batch,
        max_wait_seconds=chosen.max_wait_ms / 1000,
        max_queue=chosen.max_queue,
        on_batch=service.batches.observe,
    )
    return Served(batcher, architecture, source, accuracy, len(test)), test


def load_trained(chosen: argparse.Namespace) -> nn.Module | None:
    """The medium training's network with its newest weights; None until that training has finished an epoch."""
    path = checkpoints.checkpoint_path(chosen.checkpoint_dir, medium_training.WORKLOAD)
    found = checkpoints.load(path)
    if found is None or found.progress.epoch == 0:
        return None
    model = models.cnn()
    try:
        model.load_state_dict(found.model)
    except RuntimeError as error:
        raise DataError(f"{path} does not hold the weights of the medium training's network: {error}") from error
    return model


def train_mlp(model: nn.Module, train: Split, seconds: float, stop: StopRequest) -> None:
    """Trains on random batches for `seconds` (one batch at least), with a learning rate that falls to 0."""
    model.to(train.images.device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=MLP_LEARNING_RATE)
    started, part = time.monotonic(), 0.0
    while part < 1 and not stop.requested:
        chosen = torch.randint(0, len(train), (MLP_BATCH,), device=train.images.device)
        loss = functional.cross_entropy(model(normalise(train.images[chosen])), train.labels[chosen].long())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        part = 1.0 if seconds == 0 else (time.monotonic() - started) / seconds
        for group in optimizer.param_groups:
            group["lr"] = MLP_LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))


def _predictor(model: nn.Module, acquired: Acquired) -> Predict:
    model.eval()

    def predict(images: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode(), torch.autocast(acquired.device.type, dtype=torch.bfloat16, enabled=acquired.is_cuda):
            logits = model(normalise(images.to(acquired.device)))
        return functional.softmax(logits.float(), dim=1).cpu()

    return predict


class SelfLoad:
    """Classifies the held-out images over and over, as the article's loop does, and counts the correct answers.

    It has one request in the queue at a time, so a client's request never waits for more than one of its batches.
    """

    def __init__(self, service: Service, batcher: Batcher, test: Split, images_per_second: float, stop: StopRequest) -> None:
        self._service = service
        self._batcher = batcher
        self._test = test
        self._pause = SELF_LOAD_BATCH / images_per_second
        self._stop = stop

    def start(self) -> None:
        """Begins; ends by itself when a stop is requested or a forward pass fails."""
        threading.Thread(target=self._run, name="self-load", daemon=True).start()

    def _run(self) -> None:
        start, due = 0, time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic())
            part = slice(start, start + SELF_LOAD_BATCH)
            start = part.stop if part.stop < len(self._test) else 0
            labels = self._test.labels[part]
            try:
                probabilities = self._batcher.submit(self._test.images[part]).result()
            except Overloaded:
                self._stop.wait(0.1)  # clients come first
                continue
            except Closed:
                return
            self._service.images.add(len(labels), origin="self-load")
            self._service.self_load_correct.add(int((probabilities.argmax(1) == labels).sum().item()))


def _report_until(stop: StopRequest, service: Service, every_seconds: float) -> None:
    counts: dict[str, Callable[[], float]] = {
        "requests": lambda: service.requests.value(code="200"),
        "httpImages": lambda: service.images.value(origin="http"),
        "selfLoadImages": lambda: service.images.value(origin="self-load"),
    }
    before, since = {name: read() for name, read in counts.items()}, time.monotonic()
    while not stop.wait(every_seconds):
        after, now = {name: read() for name, read in counts.items()}, time.monotonic()
        report = {f"{name}Total": value for name, value in after.items()}
        report |= {f"{name}PerSecond": round((after[name] - before[name]) / (now - since), 1) for name in counts}
        emit("serving", None, **report)
        before, since = after, now


def _shut_down(chosen: argparse.Namespace, service: Service, server: HttpServer, batcher: Batcher, stop: StopRequest) -> None:
    emit("draining", f"{stop.signal_name} received: not ready any more, serving on for {chosen.drain_seconds:g} s")
    service.drain()
    time.sleep(chosen.drain_seconds)
    server.shutdown()
    answered = service.wait_until_idle(chosen.grace_seconds) and batcher.close(chosen.grace_seconds)
    total = int(service.requests.value(code="200"))
    emit(
        "stopped",
        f"stopped: {total} requests answered" + ("" if answered else "; some were still unanswered"),
        requestsTotal=total,
        allAnswered=answered,
    )


if __name__ == "__main__":
    sys.exit(run_program(main, sys.argv[1:]))
