"""The Fashion-MNIST data set: found, verified, parsed.

Each of the four files is looked for in the image (`--baked-dir`), then in a mounted directory (`--data-dir`), then
downloaded. A file that is found but damaged is refused, never skipped in favour of the next place: damage is something
a person has to know about.

Files are verified by the SHA-256 of their decompressed content, because the same content is in circulation under
several compressions (Debian's package dataset-fashion-mnist repacks it). The sums were taken from the files whose
compressed MD5 sums the authors publish (github.com/zalandoresearch/fashion-mnist).

`python -m fashion_mnist.data --data-dir DIR` fetches and verifies the set without training anything.
"""

import argparse
import hashlib
import http.client
import math
import os
import struct
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from fashion_mnist import options
from fashion_mnist.errors import DataError, DownloadError, StorageError
from fashion_mnist.files import write_atomically
from fashion_mnist.reporting import emit, run_program

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
IMAGE_SIZE = 28
"""Height and width of an image in pixels."""
VALIDATION_IMAGES = 5_000
"""The last of the authors' 60,000 training images (their order is random) are held back: every choice is made on them,
such as when to stop and what to serve. The test images are for the last measurement only."""

PUBLISHED_URLS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)
"""Where the authors publish the files; the first has no https, which the checksums make up for."""

DOWNLOAD_TIMEOUT_SECONDS = 30
DOWNLOAD_ROUNDS = 3


@dataclass(frozen=True)
class IdxFile:
    """One file of the data set. `size` and `sha256` are of the decompressed content."""

    name: str
    size: int
    sha256: str


