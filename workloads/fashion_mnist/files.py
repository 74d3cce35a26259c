"""Writing files so that a reader, or a restarted pod, never sees half of one, and so that two pods do not write the same one."""

import contextlib
import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from fashion_mnist.errors import StorageError

_PARTIAL = ".partial"
"""Ends the name of a file that is being written."""


def write_atomically(path: Path, content: bytes | memoryview) -> None:
    """Replaces `path` by `content`: temporary file beside it, fsync, rename, fsync of the directory.

    Raises StorageError with a sentence when the volume is full, read-only, not writable or gone; whatever was at
    `path` is then untouched and the temporary file is removed.
    """
    # Random, because every container's program is process 1: two pods would write the same temporary file.
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(partial, path, content)
    except OSError as error:
        raise StorageError(_sentence(error, path, len(content))) from error
    finally:
        # Also when a signal ends the writing. Where nothing can be removed, the error that is raised says why.
        with contextlib.suppress(OSError):
            partial.unlink()


def remove_partial(path: Path) -> None:
    """Removes what killed writers of `path` left. Only for who holds `path`: it removes what others are writing, too."""
    for partial in path.parent.glob(f".{path.name}.*{_PARTIAL}"):
        with contextlib.suppress(OSError):
            partial.unlink()


class Held(Enum):
    """Whether this process is the only one that writes a file."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """The file system has no locks."""


@contextlib.contextmanager
def holding(path: Path) -> Iterator[Held]:
    """Holds the lock of `path` for the block, unless another process has it. The system releases it when the process ends.

    The lock is the file `.NAME.lock` beside `path`, which stays: who removed it could remove another one's lock.
    Raises StorageError where it cannot be created.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _open_lock(lock)
    except OSError as error:
        raise StorageError(_sentence(error, path, 0)) from error
    try:
        yield _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _open_lock(lock: Path) -> int:
    try:
        # NFS gives an exclusive lock only to who may write.
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError:
        if not os.access(lock, os.R_OK):
            raise
        # A pod with another user id made it. Elsewhere than on NFS, reading is enough.
        return os.open(lock, os.O_RDONLY | os.O_CLOEXEC)


def _try_lock(descriptor: int) -> Held:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Held.NO
    except OSError:
        return Held.UNKNOWN
    return Held.YES


def rename(path: Path, new: Path) -> None:
    """Gives the file at `path` the name `new` in the same directory, replacing what has it; StorageError when it cannot be."""
    try:
        path.replace(new)
    except OSError as error:
        raise StorageError(_sentence(error, path, 0)) from error


def _write_and_rename(partial: Path, path: Path, content: bytes | memoryview) -> None:
    with open(partial, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    # The rename itself is durable only when the directory is.
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _sentence(error: OSError, path: Path, size: int) -> str:
    kept = f"; {path.name} from before is intact" if os.access(path, os.F_OK) else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(path.parent).free
        return (
            f"no space left in {path.parent}: {path.name} needs {size / 2**20:.1f} MiB, {free / 2**20:.1f} MiB are free"
            f"{kept}. Free space on the volume or make it larger."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{path.parent} cannot be written ({error.strerror}) by user {os.geteuid()}{kept}. "
            "Mount a volume there that is not read-only and set the pod's fsGroup to a group that may write to it."
        )
    return f"{path} cannot be written: {error.strerror}{kept}."
