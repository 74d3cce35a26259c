import json
from typing import Any

import pytest
import torch

from fashion_mnist.data import FashionMnist
from fashion_mnist.instances import PIXELS, RAW, max_body_bytes, read_images

JSON = "application/json"


def body(instances: Any) -> bytes:
    return json.dumps({"instances": instances}).encode()


def test_raw_and_json_bodies_mean_the_same_image() -> None:
    raw = bytes(range(256)) * 3 + bytes(16)
    assert torch.equal(read_images(RAW, raw), read_images(JSON, body([list(raw)])))


@pytest.mark.parametrize("pixel", [10**400, -(10**400), 1e400, -1e400, float("nan"), 256, -1, -0.5, 255.1])
def test_a_number_that_is_no_pixel(pixel: float) -> None:
    with pytest.raises(ValueError, match=r"0 to 255"):
        read_images(JSON, body([[pixel] + [9] * (PIXELS - 1)]))


@pytest.mark.parametrize(
    "text", [f'{{"instances": [[{"9" * 5_000}]]}}', "[" * 100_000, '{"instances": [{}]}', '{"instances": [["a"]]}']
)
def test_json_that_is_no_image(text: str) -> None:
    with pytest.raises(ValueError, match="the body must be") as caught:
        read_images(JSON, text.encode())
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("shape", [(1, 28), (PIXELS,), (1, 7, 112), (1, 28, 28, 1), (0, PIXELS), (1, 785)])
def test_another_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(n, 784\) or \(n, 28, 28\) is expected"):
        read_images(JSON, body(torch.full(shape, 9.0).tolist()))


@pytest.mark.parametrize("brightest", [1, 1.0, 0.99, 0.3, 1e-9])
def test_an_image_scaled_to_one_is_not_taken_for_a_black_one(brightest: float) -> None:
    good, scaled = [0, 255] * (PIXELS // 2), [0.0, brightest] * (PIXELS // 2)
    with pytest.raises(ValueError, match=r"image 1 has no pixel above 1: it looks scaled to \[0, 1\]\. Send .* 0 to 255"):
        read_images(JSON, body([good, scaled]))


def test_raw_bytes_that_were_scaled_first() -> None:
    with pytest.raises(ValueError, match="image 1 has no pixel above 1"):
        read_images(RAW, bytes([0, 200] * (PIXELS // 2) + [0, 1] * (PIXELS // 2)))


def test_a_black_image_is_one() -> None:
    assert read_images(JSON, body([[0] * PIXELS])).sum() == 0
    assert read_images(RAW, bytes(PIXELS)).sum() == 0


def test_every_image_of_the_data_set_is_taken_and_fits(fashion_mnist: FashionMnist) -> None:
    for split in (fashion_mnist.train, fashion_mnist.validation, fashion_mnist.test):
        assert torch.equal(read_images(RAW, split.images.numpy().tobytes()), split.images)
    images = fashion_mnist.test.images[:256]
    listed = body(images.tolist())
    assert len(listed) <= max_body_bytes(256)
    assert torch.equal(read_images(JSON, listed), images)
