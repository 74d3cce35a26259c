"""Small inference, for a 1g.5gb slice: an HTTP service over what the medium training has learnt so far.

It looks for that training's checkpoint again and again, measures each on the validation images, and serves it when it is
better than what it serves. Until there is one it serves a small network that it trains itself for a few seconds.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from fashion_mnist import data as datasets
from fashion_mnist import medium_training, models, small_network
from fashion_mnist.batches import normalise
from fashion_mnist.batching import Batcher, Predict
from fashion_mnist.data import CLASSES, IMAGE_SIZE, Split
from fashion_mnist.device import Acquired, acquire
from fashion_mnist.errors import DataError, SettingsError
from fashion_mnist.http_server import HttpServer
from fashion_mnist.measuring import measure
from fashion_mnist.options import InferenceOptions, inference_parser
from fashion_mnist.page import Example
from fashion_mnist.pictures import data_address
from fashion_mnist.reporting import emit, percent, run_program
from fashion_mnist.self_load import SelfLoad
from fashion_mnist.service import Served, Service
from fashion_mnist.stopping import StopRequest
from fashion_mnist.trained_network import Trained, TrainedNetwork

WORKLOAD = "small-inference"
EXAMPLES = 24
"""Pictures on the page."""


def main(arguments: list[str]) -> None:
    """Serves until SIGTERM, then drains and returns."""
    chosen = InferenceOptions(**vars(inference_parser("small_inference", __doc__).parse_args(arguments)))
    if chosen.max_queue < chosen.max_batch:
        raise SettingsError(
            f"--max-queue {chosen.max_queue} is less than --max-batch {chosen.max_batch}: a request with more than "
            f"{chosen.max_queue} images would get 503 for ever. Raise --max-queue or lower --max-batch."
        )
    stop = StopRequest().install()
    service = Service(chosen.max_batch)
    # Listening comes first, so that liveness and readiness are answered truthfully while the model loads.
    server = _listen(chosen, service)
    try:
        with stop.at_once():
            acquired = acquire(chosen)
            data = datasets.load(chosen.baked_dir, chosen.data_dir, chosen.data_url)
        torch.manual_seed(chosen.seed)
        networks = Networks(chosen, service, acquired, data.validation.first(chosen.limit_validation))
        networks.start(data.train, stop)
        if chosen.self_load is not None:
            SelfLoad(service, networks.held_out, chosen.self_load, stop).start()
        _run_until(stop, [(chosen.poll_seconds, networks.look), (chosen.report_seconds, Report(service).emit)])
        _shut_down(chosen, service, server, stop)
    finally:
        server.close()


def _listen(chosen: InferenceOptions, service: Service) -> HttpServer:
    try:
        server = HttpServer(chosen.host, chosen.port, service)
    except OSError as error:
        raise SettingsError(f"{chosen.host}:{chosen.port} cannot be listened on: {error.strerror}.") from error
    emit("listening", f"listening on {chosen.host}:{server.port}", port=server.port)
    return server


class Networks:
    """Decides which network is served."""

    def __init__(self, chosen: InferenceOptions, service: Service, acquired: Acquired, held_out: Split) -> None:
        self.held_out = held_out
        self._chosen = chosen
        self._service = service
        self._acquired = acquired
        self._trained = TrainedNetwork(chosen.checkpoint_dir)

    def start(self, train: Split, stop: StopRequest) -> None:
        """Serves what the medium training has written; its own small network when that is nothing."""
        self.look()
        if self._service.served is not None:
            return
        seconds = self._chosen.mlp_seconds
        emit("mlp", f"no checkpoint of the medium training yet: the small MLP is trained for {seconds:g} s")
        model = models.mlp()
        small_network.train(model, train.to(self._acquired.device), seconds, stop)
        self._serve(self._served(model, "mlp", "trained at start", None, self._measure(model)))

    def look(self) -> None:
        """Serves the medium training's newest network if it is better than what is served."""
        try:
            trained = self._trained.next()
        except DataError as error:
            emit("warning", f"warning: {error}", message=str(error))
            return
        if trained is not None:
            self._service.history = trained.history
            self._consider(trained)

    def _consider(self, trained: Trained) -> None:
        served = self._service.served
        accuracy = self._measure(trained.model)
        if served is not None and accuracy <= served.accuracy:
            emit(
                "kept",
                f"epoch {trained.epoch} of {medium_training.WORKLOAD} has {percent(accuracy)}, which is not better than "
                f"the {percent(served.accuracy)} of what is served",
                epoch=trained.epoch,
                validationAccuracy=accuracy,
                servedAccuracy=served.accuracy,
            )
            return
        network = medium_training.RECIPE.network
        self._serve(self._served(trained.model, network, medium_training.WORKLOAD, trained.epoch, accuracy))

    def _measure(self, model: nn.Module) -> float:
        device, bf16 = self._acquired.device, self._acquired.is_cuda
        return measure(model.to(device), self.held_out.to(device), resolution=IMAGE_SIZE, bf16=bf16).accuracy

    def _served(self, model: nn.Module, architecture: str, source: str, epoch: int | None, accuracy: float) -> Served:
        predict = predictor(model, self._acquired)
        batcher = Batcher(
            predict,
            max_batch=self._chosen.max_batch,
            max_wait_seconds=self._chosen.max_wait_ms / 1000,
            max_queue=self._chosen.max_queue,
            on_batch=self._service.batches.observe,
        )
        return Served(batcher, architecture, source, epoch, accuracy, len(self.held_out), examples(predict, self.held_out))

    def _serve(self, served: Served) -> None:
        event = "ready" if self._service.served is None else "swapped"
        self._service.serve(served)
        epoch = "" if served.epoch is None else f", epoch {served.epoch}"
        emit(
            event,
            f"{event}: {served.architecture} ({served.source}{epoch}), {percent(served.accuracy)} of "
            f"{served.accuracy_images:,} validation images",
            architecture=served.architecture,
            source=served.source,
            epoch=served.epoch,
            validationAccuracy=served.accuracy,
            validationImages=served.accuracy_images,
        )


