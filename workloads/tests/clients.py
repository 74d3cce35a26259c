"""Clients of the service, and a service to be one of."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from fashion_mnist.http_server import HttpServer
from fashion_mnist.instances import PIXELS
from fashion_mnist.service import Service

RAW = {"Content-Type": "application/octet-stream"}


def brightest_corner(images: torch.Tensor) -> torch.Tensor:
    """A model whose answer is the image's first pixel, as a class."""
    return torch.nn.functional.one_hot(images[:, 0, 0].long() % 10, 10).float()


@dataclass
class Answer:
    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.read(), response.headers)
    finally:
        connection.close()


@contextmanager
def running(service: Service) -> Iterator[int]:
    server = HttpServer("127.0.0.1", 0, service)
    try:
        yield server.port
    finally:
        server.close()


def image(first_pixel: int) -> bytes:
    return bytes([first_pixel]) + bytes(PIXELS - 2) + b"\xff"


def samples(port: int) -> dict[str, float]:
    """Every sample of /metrics by its name with labels."""
    answer = ask(port, "GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def buckets(metrics: dict[str, float], name: str) -> list[tuple[float, float]]:
    """The buckets of a histogram in the order of their bounds."""
    found = [(re.fullmatch(rf'{name}_bucket{{le="(.+)"}}', key), count) for key, count in metrics.items()]
    return sorted((float(match[1]), count) for match, count in found if match)
