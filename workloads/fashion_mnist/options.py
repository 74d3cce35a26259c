"""Command line options. Every flag of every program is here, so that manifests are written against one page.

A parser's flags are the fields of the dataclass of its program, so that the programs read typed values.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEFAULT_BAKED_DIR = Path("/opt/fashion-mnist")
DEFAULT_DATA_DIR = Path("/data")
DEFAULT_CHECKPOINT_DIR = Path("/checkpoints")


@dataclass(frozen=True)
class CommonOptions:
    """What all three programs are told."""

    device: Literal["cuda", "cpu"]
    expect_profile: str | None
    baked_dir: Path
    data_dir: Path
    data_url: list[str] | None
    limit_validation: int | None
    checkpoint_dir: Path
    seed: int


@dataclass(frozen=True)
class TrainingOptions(CommonOptions):
    """What a training is told."""

    epochs: int
    batch_size: int
    target_accuracy: float | None
    augment: Literal["on", "off"]
    limit_train: int | None
    limit_test: int | None
    precision: Literal["auto", "bf16", "fp32"]
    compile: Literal["auto", "on", "off"]
    fresh: bool


@dataclass(frozen=True)
class InferenceOptions(CommonOptions):
    """What the inference service is told."""

    host: str
    port: int
    max_batch: int
    max_wait_ms: float
    max_queue: int
    self_load: float | None
    mlp_seconds: float
    poll_seconds: float
    drain_seconds: float
    grace_seconds: float
    report_seconds: int


def accuracy(text: str) -> float:
    """An accuracy as a fraction in (0, 1]."""
    value = float(text)
    if 1 < value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is a percentage; give the fraction {value / 100:g}")
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a fraction above 0 and up to 1")
    return value


def seed(text: str) -> int:
    """What PyTorch's generators take as a seed, without the negative ones: an integer from 0 to 2^63 - 1."""
    value = int(text)
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is not an integer from 0 to 2^63 - 1")
    return value


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def rate(text: str) -> float:
    """Images per second: a number above 0, or "max" (infinity) for as many as the device takes."""
    value = float("inf") if text == "max" else float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f'{text} is neither a number above 0 nor "max"')
    return value


def seconds(text: str) -> float:
    """A duration in seconds, 0 or more."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return value


def interval(text: str) -> float:
    """A duration in seconds above 0."""
    value = seconds(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def port(text: str) -> int:
    """A TCP port; 0 lets the system choose one, which is then printed."""
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port (0 to 65535)")
    return value


def _common(program: str, description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m fashion_mnist.{program}",
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    device = parser.add_argument_group("device")
    device.add_argument(
        "--device", choices=("cuda", "cpu"), default="cuda", help="cpu is for tests and development: no slice is checked"
    )
    device.add_argument(
        "--expect-profile",
        metavar="PROFILE",
        help="MIG profile that the claim asked for, for example 2g.10gb: exactly one MIG device of it must be visible; "
        "several with commas between, where the claim can be met by any of them",
    )
    data = parser.add_argument_group("data set")
    data.add_argument("--baked-dir", type=Path, default=DEFAULT_BAKED_DIR, help="looked at first: data in the image")
    data.add_argument(
        "--data-dir", type=Path, default=DEFAULT_DATA_DIR, help="looked at second: a mounted directory; downloads go there"
    )
    data.add_argument(
        "--data-url",
        action="append",
        metavar="URL",
        help="base address to download from instead of the published ones; may be given several times, tried in order",
    )
    data.add_argument(
        "--limit-validation", type=positive, metavar="N", help="validate on the first N of the 5,000 held-back images only"
    )
    parser.add_argument(
        "--checkpoint-dir", type=Path, default=DEFAULT_CHECKPOINT_DIR, help="directory (shared volume) of the checkpoints"
    )
    parser.add_argument("--seed", type=seed, default=1, help="seed of weights, order and augmentation")
    return parser


def training_parser(program: str, description: str | None, *, epochs: int, batch_size: int) -> argparse.ArgumentParser:
    """Options that both trainings share; `epochs` and `batch_size` are the program's defaults."""
    parser = _common(program, description)
    parser.add_argument("--epochs", type=positive, default=epochs)
    parser.add_argument("--batch-size", type=positive, default=batch_size)
    parser.add_argument(
        "--target-accuracy",
        type=accuracy,
        metavar="FRACTION",
        help="stop after the epoch that reaches it on the validation images",
    )
    parser.add_argument("--augment", choices=("on", "off"), default="on", help="random crops and flips; off as in the article")
    parser.add_argument("--limit-train", type=positive, metavar="N", help="train on the first N images only")
    parser.add_argument("--limit-test", type=positive, metavar="N", help="test on the first N test images only")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="auto", help="auto: bf16 on cuda, fp32 on cpu")
    parser.add_argument(
        "--compile",
        choices=("auto", "on", "off"),
        default="auto",
        help="torch.compile; auto: only where it pays, which is at 224 pixels on cuda",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="ignore and overwrite an existing checkpoint (by hand, not in a manifest: a restarted pod would start over too)",
    )
    return parser


def inference_parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """Options of the inference service."""
    parser = _common(program, description)
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on")
    parser.add_argument("--port", type=port, default=8080, help="serves /, /predict, /healthz, /readyz and /metrics")
    parser.add_argument("--max-batch", type=positive, default=256, metavar="IMAGES", help="images in one forward pass")
    parser.add_argument(
        "--max-wait-ms", type=seconds, default=2.0, metavar="MS", help="longest time a request waits for others to join it"
    )
    parser.add_argument(
        "--max-queue", type=positive, default=4096, metavar="IMAGES", help="images waiting; beyond it requests get 503"
    )
    parser.add_argument(
        "--self-load",
        type=rate,
        metavar="RATE",
        help='classify validation images continuously, at so many images per second or "max"; without it only requests are',
    )
    parser.add_argument(
        "--mlp-seconds", type=seconds, default=5.0, help="training time of the small MLP when there is no checkpoint"
    )
    parser.add_argument(
        "--poll-seconds",
        type=interval,
        default=10.0,
        help="how often to look whether the medium training has written a better network",
    )
    parser.add_argument(
        "--drain-seconds", type=seconds, default=5.0, help="after SIGTERM: serve on, not ready, while endpoints are updated"
    )
    parser.add_argument("--grace-seconds", type=seconds, default=10.0, help="after draining: longest wait for requests in flight")
    parser.add_argument("--report-seconds", type=positive, default=30, help="one JSON line of throughput that often")
    return parser
