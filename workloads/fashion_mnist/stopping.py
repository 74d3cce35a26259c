"""SIGTERM and SIGINT as a request: the program finishes the step it is in, saves, and leaves."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from fashion_mnist.errors import Stopped


class StopRequest:
    """Set by the first SIGTERM or SIGINT after `install`."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._at_once = False
        self.signal_name = ""

    def install(self) -> "StopRequest":
        """Takes over both signals; call from the main thread and early: a pod's process 1 ignores SIGTERM until then."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        return self

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.signal_name = self.signal_name or signal.Signals(number).name
        self._event.set()
        self._leave_at_once()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Within the block, the request raises Stopped wherever the program is: for waiting that leaves nothing to save."""
        self._at_once = True
        try:
            self._leave_at_once()
            yield
        finally:
            self._at_once = False

    def _leave_at_once(self) -> None:
        if self._at_once and self.requested:
            raise Stopped(f"{self.signal_name} received before the start was complete. There was nothing to save.")

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Sleeps until the request comes or the time is over; True when it has come."""
        return self._event.wait(seconds)
