"""The inference service as a process, and clients that keep it busy."""

import http.client
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients import RAW, ask, image
from conftest import environment, program


class Replica:
    """A small_inference process, as a pod would run it."""

    def __init__(self, data_dir: Path, checkpoint_dir: Path, *more: str) -> None:
        self._process = subprocess.Popen(
            program(
                "small_inference",
                *("--data-dir", str(data_dir), "--checkpoint-dir", str(checkpoint_dir), "--limit-validation", "500"),
                *("--host", "127.0.0.1", "--port", "0", "--mlp-seconds", "0.5", "--drain-seconds", "2", *more),
            ),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.port = int(self.event("listening")["port"])

    def event(self, name: str) -> Any:
        """Reads the log up to the event of that name."""
        assert self._process.stdout is not None
        seen = []
        for line in self._process.stdout:
            seen.append(line)
            if line.startswith(f'{{"event": "{name}"'):
                return json.loads(line)
        raise AssertionError(f"ended without {name}: {''.join(seen)}")

    def ready(self) -> bool:
        """What a kubelet's readiness probe finds."""
        try:
            return ask(self.port, "GET", "/readyz").status == 200
        except OSError:
            return False

    def terminate(self) -> None:
        self._process.terminate()

    def exit_code(self) -> int:
        return self._process.wait(60)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Clients:
    """Clients that send requests, without any retry, to whichever replica is in `endpoints`."""

    endpoints: list[int]
    answered: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, limit: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        for number in range(limit):
            if self.stop.is_set():
                break
            port = self.endpoints[number % len(self.endpoints)]
            connection = connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=60))
            try:
                connection.request("POST", "/predict", image(0), RAW)
                response = connection.getresponse()
                body = response.read()
                if response.status == 200 and len(json.loads(body)["predictions"]) == 1:
                    self.answered.append(port)
                else:
                    self.failures.append(f"{response.status}: {body!r}")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{port}: {error!r}")
            time.sleep(0.005)
        for connection in connections.values():
            connection.close()