TRAIN_IMAGES = IdxFile("train-images-idx3-ubyte", 47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888")
TRAIN_LABELS = IdxFile("train-labels-idx1-ubyte", 60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9")
TEST_IMAGES = IdxFile("t10k-images-idx3-ubyte", 7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b")
TEST_LABELS = IdxFile("t10k-labels-idx1-ubyte", 10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34")
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


@dataclass(frozen=True)
class Split:
    """Images as uint8 of shape (n, 28, 28) and labels as uint8 of shape (n,), on one device."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int | None) -> "Split":
        """The first `count` examples; all of them when `count` is None or larger than the split."""
        return self if count is None else Split(self.images[:count], self.labels[:count])

    def to(self, device: torch.device) -> "Split":
        """The same split on `device`."""
        return Split(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class FashionMnist:
    """The whole data set, and where it came from: the distinct directories or addresses of its files."""

    train: Split
    validation: Split
    test: Split
    sources: tuple[str, ...]

    @property
    def described(self) -> str:
        return f"{len(self.train):,} training, {len(self.validation):,} validation and {len(self.test):,} test images"


def load(baked_dir: Path, data_dir: Path, urls: Sequence[str] | None = None) -> FashionMnist:
    """Finds, verifies and parses the four files (order of places: see the module).

    Raises DataError for a damaged file and DownloadError when a file is nowhere to be had.
    """
    found = [_find(file, (baked_dir, data_dir), data_dir, urls or PUBLISHED_URLS) for file in FILES]
    train_images, train_labels, test_images, test_labels = (
        parse_idx(content, file.name) for (content, _), file in zip(found, FILES, strict=True)
    )
    return FashionMnist(
        train=Split(train_images[:-VALIDATION_IMAGES], train_labels[:-VALIDATION_IMAGES]),
        validation=Split(train_images[-VALIDATION_IMAGES:], train_labels[-VALIDATION_IMAGES:]),
        test=Split(test_images, test_labels),
        sources=tuple(dict.fromkeys(source for _, source in found)),
    )


def _find(file: IdxFile, directories: Sequence[Path], cache: Path, urls: Sequence[str]) -> tuple[bytearray, str]:
    for directory in directories:
        for path in (directory / f"{file.name}.gz", directory / file.name):
            if _is_file(path):
                return read_verified(path, file), str(directory)
    return _download(file, directories, cache, urls)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # a directory that this user may not search
        raise DataError(f"{path} cannot be read: {error.strerror}. Let user {os.geteuid()} read {path.parent}.") from error


def read_verified(path: Path, file: IdxFile) -> bytearray:
    """The decompressed content of `path`, which may end in .gz. Raises DataError if it is not exactly `file`."""
    try:
        stored = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    return verified(stored, file, str(path), "Delete it, so that it is fetched again, or put the right file there.")


def verified(stored: bytes, file: IdxFile, origin: str, remedy: str) -> bytearray:
    """`stored`, decompressed if it is gzip, when its size and SHA-256 are those of `file`; DataError otherwise."""
    content = _gunzip(stored, file, origin, remedy) if stored[:2] == b"\x1f\x8b" else bytearray(stored)
    if len(content) != file.size:
        raise DataError(f"{origin} is not {file.name}: {len(content):,} bytes instead of {file.size:,}. {remedy}")
    actual = hashlib.sha256(content).hexdigest()
    if actual != file.sha256:
        raise DataError(f"{origin} is damaged: its SHA-256 is {actual}, not {file.sha256}. {remedy}")
    return content


def _gunzip(stored: bytes, file: IdxFile, origin: str, remedy: str) -> bytearray:
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        # One byte more than expected is enough to refuse a file that unpacks to something huge.
        content = bytearray(decompressor.decompress(stored, file.size + 1))
    except zlib.error as error:
        raise DataError(f"{origin} is damaged: it does not decompress ({error}). {remedy}") from error
    if not decompressor.eof and len(content) <= file.size:
        raise DataError(f"{origin} is truncated: its gzip stream ends early. {remedy}")
    return content


def parse_idx(content: bytearray, name: str) -> torch.Tensor:
    """An idx file of unsigned bytes (header: 0, 0, type 8, dimensions, then each size as big-endian uint32)."""
    if len(content) < 4 or content[0] != 0 or content[1] != 0 or content[2] != 8:
        raise DataError(f"{name} is not an idx file of unsigned bytes.")
    dimensions = content[3]
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise DataError(f"{name} ends inside its header.")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    if len(content) != header + math.prod(shape):
        raise DataError(f"{name} has {len(content) - header:,} bytes of data, its header says {math.prod(shape):,}.")
    return torch.frombuffer(content, dtype=torch.uint8, offset=header).reshape(shape)


def _download(file: IdxFile, looked_in: Sequence[Path], cache: Path, urls: Sequence[str]) -> tuple[bytearray, str]:
    problems: dict[str, str] = {}
    for attempt in range(DOWNLOAD_ROUNDS):
        if attempt > 0:
            time.sleep(2.0**attempt)
        for url in urls:
            address = f"{url.rstrip('/')}/{file.name}.gz"
            try:
                stored = _fetch(address, file)
                content = verified(stored, file, address, "Another source is tried.")
            except (OSError, http.client.HTTPException, DataError) as error:
                problems[address] = str(error)
                continue
            _keep(cache / f"{file.name}.gz", stored)
            return content, url
    places = " and ".join(str(directory) for directory in looked_in)
    tried = "; ".join(f"{address}: {problem}" for address, problem in problems.items())
    raise DownloadError(
        f"{file.name} is neither in {places} nor could it be downloaded ({tried}). Bake or mount the data set, or allow "
        "this pod's egress (a default-deny NetworkPolicy closes it)."
    )


def _fetch(address: str, file: IdxFile) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "fashion-mnist-workloads"})
    # The compressed files are smaller than their content; anything longer is not one of them.
    with urllib.request.urlopen(request, timeout=DOWNLOAD_TIMEOUT_SECONDS) as response:
        body: bytes = response.read(file.size + 1)
        declared = response.headers.get("Content-Length")
    if declared is not None and declared.isdigit() and len(body) != int(declared):
        raise DataError(f"{len(body):,} of {declared} bytes arrived.")
    return body


def _keep(path: Path, stored: bytes) -> None:
    """Keeps a download for the next start. Without a place to keep it the program runs on, from memory."""
    try:
        write_atomically(path, stored)
    except StorageError as error:
        emit("warning", f"warning: the download is not kept: {error}", message=str(error))


def main(arguments: list[str]) -> None:
    """Fetches what is missing into --data-dir and verifies all four files."""
    parser = argparse.ArgumentParser(prog="python -m fashion_mnist.data", description=main.__doc__)
    parser.add_argument("--data-dir", type=Path, default=options.DEFAULT_DATA_DIR)
    parser.add_argument("--data-url", action="append", metavar="URL")
    chosen = parser.parse_args(arguments)
    data = load(chosen.data_dir, chosen.data_dir, chosen.data_url)
    emit(
        "data",
        f"Fashion-MNIST verified: {data.described}",
        train=len(data.train),
        validation=len(data.validation),
        test=len(data.test),
        sources=data.sources,
    )


if __name__ == "__main__":
    sys.exit(run_program(main, sys.argv[1:]))
