"""The page that people see at `GET /`: which model is served, its learning curve, and what it makes of a few images.

One document without scripts, and with its pictures in it, so it works where a pod's network is closed. What the pictures
show is said in words and tables too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fashion_mnist.reporting import percent


@dataclass(frozen=True)
class Epoch:
    """One epoch of a training, as its checkpoint has it."""

    number: int
    images: int
    """Trained on since the start."""
    train_accuracy: float
    validation_accuracy: float


@dataclass(frozen=True)
class Example:
    """A held-out image and what the model says of it."""

    picture: str
    """Its address, which contains it."""
    label: str
    predicted: str
    probability: float


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse } th, td { padding: .25rem .75rem; border-bottom: 1px solid #767676; text-align: right }
ul { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none }
li { width: 8rem; padding: .5rem; border: 2px solid #767676 } li.wrong { border: 2px dashed #a4262c }
img { width: 84px; height: 84px; image-rendering: pixelated; background: #000; display: block }
svg { max-width: 100%; height: auto }
"""


def page(model: tuple[str, float, int] | None, history: Sequence[Epoch], examples: Sequence[Example]) -> str:
    """The document. `model`: its name, its accuracy on held-out images, and how many those were."""
    if model is None:
        served = "<p>The model is still loading.</p>"
    else:
        name, accuracy, images = model
        served = f"<p>Served: <strong>{escape(name)}</strong>, {percent(accuracy)} right on {images:,} held-out images.</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>Fashion-MNIST</title>\n<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n'
        f"<h1>Fashion-MNIST</h1>\n{served}\n<h2>Learning curve</h2>\n{_curve(history)}\n"
        f"<h2>Predictions</h2>\n{_predictions(examples)}\n</main>\n</body>\n</html>\n"
    )


def _curve(history: Sequence[Epoch]) -> str:
    if not history:
        return "<p>No training has written a finished epoch yet.</p>"
    last = history[-1]
    text = f"After {last.number} epoch(s), {last.images:,} images: validation {percent(last.validation_accuracy)}"
    rows = "".join(
        f'<tr><th scope="row">{epoch.number}</th><td>{epoch.images:,}</td><td>{percent(epoch.train_accuracy)}</td>'
        f"<td>{percent(epoch.validation_accuracy)}</td></tr>"
        for epoch in history
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Epoch", "Images", "Training", "Validation"))
    return (
        f"{_drawing(history, text)}\n<p>{text}.</p>\n<details>\n<summary>The numbers</summary>\n<table>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody>\n</table>\n</details>"
    )


WIDTH, HEIGHT, LEFT, BOTTOM = 640, 280, 60, 40
"""Of the drawing, and of the room for its scales."""


def _drawing(history: Sequence[Epoch], text: str) -> str:
    accuracies = [accuracy for epoch in history for accuracy in (epoch.train_accuracy, epoch.validation_accuracy)]
    # Whole tenths below and above the curve; a curve that touches the upper one has reached 100 %.
    low, high = int(min(accuracies) * 10) / 10, 1.0
    if low == high:
        low = 0.9
    most = history[-1].images

    def x(images: float) -> float:
        return LEFT + (WIDTH - LEFT - 100) * images / most

    def y(accuracy: float) -> float:
        return 10 + (HEIGHT - BOTTOM - 10) * (high - accuracy) / (high - low)

    parts = []
    steps = round((high - low) * 10)
    for step in range(steps + 1):
        accuracy = low + step / 10
        parts.append(f'<path d="M{LEFT} {y(accuracy):.1f}H{x(most):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(accuracy) + 4:.1f}" text-anchor="end">{accuracy:.0%}</text>')
    for images in (0, most // 2, most):
        parts.append(f'<text x="{x(images):.1f}" y="{HEIGHT - 20}" text-anchor="middle">{images:,}</text>')
    parts.append(f'<text x="{x(most / 2):.1f}" y="{HEIGHT - 5}" text-anchor="middle">images trained on</text>')
    for name, colour, dashes, marker, values in (
        ("training", "#a4262c", "6 4", "M-4 -4h8v8h-8z", [epoch.train_accuracy for epoch in history]),
        ("validation", "#0b5394", "none", "M-5 4h10l-5 -9z", [epoch.validation_accuracy for epoch in history]),
    ):
        points = [(x(epoch.images), y(value)) for epoch, value in zip(history, values, strict=True)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>')
        parts += [f'<path d="{marker}" transform="translate({a:.1f} {b:.1f})" fill="{colour}"/>' for a, b in points]
        end = points[-1][1] + (14 if name == "training" else -6)
        parts.append(f'<text x="{x(most) + 8:.1f}" y="{end:.1f}" fill="{colour}">{name}</text>')
    return (
        f'<svg role="img" aria-label="Accuracy against images trained on. {text}." viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-size="12">{"".join(parts)}</svg>'
    )


def _predictions(examples: Sequence[Example]) -> str:
    if not examples:
        return "<p>There are none yet.</p>"
    return "<ul>\n" + "\n".join(_prediction(example) for example in examples) + "\n</ul>"


def _prediction(example: Example) -> str:
    right = example.predicted == example.label
    verdict = "right" if right else f"wrong: it is {escape(example.label)}"
    return (
        f'<li{"" if right else " class=wrong"}><img src="{example.picture}" alt="Held-out image: {escape(example.label)}" '
        f'width="84" height="84"><strong>{escape(example.predicted)}</strong> {example.probability:.0%}, {verdict}</li>'
    )
