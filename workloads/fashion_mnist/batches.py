"""The input pipeline: the whole set stays on the device as uint8 and is cropped, flipped and scaled there.

One epoch's randomness (order, crops, flips) is drawn at once, on the CPU, from a generator of its own. That makes it the
same on every device, and a restarted pod redraws it from the generator's state and skips the batches already done.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from fashion_mnist.data import IMAGE_SIZE, Split

MEAN = 0.2860
STANDARD_DEVIATION = 0.3530
"""Of the training images' pixels scaled to [0, 1]."""

PADDING = 2
"""Pixels of black around an image before a random 28x28 crop: shifts of up to 2 pixels each way."""
STORED_SIZE = IMAGE_SIZE + 2 * PADDING
"""Height and width of an image with its border."""


def normalise(images: torch.Tensor) -> torch.Tensor:
    """uint8 (n, 28, 28) -> float32 (n, 1, 28, 28) with the training set's mean 0 and standard deviation 1."""
    scale = 1 / (255 * STANDARD_DEVIATION)
    return images.unsqueeze(1).to(torch.float32).mul_(scale).sub_(MEAN / STANDARD_DEVIATION)


def resize(images: torch.Tensor, resolution: int) -> torch.Tensor:
    """Bilinear enlargement to `resolution` pixels; nothing to do at the native 28."""
    if resolution == IMAGE_SIZE:
        return images
    return functional.interpolate(images, size=(resolution, resolution), mode="bilinear", align_corners=False)


@dataclass(frozen=True)
class EpochPlan:
    """Order and augmentation of one epoch, each of shape (images,), on the device of the images."""

    order: torch.Tensor
    """Which image comes when: indices into the split."""
    starts: torch.Tensor
    """Where that image's crop begins in the stored bytes."""


class TrainingBatches:
    """Batches of one split, cropped and flipped at random if `augment`. `batches` per epoch; the rest sits that epoch out.

    The images are stored with their black border, once as they are and once mirrored (123 MB for the whole set). A crop is
    then 28 rows of one image, which is one run of bytes that begins at some start: index arithmetic, and a batch is one
    `index_select` of such runs, whatever the augmentation.
    """

    def __init__(
        self, split: Split, batch_size: int, resolution: int, generator: torch.Generator, *, augment: bool = True
    ) -> None:
        if batch_size > len(split):
            raise ValueError(f"a batch of {batch_size} is larger than the {len(split)} training images")
        both = torch.cat([split.images, split.images.flip(2)])
        stored = functional.pad(both, (PADDING, PADDING, PADDING, PADDING)).flatten()
        # The last run of bytes ends a border's width after the last image.
        stored = functional.pad(stored, (0, 2 * PADDING))
        # Row number `start` of this view is the run that begins at `start`; nothing is copied.
        self._runs = stored.unfold(0, IMAGE_SIZE * STORED_SIZE, 1)
        self._labels = split.labels.long()
        self._batch_size = batch_size
        self._resolution = resolution
        self._generator = generator
        self._augment = augment
        self.batches = len(split) // batch_size

    def draw_plan(self) -> EpochPlan:
        """The next epoch's plan; advances the generator."""
        count = len(self._labels)
        order = torch.randperm(count, generator=self._generator)
        if not self._augment:
            middle = torch.full((count,), PADDING)
            return self.plan(order, middle, middle, torch.zeros(count, dtype=torch.bool))
        rows, columns = torch.randint(0, 2 * PADDING + 1, (2, count), generator=self._generator)
        return self.plan(order, rows, columns, torch.rand(count, generator=self._generator) < 0.5)

    def plan(self, order: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, flips: torch.Tensor) -> EpochPlan:
        """The plan with these images, crops (upper left corners in the bordered image) and mirrorings."""
        image = order + flips * len(self._labels)
        starts = (image * STORED_SIZE + rows) * STORED_SIZE + columns
        device = self._labels.device
        return EpochPlan(order.to(device), starts.to(device))

    def batch(self, plan: EpochPlan, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Batch number `index` of the plan: float images (batch, 1, resolution, resolution) and int64 labels."""
        part = slice(index * self._batch_size, (index + 1) * self._batch_size)
        runs = self._runs.index_select(0, plan.starts[part])
        crops = runs.view(-1, IMAGE_SIZE, STORED_SIZE)[:, :, :IMAGE_SIZE]
        return resize(normalise(crops), self._resolution), self._labels[plan.order[part]]
