"""An average of the weights that a training goes through: what is measured, reported, tested and served.

While the learning rate is high, each step throws the weights about their mean, and the mean classifies better than any of
them (Polyak and Juditsky 1992; Izmailov et al. 2018). The training itself goes on from its own weights and does not
notice. README.md has what the average brings.
"""

import copy
from collections.abc import Iterable

import torch
from torch import nn
from torch.optim.swa_utils import update_bn

DECAY = 0.99
"""What a step leaves of the average before it, so that the average spans about the last 100 steps."""
SETTLING_IMAGES = 4_000
"""Images on which the statistics of normalisation are estimated anew."""


class WeightAverage:
    """The exponential moving average of the weights of `trained`.

    `AveragedModel` of `torch.optim.swa_utils` could keep it, but its decay can change with the steps only by a number that
    it puts on the device, and reading that would wait for the device in every step.
    """

    def __init__(self, trained: nn.Module) -> None:
        self.model = copy.deepcopy(trained)
        """The network with the averaged weights. Call `settle` before you use it."""
        self._averaged = list(self.model.parameters())
        self._trained = list(trained.parameters())

    def follow(self, step: int) -> None:
        """Takes in the weights after step number `step`, counted from 1."""
        # The first weights are the worst: the average spans a ninth of the steps so far until that are 100.
        weight = 1 - min(DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            for average, current in zip(self._averaged, self._trained, strict=True):
                average.lerp_(current, weight)

    def settle(self, batches: Iterable[torch.Tensor]) -> None:
        """Estimates the statistics of batch normalisation anew, because those of the trained weights do not fit their average."""
        update_bn(batches, self.model)
