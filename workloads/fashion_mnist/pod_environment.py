"""What PyTorch asks of the user it runs as, and a pod's user often lacks: a name and a writable home.

PyTorch 2 imports its compiler with the first optimizer, compiled or not, and that names its cache after the user
(`getpass.getuser()` in `torch._inductor.runtime.cache_dir_utils`): an exception where the user id has no entry in
/etc/passwd and no variable names it. Triton caches in the user's home. Both read the environment when they are
imported, so it is set before PyTorch is.
"""

import getpass
import os
from pathlib import Path


def provide() -> None:
    """Names the user and the compilers' caches, unless the environment does."""
    try:
        getpass.getuser()
    except (KeyError, OSError):  # the first until Python 3.12, the second since
        os.environ["USER"] = f"uid{os.getuid()}"
    scratch = Path(os.environ.get("TMPDIR", "/tmp"), f"torch-compile-{os.getuid()}")  # noqa: S108 (the README promises it)
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(scratch / "inductor"))
    os.environ.setdefault("TRITON_CACHE_DIR", str(scratch / "triton"))
