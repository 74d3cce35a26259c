"""Checkpoints: everything a restarted pod needs to go on as if it had never stopped.

One file per program in `--checkpoint-dir`, replaced atomically. It is read with `weights_only=True`, so a file that
someone else put on the shared volume can carry wrong numbers but no code. Everything that is not a tensor travels as
JSON inside it, because PyTorch 1.13 reads no floating-point numbers in that mode.
"""

import io
import json
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from fashion_mnist.errors import DataError, SettingsError
from fashion_mnist.files import write_atomically

FORMAT = 2
"""1 had no validation images and knew a recipe only by its name."""

Settings = dict[str, str | int | float | None]
"""What makes two runs the same run: a checkpoint is resumed only with equal settings."""


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

    `momentum` is the optimizer's "state"; its learning rate follows from the step. `plan_generator` is the state from
    which the unfinished epoch's plan (order, crops, flips) was drawn.
    """

    settings: Settings
    progress: Progress
    model: dict[str, Any]
    momentum: dict[int, Any]
    plan_generator: torch.Tensor
    cpu_generator: torch.Tensor
    cuda_generator: torch.Tensor | None


def checkpoint_path(directory: Path, workload: str) -> Path:
    """Where the program `workload` (for example "medium-training") keeps its checkpoint."""
    return directory / f"{workload}.pt"


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Replaces the checkpoint at `path`; raises StorageError when the volume does not take it."""
    # Serialised in memory first: torch.save into a file reports a full disk without its errno.
    buffer = io.BytesIO()
    run = json.dumps({"settings": checkpoint.settings, "progress": asdict(checkpoint.progress)})
    tensors = {name: value for name, value in vars(checkpoint).items() if name not in ("settings", "progress")}
    torch.save({"format": FORMAT, "run": run, **tensors}, buffer)
    write_atomically(path, buffer.getbuffer())


def load(path: Path) -> Checkpoint | None:
    """The checkpoint at `path` with its tensors on the CPU; None when there is none, DataError when it is damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        fields = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        if (written := fields.pop("format")) != FORMAT:
            raise ValueError(f"its format is {written}, this program's is {FORMAT}")
        run = json.loads(fields.pop("run"))
        return Checkpoint(settings=run["settings"], progress=Progress(**run["progress"]), **fields)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{path} is not a checkpoint that can be read ({reason}). Remove it to start over, or pass --fresh."
        ) from error


def require_same_run(path: Path, checkpoint: Checkpoint, settings: Settings) -> None:
    """Raises SettingsError, naming every difference, unless the checkpoint is of a run with these settings."""
    differences = [
        f"{key} was {checkpoint.settings.get(key)}, is {settings.get(key)}"
        for key in sorted({*checkpoint.settings, *settings})
        if checkpoint.settings.get(key) != settings.get(key)
    ]
    if differences:
        raise SettingsError(
            f"{path} belongs to a run with other settings ({'; '.join(differences)}). Use those settings, another "
            "--checkpoint-dir, or --fresh to overwrite it."
        )
