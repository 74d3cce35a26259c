"""What can go wrong in a way a person can act on: one sentence and one exit code each.

The exit codes are those of sysexits.h, so that a Job's podFailurePolicy can tell what a retry will not mend
(65, 78) from what it may (69, 74, 75, 143).
"""


class WorkloadError(Exception):
    """Base of every failure that is reported as a sentence instead of a traceback."""

    exit_code = 70  # EX_SOFTWARE
    kind = "internal"


class DeviceError(WorkloadError):
    """The container was not given the device the claim asked for."""

    exit_code = 78  # EX_CONFIG
    kind = "device"


class SettingsError(WorkloadError):
    """Options that contradict each other, or contradict the checkpoint that is to be resumed."""

    exit_code = 78  # EX_CONFIG
    kind = "settings"


class DataError(WorkloadError):
    """A data set file or a checkpoint is damaged: its bytes are not what they have to be."""

    exit_code = 65  # EX_DATAERR
    kind = "data"


class DownloadError(WorkloadError):
    """The data set is neither in the image nor mounted, and no source delivered it."""

    exit_code = 69  # EX_UNAVAILABLE
    kind = "download"


class StorageError(WorkloadError):
    """The volume for checkpoints is full, read-only or not writable by this user."""

    exit_code = 74  # EX_IOERR
    kind = "storage"


class BusyError(WorkloadError):
    """Another training writes the same checkpoint."""

    exit_code = 75  # EX_TEMPFAIL
    kind = "busy"


class Stopped(WorkloadError):
    """SIGTERM or SIGINT arrived, and the state is saved if there was one.

    Not exit code 0: a Job would count an evicted training pod as complete and never resume it.
    """

    exit_code = 143  # 128 + SIGTERM
    kind = "stopped"


def first_line(error: Exception) -> str:
    """What an error of a library says, for a sentence of ours; its type where it says nothing."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
