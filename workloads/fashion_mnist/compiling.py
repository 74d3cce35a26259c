"""torch.compile, made ready for a pod."""

import importlib
import os
import tempfile
from pathlib import Path

import torch
from torch import nn

from fashion_mnist.errors import SettingsError


def compiled(model: nn.Module) -> nn.Module:
    """`model`, compiled when it is first called; SettingsError where PyTorch cannot."""
    if not hasattr(torch, "compile"):
        raise SettingsError(f"--compile on needs PyTorch 2 or later; this is {torch.__version__}.")
    # A pod's user often has no passwd entry and no writable home; the compiler asks for both.
    scratch = Path(tempfile.gettempdir(), "torch-compile")
    os.environ.setdefault("USER", f"uid{os.getuid()}")
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(scratch / "inductor"))
    os.environ.setdefault("TRITON_CACHE_DIR", str(scratch / "triton"))
    # A compiler that fails costs speed, not the run: the part in question is then run uncompiled.
    importlib.import_module("torch._dynamo").config.suppress_errors = True
    return torch.compile(model)
