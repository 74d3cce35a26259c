import http.client
import itertools
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from conftest import environment, program

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import medium_training, models, options, small_inference
from fashion_mnist.batching import Batcher
from fashion_mnist.data import FashionMnist
from fashion_mnist.errors import DataError
from fashion_mnist.http_server import HttpServer
from fashion_mnist.measuring import held_out_accuracy
from fashion_mnist.service import PIXELS, Served, Service, State, read_images
from fashion_mnist.stopping import StopRequest

RAW = {"Content-Type": "application/octet-stream"}


def brightest_corner(images: torch.Tensor) -> torch.Tensor:
    """A model whose answer is the image's first pixel, as a class."""
    return torch.nn.functional.one_hot(images[:, 0, 0].long() % 10, 10).float()


@dataclass
class Answer:
    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.read(), response.headers)
    finally:
        connection.close()


@contextmanager
def running(service: Service) -> Iterator[int]:
    server = HttpServer(("127.0.0.1", 0), service)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    batcher = Batcher(brightest_corner, max_batch=64, max_wait_seconds=0.001, max_queue=4096, on_batch=service.batches.observe)
    service.serve(Served(batcher, "mlp", "trained at start", 0.875, 10_000))
    yield service
    batcher.close(30)


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    with running(service) as port:
        yield port


def image(first_pixel: int) -> bytes:
    return bytes([first_pixel]) + bytes(PIXELS - 1)


