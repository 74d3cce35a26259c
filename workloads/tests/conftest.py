import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import brightest_corner, running

from fashion_mnist import data as datasets
from fashion_mnist.batching import Batcher
from fashion_mnist.service import Served, Service

WORKLOADS = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("FASHION_MNIST_DIR", "/usr/share/datasets/fashion-mnist"))
"""Debian's dataset-fashion-mnist, unless the environment names another copy."""


@pytest.fixture(scope="session")
def data_dir() -> Path:
    if not (DATA_DIR / f"{datasets.TRAIN_IMAGES.name}.gz").is_file():
        pytest.fail(f"the data set is not in {DATA_DIR}: run workloads/install-test-deps.sh")
    return DATA_DIR


@pytest.fixture(scope="session")
def fashion_mnist(data_dir: Path) -> datasets.FashionMnist:
    return datasets.load(data_dir, data_dir)


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, so that a full disk is a real one."""
    place = tmp_path / "volume"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False).returncode:
        pytest.skip("this user may not mount a small file system")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """The programs take over SIGTERM and SIGINT; pytest gets them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(64)
    batcher = Batcher(brightest_corner, max_batch=64, max_wait_seconds=0.001, max_queue=4096, on_batch=service.batches.observe)
    service.serve(Served(batcher, "mlp", "trained at start", None, 0.875, 10_000))
    yield service
    batcher.close(30)


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    with running(service) as port:
        yield port


def program(module: str, *arguments: str, cpu: bool = True) -> list[str]:
    """The command line of one of the programs."""
    return [sys.executable, "-m", f"fashion_mnist.{module}", *(("--device", "cpu") if cpu else ()), *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(WORKLOADS), "OMP_NUM_THREADS": "1"}
