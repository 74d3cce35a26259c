"""Writing files so that a reader, or a restarted pod, never sees half of one."""

import errno
import os
import shutil
from pathlib import Path

from fashion_mnist.errors import StorageError


def write_atomically(path: Path, content: bytes | memoryview) -> None:
    """Replaces `path` by `content`: temporary file beside it, fsync, rename, fsync of the directory.

    Raises StorageError with a sentence when the volume is full, read-only, not writable or gone; whatever was at
    `path` is then untouched and the temporary file is removed.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(partial, path, content)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(_sentence(error, path, len(content))) from error


def rename(path: Path, new: Path) -> None:
    """Gives the file at `path` the name `new` in the same directory, replacing what has it; StorageError when it cannot be."""
    try:
        path.replace(new)
    except OSError as error:
        raise StorageError(_sentence(error, path, 0)) from error


def _write_and_rename(partial: Path, path: Path, content: bytes | memoryview) -> None:
    with open(partial, "wb") as file:
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
    kept = f"; {path.name} from before is intact" if path.exists() else ""
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
