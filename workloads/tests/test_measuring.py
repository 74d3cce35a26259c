import torch
from torch import nn

from fashion_mnist import small_inference
from fashion_mnist.data import CLASSES, Split
from fashion_mnist.device import Acquired
from fashion_mnist.measuring import Measured, measure


class Seen(nn.Module):
    """Says of an image what its first pixel is, and remembers how it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.training_modes: list[bool] = []
        self.layer = nn.Linear(784, 10, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.training_modes.append(self.training)
        # Back to the grey value: normalised pixels grow by 1 / (255 * deviation).
        first = (images.flatten(1)[:, 0] * 0.3530 + 0.2860) * 255
        return nn.functional.one_hot(first.round().long() % 10, 10).float() * 3 + self.layer(images.flatten(1)) * 0


def split(pixels: list[int], labels: list[int]) -> Split:
    images = torch.zeros(len(pixels), 28, 28, dtype=torch.uint8)
    images[:, 0, 0] = torch.tensor(pixels, dtype=torch.uint8)
    return Split(images, torch.tensor(labels, dtype=torch.uint8))


def test_it_counts_by_class_what_is_right() -> None:
    model = Seen().train()
    measured = measure(model, split([0, 1, 1, 2, 9], [0, 1, 2, 2, 9]), resolution=28, bf16=False)
    assert measured == Measured((1, 1, 1, 0, 0, 0, 0, 0, 0, 1), (1, 1, 2, 0, 0, 0, 0, 0, 0, 1))
    assert measured.accuracy == 0.8
    by_class = measured.by_class
    assert (by_class[CLASSES[2]], by_class[CLASSES[3]]) == (0.5, None)
    assert set(model.training_modes) == {False}


def test_the_service_asks_the_network_in_its_evaluation_mode_and_gives_probabilities() -> None:
    model = Seen().train()
    predict = small_inference.predictor(model, Acquired(torch.device("cpu"), "CPU", None, None))
    probabilities = predict(split([3, 4], [0, 0]).images)
    assert set(model.training_modes) == {False}
    assert probabilities.argmax(1).tolist() == [3, 4]
    expected = torch.softmax(torch.tensor([3.0] + [0.0] * 9), 0)[0]
    assert torch.allclose(probabilities.amax(1), expected)
    assert torch.allclose(probabilities.sum(1), torch.ones(2))


def test_half_precision_is_what_is_asked_for() -> None:
    dtypes: list[torch.dtype] = []
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    model.register_forward_hook(lambda _module, _inputs, output: dtypes.append(output.dtype))
    for bf16 in (True, False):
        measure(model, split([1], [1]), resolution=28, bf16=bf16)
    assert dtypes == [torch.bfloat16, torch.float32]
