"""Accuracy on held-out data, for the trainings and for the service."""

from collections.abc import Callable

import torch
from torch import nn

from fashion_mnist.batches import normalise, resize
from fashion_mnist.data import Split

MEASURING_BATCH = 500
"""Images in one forward pass; the result does not depend on it."""


def held_out_accuracy(
    model: nn.Module, test: Split, *, resolution: int, bf16: bool, leave: Callable[[], None] = lambda: None
) -> float:
    """Fraction of `test` that `model` classifies correctly. `leave` is called between batches and may raise."""
    model.eval()
    correct = 0
    device = test.images.device
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        for start in range(0, len(test), MEASURING_BATCH):
            leave()
            part = slice(start, start + MEASURING_BATCH)
            logits = model(resize(normalise(test.images[part]), resolution))
            correct += int((logits.argmax(1) == test.labels[part]).sum().item())
    return correct / len(test)
