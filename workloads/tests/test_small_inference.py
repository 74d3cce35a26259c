import asyncio
import itertools
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from clients import RAW, ask, buckets, image, running, samples
from conftest import environment, program
from replica import Clients, Replica

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import medium_training, models, options, small_inference, small_network
from fashion_mnist.checkpoint import Checkpoint, Progress
from fashion_mnist.data import FashionMnist, Split
from fashion_mnist.device import Acquired
from fashion_mnist.errors import DataError, SettingsError
from fashion_mnist.measuring import measure
from fashion_mnist.service import Service
from fashion_mnist.stopping import StopRequest
from fashion_mnist.trained_network import TrainedNetwork


class TestModel:
    def test_the_checkpoint_is_taken_once_it_has_an_epoch_and_again_when_it_is_replaced(
        self, data_dir: Path, tmp_path: Path
    ) -> None:
        networks = TrainedNetwork(tmp_path)
        assert networks.next() is None
        run = ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "2"]
        run += ["--limit-train", "64", "--limit-validation", "10", "--limit-test", "10", "--batch-size", "32"]
        medium_training.main(run)
        path = checkpoints.checkpoint_path(tmp_path, "medium-training")
        saved = checkpoints.load(path)
        trained = networks.next()
        assert isinstance(saved, Checkpoint)
        assert trained is not None
        assert torch.equal(trained.model.state_dict()["0.weight"], saved.average["0.weight"])
        assert (trained.epoch, [epoch.images for epoch in trained.history]) == (2, [64, 128])
        assert networks.next() is None
        checkpoints.save(path, saved)
        assert networks.next() is not None

    def test_a_checkpoint_before_the_first_epoch_holds_nothing(self, tmp_path: Path) -> None:
        checkpoints.save(checkpoints.checkpoint_path(tmp_path, "medium-training"), written(0))
        assert TrainedNetwork(tmp_path).next() is None

    @pytest.mark.parametrize("kind", ["damaged", "another version", "another network", "other weights", "another history"])
    def test_what_is_not_this_network_is_refused_once(self, tmp_path: Path, kind: str) -> None:
        path = checkpoints.checkpoint_path(tmp_path, "medium-training")
        match kind:
            case "damaged":
                path.write_bytes(b"half of a checkpoint")
            case "another version":
                torch.save({"format": 2}, path)
            case "another network":
                checkpoints.save(path, replace(written(1), recipe={"network": "resnet18-native"}))
            case "other weights":
                checkpoints.save(path, replace(written(1), average={}))
            case _:
                checkpoints.save(path, replace(written(1), progress=Progress(epoch=1, history=[{"epoch": 1}])))
        networks = TrainedNetwork(tmp_path)
        with pytest.raises(DataError):
            networks.next()
        assert networks.next() is None

    def test_the_small_network_learns_within_its_time(self, fashion_mnist: FashionMnist, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = itertools.count()
        monkeypatch.setattr(small_network, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
        torch.manual_seed(1)
        model = models.mlp()
        small_network.train(model, fashion_mnist.train, 100, StopRequest())
        assert next(clock) == 101  # a batch a second of this clock
        assert measure(model, fashion_mnist.validation, resolution=28, bf16=False).accuracy > 0.75


def written(epoch: int) -> Checkpoint:
    """What a medium training leaves after `epoch` epochs, with the weights of its start."""
    history = [
        {"epoch": number, "images": 64 * number, "trainAccuracy": 0.5, "validationAccuracy": 0.5}
        for number in range(1, epoch + 1)
    ]
    return Checkpoint(
        recipe=medium_training.RECIPE.settings,
        flags={},
        progress=Progress(epoch=epoch, history=history),
        model={},
        average=medium_training.RECIPE.build().state_dict(),
        momentum={},
        plan_generator=torch.Generator().get_state(),
        cpu_generator=torch.get_rng_state(),
        cuda_generator=None,
    )


class TestTakingOver:
    """Networks with accuracies as a test wants them."""

    @pytest.fixture
    def accuracies(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """What the next networks are measured at."""
        coming: list[float] = []
        monkeypatch.setattr(small_inference, "measure", lambda *_positional, **_named: SimpleNamespace(accuracy=coming.pop(0)))
        return coming

    @pytest.fixture
    def service(self) -> Iterator[Service]:
        service = Service(8)
        yield service
        if service.served is not None:
            service.served.batcher.close(30)

    @pytest.fixture
    def networks(self, fashion_mnist: FashionMnist, service: Service, tmp_path: Path) -> small_inference.Networks:
        flags = ["--device", "cpu", "--checkpoint-dir", str(tmp_path), "--mlp-seconds", "0"]
        chosen = options.InferenceOptions(**vars(options.inference_parser("small_inference", None).parse_args(flags)))
        acquired = Acquired(torch.device("cpu"), "CPU", None, None)
        return small_inference.Networks(chosen, service, acquired, fashion_mnist.validation.first(50))

    def save(self, directory: Path, epoch: int) -> None:
        checkpoints.save(checkpoints.checkpoint_path(directory, "medium-training"), written(epoch))

    def test_the_small_network_serves_until_a_better_one_is_there(
        self,
        networks: small_inference.Networks,
        service: Service,
        accuracies: list[float],
        fashion_mnist: FashionMnist,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        accuracies += [0.8, 0.7, 0.8, 0.9, 0.85]
        networks.start(fashion_mnist.train, StopRequest())
        seen = [service.served and (service.served.architecture, service.served.epoch, service.served.accuracy)]
        for epoch in (1, 2, 3, 4):
            self.save(tmp_path, epoch)
            networks.look()
            seen.append(service.served and (service.served.architecture, service.served.epoch, service.served.accuracy))
        assert seen == [("mlp", None, 0.8), ("mlp", None, 0.8), ("mlp", None, 0.8), ("cnn", 3, 0.9), ("cnn", 3, 0.9)]
        assert [epoch.number for epoch in service.history] == [1, 2, 3, 4]
        said = [line.split('"')[3] for line in capsys.readouterr().out.splitlines() if line.startswith('{"event"')]
        assert said == ["mlp", "ready", "kept", "kept", "swapped", "kept"]
        assert service.served is not None
        assert service.served.facts == {
            "architecture": "cnn",
            "source": "medium-training",
            "epoch": 3,
            "heldOutAccuracy": 0.9,
        }

    def test_what_is_there_at_the_start_is_served_at_once(
        self, networks: small_inference.Networks, service: Service, accuracies: list[float], tmp_path: Path
    ) -> None:
        accuracies += [0.6]
        self.save(tmp_path, 2)
        networks.start(Split(torch.zeros(0), torch.zeros(0)), StopRequest())
        assert service.served is not None
        assert service.served.epoch == 2

    def test_a_damaged_checkpoint_is_said_and_what_is_served_stays(
        self,
        networks: small_inference.Networks,
        service: Service,
        accuracies: list[float],
        fashion_mnist: FashionMnist,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        accuracies += [0.8, 0.9]
        (tmp_path / "medium-training.pt").write_bytes(b"half of a checkpoint")
        networks.start(fashion_mnist.train, StopRequest())
        networks.look()
        assert capsys.readouterr().out.count('"event": "warning"') == 1
        assert service.served is not None
        assert service.served.architecture == "mlp"
        self.save(tmp_path, 1)
        networks.look()
        assert service.served.architecture == "cnn"


@pytest.mark.parametrize(
    "report",
    [
        {"epoch": "1", "images": 64, "trainAccuracy": 0.5, "validationAccuracy": 0.5},
        {"epoch": 2, "images": 64, "trainAccuracy": 0.5, "validationAccuracy": 0.5},
        {"epoch": 1, "images": 0, "trainAccuracy": 0.5, "validationAccuracy": 0.5},
        {"epoch": 1, "images": 64, "trainAccuracy": float("nan"), "validationAccuracy": 0.5},
        {"epoch": 1, "images": 64, "trainAccuracy": 0.5, "validationAccuracy": 1.5},
        {"epoch": 1, "images": 64, "trainAccuracy": "0.5", "validationAccuracy": 0.5},
    ],
    ids=str,
)
def test_a_history_that_no_page_can_draw_is_refused(tmp_path: Path, report: dict[str, Any]) -> None:
    progress = Progress(epoch=1, history=[report])
    checkpoints.save(checkpoints.checkpoint_path(tmp_path, "medium-training"), replace(written(1), progress=progress))
    with pytest.raises(DataError, match="does not hold a run of the network cnn"):
        TrainedNetwork(tmp_path).next()


def test_a_queue_that_cannot_hold_the_largest_request_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--max-queue 7 is less than --max-batch 8"):
        small_inference.main(["--device", "cpu", "--port", "0", "--max-batch", "8", "--max-queue", "7"])


@pytest.mark.slow
def test_sigterm_while_the_data_set_is_downloaded_ends_the_service(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # takes the request, and never answers
        command = program("small_inference", "--host", "127.0.0.1", "--port", "0", "--baked-dir", str(tmp_path))
        command += ["--data-dir", str(tmp_path), "--data-url", f"http://127.0.0.1:{silent.getsockname()[1]}"]
        with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as started:
            silent.settimeout(120)
            with closing(silent.accept()[0]):
                started.send_signal(signal.SIGTERM)
                _, errors = started.communicate(timeout=20)
    assert started.returncode == 143
    assert errors == "stopped: SIGTERM received before the start was complete. There was nothing to save.\n"


@pytest.mark.slow
def test_a_training_feeds_the_service_that_runs_beside_it(data_dir: Path, tmp_path: Path) -> None:
    replica = Replica(data_dir, tmp_path, "--mlp-seconds", "0", "--poll-seconds", "0.1")
    try:
        assert replica.event("ready")["architecture"] == "mlp"
        before = ask(replica.port, "POST", "/predict", image(9), RAW).json["model"]
        run = ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "1"]
        run += ["--limit-train", "6400", "--limit-validation", "100", "--limit-test", "100", "--batch-size", "32"]
        medium_training.main(run)
        swapped = replica.event("swapped")
        after = ask(replica.port, "POST", "/predict", image(9), RAW).json["model"]
        page = ask(replica.port, "GET", "/").body.decode()
        replica.terminate()
        assert replica.exit_code() == 0
    finally:
        replica.close()
    assert (before["architecture"], before["epoch"]) == ("mlp", None)
    assert (after["architecture"], after["epoch"]) == ("cnn", 1)
    assert swapped["validationAccuracy"] > before["heldOutAccuracy"]
    assert "epoch 1" in page
    assert "<polyline" in page


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
def test_every_request_that_had_begun_before_sigterm_is_answered_also_among_slow_and_broken_ones(
    data_dir: Path, tmp_path: Path
) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 784\r\n\r\n"
    replica = Replica(data_dir, tmp_path)

    async def answered(reader: asyncio.StreamReader) -> tuple[int, bytes]:
        found = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(found.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        return int(found.split(b" ")[1]), found

    async def steady(_number: int) -> list[int]:
        """Asks until it is told that the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        statuses = []
        while True:
            writer.write(head + image(3))
            status, found = await answered(reader)
            statuses.append(status)
            if b"connection: close" in found.lower():
                writer.close()
                return statuses
            await asyncio.sleep(0.02)

    async def slow(number: int) -> list[int]:
        """Begins before SIGTERM, and ends long after it: some within the headers, some within the body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        sent = head + image(3)
        cut = 20 if number % 2 else len(head) + 100
        writer.write(sent[:cut])
        await terminated.wait()
        # The service has stopped listening by then, and leaves when nothing is in flight. Headers count as well as bodies.
        await asyncio.sleep(5 if number % 2 else 3.5)
        writer.write(sent[cut:])
        status, _ = await answered(reader)
        writer.close()
        return [status]

    async def broken(_number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        writer.write(head + image(3)[:100])
        await terminated.wait()
        writer.write_eof()
        status, _ = await answered(reader)
        writer.close()
        return [status]

    async def load() -> list[list[int]]:
        clients = [asyncio.create_task(client(n)) for n in range(10) for client in (steady, slow, broken)]
        await asyncio.sleep(1)
        replica.terminate()
        terminated.set()
        return await asyncio.gather(*clients)

    terminated = asyncio.Event()
    try:
        replica.event("ready")
        found = asyncio.run(asyncio.wait_for(load(), 120))
        stopped = replica.event("stopped")
        assert replica.exit_code() == 0
    finally:
        replica.close()
    assert all(set(statuses) == {200} for statuses in found[0::3])
    assert found[1::3] == [[200]] * 10
    assert found[2::3] == [[400]] * 10
    assert stopped["allAnswered"] is True
    assert stopped["requestsTotal"] == sum(statuses.count(200) for statuses in found)


@pytest.mark.slow
def test_self_load_is_counted_and_its_accuracy_is_the_held_out_one(data_dir: Path, tmp_path: Path) -> None:
    replica = Replica(data_dir, tmp_path, "--self-load", "max", "--report-seconds", "1")
    try:
        accuracy = replica.event("ready")["validationAccuracy"]
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
    with running(Service(64)) as port:
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
