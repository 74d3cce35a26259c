"""The training loop of both trainings: epochs, measuring on held-out data, checkpoints, stopping."""

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import data as datasets
from fashion_mnist.batches import TrainingBatches
from fashion_mnist.checkpoint import Checkpoint, Progress, Settings
from fashion_mnist.compiling import compiled
from fashion_mnist.data import FashionMnist
from fashion_mnist.device import Acquired, acquire
from fashion_mnist.errors import SettingsError, Stopped
from fashion_mnist.measuring import held_out_accuracy
from fashion_mnist.reporting import emit, gibibytes, percent
from fashion_mnist.stopping import StopRequest

MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
WARM_UP = 0.2
"""Part of the run in which the learning rate rises to its peak."""


@dataclass(frozen=True)
class Recipe:
    """What distinguishes one training from the other."""

    workload: str
    """Names the checkpoint and appears in every line."""
    build: Callable[[], nn.Module]
    resolution: int
    """Pixels of height and width that the network sees."""
    peak_learning_rate: float
    """For a batch of 256; scaled linearly with the batch size."""
    compile_on_cuda: bool
    """What `--compile auto` means on a GPU."""


def learning_rate(progress: float, peak: float) -> float:
    """One cycle: linear rise over WARM_UP of the run, cosine fall to 0. `progress` is in [0, 1]."""
    if progress < WARM_UP:
        return peak * progress / WARM_UP
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def run(recipe: Recipe, chosen: argparse.Namespace) -> None:
    """A whole program: device, data, training (resumed if there is a checkpoint), summary."""
    stop = StopRequest().install()
    acquired = acquire(chosen)
    data = datasets.load(chosen.baked_dir, chosen.data_dir, chosen.data_url)
    emit("data", f"data: {len(data.train):,} training and {len(data.test):,} held-out images, verified", sources=data.sources)
    try:
        Training(recipe, chosen, acquired, data, stop).run()
    except torch.cuda.OutOfMemoryError as error:
        raise SettingsError(
            f"the {gibibytes(acquired.memory_bytes)} of {acquired.name} are too little for --batch-size {chosen.batch_size} "
            f"at {recipe.resolution} pixels. Lower --batch-size, or claim a larger profile."
        ) from error


