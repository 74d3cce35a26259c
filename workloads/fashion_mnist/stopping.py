"""SIGTERM and SIGINT as a request: the program finishes the step it is in, saves, and leaves."""

import signal
import threading
from types import FrameType


class StopRequest:
    """Set by the first SIGTERM or SIGINT after `install`."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.signal_name = ""

    def install(self) -> "StopRequest":
        """Takes over both signals; call from the main thread and early: a pod's process 1 ignores SIGTERM until then."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        return self

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.signal_name = self.signal_name or signal.Signals(number).name
        self._event.set()

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Sleeps until the request comes or the time is over; True when it has come."""
        return self._event.wait(seconds)
