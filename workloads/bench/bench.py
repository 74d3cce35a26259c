"""Images per second, ours against the article's loop, on this machine and in this run.

The article decodes with PIL through torchvision and a DataLoader without workers. torchvision is not needed here: its
transforms are re-created from the same PIL and PyTorch calls (transforms of torchvision 0.20, PIL backend). Both sides
are measured in turn, several rounds each, and the median counts, so that a busy moment of the machine hits both.

`bash bench.sh` runs it in the test environment, `bash bench.sh --help` lists its options.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from fashion_mnist import data as datasets
from fashion_mnist import large_training, medium_training
from fashion_mnist.averaging import WeightAverage
from fashion_mnist.batches import TrainingBatches, normalise, resize
from fashion_mnist.data import Split
from fashion_mnist.recipes import Recipe, optimizer, training_loss

Batch = tuple[torch.Tensor, torch.Tensor]
GOAL = 20


class ArticleDataset(Dataset[tuple[torch.Tensor, int]]):
    """datasets.FashionMNIST with Compose([Resize(size), Grayscale(3)?, ToTensor(), Normalize((0.5,), (0.5,))])."""

    def __init__(self, split: Split, size: int, *, grayscale3: bool) -> None:
        self._split = split
        self._size = size
        self._grayscale3 = grayscale3

    def __len__(self) -> int:
        return len(self._split)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self._split.images[index].numpy())
        image = image.resize((self._size, self._size), Image.Resampling.BILINEAR)
        if self._grayscale3:
            image = Image.fromarray(np.dstack([np.array(image.convert("L"))] * 3))
        array = np.array(image, copy=True)
        tensor = torch.from_numpy(array).view(self._size, self._size, 3 if self._grayscale3 else 1)
        tensor = tensor.permute(2, 0, 1).contiguous().to(torch.float32).div(255).clone()
        mean, deviation = torch.as_tensor((0.5,)).view(-1, 1, 1), torch.as_tensor((0.5,)).view(-1, 1, 1)
        return tensor.sub_(mean).div_(deviation), int(self._split.labels[index])


def article_batches(split: Split, size: int, batch_size: int, *, grayscale3: bool) -> Iterator[Batch]:
    """The article's DataLoader, epoch after epoch."""
    loader = DataLoader(ArticleDataset(split, size, grayscale3=grayscale3), batch_size=batch_size, shuffle=True)
    while True:
        yield from loader


def our_batches(split: Split, resolution: int, batch_size: int) -> Iterator[Batch]:
    """Our pipeline with augmentation, epoch after epoch."""
    batches = TrainingBatches(split, batch_size, resolution, torch.Generator().manual_seed(1))
    while True:
        plan = batches.draw_plan()
        for index in range(batches.batches):
            yield batches.batch(plan, index)


def article_cnn() -> nn.Module:
    """The article's medium network, without batch normalisation."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((1, 64), (64, 128), (128, 256), (256, 512)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        layers.append(nn.MaxPool2d(2) if outputs != 512 else nn.AdaptiveAvgPool2d(1))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))


def article_step(model: nn.Module, batches: Iterator[Batch]) -> Callable[[], int]:
    """One pass of the article's loop body, with its .item() every step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    criterion = nn.CrossEntropyLoss()
    model.train()

    def step() -> int:
        images, labels = next(batches)
        optimizer.zero_grad()
        output = model(images)
        loss = criterion(output, labels)
        loss.backward()
        optimizer.step()
        loss.item()
        output.argmax(dim=1).eq(labels).sum().item()
        return len(labels)

    return step


def our_step(recipe: Recipe, batches: Iterator[Batch]) -> Callable[[], int]:
    """One step as fashion_mnist.training takes it."""
    model = recipe.build().to(memory_format=torch.channels_last).train()
    sgd = optimizer(model, 0.01)
    average, steps = WeightAverage(model), itertools.count(1)
    loss_sum, correct = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.int64)

    def step() -> int:
        nonlocal loss_sum, correct
        images, labels = next(batches)
        logits = model(images.contiguous(memory_format=torch.channels_last))
        loss = training_loss(logits, labels)
        sgd.zero_grad(set_to_none=True)
        loss.backward()
        sgd.step()
        average.follow(next(steps))
        loss_sum += loss.detach()
        correct += (logits.detach().argmax(1) == labels).sum()
        return len(labels)

    return step


def repeated(batch: Batch) -> Iterator[Batch]:
    """One ready-made batch for ever: what a step costs when the input costs nothing."""
    while True:
        yield batch


@dataclass
class Contender:
    """Something that handles a batch and says how many images that were."""

    name: str
    step: Callable[[], int]


