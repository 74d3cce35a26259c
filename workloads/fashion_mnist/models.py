"""The three networks of the article. All take float images of shape (n, 1, height, width) and give 10 logits."""

from typing import Literal

import torch
from torch import nn

Stem = Literal["native", "imagenet"]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2015, section 4.2)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + self.shortcut(x))


def resnet18(stem: Stem) -> nn.Module:
    """ResNet-18 for grey images: 11.2 million parameters.

    The "imagenet" stem (7x7 stride 2, then max pooling) is for 224 pixels. At 28 pixels it would leave a 7x7 map before
    the first block, so the "native" stem is one 3x3 convolution without stride, as is usual for small images.
    """
    if stem == "native":
        first: list[nn.Module] = [nn.Conv2d(1, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    else:
        first = [
            nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
    stages: list[nn.Module] = []
    for inputs, outputs, stride in ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)):
        stages += [BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1)]
    return nn.Sequential(*first, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def cnn() -> nn.Module:
    """The article's CNN (four convolutions of 64 to 512 channels, two linear layers), 1.7 million parameters.

    Its convolutions are followed by batch normalisation here, which the article's are not, so that it stands a high learning
    rate. Pooling comes before it: normalisation and ReLU then handle a quarter of the values. There is no dropout, which the
    article has before its last layer.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in ((1, 64), (64, 128), (128, 256), (256, 512)):
        layers.append(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
        if outputs != 512:
            layers.append(nn.MaxPool2d(2))
        layers += [nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 256), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, *head, nn.Linear(256, 10))


def mlp() -> nn.Module:
    """The article's small network for inference: 0.5 million parameters."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 512),
        nn.ReLU(inplace=True),
        nn.Linear(512, 256),
        nn.ReLU(inplace=True),
        nn.Linear(256, 10),
    )
