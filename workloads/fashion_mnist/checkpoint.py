"""Checkpoints: everything a restarted pod needs to go on as if it had never stopped.

One file per program in `--checkpoint-dir`, replaced atomically. It is read with `weights_only=True`, so a file that
someone else put on the shared volume can carry wrong numbers but no code. Everything that is not a tensor travels as
JSON inside it, because PyTorch 1.13 reads no floating-point numbers in that mode.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from fashion_mnist.errors import DataError, SettingsError, first_line
from fashion_mnist.files import rename, write_atomically

FORMAT = 3
"""1 had no validation images and knew a recipe only by its name; 2 had no average of the weights."""

Settings = dict[str, str | int | float | None]
"""What makes two runs the same run: a checkpoint is resumed only where they are equal."""


@dataclass
class Progress:
    """How far a run has come. `step` counts the batches of the unfinished epoch; sums are over those batches."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    """Wall time of training and measuring, over all restarts."""
    training_seconds: float = 0.0
    images: int = 0
    """Images trained on, over all restarts."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """The JSON fields of every finished epoch."""
    tested: dict[str, Any] | None = None
    """What the summary says of the test images, once the run has ended: they are measured once."""


@dataclass(frozen=True)
class Checkpoint:
    """A run at rest.

    `recipe` is what the program brings to the run, `flags` what it was told. `momentum` is the optimizer's "state"; its
    learning rate follows from the step. `plan_generator` is the state from which the unfinished epoch's plan (order, crops,
    flips) was drawn.
    """

    recipe: Settings
    flags: Settings
    progress: Progress
    model: dict[str, Any]
    average: dict[str, Any]
    """The weights that are measured and served (averaging.py); `model` has those that the training goes on from."""
    momentum: dict[int, Any]
    plan_generator: torch.Tensor
    cpu_generator: torch.Tensor
    cuda_generator: torch.Tensor | None


@dataclass(frozen=True)
class Outdated:
    """A file that another version of these programs wrote: nothing is wrong with it, and this version cannot read it."""

    reason: str


def checkpoint_path(directory: Path, workload: str) -> Path:
    """Where the program `workload` (for example "medium-training") keeps its checkpoint."""
    return directory / f"{workload}.pt"


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Replaces the checkpoint at `path`; raises StorageError when the volume does not take it."""
    # Serialised in memory first: torch.save into a file reports a full disk without its errno.
    buffer = io.BytesIO()
    run = {"recipe": checkpoint.recipe, "flags": checkpoint.flags, "progress": asdict(checkpoint.progress)}
    tensors = {name: value for name, value in vars(checkpoint).items() if name not in run}
    torch.save({"format": FORMAT, "run": json.dumps(run), **tensors}, buffer)
    write_atomically(path, buffer.getbuffer())


def set_aside(path: Path) -> Path:
    """Renames the checkpoint at `path`, so that a run can start anew; its new name. The one set aside before is replaced."""
    kept = path.with_name(f"{path.stem}.previous{path.suffix}")
    rename(path, kept)
    return kept


def load(path: Path) -> Checkpoint | Outdated | None:
    """The checkpoint at `path` with its tensors on the CPU; None when there is none, DataError when it is damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return _read(content)
    except Exception as error:  # of bytes that may be anything, PyTorch's reader raises nearly everything
        raise DataError(
            f"{path} is not a checkpoint that can be read ({first_line(error)}). Remove it to start over, or pass --fresh."
        ) from error


def _read(content: bytes) -> Checkpoint | Outdated:
    # PyTorch does not compare the checksums that it writes, and one changed bit of a weight would go unnoticed.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if (damaged := archive.testzip()) is not None:
            raise ValueError(f"the checksum of {damaged} is wrong")
    fields = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    if (written := fields.pop("format")) != FORMAT:
        return Outdated(f"its format is {written}, this program's is {FORMAT}")
    run = json.loads(fields.pop("run"))
    found = Checkpoint(recipe=run["recipe"], flags=run["flags"], progress=Progress(**run["progress"]), **fields)
    if not all(is_finite(tensors) for tensors in (found.model, found.average, *found.momentum.values())):
        raise ValueError("some of its numbers are not finite")
    return found


def is_finite(tensors: Mapping[str, Any]) -> bool:
    """Whether no tensor has an infinite number or a NaN. What is no tensor, such as a missing momentum, counts as finite."""
    return all(bool(torch.isfinite(value).all()) for value in tensors.values() if isinstance(value, torch.Tensor))


def differences(before: Settings, now: Settings) -> str:
    """Every setting that differs, with both values; empty when none does."""
    return "; ".join(
        f"{key} was {before.get(key)}, is {now.get(key)}" for key in sorted({*before, *now}) if before.get(key) != now.get(key)
    )


def require_same_flags(path: Path, before: Settings, now: Settings) -> None:
    """Raises SettingsError, naming every difference, unless a run had these flags."""
    if different := differences(before, now):
        raise SettingsError(
            f"{path} belongs to a run with other settings ({different}). Use those settings or another --checkpoint-dir. To "
            "start over, remove or rename the file, or pass --fresh once, which overwrites it."
        )