def pipeline(name: str, batches: Iterator[Batch]) -> Contender:
    """A contender that only produces batches."""
    return Contender(name, lambda: len(next(batches)[1]))


def measure(contenders: list[Contender], seconds: float, rounds: int) -> dict[str, float]:
    """Median images per second of each contender over rounds in which all take turns."""
    for contender in contenders:
        contender.step()  # first calls allocate and choose algorithms
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            images, started = 0, time.perf_counter()
            while (elapsed := time.perf_counter() - started) < seconds or images == 0:
                images += contender.step()
            rates[contender.name].append(images / elapsed)
    return {name: statistics.median(values) for name, values in rates.items()}


def report(title: str, contenders: list[Contender], seconds: float, rounds: int) -> dict[str, float]:
    """Measures, prints a table in which the first contender is 1x, and returns the rates."""
    rates = measure(contenders, seconds, rounds)
    base = rates[contenders[0].name]
    print(f"\n{title}")
    for name, value in rates.items():
        print(f"  {name:<60} {value:>12,.0f} images/s  {value / base:>8.1f}x", flush=True)
    return rates


def main(arguments: list[str]) -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--seconds", type=float, default=2.0, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(1)
    train = datasets.load(chosen.data_dir, chosen.data_dir).train
    print(f"PyTorch {torch.__version__}, {platform.machine()}, {os.cpu_count()} CPUs, {chosen.threads} thread(s), no GPU used")

    def run(title: str, *contenders: Contender) -> list[float]:
        return list(report(title, list(contenders), chosen.seconds, chosen.rounds).values())

    medium = run(
        "Input pipeline, medium training, batches of 128",
        pipeline("article: PIL, Resize(32), ToTensor, Normalize, DataLoader", article_batches(train, 32, 128, grayscale3=False)),
        pipeline("ours: one gather of bytes, crop and flip included, 28 pixels", our_batches(train, 28, 128)),
        pipeline("ours, enlarged to 32 pixels like the article's", our_batches(train, 32, 128)),
    )
    large = run(
        "Input pipeline, large training, batches of 256",
        pipeline("article: PIL, Resize(224), Grayscale(3), ToTensor, ...", article_batches(train, 224, 256, grayscale3=True)),
        pipeline("ours: one gather of bytes, crop and flip included, 28 pixels", our_batches(train, 28, 256)),
        pipeline("ours with --resolution 224", our_batches(train, 224, 256)),
    )
    native = medium_training.RECIPE
    ready = (resize(normalise(train.images[:128]), 28), train.labels[:128].long())
    step = run(
        "Full training step, medium network, batches of 128",
        Contender("article's loop", article_step(article_cnn(), article_batches(train, 32, 128, grayscale3=False))),
        Contender("ours", our_step(native, our_batches(train, 28, 128))),
        Contender("ours without input pipeline (one ready-made batch)", our_step(native, repeated(ready))),
    )
    few = (resize(normalise(train.images[:16]), 28), train.labels[:16].long())
    resnet = run(
        "Full training step, ResNet-18, batches of 16 (a CPU's share of 256)",
        Contender(
            "article's input at 224 pixels, same network",
            our_step(
                large_training.recipe(224),
                ((images[:, :1], labels) for images, labels in article_batches(train, 224, 16, grayscale3=True)),
            ),
        ),
        Contender("ours at 28 pixels", our_step(large_training.recipe(28), our_batches(train, 28, 16))),
        Contender("ours without input pipeline", our_step(large_training.recipe(28), repeated(few))),
    )
    ratios = {
        "inputPipelineMedium": medium[1] / medium[0],
        "inputPipelineMediumSameSize": medium[2] / medium[0],
        "inputPipelineLarge": large[1] / large[0],
        "inputPipelineLargeSameSize": large[2] / large[0],
        "trainingStepMedium": step[1] / step[0],
        "trainingStepMediumOfModelAlone": step[1] / step[2],
        "trainingStepLarge": resnet[1] / resnet[0],
        "trainingStepLargeOfModelAlone": resnet[1] / resnet[2],
    }
    print()
    print(json.dumps({"event": "bench", **{name: round(ratio, 3) for name, ratio in ratios.items()}}))
    for name in ("inputPipelineMedium", "inputPipelineLarge"):
        verdict = "met" if ratios[name] >= GOAL else "missed"
        print(f"{name}: {ratios[name]:.0f}x the article's, goal {GOAL}x {verdict}")
    print(f"our full step reaches {ratios['trainingStepMediumOfModelAlone']:.1%} of the medium network's own speed")


if __name__ == "__main__":
    main(sys.argv[1:])
