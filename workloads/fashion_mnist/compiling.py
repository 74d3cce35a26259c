"""torch.compile, made ready for a pod."""

import importlib

import torch
from torch import nn

from fashion_mnist.errors import SettingsError


def compiled(model: nn.Module) -> nn.Module:
    """`model`, compiled when it is first called; SettingsError where PyTorch cannot."""
    if not hasattr(torch, "compile"):
        raise SettingsError(f"--compile on needs PyTorch 2 or later; this is {torch.__version__}. Write --compile off.")
    # A compiler that fails costs speed, not the run: the part in question is then run uncompiled.
    importlib.import_module("torch._dynamo").config.suppress_errors = True
    return torch.compile(model)