def predictor(model: nn.Module, acquired: Acquired) -> Predict:
    """Probabilities of the classes by `model`."""
    model.eval()

    def predict(images: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode(), torch.autocast(acquired.device.type, dtype=torch.bfloat16, enabled=acquired.is_cuda):
            logits = model(normalise(images.to(acquired.device)))
        return functional.softmax(logits.float(), dim=1).cpu()

    return predict


def examples(predict: Predict, held_out: Split) -> tuple[Example, ...]:
    """What the page shows of the first held-out images."""
    shown = held_out.first(EXAMPLES)
    best = predict(shown.images).max(1)
    rows = zip(shown.images, shown.labels.tolist(), best.indices.tolist(), best.values.tolist(), strict=True)
    return tuple(
        Example(data_address(image), CLASSES[label], CLASSES[predicted], probability)
        for image, label, predicted, probability in rows
    )


def _run_until(stop: StopRequest, tasks: list[tuple[float, Callable[[], None]]]) -> None:
    """Does each task every so many seconds until the stop is requested."""
    due = [time.monotonic() + seconds for seconds, _ in tasks]
    while not stop.wait(max(0.0, min(due) - time.monotonic())):
        for index, (seconds, task) in enumerate(tasks):
            if time.monotonic() >= due[index]:
                task()
                due[index] = time.monotonic() + seconds


@dataclass(frozen=True)
class Counts:
    """What was answered up to a moment."""

    at: float
    values: dict[str, float]


class Report:
    """The line about throughput."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._before = self._counts()

    def _counts(self) -> Counts:
        service = self._service
        values = {
            "requests": service.requests.value(code="200"),
            "httpImages": service.images.value(origin="http"),
            "selfLoadImages": service.images.value(origin="self-load"),
        }
        return Counts(time.monotonic(), values)

    def emit(self) -> None:
        """Totals, and rates since the last line."""
        before, now = self._before, self._counts()
        report = {f"{name}Total": value for name, value in now.values.items()}
        seconds = now.at - before.at
        report |= {f"{name}PerSecond": round((value - before.values[name]) / seconds, 1) for name, value in now.values.items()}
        emit("serving", None, **report)
        self._before = now


def _shut_down(chosen: InferenceOptions, service: Service, server: HttpServer, stop: StopRequest) -> None:
    emit("draining", f"{stop.signal_name} received: not ready any more, serving on for {chosen.drain_seconds:g} s")
    service.drain()
    time.sleep(chosen.drain_seconds)
    server.stop_listening()
    answered = service.wait_until_idle(chosen.grace_seconds)
    if service.served is not None:
        answered = service.served.batcher.close(chosen.grace_seconds) and answered
    total = int(service.requests.value(code="200"))
    emit(
        "stopped",
        f"stopped: {total} requests answered" + ("" if answered else "; some were still unanswered"),
        requestsTotal=total,
        allAnswered=answered,
    )


if __name__ == "__main__":
    sys.exit(run_program(main, sys.argv[1:]))
