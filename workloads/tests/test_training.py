import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from conftest import environment, program
from torch import nn

from fashion_mnist import averaging, large_training, medium_training, models, recipes, training
from fashion_mnist import checkpoint as checkpoints
from fashion_mnist.batches import EpochPlan, TrainingBatches
from fashion_mnist.checkpoint import Checkpoint, Progress
from fashion_mnist.data import CLASSES, Split
from fashion_mnist.device import Acquired
from fashion_mnist.errors import BusyError, DataError, SettingsError, Stopped, StorageError
from fashion_mnist.files import holding
from fashion_mnist.measuring import Measured, measure
from fashion_mnist.options import TrainingOptions, training_parser
from fashion_mnist.reporting import run_program

BATCHES = 6
BATCH_SIZE = 8
EPOCHS = 3
HELD_OUT = 100
"""Images of validation and of test, each. Few are enough: nothing here asks how well a run learns."""


class Runner:
    """Runs the medium training in this process on a few images."""

    def __init__(self, data_dir: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._common = ["--device", "cpu", "--data-dir", str(data_dir), "--limit-validation", str(HELD_OUT)]
        self._common += ["--limit-test", str(HELD_OUT)]
        self._common += ["--limit-train", str(BATCHES * BATCH_SIZE), "--batch-size", str(BATCH_SIZE), "--epochs", str(EPOCHS)]
        self.directory = directory
        self._monkeypatch = monkeypatch
        self.steps = 0

    def run(self, name: str, *arguments: str) -> Checkpoint:
        """Runs to the end; the checkpoint it leaves in directory `name`."""
        medium_training.main([*self._common, "--checkpoint-dir", str(self.directory / name), *arguments])
        return self.checkpoint(name)

    def interrupted(self, name: str, at_step: int, by: BaseException | signal.Signals, *arguments: str) -> Checkpoint:
        """Runs until `by` happens in step `at_step` (counted over all epochs); the checkpoint it leaves."""
        original, count = training.Training._step, 0

        def step(self: training.Training, images: torch.Tensor, labels: torch.Tensor) -> Any:
            nonlocal count
            count += 1
            if count == at_step:
                if isinstance(by, BaseException):
                    raise by
                os.kill(os.getpid(), by)
            return original(self, images, labels)

        with self._monkeypatch.context() as patch:
            patch.setattr(training.Training, "_step", step)
            with pytest.raises(Stopped if isinstance(by, signal.Signals) else type(by)):
                self.run(name, *arguments)
        return self.checkpoint(name)

    def checkpoint(self, name: str) -> Checkpoint:
        found = checkpoints.load(checkpoints.checkpoint_path(self.directory / name, "medium-training"))
        assert isinstance(found, Checkpoint)
        return found


@pytest.fixture
def runner(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(data_dir, tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def uninterrupted(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoint]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Runner(data_dir, tmp_path_factory.mktemp("whole"), monkeypatch).run("run")


def assert_same_run(one: Checkpoint, other: Checkpoint) -> None:
    assert one.progress.epoch == other.progress.epoch == EPOCHS
    assert one.model.keys() == other.model.keys()
    for name, weight in one.model.items():
        assert torch.equal(weight, other.model[name]), name
        assert torch.equal(one.average[name], other.average[name]), name
    for key, state in one.momentum.items():
        assert torch.equal(state["momentum_buffer"], other.momentum[key]["momentum_buffer"])
    assert torch.equal(one.cpu_generator, other.cpu_generator)
    assert [epoch["validationAccuracy"] for epoch in one.progress.history] == [
        epoch["validationAccuracy"] for epoch in other.progress.history
    ]


class TestResume:
    def test_equal_seeds_give_equal_weights(self, runner: Runner, uninterrupted: Checkpoint) -> None:
        assert_same_run(runner.run("again"), uninterrupted)

    def test_another_seed_gives_other_weights(self, runner: Runner, uninterrupted: Checkpoint) -> None:
        other = runner.run("other", "--seed", "2", "--epochs", "1")
        assert not torch.equal(other.model["0.weight"], uninterrupted.model["0.weight"])

    @pytest.mark.parametrize("at_step", [1, 2 * BATCHES - 2, 2 * BATCHES], ids=["first", "middle", "last of an epoch"])
    def test_sigterm_in_any_step_loses_nothing(self, runner: Runner, uninterrupted: Checkpoint, at_step: int) -> None:
        stopped = runner.interrupted("run", at_step, signal.SIGTERM)
        assert stopped.progress.epoch * BATCHES + stopped.progress.step == at_step
        assert stopped.progress.images == at_step * BATCH_SIZE
        resumed = runner.run("run")
        assert_same_run(resumed, uninterrupted)
        assert resumed.progress.images == EPOCHS * BATCHES * BATCH_SIZE

    def test_sigterm_while_measuring_loses_nothing(
        self, runner: Runner, uninterrupted: Checkpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*positional: Any, **named: Any) -> Measured:
            os.kill(os.getpid(), signal.SIGTERM)
            return measure(*positional, **named)

        with monkeypatch.context() as patch:
            patch.setattr("fashion_mnist.training.measure", interrupted)
            with pytest.raises(Stopped):
                runner.run("run")
        stopped = runner.checkpoint("run")
        assert (stopped.progress.epoch, stopped.progress.step) == (0, BATCHES)
        assert_same_run(runner.run("run"), uninterrupted)

    def test_a_run_stopped_twice_still_ends_the_same(self, runner: Runner, uninterrupted: Checkpoint) -> None:
        runner.interrupted("run", 3, signal.SIGTERM)
        runner.interrupted("run", 4, signal.SIGTERM)
        assert_same_run(runner.run("run"), uninterrupted)

    def test_a_kill_without_warning_loses_the_unfinished_epoch_only(self, runner: Runner, uninterrupted: Checkpoint) -> None:
        killed = runner.interrupted("run", 2 * BATCHES - 1, KeyboardInterrupt())
        assert (killed.progress.epoch, killed.progress.step) == (1, 0)
        assert_same_run(runner.run("run"), uninterrupted)

    def test_a_finished_run_is_not_repeated(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = runner.run("run", "--epochs", "1")
        monkeypatch.setattr(training.Training, "_step", lambda *_: pytest.fail("trained again"))
        capsys.readouterr()
        assert runner.run("run", "--epochs", "1").progress == first.progress
        assert "finished after 1 epoch(s)" in capsys.readouterr().out

    def test_other_settings_are_refused_and_fresh_starts_over(self, runner: Runner) -> None:
        runner.interrupted("run", 2, signal.SIGTERM)
        with pytest.raises(SettingsError, match=r"seed was 1, is 2.*--fresh"):
            runner.run("run", "--seed", "2")
        assert runner.run("run", "--seed", "2", "--epochs", "1", "--fresh").flags["seed"] == 2


class TestOutput:
    def test_every_epoch_has_a_json_line_and_a_readable_one(self, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
        runner.run("run")
        lines = capsys.readouterr().out.splitlines()
        epochs = [json.loads(line) for line in lines if line.startswith('{"event": "epoch"')]
        assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
        for epoch in epochs:
            assert epoch["workload"] == "medium-training"
            assert 0 <= epoch["validationAccuracy"] <= 1
            assert epoch["imagesPerSecond"] > 0
            assert epoch["peakDeviceMemoryBytes"] is None
        assert [line[:9] for line in lines if line.startswith("epoch ")] == ["epoch  1/", "epoch  2/", "epoch  3/"]
        summary = json.loads(next(line for line in lines if line.startswith('{"event": "summary"')))
        assert summary["validationAccuracy"] == epochs[-1]["validationAccuracy"]
        assert 0 <= summary["testAccuracy"] <= 1
        assert summary["testImages"] == HELD_OUT
        assert {"imagesPerSecond", "seconds", "peakDeviceMemoryBytes"} <= summary.keys()

    def test_training_ends_at_the_target_accuracy(self, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
        run = runner.run("run", "--target-accuracy", "0.01")
        assert run.progress.epoch == 1
        assert "target 1.00 % reached" in capsys.readouterr().out

    def test_a_target_raised_after_the_end_goes_on_and_ends_like_a_run_that_had_it_from_the_start(
        self, runner: Runner, uninterrupted: Checkpoint
    ) -> None:
        assert runner.run("run", "--target-accuracy", "0.01").progress.epoch == 1
        assert_same_run(runner.run("run", "--target-accuracy", "1"), uninterrupted)

    def test_a_target_lowered_in_mid_epoch_does_not_end_the_epoch(self, runner: Runner) -> None:
        runner.interrupted("run", BATCHES + 2, signal.SIGTERM, "--target-accuracy", "1")
        assert runner.run("run", "--target-accuracy", "0.01").progress.epoch == 2


class TestHowItTrains:
    """What accuracy and speed stand on, and no short run would miss."""

    def test_every_step_has_its_own_learning_rate(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        taken: list[list[float]] = []
        original = torch.optim.SGD.step

        def step(self: torch.optim.SGD, *more: Any) -> Any:
            taken.append([group["lr"] for group in self.param_groups])
            return original(self, *more)

        monkeypatch.setattr(torch.optim.SGD, "step", step)
        runner.run("run")
        steps = EPOCHS * BATCHES
        peak = medium_training.RECIPE.peak_learning_rate * BATCH_SIZE / 256
        expected = [recipes.learning_rate((number + 1) / steps, peak) for number in range(steps)]
        assert [rates[0] for rates in taken] == pytest.approx(expected)
        assert all(len(set(rates)) == 1 for rates in taken)

    def test_weights_decay_and_scales_and_biases_do_not(self) -> None:
        model = medium_training.RECIPE.build()
        decay = {
            id(parameter): group["weight_decay"]
            for group in recipes.optimizer(model, 0.1).param_groups
            for parameter in group["params"]
        }
        assert len(decay) == len(list(model.parameters()))
        for name, parameter in model.named_parameters():
            is_weight = isinstance(model.get_submodule(name.rpartition(".")[0]), nn.Conv2d | nn.Linear) and name.endswith(
                "weight"
            )
            assert decay[id(parameter)] == (recipes.WEIGHT_DECAY if is_weight else 0.0), name
        assert recipes.WEIGHT_DECAY > 0

    def test_the_average_is_measured_and_trained_weights_go_on(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        measured: list[dict[str, torch.Tensor]] = []

        def measuring(model: nn.Module, *positional: Any, **named: Any) -> Measured:
            measured.append({name: value.clone() for name, value in model.state_dict().items()})
            return measure(model, *positional, **named)

        monkeypatch.setattr(training, "measure", measuring)
        saved = runner.run("run")
        assert len(measured) == EPOCHS + 1
        for name, value in measured[-1].items():
            assert torch.equal(value, saved.average[name]), name
        assert not torch.equal(saved.average["0.weight"], saved.model["0.weight"])
        # Of normalisation, the statistics are those of the last epoch's batches.
        assert saved.average["2.num_batches_tracked"] == BATCHES
        assert saved.model["2.num_batches_tracked"] == EPOCHS * BATCHES

    def test_the_statistics_of_the_average_come_from_the_last_images_of_the_epoch(
        self, runner: Runner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken: list[int] = []
        original = TrainingBatches.batch

        def batch(self: TrainingBatches, plan: EpochPlan, index: int) -> Any:
            taken.append(index)
            return original(self, plan, index)

        monkeypatch.setattr(TrainingBatches, "batch", batch)
        monkeypatch.setattr(training, "SETTLING_IMAGES", BATCH_SIZE + 1)
        runner.run("run", "--epochs", "1")
        assert taken == [*range(BATCHES), BATCHES - 2, BATCHES - 1]

    def test_sigterm_while_the_statistics_are_taken_loses_nothing(
        self, runner: Runner, uninterrupted: Checkpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original, count = TrainingBatches.batch, 0

        def batch(self: TrainingBatches, plan: EpochPlan, index: int) -> Any:
            nonlocal count
            count += 1
            if count == BATCHES + 2:
                os.kill(os.getpid(), signal.SIGTERM)
            return original(self, plan, index)

        with monkeypatch.context() as patch:
            patch.setattr(TrainingBatches, "batch", batch)
            with pytest.raises(Stopped):
                runner.run("run")
        stopped = runner.checkpoint("run").progress
        assert (stopped.epoch, stopped.step) == (0, BATCHES)
        assert_same_run(runner.run("run"), uninterrupted)

    def test_labels_are_smoothed(self) -> None:
        logits = torch.tensor([[100.0] + [0.0] * 9])
        # Nine tenths of ten percent of the label are on classes that the network rules out by 100.
        assert recipes.training_loss(logits, torch.tensor([0])).item() == pytest.approx(9.0, rel=1e-3)

    @pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp32", torch.float32)])
    def test_the_precision_is_that_of_training_and_measuring(
        self, runner: Runner, monkeypatch: pytest.MonkeyPatch, precision: str, dtype: torch.dtype
    ) -> None:
        trained: list[torch.dtype] = []
        measured: list[bool] = []

        def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            trained.append(logits.dtype)
            return recipes.training_loss(logits, labels)

        def measuring(*positional: Any, bf16: bool, **named: Any) -> Measured:
            measured.append(bf16)
            return measure(*positional, bf16=bf16, **named)

        monkeypatch.setattr(training, "training_loss", loss)
        monkeypatch.setattr(training, "measure", measuring)
        runner.run("run", "--precision", precision, "--epochs", "1")
        assert set(trained) == {dtype}
        assert set(measured) == {precision == "bf16"}

    @pytest.mark.parametrize(
        ("kind", "flags", "bf16", "compiled"),
        [
            ("cuda", (), True, True),
            ("cuda", ("--precision", "fp32", "--compile", "off"), False, False),
            ("cpu", (), False, False),
            ("cpu", ("--precision", "bf16", "--compile", "on"), True, True),
        ],
    )
    def test_what_auto_means(self, kind: str, flags: tuple[str, ...], bf16: bool, compiled: bool) -> None:
        parser = training_parser("large_training", None, epochs=1, batch_size=1)
        chosen = TrainingOptions(**vars(parser.parse_args([*flags])))
        acquired = Acquired(torch.device(kind), "x", None, None)
        assert training.computes_in_bf16(chosen, acquired) is bf16
        assert training.compiles(large_training.recipe(224), chosen, acquired) is compiled
        assert training.compiles(medium_training.RECIPE, chosen, acquired) is (chosen.compile == "on")

    def test_weights_lie_channel_by_channel(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        built: list[nn.Module] = []

        def build() -> nn.Module:
            built.append(models.cnn())
            return built[-1]

        monkeypatch.setattr(medium_training, "RECIPE", replace(medium_training.RECIPE, build=build))
        runner.run("run", "--epochs", "1")
        convolutions = [layer.weight for layer in built[0] if isinstance(layer, nn.Conv2d)]
        assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in convolutions)
        assert not all(weight.is_contiguous() for weight in convolutions)

    def test_compile_on_trains_what_the_compiler_returns(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = 0

        def compiler(model: nn.Module) -> Any:
            def forward(images: torch.Tensor) -> Any:
                nonlocal calls
                calls += 1
                return model(images)

            return forward

        dynamo = SimpleNamespace(config=SimpleNamespace(suppress_errors=False))
        monkeypatch.setitem(sys.modules, "torch._dynamo", dynamo)
        monkeypatch.setattr(torch, "compile", compiler, raising=False)
        runner.run("run", "--compile", "on", "--epochs", "1")
        assert calls == BATCHES
        assert dynamo.config.suppress_errors is True

    def test_the_peak_of_memory_is_reported(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 3 * 2**30)
        assert Acquired(torch.device("cuda", 0), "x", None, None).peak_memory_bytes() == 3 * 2**30
        assert Acquired(torch.device("cpu"), "x", None, None).peak_memory_bytes() is None
        monkeypatch.setattr(Acquired, "peak_memory_bytes", lambda _: 3 * 2**30)
        runner.run("run", "--epochs", "1")
        said = capsys.readouterr().out
        assert said.count('"peakDeviceMemoryBytes": 3221225472') == 2
        assert "peak device memory 3.00 GiB" in said

    def test_progress_within_an_epoch(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(training, "PROGRESS_SECONDS", 0.0)
        runner.run("run", "--epochs", "1")
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"event": "progress"')]
        assert [(line["step"], line["steps"]) for line in said] == [(step + 1, BATCHES) for step in range(BATCHES)]
        assert all(line["imagesPerSecond"] > 0 for line in said)


class TestTheTestImages:
    def test_are_measured_once_when_the_run_has_ended(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes: list[int] = []

        def measuring(model: nn.Module, held_out: Split, **named: Any) -> Measured:
            sizes.append(len(held_out))
            return measure(model, held_out, **named)

        monkeypatch.setattr(training, "measure", measuring)
        first = runner.run("run", "--limit-test", "200")
        assert sizes == [HELD_OUT] * EPOCHS + [200]
        assert runner.run("run", "--limit-test", "200").progress == first.progress
        assert sizes == [HELD_OUT] * EPOCHS + [200]
        summaries = [line for line in capsys.readouterr().out.splitlines() if line.startswith('{"event": "summary"')]
        assert summaries[0] == summaries[1]
        by_class = json.loads(summaries[0])["testAccuracyByClass"]
        assert list(by_class) == list(CLASSES)

    def test_sigterm_while_they_are_measured_loses_nothing(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(model: nn.Module, held_out: Split, **named: Any) -> Measured:
            if len(held_out) == 200:
                os.kill(os.getpid(), signal.SIGTERM)
            return measure(model, held_out, **named)

        with monkeypatch.context() as patch:
            patch.setattr(training, "measure", interrupted)
            with pytest.raises(Stopped):
                runner.run("run", "--limit-test", "200")
        stopped = runner.checkpoint("run").progress
        assert (stopped.epoch, stopped.tested) == (EPOCHS, None)
        tested = runner.run("run", "--limit-test", "200").progress.tested
        assert tested is not None
        assert tested["testImages"] == 200


class TestAnotherVersion:
    """A checkpoint on a shared volume that an update of the program finds."""

    def assert_started_anew(self, runner: Runner, said: str, reason: str) -> None:
        directory = runner.directory / "run"
        assert re.search(
            rf"was written by another version of this program \({reason}\).* kept as medium-training\.previous\.pt", said
        )
        assert "resumed from" not in said
        assert sorted(file.name for file in directory.glob("[!.]*")) == ["medium-training.previous.pt", "medium-training.pt"]

    @pytest.mark.parametrize(
        ("name", "change"),
        [("network", {"network": "other"}), ("peakLearningRate", {"peak_learning_rate": 0.7})],
    )
    def test_another_recipe(
        self,
        runner: Runner,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        change: dict[str, Any],
    ) -> None:
        runner.interrupted("run", 2, signal.SIGTERM, "--epochs", "1")
        before = (runner.directory / "run" / "medium-training.pt").read_bytes()
        monkeypatch.setattr(medium_training, "RECIPE", replace(medium_training.RECIPE, **change))
        assert runner.run("run", "--epochs", "1").progress.images == BATCHES * BATCH_SIZE
        self.assert_started_anew(runner, capsys.readouterr().out, f"{name} was .*, is .*")
        assert (runner.directory / "run" / "medium-training.previous.pt").read_bytes() == before

    @pytest.mark.parametrize("constant", ["MOMENTUM", "WEIGHT_DECAY", "WARM_UP", "LABEL_SMOOTHING"])
    def test_other_constants(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, constant: str
    ) -> None:
        runner.run("run", "--epochs", "1")
        monkeypatch.setattr(recipes, constant, 0.05)
        runner.run("run", "--epochs", "1")
        self.assert_started_anew(runner, capsys.readouterr().out, r".* was .*, is 0\.05")

    def test_another_decay_of_the_average(
        self, runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runner.run("run", "--epochs", "1")
        monkeypatch.setattr(averaging, "DECAY", 0.5)
        runner.run("run", "--epochs", "1")
        self.assert_started_anew(runner, capsys.readouterr().out, r"averageDecay was 0\.99, is 0\.5")

    def test_another_format(self, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
        (runner.directory / "run").mkdir()
        torch.save({"format": 2, "model": {}}, runner.directory / "run" / "medium-training.pt")
        runner.run("run", "--epochs", "1")
        self.assert_started_anew(runner, capsys.readouterr().out, "its format is 2, this program's is 3")

    def test_other_flags_are_refused_all_the_same(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        runner.run("run", "--epochs", "1")
        monkeypatch.setattr(medium_training, "RECIPE", replace(medium_training.RECIPE, network="other"))
        with pytest.raises(SettingsError, match=r"\(epochs was 1, is 2\)"):
            runner.run("run", "--epochs", "2")
        assert [file.name for file in (runner.directory / "run").glob("[!.]*")] == ["medium-training.pt"]


class TestRefusals:
    def test_a_checkpoint_with_the_weights_of_another_network(self, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
        whole = runner.run("run", "--epochs", "1")
        path = checkpoints.checkpoint_path(runner.directory / "run", "medium-training")
        checkpoints.save(path, replace(whole, average={"0.weight": whole.average["0.weight"]}))
        with pytest.raises(DataError, match="does not hold a run of the network cnn"):
            runner.run("run", "--epochs", "1")

    @pytest.mark.parametrize(
        "change",
        [
            {"progress": Progress(epoch=2)},
            {"progress": Progress(epoch=1)},
            {"progress": Progress(step=-1)},
            {"progress": Progress(step=BATCHES + 1)},
            {"progress": Progress(epoch=None)},  # type: ignore[arg-type]
            {"momentum": {0: {"momentum_buffer": torch.ones(2)}}},
            {"momentum": {0: {}}},
            {"momentum": {99: {"momentum_buffer": torch.ones(2)}}},
            {"plan_generator": torch.zeros(3, dtype=torch.uint8)},
            {"cpu_generator": torch.zeros(3)},
        ],
        ids=str,
    )
    def test_a_checkpoint_of_an_impossible_run(self, runner: Runner, change: dict[str, Any]) -> None:
        whole = runner.run("run", "--epochs", "1")
        checkpoints.save(checkpoints.checkpoint_path(runner.directory / "run", "medium-training"), replace(whole, **change))
        with pytest.raises(DataError, match=r"does not hold a run of the network cnn .* --fresh"):
            runner.run("run", "--epochs", "1")

    @pytest.mark.parametrize("what", ["loss", "weights"])
    def test_a_training_that_diverges_says_so_and_saves_nothing_of_it(
        self, runner: Runner, monkeypatch: pytest.MonkeyPatch, what: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        original, count = training.Training._step, 0

        def step(self: training.Training, images: torch.Tensor, labels: torch.Tensor) -> Any:
            nonlocal count
            count += 1
            loss, hits = original(self, images, labels)
            if count == 2 * BATCHES:
                if what == "loss":
                    return loss * float("nan"), hits
                with torch.no_grad():
                    next(self._model.parameters()).fill_(float("inf"))
            return loss, hits

        with monkeypatch.context() as patch:
            patch.setattr(training.Training, "_step", step)
            with pytest.raises(SettingsError, match=r"diverged in epoch 2.* Lower --batch-size, which is 8"):
                runner.run("run")
        assert runner.checkpoint("run").progress.epoch == 1
        assert "NaN" not in capsys.readouterr().out

    def test_a_second_training_on_the_same_volume_waits(
        self, runner: Runner, monkeypatch: pytest.MonkeyPatch, uninterrupted: Checkpoint
    ) -> None:
        monkeypatch.setattr("fashion_mnist.sole_writer.WAIT_SECONDS", 0.0)
        with holding(checkpoints.checkpoint_path(runner.directory / "run", "medium-training")), pytest.raises(BusyError):
            runner.run("run")
        assert_same_run(runner.run("run"), uninterrupted)

    @pytest.mark.slow
    def test_sigterm_while_the_data_set_is_downloaded_ends_the_program(self, tmp_path: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # takes the request, and never answers
            command = program("medium_training", "--baked-dir", str(tmp_path), "--data-dir", str(tmp_path), "--checkpoint-dir")
            command += [str(tmp_path), "--data-url", f"http://127.0.0.1:{silent.getsockname()[1]}"]
            with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as started:
                silent.settimeout(120)
                with closing(silent.accept()[0]):
                    started.send_signal(signal.SIGTERM)
                    _, errors = started.communicate(timeout=20)
        assert started.returncode == 143
        assert errors == "stopped: SIGTERM received before the start was complete. There was nothing to save.\n"

    def test_a_full_disk_is_found_before_training(
        self, data_dir: Path, small_volume: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(training.Training, "_step", lambda *_: pytest.fail("trained"))
        code = run_program(
            medium_training.main,
            ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(small_volume)],
        )
        assert code == StorageError.exit_code == 74
        assert capsys.readouterr().err.startswith(f"storage: no space left in {small_volume}: medium-training.pt needs")

    def test_a_batch_larger_than_the_training_set(self, runner: Runner) -> None:
        with pytest.raises(SettingsError, match=f"larger than the {BATCHES * BATCH_SIZE} training images"):
            runner.run("run", "--batch-size", str(BATCHES * BATCH_SIZE + 1))

    def test_a_slice_with_too_little_memory(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: object) -> None:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")

        monkeypatch.setattr(training.Training, "_step", fails)
        with pytest.raises(SettingsError, match=f"too little for --batch-size {BATCH_SIZE} at 28 pixels"):
            runner.run("run")

    @pytest.mark.parametrize("seed", ["-1", str(2**63), "9" * 30, "1.5"])
    def test_a_seed_that_no_generator_takes(self, runner: Runner, capsys: pytest.CaptureFixture[str], seed: str) -> None:
        with pytest.raises(SystemExit) as caught:
            runner.run("run", f"--seed={seed}")
        assert caught.value.code == 2
        assert "argument --seed" in capsys.readouterr().err

    def test_a_percentage_as_target_names_the_fraction(self, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            runner.run("run", "--target-accuracy", "94")
        assert "give the fraction 0.94" in capsys.readouterr().err


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    rates = [recipes.learning_rate(step / 100, 0.4) for step in range(1, 101)]
    peak = rates.index(max(rates))
    assert rates[peak] == pytest.approx(0.4)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("resolution", [28, 224])
def test_the_large_training_runs_at_both_resolutions(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], resolution: int
) -> None:
    arguments = ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "1"]
    arguments += [
        "--limit-train",
        "16",
        "--limit-validation",
        "8",
        "--limit-test",
        "8",
        "--batch-size",
        "8",
        "--resolution",
        str(resolution),
    ]
    large_training.main(arguments)
    found = checkpoints.load(checkpoints.checkpoint_path(tmp_path, "large-training"))
    assert isinstance(found, Checkpoint)
    assert (found.progress.epoch, found.flags["resolution"]) == (1, resolution)
    assert "finished after 1 epoch(s)" in capsys.readouterr().out


@pytest.mark.slow
def test_sigterm_from_outside_saves_and_exits_143_and_the_next_start_goes_on(data_dir: Path, tmp_path: Path) -> None:
    command = program(
        "medium_training",
        *("--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "2", "--batch-size", "32"),
        *("--limit-train", "1280", "--limit-validation", "100", "--limit-test", "100"),
    )
    path = checkpoints.checkpoint_path(tmp_path, "medium-training")
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        for line in started.stdout:
            if line.startswith("epoch  1/2"):
                break
        started.send_signal(signal.SIGTERM)
        _, errors = started.communicate(timeout=120)
    assert started.returncode == 143
    assert "SIGTERM received; saved to" in errors
    stopped = checkpoints.load(path)
    assert isinstance(stopped, Checkpoint)
    assert stopped.progress.epoch == 1
    assert stopped.progress.images == 1280 + stopped.progress.step * 32
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=True)
    assert f"resumed from {path}: 1 epoch(s) and {stopped.progress.step} batch(es) are done" in done.stdout
    finished = checkpoints.load(path)
    assert isinstance(finished, Checkpoint)
    assert finished.progress.images == 2 * 1280


@pytest.mark.slow
@pytest.mark.accuracy
def test_a_short_run_reaches_85_percent_on_the_whole_held_out_set(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--device", "cpu", "--data-dir", str(data_dir), "--checkpoint-dir", str(tmp_path), "--epochs", "1"]
    arguments += ["--batch-size", "32", "--limit-train", "20480", "--augment", "off", "--target-accuracy", "0.85"]
    medium_training.main(arguments)
    summary = json.loads(next(line for line in capsys.readouterr().out.splitlines() if '"event": "summary"' in line))
    assert summary["testImages"] == 10_000
    assert summary["testAccuracy"] >= 0.85
