"""Grey images as PNG, for the page: the standard library has no encoder, and the format needs three chunks for this."""

import base64
import struct
import zlib

import torch

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(image: torch.Tensor) -> bytes:
    """A uint8 image (height, width) as an 8-bit greyscale PNG (ISO/IEC 15948)."""
    height, width = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    # Every row begins with the number of its filter; 0 is none.
    rows = bytes(torch.nn.functional.pad(image, (1, 0)).flatten().tolist())
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def data_address(image: torch.Tensor) -> str:
    """The same as an address that a page needs no request for."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode('ascii')}"


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
