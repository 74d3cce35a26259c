"""What is served until the medium training has written a network: the article's MLP, trained for a few seconds."""

import math
import time

import torch
from torch import nn
from torch.nn import functional

from fashion_mnist.batches import normalise
from fashion_mnist.data import Split
from fashion_mnist.stopping import StopRequest

BATCH = 256
LEARNING_RATE = 1e-3


def train(model: nn.Module, split: Split, seconds: float, stop: StopRequest) -> None:
    """Trains on random batches for `seconds` (one batch at least), with a learning rate that falls to 0."""
    model.to(split.images.device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    started, part = time.monotonic(), 0.0
    while part < 1 and not stop.requested:
        chosen = torch.randint(0, len(split), (BATCH,), device=split.images.device)
        loss = functional.cross_entropy(model(normalise(split.images[chosen])), split.labels[chosen].long())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        part = 1.0 if seconds == 0 else (time.monotonic() - started) / seconds
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))
