"""The programs as pods run them, one after another on one device, and a table of what they reached.

`bash gpu-check.sh` runs it. Every program has a limit of its own, so that all together end within 8 minutes; one that is
cut off says how far it came.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fashion_mnist.instances import PIXELS, RAW

CLIENTS = 64
IMAGES_PER_REQUEST = 16
LOAD_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """How much is run."""

    flags: tuple[str, ...]
    """Of every program."""
    training: tuple[str, ...]
    """Of every training."""
    compared_epochs: int
    compiles: tuple[str, ...]
    """Values of `--compile` that are compared."""
    resolutions: tuple[int, ...]
    seconds: float
    """Of a training to its target, at most."""
    compared_seconds: float
    """Of a training that is compared with another, at most."""


def plan(device: str, data_dir: Path) -> Plan:
    """Everything on a GPU; a few images on a CPU, where it is a rehearsal."""
    flags = ("--device", device, "--data-dir", str(data_dir))
    if device == "cuda":
        return Plan(flags, (), 2, ("off", "on"), (28, 224), 75.0, 40.0)
    few = ("--epochs", "1", "--batch-size", "32", "--limit-train", "256", "--limit-test", "100", "--limit-validation", "100")
    return Plan(flags, few, 1, ("off",), (28,), 300.0, 300.0)


def run(module: str, arguments: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """The events of a program that is given so many seconds and is then asked to stop."""
    command = [sys.executable, "-m", f"fashion_mnist.{module}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            said, _ = started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            started.send_signal(signal.SIGTERM)
            said, _ = started.communicate(timeout=60)
    return events(said)


def events(said: str) -> list[dict[str, Any]]:
    """The JSON lines of a program's output."""
    return [json.loads(line) for line in said.splitlines() if line.startswith('{"event"')]


def training(name: str, module: str, settings: Plan, seconds: float, *more: str) -> str:
    """A row of the table: what a training reached."""
    with tempfile.TemporaryDirectory() as directory:
        said = run(module, [*settings.flags, "--checkpoint-dir", directory, *settings.training, *more], seconds)
    epochs = [event for event in said if event["event"] == "epoch"]
    summary = next((event for event in said if event["event"] == "summary"), None)
    if not epochs:
        return f"| {name} | no epoch in time | | | | |"
    last = epochs[-1]
    test = "cut off" if summary is None else f"{100 * summary['testAccuracy']:.2f} %"
    peak = last["peakDeviceMemoryBytes"]
    cells = [
        name,
        f"{last['epoch']} epoch(s), {last['images']:,} images, {last['seconds']:.1f} s",
        f"{100 * last['validationAccuracy']:.2f} %",
        test,
        f"{last['imagesPerSecond']:,.0f}",
        "n/a" if peak is None else f"{peak / 2**20:,.0f} MiB",
    ]
    return f"| {' | '.join(cells)} |"


async def client(port: int, body: bytes, until: float) -> int:
    """Requests one after another on one connection; how many were answered with 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /predict HTTP/1.1\r\nHost: check\r\nContent-Type: {RAW}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    answered = 0
    while time.monotonic() < until:
        writer.write(head + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        answered += answer.startswith(b"HTTP/1.1 200")
    writer.close()
    return answered


async def load(port: int) -> float:
    """Images per second that the service classifies for many clients."""
    body = bytes([0, 255]) * (PIXELS // 2 * IMAGES_PER_REQUEST)
    started = time.monotonic()
    counts = await asyncio.gather(*(client(port, body, started + LOAD_SECONDS) for _ in range(CLIENTS)))
    return sum(counts) * IMAGES_PER_REQUEST / (time.monotonic() - started)


def service(settings: Plan) -> tuple[float, float]:
    """Images per second for clients, and of the load that the service gives itself."""
    rates = []
    for more in ((), ("--self-load", "max")):
        arguments = ["--host", "127.0.0.1", "--port", "0", "--drain-seconds", "0", "--report-seconds", "5", *more]
        with tempfile.TemporaryDirectory() as directory:
            command = [sys.executable, "-m", "fashion_mnist.small_inference", *settings.flags, "--checkpoint-dir", directory]
            event: dict[str, Any]
            port: int = 0
            rate: float = 0.0
            with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as started:
                assert started.stdout is not None
                for line in started.stdout:
                    event = json.loads(line) if line.startswith('{"event"') else {"event": ""}
                    if event["event"] == "listening":
                        port = event["port"]
                    elif event["event"] == "ready" and not more:
                        rate = asyncio.run(load(port))
                        started.terminate()
                    elif event["event"] == "serving" and more:
                        rate = event["selfLoadImagesPerSecond"]
                        started.terminate()
                rates.append(rate)
    return rates[0], rates[1]


def main(arguments: list[str]) -> None:
    """Runs everything and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--data-dir", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    settings = plan(chosen.device, chosen.data_dir)
    name = torch.cuda.get_device_name(0) if chosen.device == "cuda" else "CPU"
    say(
        f"{name}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}\n\n"
        "| run | reached | validation | test | images/s | peak memory |\n|---|---|---|---|---|---|"
    )
    target = ("--target-accuracy", "0.94")
    say(training("medium, to 94 %", "medium_training", settings, settings.seconds, *target))
    say(training("large, to 94 %", "large_training", settings, settings.seconds, *target))
    for wish in settings.compiles:
        how = ("--compile", wish)
        epochs = ("--epochs", str(settings.compared_epochs))
        say(training(f"medium, compile {wish}", "medium_training", settings, settings.compared_seconds, *how, *epochs))
        for resolution in settings.resolutions:
            one = (*how, "--resolution", str(resolution), "--epochs", "1")
            label = f"large at {resolution}, compile {wish}"
            say(training(label, "large_training", settings, settings.compared_seconds, *one))
    clients, alone = service(settings)
    say(
        f"\nService: {clients:,.0f} images/s for {CLIENTS} clients with {IMAGES_PER_REQUEST} images a request, "
        f"{alone:,.0f} images/s of its own load."
    )


def say(text: str) -> None:
    """Prints a part of the report, and keeps it in $OUT, at once: what was measured survives being cut off."""
    print(text, flush=True)
    if "OUT" in os.environ:
        with open(Path(os.environ["OUT"], "gpu-check.md"), "a") as report:
            report.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