class Training:
    """One run of one recipe."""

    def __init__(
        self, recipe: Recipe, chosen: argparse.Namespace, acquired: Acquired, data: FashionMnist, stop: StopRequest
    ) -> None:
        self._recipe = recipe
        self._chosen = chosen
        self._acquired = acquired
        self._stop = stop
        self._path = checkpoints.checkpoint_path(chosen.checkpoint_dir, recipe.workload)
        self._bf16 = chosen.precision == "bf16" or (chosen.precision == "auto" and acquired.is_cuda)

        torch.manual_seed(chosen.seed)
        torch.backends.cudnn.benchmark = True  # shapes never change, so the search for the fastest convolution pays
        self._plan_generator = torch.Generator().manual_seed(chosen.seed)

        train = data.train.first(chosen.limit_train)
        if chosen.batch_size > len(train):
            raise SettingsError(f"--batch-size {chosen.batch_size} is larger than the {len(train)} training images.")
        self._test = data.test.first(chosen.limit_test).to(acquired.device)
        self._batches = TrainingBatches(
            train.to(acquired.device),
            chosen.batch_size,
            recipe.resolution,
            self._plan_generator,
            augment=chosen.augment == "on",
        )

        self._model = recipe.build().to(acquired.device).to(memory_format=torch.channels_last)
        self._peak = recipe.peak_learning_rate * chosen.batch_size / 256
        self._optimizer = torch.optim.SGD(
            self._model.parameters(), lr=self._peak, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True
        )
        self._forward = compiled(self._model) if self._compiles() else self._model
        self._progress = Progress()
        self._plan_state = self._plan_generator.get_state()

    @property
    def settings(self) -> Settings:
        """What a checkpoint must share with this run to be resumed."""
        return {
            "workload": self._recipe.workload,
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
        while not self._progress.finished:
            self._train_epoch()
            accuracy = self._measure()
            self._finish_epoch(accuracy)
        self._summarise()

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
        while progress.step < self._batches.batches and not self._stop.requested:
            images, labels = self._batches.batch(plan, progress.step)
            loss, hits = self._step(images, labels)
            loss_sum += loss
            correct += hits
            progress.step += 1
        progress.loss_sum += loss_sum.item()
        progress.correct += int(correct.item())
        elapsed = time.perf_counter() - started
        progress.seconds += elapsed
        progress.training_seconds += elapsed
        progress.images += (progress.step - first) * self._chosen.batch_size
        self._leave_if_asked()

    def _step(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        done = self._progress.epoch * self._batches.batches + self._progress.step
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate((done + 1) / (self._chosen.epochs * self._batches.batches), self._peak)
        with self._autocast():
            logits = self._forward(images.contiguous(memory_format=torch.channels_last))
            loss = functional.cross_entropy(logits, labels)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _measure(self) -> float:
        started = time.perf_counter()
        accuracy = held_out_accuracy(
            self._model, self._test, resolution=self._recipe.resolution, bf16=self._bf16, leave=self._leave_if_asked
        )
        self._progress.seconds += time.perf_counter() - started
        return accuracy

    def _finish_epoch(self, accuracy: float) -> None:
        progress, chosen = self._progress, self._chosen
        trained = self._batches.batches * chosen.batch_size
        report: dict[str, Any] = {
            "epoch": progress.epoch + 1,
            "loss": progress.loss_sum / self._batches.batches,
            "trainAccuracy": progress.correct / trained,
            "testAccuracy": accuracy,
            "imagesPerSecond": progress.images / progress.training_seconds,
            "seconds": progress.seconds,
            "peakDeviceMemoryBytes": self._acquired.peak_memory_bytes(),
        }
        reached = chosen.target_accuracy is not None and accuracy >= chosen.target_accuracy
        self._progress = replace(
            progress,
            epoch=progress.epoch + 1,
            step=0,
            loss_sum=0.0,
            correct=0,
            finished=reached or progress.epoch + 1 == chosen.epochs,
            history=[*progress.history, report],
        )
        # Saved before it is reported: what the log says is done, is done.
        self._plan_state = self._plan_generator.get_state()
        self._save()
        emit(
            "epoch",
            f"epoch {report['epoch']:>2}/{chosen.epochs}  loss {report['loss']:.4f}  held-out {percent(accuracy)}  "
            f"(training {percent(report['trainAccuracy'])})  {report['imagesPerSecond']:,.0f} images/s  "
            f"peak {gibibytes(report['peakDeviceMemoryBytes'])}",
            workload=self._recipe.workload,
            epochs=chosen.epochs,
            **report,
        )

    def _summarise(self) -> None:
        progress, last = self._progress, self._progress.history[-1]
        target = self._chosen.target_accuracy
        reached = target is not None and last["testAccuracy"] >= target
        peaks = [epoch["peakDeviceMemoryBytes"] for epoch in progress.history if epoch["peakDeviceMemoryBytes"] is not None]
        peak = max(peaks, default=None)
        emit(
            "summary",
            f"finished after {progress.epoch} epoch(s)"
            + (f", target {percent(target)} reached" if target is not None and reached else "")
            + f": held-out accuracy {percent(last['testAccuracy'])} on {len(self._test):,} images, "
            f"{last['imagesPerSecond']:,.0f} images/s, {progress.seconds:.1f} s, peak device memory {gibibytes(peak)}",
            workload=self._recipe.workload,
            epochs=progress.epoch,
            testAccuracy=last["testAccuracy"],
            testImages=len(self._test),
            targetReached=reached,
            imagesPerSecond=last["imagesPerSecond"],
            seconds=progress.seconds,
            peakDeviceMemoryBytes=peak,
            device=self._acquired.name,
        )

    # -- checkpoints --------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        found = None if self._chosen.fresh else checkpoints.load(self._path)
        if found is None:
            # Written before the first batch: a volume that cannot be written is found out now, not an epoch later.
            self._save()
            return
        checkpoints.require_same_run(self._path, found, self.settings)
        self._model.load_state_dict(found.model)
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": found.momentum})
        self._plan_generator.set_state(found.plan_generator)
        torch.set_rng_state(found.cpu_generator)
        if self._acquired.is_cuda and found.cuda_generator is not None:
            torch.cuda.set_rng_state(found.cuda_generator, self._acquired.device)
        self._progress = found.progress
        emit(
            "resumed",
            f"resumed from {self._path}: {found.progress.epoch} epoch(s) and {found.progress.step} batch(es) are done",
            workload=self._recipe.workload,
            epoch=found.progress.epoch,
            step=found.progress.step,
        )

    def _save(self) -> None:
        cuda = torch.cuda.get_rng_state(self._acquired.device) if self._acquired.is_cuda else None
        checkpoints.save(
            self._path,
            Checkpoint(
                settings=self.settings,
                progress=self._progress,
                model=self._model.state_dict(),
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

    def _compiles(self) -> bool:
        wish = self._chosen.compile
        return bool(wish == "on" or (wish == "auto" and self._acquired.is_cuda and self._recipe.compile_on_cuda))
