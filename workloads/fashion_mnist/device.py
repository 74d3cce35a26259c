"""What the container was given: exactly one MIG device, of the profile its claim asked for.

CUDA alone cannot tell: it opens one MIG device per process and reports a count of 1 however many are visible. So the
devices are counted with `nvidia-smi -L`, which the driver's CDI specification mounts into every container that holds a
claim. A pod without a claim that lands on a GPU node sees every slice there, because the NGC images ask the runtime for
NVIDIA_VISIBLE_DEVICES=all; that is refused here too. So is a container in which nothing can count them, where a profile
is expected.
"""

import ctypes
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Protocol

import torch

from fashion_mnist.errors import DeviceError
from fashion_mnist.options import CommonOptions
from fashion_mnist.reporting import emit, gibibytes

WHAT_TO_LOOK_AT = (
    "Look at the pod's spec.resourceClaims and its container's resources.claims, at `kubectl describe resourceclaim` "
    "(is it allocated?) and at the log of the nvidia-dra-driver-gpu-kubelet-plugin pod on this node"
)

_MIG_NAME = re.compile(r"^(?P<gpu>.+?) MIG (?P<profile>\S+)$")
_MIG_LINE = re.compile(r"^\s+MIG (?P<profile>\S+)\s+Device\s+\d+: \(UUID: (?P<uuid>[^)]+)\)", re.MULTILINE)
_GPU_LINE = re.compile(r"^GPU \d+: ", re.MULTILINE)


@dataclass(frozen=True)
class MigDevice:
    """One line of `nvidia-smi -L`."""

    profile: str
    uuid: str


@dataclass(frozen=True)
class Visible:
    """What nvidia-smi lists: GPUs, and the MIG devices among them."""

    gpus: int
    mig_devices: tuple[MigDevice, ...]


class Probe(Protocol):
    """The questions asked of the machine; tests answer them differently."""

    def cuda_version(self) -> str | None:
        """The CUDA that this PyTorch is built with, for example "13.1"; None without CUDA."""

    def driver_cuda_version(self) -> str | None:
        """The newest CUDA that the node's driver knows, for example "13.0"; None without a driver."""

    def cuda_available(self) -> bool:
        """Whether CUDA starts."""

    def cuda_device_count(self) -> int:
        """CUDA devices of this process."""

    def cuda_device_name(self) -> str:
        """Name of the first, for example "NVIDIA A100-SXM4-40GB MIG 2g.10gb"."""

    def cuda_memory_bytes(self) -> int:
        """Memory of the first."""

    def nvidia_smi(self) -> str | None:
        """Output of `nvidia-smi -L`; None where there is no nvidia-smi or it fails."""


class MachineProbe:
    """Asks the machine this runs on."""

    def cuda_version(self) -> str | None:
        return torch.version.cuda

    def driver_cuda_version(self) -> str | None:
        version = ctypes.c_int()
        try:
            failed = ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version))
        except (OSError, AttributeError):
            return None
        # The driver API's cuDriverGetVersion gives 1000 * major + 10 * minor.
        return None if failed else f"{version.value // 1000}.{version.value % 1000 // 10}"

    def cuda_available(self) -> bool:
        return torch.cuda.is_available()

    def cuda_device_count(self) -> int:
        return torch.cuda.device_count()

    def cuda_device_name(self) -> str:
        return torch.cuda.get_device_name(0)

    def cuda_memory_bytes(self) -> int:
        return int(torch.cuda.get_device_properties(0).total_memory)

    def nvidia_smi(self) -> str | None:
        program = shutil.which("nvidia-smi")
        if program is None:
            return None
        try:
            listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return listed.stdout if listed.returncode == 0 else None


@dataclass(frozen=True)
class Acquired:
    """The device a program runs on. `profile` is None on a whole GPU and on a CPU, `memory_bytes` on a CPU."""

    device: torch.device
    name: str
    profile: str | None
    memory_bytes: int | None

    @property
    def is_cuda(self) -> bool:
        return self.device.type == "cuda"

    def peak_memory_bytes(self) -> int | None:
        """Most device memory that tensors have held at once since the start; None on a CPU."""
        return int(torch.cuda.max_memory_allocated(self.device)) if self.is_cuda else None


def parse_device_name(name: str) -> tuple[str, str | None]:
    """ "NVIDIA A100-SXM4-40GB MIG 2g.10gb" -> GPU and profile; the profile is None for a whole GPU."""
    match = _MIG_NAME.match(name)
    return (match["gpu"], match["profile"]) if match else (name, None)


def parse_nvidia_smi(listing: str) -> Visible:
    """GPUs and MIG devices in the output of `nvidia-smi -L`."""
    return Visible(
        gpus=len(_GPU_LINE.findall(listing)),
        mig_devices=tuple(MigDevice(match["profile"], match["uuid"]) for match in _MIG_LINE.finditer(listing)),
    )


