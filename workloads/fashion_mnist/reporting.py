"""What the programs print: one JSON object a line for machines, and a readable line beside it."""

import json
import sys
from collections.abc import Callable
from typing import Any

from fashion_mnist.errors import WorkloadError


def emit(event: str, readable: str | None = None, **fields: Any) -> None:
    """Prints `{"event": event, ...fields}` as one line, then the readable line if there is one.

    Both are flushed at once: a pod's log is read while it runs, and a killed pod must not keep lines to itself.
    """
    print(json.dumps({"event": event, **fields}, separators=(", ", ": ")), flush=True)
    if readable is not None:
        print(readable, flush=True)


def percent(fraction: float) -> str:
    """0.9412 -> "94.12 %"."""
    return f"{100 * fraction:.2f} %"


def gibibytes(count: int | None) -> str:
    """Bytes as GiB; "n/a" where the device does not count them (CPU)."""
    return "n/a" if count is None else f"{count / 2**30:.2f} GiB"


def run_program(main: Callable[[list[str]], None], arguments: list[str]) -> int:
    """Runs a program's main and turns every WorkloadError into its sentence (stderr) and its exit code."""
    try:
        main(arguments)
    except WorkloadError as error:
        emit("error", kind=error.kind, exitCode=error.exit_code, message=str(error))
        print(f"{error.kind}: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    return 0
