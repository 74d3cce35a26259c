"""Large training, for a 3g.20gb slice: ResNet-18 at the native 28 pixels, or at 224 as in the article."""

import sys

from fashion_mnist import models, training
from fashion_mnist.data import IMAGE_SIZE
from fashion_mnist.options import TrainingOptions, training_parser
from fashion_mnist.recipes import Recipe
from fashion_mnist.reporting import run_program

WORKLOAD = "large-training"


def recipe(resolution: int) -> Recipe:
    """The recipe at 28 or 224 pixels."""
    stem: models.Stem = "native" if resolution == IMAGE_SIZE else "imagenet"
    return Recipe(
        workload=WORKLOAD,
        network=f"resnet18-{stem}",
        build=lambda: models.resnet18(stem),
        resolution=resolution,
        peak_learning_rate=0.2,
        # An estimate: compiling takes about a minute, and at 28 pixels the whole run is too short to win that back.
        compile_on_cuda=resolution != IMAGE_SIZE,
    )


def main(arguments: list[str]) -> None:
    """Parses the options and trains."""
    parser = training_parser("large_training", __doc__, epochs=20, batch_size=256)
    parser.add_argument(
        "--resolution", type=int, choices=(IMAGE_SIZE, 224), default=IMAGE_SIZE, help="pixels that the network sees"
    )
    chosen = vars(parser.parse_args(arguments))
    training.run(recipe(chosen.pop("resolution")), TrainingOptions(**chosen))


if __name__ == "__main__":
    sys.exit(run_program(main, sys.argv[1:]))
