import os
import signal
import threading
from pathlib import Path

import pytest

from fashion_mnist import sole_writer as sole_writers
from fashion_mnist.errors import BusyError, Stopped
from fashion_mnist.files import Held, holding
from fashion_mnist.sole_writer import sole_writer
from fashion_mnist.stopping import StopRequest


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sole_writers, "POLL_SECONDS", 0.01)


def test_the_second_waits_until_the_first_has_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, written = tmp_path / "run.pt", threading.Event()
    order: list[str] = []

    def second() -> None:
        with sole_writer(path, StopRequest()):
            order.append("second")
        written.set()

    with sole_writer(path, StopRequest()):
        thread = threading.Thread(target=second)
        thread.start()
        assert not written.wait(0.1)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]
    assert capsys.readouterr().out.count('"event": "waiting"') == 1


def test_it_gives_up_with_a_code_that_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sole_writers, "WAIT_SECONDS", 0.05)
    with (
        holding(tmp_path / "run.pt"),
        pytest.raises(BusyError, match=r"still writes .*run\.pt .* another --checkpoint-dir") as caught,
        sole_writer(tmp_path / "run.pt", StopRequest()),
    ):
        pytest.fail("two at once")
    assert caught.value.exit_code == 75


def test_sigterm_ends_the_waiting(tmp_path: Path) -> None:
    stop = StopRequest().install()
    with holding(tmp_path / "run.pt"):
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped, match="nothing to save"), sole_writer(tmp_path / "run.pt", stop):
            pytest.fail("two at once")


def test_the_one_that_writes_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    (tmp_path / ".run.pt.1.partial").touch()
    with holding(tmp_path / "run.pt"):  # it may be writing this very file
        pass
    assert (tmp_path / ".run.pt.1.partial").exists()
    with sole_writer(tmp_path / "run.pt", StopRequest()):
        assert not (tmp_path / ".run.pt.1.partial").exists()


def test_a_volume_without_locks_is_named_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fashion_mnist.files._try_lock", lambda _descriptor: Held.UNKNOWN)
    (tmp_path / ".run.pt.1.partial").touch()
    with sole_writer(tmp_path / "run.pt", StopRequest()):
        assert f"{tmp_path} has no file locks" in capsys.readouterr().out
        assert (tmp_path / ".run.pt.1.partial").exists()
