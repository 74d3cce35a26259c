"""One training at a time writes a checkpoint. Two on one volume would each overwrite what the other has learnt."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from fashion_mnist.errors import BusyError, Stopped
from fashion_mnist.files import Held, holding, remove_partial
from fashion_mnist.reporting import emit
from fashion_mnist.stopping import StopRequest

WAIT_SECONDS = 90.0
"""Longest wait for the other training. A pod that is asked to leave has 60 s, and its successor may start in that time."""
POLL_SECONDS = 1.0


@contextlib.contextmanager
def sole_writer(path: Path, stop: StopRequest) -> Iterator[None]:
    """Runs the block when no other training writes the checkpoint `path`; on a volume without locks, after a warning.

    Raises BusyError when another training still writes it after WAIT_SECONDS.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    waits = False
    while True:
        with holding(path) as held:
            if held is not Held.NO:
                _begin(path, held)
                yield
                return
        if not waits:
            waits = True
            emit("waiting", f"another training writes {path}: waiting up to {WAIT_SECONDS:g} s for it to end")
        if time.monotonic() >= deadline:
            raise BusyError(
                f"another training still writes {path} after {WAIT_SECONDS:g} s. End one of the two, or give this one another "
                "--checkpoint-dir."
            )
        if stop.wait(POLL_SECONDS):
            raise Stopped(f"{stop.signal_name} received while another training wrote {path}. There was nothing to save.")


def _begin(path: Path, held: Held) -> None:
    if held is Held.YES:
        remove_partial(path)
        return
    message = f"{path.parent} has no file locks, so nothing prevents a second training from overwriting {path.name}."
    emit("warning", f"warning: {message}", message=message)
