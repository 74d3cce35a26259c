"""The images in the body of a request.

Requests follow the "instances" form that TensorFlow Serving and KServe (V1 protocol) use. A body of type
application/octet-stream is taken as raw uint8 images of 784 bytes each.
"""

import json

import torch

from fashion_mnist.data import IMAGE_SIZE

PIXELS = IMAGE_SIZE * IMAGE_SIZE
RAW = "application/octet-stream"
BYTES_PER_JSON_PIXEL = 16
"""Generous: "255, " is five bytes; bounds the size of a JSON body."""


def max_body_bytes(images: int) -> int:
    """Largest body of a request with so many images."""
    return images * PIXELS * BYTES_PER_JSON_PIXEL + 1024


def read_images(content_type: str, body: bytes) -> torch.Tensor:
    """The uint8 images (n, 28, 28) of a request body; ValueError with a sentence when there are none in it."""
    images = _raw(body) if content_type.partition(";")[0].strip().lower() == RAW else _listed(body)
    brightest = images.flatten(1).amax(1)
    # No image of the data set is this dark (the brightest pixel of each is 254 or 255), and one that was scaled to [0, 1]
    # would be classified with confidence, and wrong.
    scaled = (brightest == 1).nonzero()
    if len(scaled) > 0:
        raise ValueError(_scaled(int(scaled[0])))
    return images


def _raw(body: bytes) -> torch.Tensor:
    if not body or len(body) % PIXELS:
        raise ValueError(f"{len(body)} bytes are not a whole number of images of {PIXELS} bytes")
    return torch.frombuffer(bytearray(body), dtype=torch.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _listed(body: bytes) -> torch.Tensor:
    try:
        pixels = torch.tensor(json.loads(body)["instances"], dtype=torch.float32)
    except (ValueError, KeyError, TypeError, RuntimeError, OverflowError, RecursionError) as error:
        raise ValueError(
            f'the body must be {{"instances": [image, ...]}}, each image 784 or 28 x 28 numbers from 0 to 255 ({_short(error)})'
        ) from error
    shape = tuple(pixels.shape)
    if shape[1:] not in ((PIXELS,), (IMAGE_SIZE, IMAGE_SIZE)) or shape[0] == 0:
        raise ValueError(f"instances have the shape {shape}; (n, {PIXELS}) or (n, {IMAGE_SIZE}, {IMAGE_SIZE}) is expected")
    if not bool(((pixels >= 0) & (pixels <= 255)).all()):  # also refuses NaN
        raise ValueError("pixels must be numbers from 0 to 255")
    brightest = pixels.flatten(1).amax(1)
    dim = ((brightest > 0) & (brightest < 1)).nonzero()
    if len(dim) > 0:
        raise ValueError(_scaled(int(dim[0])))
    return pixels.round().to(torch.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _scaled(index: int) -> str:
    return f"image {index} has no pixel above 1: it looks scaled to [0, 1]. Send the grey values from 0 to 255"


def _short(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}..."
