"""Prometheus metrics in the text exposition format 0.0.4.

Written here rather than taken from prometheus_client because the scripts also run from a ConfigMap on the plain NGC
image, which does not promise that library. Only what the service needs: counters, gauges and histograms with fixed labels.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(value)


def _labelled(name: str, labels: Labels) -> str:
    if not labels:
        return name
    escaped = ((key, value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')) for key, value in labels)
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in escaped) + "}"


class Counter:
    """A number per set of labels that only grows."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.type = name, text, "counter"
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = {}

    def add(self, amount: float = 1, **labels: str) -> None:
        """Adds to the series with these labels; `add(0, ...)` makes it appear before anything happened."""
        key = tuple(sorted(labels.items()))
        with self._lock:
            self._values[key] = self._values.get(key, 0) + amount

    def value(self, **labels: str) -> float:
        with self._lock:
            return self._values.get(tuple(sorted(labels.items())), 0)

    def samples(self) -> Iterator[str]:
        with self._lock:
            values = sorted(self._values.items())
        for labels, value in values:
            yield f"{_labelled(self.name, labels)} {_number(value)}"


class Gauge:
    """A number that is asked for when it is scraped; absent while it is None."""

    def __init__(self, name: str, text: str, read: Callable[[], float | None], labels: Labels = ()) -> None:
        self.name, self.text, self.type = name, text, "gauge"
        self._read = read
        self._labels = labels

    def samples(self) -> Iterator[str]:
        value = self._read()
        if value is not None:
            yield f"{_labelled(self.name, self._labels)} {_number(float(value))}"


class Histogram:
    """Observations counted in buckets with the given upper bounds (ascending, +Inf is added), per set of labels."""

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self.name, self.text, self.type = name, text, "histogram"
        self._bounds = tuple(bounds)
        self._lock = threading.Lock()
        self._series: dict[Labels, tuple[list[int], float]] = {}

    def observe(self, value: float, **labels: str) -> None:
        """Counts one observation."""
        key = tuple(sorted(labels.items()))
        with self._lock:
            counts, total = self._series.get(key) or ([0] * (len(self._bounds) + 1), 0.0)
            counts[bisect_left(self._bounds, value)] += 1
            self._series[key] = (counts, total + value)

    def samples(self) -> Iterator[str]:
        with self._lock:
            series = [(labels, list(counts), total) for labels, (counts, total) in sorted(self._series.items())]
        for labels, counts, total in series:
            running = 0
            for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
                running += count
                yield f"{_labelled(self.name + '_bucket', (*labels, ('le', _number(bound))))} {running}"
            yield f"{_labelled(self.name + '_sum', labels)} {total!r}"
            yield f"{_labelled(self.name + '_count', labels)} {running}"


Metric = Counter | Gauge | Histogram


def exposition(metrics: Sequence[Metric]) -> str:
    """The text that Prometheus scrapes."""
    lines: list[str] = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.text}", f"# TYPE {metric.name} {metric.type}", *metric.samples()]
    return "\n".join(lines) + "\n"
