"""The network that the medium training has written to the shared volume, as far as that training is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist import medium_training
from fashion_mnist.checkpoint import Outdated
from fashion_mnist.errors import DataError
from fashion_mnist.page import Epoch


@dataclass(frozen=True)
class Trained:
    """A network with the weights of a checkpoint."""

    model: nn.Module
    epoch: int
    """Epochs that its training has finished."""
    history: tuple[Epoch, ...]


class TrainedNetwork:
    """Reads the checkpoint anew whenever it has been replaced."""

    def __init__(self, directory: Path) -> None:
        self._path = checkpoints.checkpoint_path(directory, medium_training.WORKLOAD)
        self._seen: tuple[int, int, int] | None = None

    def next(self) -> Trained | None:
        """What the checkpoint holds, the first time it is looked at since it was written; None at other times.

        None too until the training has finished an epoch. Raises DataError, once, for a checkpoint that is not this network's.
        """
        try:
            found = self._path.stat()
        except OSError:
            return None  # not written yet, or the volume is away for a moment: both pass
        identity = (found.st_ino, found.st_size, found.st_mtime_ns)
        if identity == self._seen:
            return None
        self._seen = identity
        return self._read()

    def _read(self) -> Trained | None:
        found = checkpoints.load(self._path)
        if isinstance(found, Outdated):
            raise DataError(f"{self._path} was written by another version of the medium training ({found.reason}).")
        if found is None or found.progress.epoch == 0:
            return None
        recipe = medium_training.RECIPE
        if (network := found.recipe.get("network")) != recipe.network:
            raise DataError(f"{self._path} holds the network {network}, and this service knows {recipe.network} only.")
        model = recipe.build()
        try:
            model.load_state_dict(found.average)
            history = tuple(_epoch(number, report) for number, report in enumerate(found.progress.history, 1))
            if len(history) != found.progress.epoch:
                raise ValueError(f"{len(history)} reports of {found.progress.epoch} epochs")
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{self._path} does not hold a run of the network {recipe.network}: {error}") from error
        return Trained(model, found.progress.epoch, history)


def _epoch(number: int, report: dict[str, Any]) -> Epoch:
    epoch = Epoch(report["epoch"], report["images"], report["trainAccuracy"], report["validationAccuracy"])
    # The page divides by these, and draws them.
    if (
        epoch.number != number
        or epoch.images < 1
        or not all(0 <= part <= 1 for part in (epoch.train_accuracy, epoch.validation_accuracy))
    ):
        raise ValueError(f"an epoch {number} of {report}")
    return epoch