class TestPredict:
    def test_raw_images(self, port: int) -> None:
        answer = ask(port, "POST", "/predict", image(9) + image(1), RAW)
        assert answer.status == 200
        assert answer.json["predictions"] == [
            {"class": 9, "label": "Ankle boot", "probability": 1.0},
            {"class": 1, "label": "Trouser", "probability": 1.0},
        ]
        assert answer.json["model"] == {"architecture": "mlp", "source": "trained at start"}

    @pytest.mark.parametrize("nested", [False, True])
    def test_json_instances(self, port: int, nested: bool) -> None:
        pixels: Any = [8.0] + [0] * (PIXELS - 1)
        instance = [pixels[row * 28 : row * 28 + 28] for row in range(28)] if nested else pixels
        answer = ask(port, "POST", "/predict", json.dumps({"instances": [instance]}))
        assert [prediction["label"] for prediction in answer.json["predictions"]] == ["Bag"]

    @pytest.mark.parametrize(
        ("content_type", "body", "reason"),
        [
            ("application/octet-stream", b"", "0 bytes are not a whole number of images"),
            ("application/octet-stream", bytes(PIXELS + 1), "785 bytes are not"),
            ("application/json", b"{", "the body must be"),
            ("application/json", b"[]", "the body must be"),
            ("application/json", b"\xff", "the body must be"),
            ("application/json", b'{"images": []}', "the body must be"),
            ("application/json", b'{"instances": "x"}', "the body must be"),
            ("application/json", b'{"instances": []}', "instances have the shape"),
            ("application/json", b'{"instances": [[1, 2]]}', "instances have the shape (1, 2)"),
            ("application/json", json.dumps({"instances": [[256] + [0] * 783]}).encode(), "from 0 to 255"),
            ("application/json", b'{"instances": [[NaN' + b", 0" * 783 + b"]]}", "from 0 to 255"),
            ("application/octet-stream", bytes(65 * PIXELS), "65 images; a request takes 1 to 64"),
        ],
    )
    def test_a_body_that_is_none_gets_400_and_the_reason(self, port: int, content_type: str, body: bytes, reason: str) -> None:
        answer = ask(port, "POST", "/predict", body, {"Content-Type": content_type})
        assert answer.status == 400
        assert reason in answer.json["error"]

    def test_a_body_too_large_is_refused_unread(self, port: int) -> None:
        answer = ask(port, "POST", "/predict", None, {"Content-Length": str(10**9)})
        assert answer.status == 413
        assert answer.headers["Connection"] == "close"

    def test_a_body_without_length_is_refused(self, port: int) -> None:
        assert ask(port, "POST", "/predict", None, {"Transfer-Encoding": "chunked"}).status == 411

    @pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/predict"), ("POST", "/metrics")])
    def test_other_paths_get_404(self, port: int, method: str, path: str) -> None:
        assert ask(port, method, path).status == 404

    def test_a_connection_is_kept_for_the_next_request(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for first_pixel in (3, 4):
            connection.request("POST", "/predict", image(first_pixel), RAW)
            response = connection.getresponse()
            assert json.loads(response.read())["predictions"][0]["class"] == first_pixel
            assert not response.will_close
        connection.close()

    def test_raw_and_json_bodies_mean_the_same_image(self) -> None:
        raw = read_images("application/octet-stream", bytes(range(256)) * 3 + bytes(16))
        listed = list(bytes(range(256)) * 3 + bytes(16))
        assert torch.equal(raw, read_images("application/json", json.dumps({"instances": [listed]}).encode()))


class TestLife:
    def test_while_loading_it_lives_is_not_ready_and_answers_503(self) -> None:
        with running(Service()) as port:
            assert ask(port, "GET", "/healthz").status == 200
            assert ask(port, "GET", "/readyz").status == 503
            answer = ask(port, "POST", "/predict", image(1), RAW)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "1"

    def test_ready_then_draining(self, service: Service, port: int) -> None:
        assert ask(port, "GET", "/readyz").body == b"ready\n"
        service.drain()
        assert (ask(port, "GET", "/readyz").status, ask(port, "GET", "/healthz").status) == (503, 200)
        answer = ask(port, "POST", "/predict", image(1), RAW)
        assert answer.status == 200
        assert answer.headers["Connection"] == "close"

    def test_a_model_that_arrives_while_draining_does_not_make_it_ready(self, service: Service) -> None:
        late = Service()
        late.drain()
        assert service.served is not None
        late.serve(service.served)
        assert late.state is State.DRAINING

    def test_a_failed_forward_pass_answers_500_and_fails_liveness(self) -> None:
        def fails(_images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("CUDA error")

        service = Service()
        batcher = Batcher(fails, max_batch=8, max_wait_seconds=0, max_queue=8)
        service.serve(Served(batcher, "mlp", "trained at start", 0.5, 1))
        with running(service) as port:
            assert ask(port, "POST", "/predict", image(1), RAW).status == 500
            answer = ask(port, "GET", "/healthz")
            assert answer.status == 500
            assert b"CUDA error" in answer.body
        batcher.close(30)

    def test_it_waits_for_requests_in_flight(self, service: Service) -> None:
        with service.in_flight():
            assert not service.wait_until_idle(0.01)
        assert service.wait_until_idle(0.01)


def arguments(*more: str) -> Any:
    return options.inference_parser("small_inference", None).parse_args([*more])


class TestModel:
    def test_the_medium_trainings_checkpoint_is_taken_once_it_has_an_epoch(self, data_dir: Path, tmp_path: Path) -> None:
        chosen = arguments("--checkpoint-dir", str(tmp_path))
        assert small_inference.load_trained(chosen) is None
        run = ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "1"]
        medium_training.main([*run, "--limit-train", "64", "--limit-test", "10", "--batch-size", "32"])
        saved = checkpoints.load(checkpoints.checkpoint_path(tmp_path, "medium-training"))
        loaded = small_inference.load_trained(chosen)
        assert saved is not None
        assert loaded is not None
        assert torch.equal(loaded.state_dict()["0.weight"], saved.model["0.weight"])

    def test_a_damaged_checkpoint_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "medium-training.pt").write_bytes(b"half of a checkpoint")
        with pytest.raises(DataError, match="not a checkpoint that can be read"):
            small_inference.load_trained(arguments("--checkpoint-dir", str(tmp_path)))

    def test_the_small_network_learns_within_its_time(self, fashion_mnist: FashionMnist, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = itertools.count()
        monkeypatch.setattr(small_inference, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
        torch.manual_seed(1)
        model = models.mlp()
        small_inference.train_mlp(model, fashion_mnist.train, 100, StopRequest())
        assert next(clock) == 101  # a batch a second of this clock
        assert held_out_accuracy(model, fashion_mnist.test, resolution=28, bf16=False) > 0.75


def samples(port: int) -> dict[str, float]:
    """Every sample of /metrics by its name with labels."""
    answer = ask(port, "GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def buckets(metrics: dict[str, float], name: str) -> list[tuple[float, float]]:
    """The buckets of a histogram in the order of their bounds."""
    found = [(re.fullmatch(rf'{name}_bucket{{le="(.+)"}}', key), count) for key, count in metrics.items()]
    return sorted((float(match[1]), count) for match, count in found if match)


def test_metrics_of_a_bounded_load_agree_with_what_the_clients_saw(service: Service, port: int) -> None:
    clients, requests = 4, 25
    durations: list[float] = []

    def load() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(requests):
            started = time.perf_counter()
            connection.request("POST", "/predict", image(number) * 3, RAW)
            response = connection.getresponse()
            assert json.loads(response.read())["predictions"][0]["class"] == number % 10
            durations.append(time.perf_counter() - started)
        connection.close()

    threads = [threading.Thread(target=load) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    total = clients * requests
    assert len(durations) == total
    metrics = samples(port)
    assert metrics['fashion_mnist_requests_total{code="200"}'] == total
    assert metrics['fashion_mnist_images_total{origin="http"}'] == 3 * total
    assert metrics["fashion_mnist_held_out_accuracy"] == 0.875
    assert metrics["fashion_mnist_ready"] == 1
    assert metrics['fashion_mnist_model_info{architecture="mlp",source="trained at start"}'] == 1
    latency = buckets(metrics, "fashion_mnist_request_duration_seconds")
    assert [count for _, count in latency] == sorted(count for _, count in latency)
    assert latency[-1] == (float("inf"), total)
    assert metrics["fashion_mnist_request_duration_seconds_count"] == total
    # The service's part of the time is within what the clients waited.
    assert 0 < metrics["fashion_mnist_request_duration_seconds_sum"] <= sum(durations)
    for bound, count in latency[:-1]:
        assert count >= sum(duration <= bound for duration in durations)
    assert metrics["fashion_mnist_batch_images_sum"] == 3 * total
    assert 1 <= metrics["fashion_mnist_batch_images_count"] <= total


class Replica:
    """A small_inference process, as a pod would run it."""

    def __init__(self, data_dir: Path, checkpoint_dir: Path, *more: str) -> None:
        self._process = subprocess.Popen(
            program(
                "small_inference",
                *("--data-dir", str(data_dir), "--checkpoint-dir", str(checkpoint_dir), "--limit-test", "500"),
                *("--host", "127.0.0.1", "--port", "0", "--mlp-seconds", "0.5", "--drain-seconds", "2", *more),
            ),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.port = int(self.event("listening")["port"])

    def event(self, name: str) -> Any:
        """Reads the log up to the event of that name."""
        assert self._process.stdout is not None
        seen = []
        for line in self._process.stdout:
            seen.append(line)
            if line.startswith(f'{{"event": "{name}"'):
                return json.loads(line)
        raise AssertionError(f"ended without {name}: {''.join(seen)}")

    def ready(self) -> bool:
        """What a kubelet's readiness probe finds."""
        try:
            return ask(self.port, "GET", "/readyz").status == 200
        except OSError:
            return False

    def terminate(self) -> None:
        self._process.terminate()

    def exit_code(self) -> int:
        return self._process.wait(60)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Clients:
    """Clients that send requests, without any retry, to whichever replica is in `endpoints`."""

    endpoints: list[int]
    answered: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, limit: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        for number in range(limit):
            if self.stop.is_set():
                break
            port = self.endpoints[number % len(self.endpoints)]
            connection = connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=60))
            try:
                connection.request("POST", "/predict", image(0), RAW)
                response = connection.getresponse()
                body = response.read()
                if response.status == 200 and len(json.loads(body)["predictions"]) == 1:
                    self.answered.append(port)
                else:
                    self.failures.append(f"{response.status}: {body!r}")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{port}: {error!r}")
            time.sleep(0.005)
        for connection in connections.values():
            connection.close()


@pytest.mark.slow
def test_no_request_fails_across_a_rolling_restart(data_dir: Path, tmp_path: Path) -> None:
    replicas = [Replica(data_dir, tmp_path)]
    clients = Clients([replicas[0].port])
    threads = [threading.Thread(target=clients.run, args=(20_000,)) for _ in range(4)]
    try:
        replicas[0].event("ready")
        for thread in threads:
            thread.start()
        # A Deployment's rolling update with maxUnavailable 0: the new pod is ready before the old one is told to go.
        replicas.append(Replica(data_dir, tmp_path))
        replicas[1].event("ready")
        clients.endpoints = [replica.port for replica in replicas]
        time.sleep(0.5)
        replicas[0].terminate()
        while replicas[0].ready():
            time.sleep(0.05)
        clients.endpoints = [replicas[1].port]
        stopped = replicas[0].event("stopped")
        assert replicas[0].exit_code() == 0
        time.sleep(0.5)
        clients.stop.set()
        for thread in threads:
            thread.join(60)
        metrics = samples(replicas[1].port)
    finally:
        clients.stop.set()
        for replica in replicas:
            replica.close()
    assert clients.failures == []
    by_port = {replica.port: clients.answered.count(replica.port) for replica in replicas}
    assert all(count > 0 for count in by_port.values())
    assert stopped["allAnswered"] is True
    assert stopped["requestsTotal"] == by_port[replicas[0].port]
    assert metrics['fashion_mnist_requests_total{code="200"}'] == by_port[replicas[1].port]
    assert buckets(metrics, "fashion_mnist_request_duration_seconds")[-1][1] == by_port[replicas[1].port]


@pytest.mark.slow
def test_self_load_is_counted_and_its_accuracy_is_the_held_out_one(data_dir: Path, tmp_path: Path) -> None:
    replica = Replica(data_dir, tmp_path, "--self-load", "max", "--report-seconds", "1")
    try:
        accuracy = replica.event("ready")["testAccuracy"]
        while replica.event("serving")["selfLoadImagesTotal"] < 500:
            pass
        metrics = samples(replica.port)
        replica.terminate()
        assert replica.event("stopped")["allAnswered"] is True
        assert replica.exit_code() == 0
    finally:
        replica.close()
    images = metrics['fashion_mnist_images_total{origin="self-load"}']
    assert metrics["fashion_mnist_self_load_correct_total"] / images == pytest.approx(accuracy, abs=0.05)
    assert metrics['fashion_mnist_requests_total{code="200"}'] == 0


@pytest.mark.slow
def test_an_address_in_use_and_no_gpu_have_their_sentences(data_dir: Path, tmp_path: Path) -> None:
    with running(Service()) as port:
        for more, code, part in (
            (("--port", str(port), "--device", "cpu"), 78, f"127.0.0.1:{port} cannot be listened on"),
            (("--port", "0", "--expect-profile", "1g.5gb"), 78, "one 1g.5gb MIG device"),
        ):
            done = subprocess.run(
                program("small_inference", "--host", "127.0.0.1", *more, cpu=False),
                env={**environment(), "CUDA_VISIBLE_DEVICES": ""},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert (done.returncode, "Traceback" in done.stderr) == (code, False)
            assert part in done.stderr
