import pytest
import torch
from torch import nn

from fashion_mnist import models


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_resnet18_has_the_parameters_of_the_reference_for_one_channel_and_ten_classes() -> None:
    # torchvision's resnet18 has 11,689,512 for 3 channels and 1000 classes.
    reference = 11_689_512 - 2 * 64 * 49 - (512 * 1000 + 1000) + (512 * 10 + 10)
    assert parameters(models.resnet18("imagenet")) == reference
    assert parameters(models.resnet18("native")) == reference - 64 * 49 + 64 * 9


def test_the_cnn_has_the_layers_of_the_article() -> None:
    convolutions = [layer for layer in models.cnn() if isinstance(layer, nn.Conv2d)]
    assert [(layer.in_channels, layer.out_channels) for layer in convolutions] == [(1, 64), (64, 128), (128, 256), (256, 512)]
    linear = [layer for layer in models.cnn() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(512, 256), (256, 10)]


@pytest.mark.parametrize(
    ("model", "resolution"),
    [(models.resnet18("native"), 28), (models.resnet18("imagenet"), 224), (models.cnn(), 28), (models.mlp(), 28)],
    ids=["resnet18 native", "resnet18 224", "cnn", "mlp"],
)
def test_every_network_gives_ten_logits(model: nn.Module, resolution: int) -> None:
    with torch.no_grad():
        assert model.eval()(torch.zeros(2, 1, resolution, resolution)).shape == (2, 10)
