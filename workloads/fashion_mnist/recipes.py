"""How a network is trained: what the two trainings share, and what distinguishes them.

Both take SGD with Nesterov momentum and one cycle of the learning rate. Most values are those that others use; what has
been measured here, over how many seeds, is in README.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from fashion_mnist import averaging
from fashion_mnist.checkpoint import Settings

MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
"""Of the weights of convolutions and linear layers, not of scales and biases (He et al. 2018, "Bag of tricks for image
classification with convolutional neural networks", section 3.1)."""
WARM_UP = 0.2
"""Part of the run in which the learning rate rises to its peak."""
LABEL_SMOOTHING = 0.1
"""Part of every label that is spread over all classes (Szegedy et al. 2015, section 7)."""


@dataclass(frozen=True)
class Recipe:
    """One training of one network."""

    workload: str
    """Names the checkpoint and appears in every line."""
    network: str
    """Names what `build` builds. A checkpoint of another network is refused by it."""
    build: Callable[[], nn.Module]
    resolution: int
    """Pixels of height and width that the network sees."""
    peak_learning_rate: float
    """For a batch of 256; scaled linearly with the batch size."""
    compile_on_cuda: bool
    """What `--compile auto` means on a GPU."""

    @property
    def settings(self) -> Settings:
        """What a checkpoint must agree with to be resumed by this recipe. `resolution` is a flag's, and compared with those."""
        return {
            "workload": self.workload,
            "network": self.network,
            "peakLearningRate": self.peak_learning_rate,
            "momentum": MOMENTUM,
            "weightDecay": WEIGHT_DECAY,
            "warmUp": WARM_UP,
            "labelSmoothing": LABEL_SMOOTHING,
            "averageDecay": averaging.DECAY,
            "settlingImages": averaging.SETTLING_IMAGES,
        }


def learning_rate(progress: float, peak: float) -> float:
    """One cycle: linear rise over WARM_UP of the run, cosine fall to 0. `progress` is in [0, 1]."""
    if progress < WARM_UP:
        return peak * progress / WARM_UP
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def optimizer(model: nn.Module, peak: float) -> torch.optim.SGD:
    """SGD over all parameters of `model`; only those of two dimensions and more decay."""
    parameters = list(model.parameters())
    groups = [
        {"params": [parameter for parameter in parameters if parameter.dim() > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [parameter for parameter in parameters if parameter.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=peak, momentum=MOMENTUM, nesterov=True)


def training_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy with smoothed labels."""
    return functional.cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING)
