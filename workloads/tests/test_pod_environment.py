import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import environment, program

from fashion_mnist import pod_environment

NOBODY_KNOWS = 12345
"""A user id without an entry in /etc/passwd."""


@pytest.fixture
def nobodys_directory() -> Iterator[Path]:
    """A directory of that user, which only root can give away."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as another user")
    try:
        subprocess.run([sys.executable, "-c", ""], user=NOBODY_KNOWS, group=NOBODY_KNOWS, extra_groups=[], check=True)
    except PermissionError:
        pytest.skip("the way to this Python is closed to that user; the run as a pod has a way")
    directory = Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(directory, NOBODY_KNOWS, NOBODY_KNOWS)
    yield directory
    shutil.rmtree(directory)


def test_a_user_without_name_and_home_can_train(data_dir: Path, nobodys_directory: Path) -> None:
    unnamed = {key: value for key, value in environment().items() if key not in ("USER", "LOGNAME", "LNAME", "USERNAME")}
    done = subprocess.run(
        program(
            "medium_training",
            *("--data-dir", str(data_dir), "--checkpoint-dir", str(nobodys_directory), "--epochs", "1"),
            *("--limit-train", "32", "--limit-validation", "10", "--limit-test", "10", "--batch-size", "16"),
        ),
        env={**unnamed, "HOME": "/nonexistent", "TMPDIR": str(nobodys_directory)},
        cwd=nobodys_directory,
        user=NOBODY_KNOWS,
        group=NOBODY_KNOWS,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 12345"), OSError("No username set in the environment")])
def test_a_user_without_a_name_gets_one_and_the_compilers_their_caches(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails() -> str:
        raise error

    for name in ("USER", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        monkeypatch.setenv(name, "")  # so that what the function sets is taken back after the test
        monkeypatch.delenv(name)
    monkeypatch.setenv("TMPDIR", "/somewhere")
    monkeypatch.setattr(getpass, "getuser", fails)
    pod_environment.provide()
    assert os.environ["USER"] == f"uid{os.getuid()}"
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == f"/somewhere/torch-compile-{os.getuid()}/inductor"
    assert os.environ["TRITON_CACHE_DIR"] == f"/somewhere/torch-compile-{os.getuid()}/triton"


def test_what_the_environment_says_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        monkeypatch.setenv(name, "mine")
    pod_environment.provide()
    assert {os.environ[name] for name in ("USER", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")} == {"mine"}