def acquire(chosen: CommonOptions, probe: Probe | None = None) -> Acquired:
    """Checks what was given against `--device` and `--expect-profile`, prints it, and returns the device.

    Raises DeviceError with a sentence that says what to look at.
    """
    probe = probe or MachineProbe()
    acquired = check(chosen.device, chosen.expect_profile, probe)
    emit(
        "device",
        f"device: {acquired.name}" + (f", {gibibytes(acquired.memory_bytes)}" if acquired.is_cuda else ""),
        device=acquired.device.type,
        name=acquired.name,
        profile=acquired.profile,
        memoryBytes=acquired.memory_bytes,
        torch=torch.__version__,
        cuda=probe.cuda_version(),
    )
    warning = newer_cuda(probe.cuda_version(), probe.driver_cuda_version()) if acquired.is_cuda else None
    if warning is not None:
        emit("warning", f"warning: {warning}", message=warning)
    return acquired


def newer_cuda(image: str | None, driver: str | None) -> str | None:
    """What to know where the image's CUDA is newer than the driver's; None where it is not, or where one is unknown.

    Within a major version compiled kernels run on an older driver, but the driver cannot compile the newer PTX (NVIDIA,
    "CUDA Compatibility", section 2, minor version compatibility).
    """
    if image is None or driver is None or _version(image) <= _version(driver):
        return None
    return (
        f"this image's CUDA is {image} and the node's driver knows {driver}. Compiled kernels run; code that the driver compiles "
        "when it is loaded (PTX) fails. Take an image whose release notes name the driver's CUDA, or a newer driver."
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def check(device: str, expect_profile: str | None, probe: Probe) -> Acquired:
    """The device for `--device` and `--expect-profile` (one profile, or several with commas between), or DeviceError."""
    if device == "cpu":
        if expect_profile is not None:
            raise DeviceError(f"--expect-profile {expect_profile} cannot be met with --device cpu; give only one of them.")
        return Acquired(torch.device("cpu"), "CPU", None, None)
    expected = [] if expect_profile is None else expect_profile.split(",")
    wanted = f"one {' or '.join(expected)} MIG device" if expected else "a GPU"
    if probe.cuda_version() is None:
        raise DeviceError(f"this PyTorch ({torch.__version__}) is built without CUDA and cannot use {wanted}; use the NGC image.")
    listing = probe.nvidia_smi()
    visible = None if listing is None else parse_nvidia_smi(listing)
    if not probe.cuda_available() or probe.cuda_device_count() == 0:
        raise DeviceError(_none_sentence(wanted, visible))
    if visible is not None:
        _check_count(wanted, visible)
    elif expected:
        raise DeviceError(
            f"nvidia-smi is not in this container, or fails, so nothing tells whether {wanted} is all that is visible. "
            f"{WHAT_TO_LOOK_AT}: it mounts nvidia-smi. Leave out --expect-profile to run on whatever is there."
        )
    if probe.cuda_device_count() != 1:
        raise DeviceError(f"{probe.cuda_device_count()} CUDA devices are visible where {wanted} was expected. {WHAT_TO_LOOK_AT}.")
    name = probe.cuda_device_name()
    _, profile = parse_device_name(name)
    if expected and profile not in expected:
        given = f"a whole GPU ({name})" if profile is None else f"a {profile} slice ({name})"
        raise DeviceError(
            f"the claim asked for {wanted} and this container has {given}. Look at the claim's device class and selectors, "
            "and at --expect-profile in the pod's command."
        )
    return Acquired(torch.device("cuda", 0), name, profile, probe.cuda_memory_bytes())


def _none_sentence(wanted: str, visible: Visible | None) -> str:
    if visible is not None and (visible.mig_devices or visible.gpus):
        return (
            f"nvidia-smi lists {visible.gpus} GPU(s) with {len(visible.mig_devices)} MIG device(s), but CUDA cannot use any. "
            "Either the node's driver is too old for this image's CUDA, or MIG mode is on and the container got the GPU "
            "without a slice: compare nvidia-smi's driver version with the image's release notes."
        )
    return f"{wanted} was expected and no GPU is visible in this container. {WHAT_TO_LOOK_AT}."


def _check_count(wanted: str, visible: Visible) -> None:
    if len(visible.mig_devices) > 1:
        profiles = ", ".join(sorted({device.profile for device in visible.mig_devices}))
        raise DeviceError(
            f"{len(visible.mig_devices)} MIG devices ({profiles}) are visible where {wanted} was expected: a container without "
            f"a claim sees every slice of its node. {WHAT_TO_LOOK_AT}."
        )
