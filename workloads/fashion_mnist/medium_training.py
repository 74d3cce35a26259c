"""Medium training, for a 2g.10gb slice: the article's CNN at the native 28 pixels."""

import sys

from fashion_mnist import models, training
from fashion_mnist.data import IMAGE_SIZE
from fashion_mnist.options import TrainingOptions, training_parser
from fashion_mnist.recipes import Recipe
from fashion_mnist.reporting import run_program

WORKLOAD = "medium-training"

RECIPE = Recipe(
    workload=WORKLOAD,
    network="cnn",
    build=models.cnn,
    resolution=IMAGE_SIZE,
    peak_learning_rate=0.2,
    compile_on_cuda=False,  # an estimate: the run is over before compiling would have paid
)


def main(arguments: list[str]) -> None:
    """Parses the options and trains."""
    chosen = training_parser("medium_training", __doc__, epochs=30, batch_size=128).parse_args(arguments)
    training.run(RECIPE, TrainingOptions(**vars(chosen)))


if __name__ == "__main__":
    sys.exit(run_program(main, sys.argv[1:]))
