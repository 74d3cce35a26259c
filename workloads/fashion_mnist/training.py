"""The training loop of both trainings: epochs, measuring on held-out data, checkpoints, stopping.

The validation images say when to stop; the test images are measured once, when the run has ended.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import data as datasets
from fashion_mnist.averaging import SETTLING_IMAGES, WeightAverage
from fashion_mnist.batches import EpochPlan, TrainingBatches
from fashion_mnist.checkpoint import Checkpoint, Outdated, Progress, Settings
from fashion_mnist.compiling import compiled
from fashion_mnist.data import FashionMnist, Split
from fashion_mnist.device import Acquired, acquire
from fashion_mnist.errors import DataError, SettingsError, Stopped, first_line
from fashion_mnist.measuring import Measured, measure
from fashion_mnist.options import TrainingOptions
from fashion_mnist.recipes import Recipe, learning_rate, optimizer, training_loss
from fashion_mnist.reporting import emit, gibibytes, percent
from fashion_mnist.sole_writer import sole_writer
from fashion_mnist.stopping import StopRequest

PROGRESS_SECONDS = 15.0
"""Within an epoch, a line of progress comes that often."""


def computes_in_bf16(chosen: TrainingOptions, acquired: Acquired) -> bool:
    """What `--precision` means on this device."""
    return chosen.precision == "bf16" or (chosen.precision == "auto" and acquired.is_cuda)


def compiles(recipe: Recipe, chosen: TrainingOptions, acquired: Acquired) -> bool:
    """What `--compile` means on this device."""
    return chosen.compile == "on" or (chosen.compile == "auto" and acquired.is_cuda and recipe.compile_on_cuda)


def run(recipe: Recipe, chosen: TrainingOptions) -> None:
    """A whole program: device, data, training (resumed if there is a checkpoint), summary."""
    stop = StopRequest().install()
    with stop.at_once():
        acquired = acquire(chosen)
        data = datasets.load(chosen.baked_dir, chosen.data_dir, chosen.data_url)
    emit("data", f"data: {data.described}, verified", sources=data.sources)
    try:
        with sole_writer(checkpoints.checkpoint_path(chosen.checkpoint_dir, recipe.workload), stop):
            Training(recipe, chosen, acquired, data, stop).run()
    except torch.cuda.OutOfMemoryError as error:
        raise SettingsError(
            f"the {gibibytes(acquired.memory_bytes)} of {acquired.name} are too little for --batch-size {chosen.batch_size} "
            f"at {recipe.resolution} pixels. Lower --batch-size, or claim a larger profile."
        ) from error


class Training:
    """One run of one recipe."""

    def __init__(
        self, recipe: Recipe, chosen: TrainingOptions, acquired: Acquired, data: FashionMnist, stop: StopRequest
    ) -> None:
        self._recipe = recipe
        self._chosen = chosen
        self._acquired = acquired
        self._stop = stop
        self._path = checkpoints.checkpoint_path(chosen.checkpoint_dir, recipe.workload)
        self._bf16 = computes_in_bf16(chosen, acquired)

        torch.manual_seed(chosen.seed)
        torch.backends.cudnn.benchmark = True  # shapes never change, so the search for the fastest convolution pays
        self._plan_generator = torch.Generator().manual_seed(chosen.seed)

        train = data.train.first(chosen.limit_train)
        if chosen.batch_size > len(train):
            raise SettingsError(f"--batch-size {chosen.batch_size} is larger than the {len(train)} training images.")
        self._validation = data.validation.first(chosen.limit_validation).to(acquired.device)
        self._test = data.test.first(chosen.limit_test)
        self._batches = TrainingBatches(
            train.to(acquired.device),
            chosen.batch_size,
            recipe.resolution,
            self._plan_generator,
            augment=chosen.augment == "on",
        )

        self._model = recipe.build().to(acquired.device).to(memory_format=torch.channels_last)
        self._peak = recipe.peak_learning_rate * chosen.batch_size / 256
        self._optimizer = optimizer(self._model, self._peak)
        self._average = WeightAverage(self._model)
        self._forward = compiled(self._model) if compiles(recipe, chosen, acquired) else self._model
        self._progress = Progress()
        self._plan_state = self._plan_generator.get_state()

    @property
    def flags(self) -> Settings:
        """What this run was told and a checkpoint must share with it to be resumed."""
        return {
            "resolution": self._recipe.resolution,
            "epochs": self._chosen.epochs,
            "batchSize": self._chosen.batch_size,
            "limitTrain": self._chosen.limit_train,
            "seed": self._chosen.seed,
            "augment": self._chosen.augment,
            "precision": "bf16" if self._bf16 else "fp32",
        }

    def run(self) -> None:
        """Trains to the end or to the target accuracy. Raises Stopped, with the state saved, after SIGTERM."""
        self._resume()
        while not self._finished():
            self._train_epoch()
            self._finish_epoch(self._measure(self._validation))
        self._summarise(self._progress.tested or self._test_once())

    def _finished(self) -> bool:
        """Asked of the progress and not kept in it: a run that ended at its target goes on when the target is raised."""
        return self._progress.epoch == self._chosen.epochs or (self._progress.step == 0 and self._target_reached())

    def _target_reached(self) -> bool:
        target, history = self._chosen.target_accuracy, self._progress.history
        return target is not None and bool(history) and history[-1]["validationAccuracy"] >= target

    # -- one epoch ----------------------------------------------------------------------------------------------

    def _train_epoch(self) -> None:
        progress = self._progress
        self._plan_state = self._plan_generator.get_state()
        plan = self._batches.draw_plan()
        self._model.train()
        # Sums stay on the device: reading them back every step would wait for the GPU every step.
        loss_sum = torch.zeros((), dtype=torch.float64, device=self._acquired.device)
        correct = torch.zeros((), dtype=torch.int64, device=self._acquired.device)
        started, first = time.perf_counter(), progress.step
        said, said_step = started, first
        while progress.step < self._batches.batches and not self._stop.requested:
            images, labels = self._batches.batch(plan, progress.step)
            loss, hits = self._step(images, labels)
            loss_sum += loss
            correct += hits
            progress.step += 1
            now = time.perf_counter()
            if now - said >= PROGRESS_SECONDS:
                self._say_progress((progress.step - said_step) * self._chosen.batch_size / (now - said))
                said, said_step = now, progress.step
        progress.loss_sum += loss_sum.item()
        progress.correct += int(correct.item())
        elapsed = time.perf_counter() - started
        progress.seconds += elapsed
        progress.training_seconds += elapsed
        progress.images += (progress.step - first) * self._chosen.batch_size
        self._require_finite()
        self._leave_if_asked()
        self._settle(plan)

    def _require_finite(self) -> None:
        """Before anything is saved: what has diverged is neither resumed nor served."""
        if math.isfinite(self._progress.loss_sum) and checkpoints.is_finite(self._model.state_dict()):
            return
        raise SettingsError(
            f"the training diverged in epoch {self._progress.epoch + 1}: its loss or its weights are no longer finite numbers. "
            f"Lower --batch-size, which is {self._chosen.batch_size}: the learning rate scales with it."
        )

    def _settle(self, plan: EpochPlan) -> None:
        """Makes the average fit to be measured, on the last images of the epoch: a resumed run has the same ones."""
        last = range(max(0, self._batches.batches - math.ceil(SETTLING_IMAGES / self._chosen.batch_size)), self._batches.batches)

        def images() -> Iterator[torch.Tensor]:
            for index in last:
                self._leave_if_asked()
                yield self._batches.batch(plan, index)[0].contiguous(memory_format=torch.channels_last)

        started = time.perf_counter()
        with self._autocast():
            self._average.settle(images())
        self._progress.seconds += time.perf_counter() - started

    def _step(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        done = self._progress.epoch * self._batches.batches + self._progress.step
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate((done + 1) / (self._chosen.epochs * self._batches.batches), self._peak)
        with self._autocast():
            logits = self._forward(images.contiguous(memory_format=torch.channels_last))
            loss = training_loss(logits, labels)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        self._average.follow(done + 1)
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _say_progress(self, images_per_second: float) -> None:
        """Nothing that would have to be read back from the device: reading waits for everything asked of it before."""
        progress = self._progress
        emit(
            "progress",
            f"batch {progress.step:,} of {self._batches.batches:,} of epoch {progress.epoch + 1}, "
            f"{images_per_second:,.0f} images/s",
            workload=self._recipe.workload,
            epoch=progress.epoch + 1,
            epochs=self._chosen.epochs,
            step=progress.step,
            steps=self._batches.batches,
            imagesPerSecond=images_per_second,
        )

    def _measure(self, held_out: Split) -> Measured:
        started = time.perf_counter()
        measured = measure(
            self._average.model, held_out, resolution=self._recipe.resolution, bf16=self._bf16, leave=self._leave_if_asked
        )
        self._progress.seconds += time.perf_counter() - started
        return measured

    def _finish_epoch(self, measured: Measured) -> None:
        progress, chosen = self._progress, self._chosen
        trained = self._batches.batches * chosen.batch_size
        report: dict[str, Any] = {
            "epoch": progress.epoch + 1,
            "loss": progress.loss_sum / self._batches.batches,
            "trainAccuracy": progress.correct / trained,
            "validationAccuracy": measured.accuracy,
            "images": progress.images,
            "imagesPerSecond": progress.images / progress.training_seconds,
            "seconds": progress.seconds,
            "peakDeviceMemoryBytes": self._acquired.peak_memory_bytes(),
        }
        self._progress = replace(
            progress,
            epoch=progress.epoch + 1,
            step=0,
            loss_sum=0.0,
            correct=0,
            history=[*progress.history, report],
            tested=None,
        )
        # Saved before it is reported: what the log says is done, is done.
        self._plan_state = self._plan_generator.get_state()
        self._save()
        emit(
            "epoch",
            f"epoch {report['epoch']:>2}/{chosen.epochs}  loss {report['loss']:.4f}  validation {percent(measured.accuracy)}  "
            f"(training {percent(report['trainAccuracy'])})  {report['imagesPerSecond']:,.0f} images/s  "
            f"peak {gibibytes(report['peakDeviceMemoryBytes'])}",
            workload=self._recipe.workload,
            epochs=chosen.epochs,
            **report,
        )

    def _test_once(self) -> dict[str, Any]:
        measured = self._measure(self._test.to(self._acquired.device))
        tested = {
            "testAccuracy": measured.accuracy,
            "testAccuracyByClass": measured.by_class,
            "testImages": sum(measured.images),
        }
        self._progress.tested = tested
        self._save()
        return tested

    def _summarise(self, tested: dict[str, Any]) -> None:
        progress, last = self._progress, self._progress.history[-1]
        target = self._chosen.target_accuracy
        peaks = [epoch["peakDeviceMemoryBytes"] for epoch in progress.history if epoch["peakDeviceMemoryBytes"] is not None]
        peak = max(peaks, default=None)
        emit(
            "summary",
            f"finished after {progress.epoch} epoch(s)"
            + (f", target {percent(target)} reached" if target is not None and self._target_reached() else "")
            + f": test accuracy {percent(tested['testAccuracy'])} on {tested['testImages']:,} images "
            f"(validation {percent(last['validationAccuracy'])}), {last['imagesPerSecond']:,.0f} images/s, "
            f"{progress.seconds:.1f} s, peak device memory {gibibytes(peak)}",
            workload=self._recipe.workload,
            epochs=progress.epoch,
            images=progress.images,
            validationAccuracy=last["validationAccuracy"],
            **tested,
            targetReached=self._target_reached(),
            imagesPerSecond=last["imagesPerSecond"],
            seconds=progress.seconds,
            peakDeviceMemoryBytes=peak,
            device=self._acquired.name,
        )
        for name, accuracy in tested["testAccuracyByClass"].items():
            print(f"  {name:<12} {'n/a' if accuracy is None else percent(accuracy)}", flush=True)

    # -- checkpoints --------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        found = self._resumable()
        if found is None:
            # Written before the first batch: a volume that cannot be written is found out now, not an epoch later.
            self._save()
            return
        try:
            self._restore(found)
        except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"{self._path} does not hold a run of the network {self._recipe.network} ({first_line(error)}). "
                "Remove it to start over, or pass --fresh."
            ) from error
        emit(
            "resumed",
            f"resumed from {self._path}: {found.progress.epoch} epoch(s) and {found.progress.step} batch(es) are done",
            workload=self._recipe.workload,
            epoch=found.progress.epoch,
            step=found.progress.step,
        )

    def _restore(self, found: Checkpoint) -> None:
        progress = found.progress
        if not (0 <= progress.epoch <= self._chosen.epochs and 0 <= progress.step <= self._batches.batches):
            raise ValueError(f"epoch {progress.epoch}, batch {progress.step}")
        if len(progress.history) != progress.epoch:
            raise ValueError(f"{len(progress.history)} reports of {progress.epoch} epochs")
        self._model.load_state_dict(found.model)
        self._average.model.load_state_dict(found.average)
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": found.momentum})
        for parameter, state in self._optimizer.state.items():
            if state["momentum_buffer"].shape != parameter.shape:
                raise ValueError("momentum of another shape than its weights")
        self._plan_generator.set_state(found.plan_generator)
        torch.set_rng_state(found.cpu_generator)
        if self._acquired.is_cuda and found.cuda_generator is not None:
            torch.cuda.set_rng_state(found.cuda_generator, self._acquired.device)
        self._progress = progress

    def _resumable(self) -> Checkpoint | None:
        """The checkpoint to go on from, if there is one.

        Raises SettingsError for one of other flags, which may be somebody's mistake. One of another version of the program is
        nobody's, and nothing that a person writes makes it fit, so it is set aside: an update must not end in failed Jobs.
        """
        found = None if self._chosen.fresh else checkpoints.load(self._path)
        if isinstance(found, Outdated):
            self._set_aside(found.reason)
            return None
        if found is None:
            return None
        checkpoints.require_same_flags(self._path, found.flags, self.flags)
        if changed := checkpoints.differences(found.recipe, self._recipe.settings):
            self._set_aside(changed)
            return None
        return found

    def _set_aside(self, reason: str) -> None:
        kept = checkpoints.set_aside(self._path)
        message = (
            f"{self._path} was written by another version of this program ({reason}) and cannot be resumed. It is kept as "
            f"{kept.name}, and the training starts anew."
        )
        emit("warning", f"warning: {message}", message=message)

    def _save(self) -> None:
        cuda = torch.cuda.get_rng_state(self._acquired.device) if self._acquired.is_cuda else None
        checkpoints.save(
            self._path,
            Checkpoint(
                recipe=self._recipe.settings,
                flags=self.flags,
                progress=self._progress,
                model=self._model.state_dict(),
                average=self._average.model.state_dict(),
                momentum=self._optimizer.state_dict()["state"],
                plan_generator=self._plan_state,
                cpu_generator=torch.get_rng_state(),
                cuda_generator=cuda,
            ),
        )

    def _leave_if_asked(self) -> None:
        if not self._stop.requested:
            return
        self._save()
        progress = self._progress
        raise Stopped(
            f"{self._stop.signal_name} received; saved to {self._path} after {progress.epoch} epoch(s) and {progress.step} "
            "batch(es). The next start goes on from there."
        )

    # -- speed --------------------------------------------------------------------------------------------------

    def _autocast(self) -> torch.autocast:
        # bfloat16 has float32's range, so no loss scaling is needed; every MIG-capable GPU computes it.
        return torch.autocast(self._acquired.device.type, dtype=torch.bfloat16, enabled=self._bf16)
