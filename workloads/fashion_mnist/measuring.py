"""Accuracy on held-out data, for the trainings and for the service."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from fashion_mnist.batches import normalise, resize
from fashion_mnist.data import CLASSES, Split

MEASURING_BATCH = 500
"""Images in one forward pass; the result does not depend on it."""


@dataclass(frozen=True)
class Measured:
    """What a network got right, by class."""

    correct: tuple[int, ...]
    images: tuple[int, ...]

    @property
    def accuracy(self) -> float:
        """Part of all images that was classified correctly."""
        return sum(self.correct) / sum(self.images)

    @property
    def by_class(self) -> dict[str, float | None]:
        """The same for the images of each class; None where there were none."""
        counts = zip(CLASSES, self.correct, self.images, strict=True)
        return {name: correct / images if images else None for name, correct, images in counts}


def measure(
    model: nn.Module, held_out: Split, *, resolution: int, bf16: bool, leave: Callable[[], None] = lambda: None
) -> Measured:
    """What `model` makes of `held_out`. `leave` is called between batches and may raise."""
    model.eval()
    device = held_out.images.device
    correct = torch.zeros(len(CLASSES), dtype=torch.int64, device=device)
    labels = held_out.labels.long()
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        for start in range(0, len(held_out), MEASURING_BATCH):
            leave()
            part = slice(start, start + MEASURING_BATCH)
            logits = model(resize(normalise(held_out.images[part]), resolution))
            correct += labels[part][logits.argmax(1) == labels[part]].bincount(minlength=len(CLASSES))
    images = labels.bincount(minlength=len(CLASSES))
    return Measured(tuple(correct.tolist()), tuple(images.tolist()))
