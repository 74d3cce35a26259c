import itertools
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

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
from fashion_mnist.errors import DataError
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
