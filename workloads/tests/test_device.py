import ctypes
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import environment, program

from fashion_mnist import device
from fashion_mnist.errors import DeviceError
from fashion_mnist.options import InferenceOptions, inference_parser

A100 = "NVIDIA A100-SXM4-40GB"
LISTING_ONE = f"""GPU 0: {A100} (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 2g.10gb     Device  0: (UUID: MIG-53146931-c7ac-5a72-878e-15adb49f83ff)
"""
LISTING_NODE = "".join(
    f"GPU {gpu}: {A100} (UUID: GPU-{gpu})\n"
    f"  MIG 3g.20gb     Device  0: (UUID: MIG-{gpu}-a)\n"
    f"  MIG 2g.10gb     Device  1: (UUID: MIG-{gpu}-b)\n"
    f"  MIG 1g.5gb      Device  2: (UUID: MIG-{gpu}-c)\n"
    f"  MIG 1g.5gb      Device  3: (UUID: MIG-{gpu}-d)\n"
    for gpu in range(8)
)


@dataclass
class Machine:
    """A machine as a test wants it; by default one 2g.10gb slice, as a claim gives it."""

    cuda: str | None = "13.1"
    driver: str | None = "13.1"
    available: bool = True
    count: int = 1
    name: str = f"{A100} MIG 2g.10gb"
    listing: str | None = LISTING_ONE

    def cuda_version(self) -> str | None:
        return self.cuda

    def driver_cuda_version(self) -> str | None:
        return self.driver

    def cuda_available(self) -> bool:
        return self.available

    def cuda_device_count(self) -> int:
        return self.count if self.available else 0

    def cuda_device_name(self) -> str:
        return self.name

    def cuda_memory_bytes(self) -> int:
        return 10 * 2**30

    def nvidia_smi(self) -> str | None:
        return self.listing


def refusal(machine: Machine, profile: str | None = "2g.10gb") -> str:
    with pytest.raises(DeviceError) as caught:
        device.check("cuda", profile, machine)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{A100} MIG 2g.10gb", (A100, "2g.10gb")),
        (f"{A100} MIG 1g.5gb+me", (A100, "1g.5gb+me")),
        ("NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb", ("NVIDIA H100 80GB HBM3", "1c.3g.40gb")),
        ("NVIDIA B200 MIG 1g.23gb", ("NVIDIA B200", "1g.23gb")),
        (A100, (A100, None)),
    ],
)
def test_the_profile_is_read_from_the_device_name(name: str, expected: tuple[str, str | None]) -> None:
    assert device.parse_device_name(name) == expected


def test_mig_devices_are_counted_in_nvidia_smi() -> None:
    assert device.parse_nvidia_smi(LISTING_ONE).mig_devices[0].uuid == "MIG-53146931-c7ac-5a72-878e-15adb49f83ff"
    node = device.parse_nvidia_smi(LISTING_NODE)
    assert (node.gpus, len(node.mig_devices)) == (8, 32)


def test_one_slice_of_the_expected_profile_is_taken() -> None:
    acquired = device.check("cuda", "2g.10gb", Machine())
    assert (acquired.device.type, acquired.profile, acquired.memory_bytes) == ("cuda", "2g.10gb", 10 * 2**30)


def test_any_of_several_expected_profiles_is_taken_and_no_other() -> None:
    assert device.check("cuda", "2g.20gb,2g.10gb", Machine()).profile == "2g.10gb"
    assert "asked for one 2g.20gb or 2g.24gb MIG device" in refusal(Machine(), "2g.20gb,2g.24gb")


def test_without_an_expected_profile_a_whole_gpu_is_taken() -> None:
    acquired = device.check("cuda", None, Machine(name=A100, listing=f"GPU 0: {A100} (UUID: GPU-1)\n"))
    assert acquired.profile is None


class TestMachineProbe:
    def nvidia_smi(self, directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> str | None:
        program = directory / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
        return device.MachineProbe().nvidia_smi()

    def test_runs_nvidia_smi(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.nvidia_smi(tmp_path, 'test "$*" = -L && echo listed', monkeypatch) == "listed\n"

    def test_knows_that_it_failed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.nvidia_smi(tmp_path, "echo half; exit 9", monkeypatch) is None

    def test_knows_that_there_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert device.MachineProbe().nvidia_smi() is None

    @pytest.mark.parametrize(("status", "expected"), [(0, "13.0"), (100, None)])
    def test_asks_the_driver_for_its_cuda(self, monkeypatch: pytest.MonkeyPatch, status: int, expected: str | None) -> None:
        def version(answer: Any) -> int:
            answer._obj.value = 13_000
            return status

        monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(cuDriverGetVersion=version))
        assert device.MachineProbe().driver_cuda_version() == expected

    def test_no_driver_has_no_version(self) -> None:
        assert device.MachineProbe().driver_cuda_version() is None


@pytest.mark.parametrize(
    ("image", "driver", "said"),
    [
        ("13.1", "13.0", True),
        ("13.0", "12.9", True),
        ("13.0", "13.0", False),
        ("12.8", "13.0", False),
        ("12.10", "12.9", True),
        (None, "13.0", False),
        ("13.1", None, False),
    ],
)
def test_a_cuda_newer_than_the_drivers_is_said(image: str | None, driver: str | None, said: bool) -> None:
    warning = device.newer_cuda(image, driver)
    assert (warning is not None) is said
    if warning is not None:
        assert f"CUDA is {image} and the node's driver knows {driver}" in warning


def test_the_warning_is_printed_and_the_device_taken(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = InferenceOptions(**vars(inference_parser("small_inference", None).parse_args(["--expect-profile", "2g.10gb"])))
    assert device.acquire(chosen, Machine(driver="13.0")).profile == "2g.10gb"
    assert '"event": "warning"' in capsys.readouterr().out
    device.acquire(chosen, Machine())
    assert '"event": "warning"' not in capsys.readouterr().out


class TestRefusals:
    def test_a_profile_that_nothing_can_count(self) -> None:
        sentence = refusal(Machine(listing=None))
        assert "nothing tells whether one 2g.10gb MIG device is all that is visible" in sentence
        assert "Leave out --expect-profile" in sentence
        assert device.check("cuda", None, Machine(listing=None)).profile == "2g.10gb"

    def test_no_device_says_what_to_look_at(self) -> None:
        sentence = refusal(Machine(available=False, listing=None))
        assert sentence.startswith("one 2g.10gb MIG device was expected and no GPU is visible")
        for part in ("spec.resourceClaims", "resources.claims", "kubectl describe resourceclaim", "kubelet-plugin"):
            assert part in sentence

    def test_a_visible_slice_that_cuda_cannot_use_points_at_the_driver(self) -> None:
        assert "driver is too old" in refusal(Machine(available=False))

    def test_another_profile_is_named(self) -> None:
        sentence = refusal(Machine(name=f"{A100} MIG 1g.5gb", listing=LISTING_ONE.replace("2g.10gb", "1g.5gb")))
        assert "asked for one 2g.10gb MIG device and this container has a 1g.5gb slice" in sentence
        assert "device class" in sentence

    def test_a_longer_profile_with_the_same_beginning_is_another_one(self) -> None:
        assert "2g.10gb+me slice" in refusal(Machine(name=f"{A100} MIG 2g.10gb+me"))

    def test_a_whole_gpu_is_not_a_slice(self) -> None:
        assert "a whole GPU" in refusal(Machine(name=A100, listing=f"GPU 0: {A100} (UUID: GPU-1)\n"))

    @pytest.mark.parametrize("profile", ["2g.10gb", None])
    def test_a_container_without_a_claim_that_sees_every_slice_is_refused(self, profile: str | None) -> None:
        sentence = refusal(Machine(name=f"{A100} MIG 2g.10gb", listing=LISTING_NODE), profile)
        assert "32 MIG devices (1g.5gb, 2g.10gb, 3g.20gb) are visible" in sentence
        assert "without a claim" in sentence

    def test_several_whole_gpus_are_refused(self) -> None:
        assert refusal(Machine(count=8, name=A100, listing=None), None).startswith("8 CUDA devices are visible")

    def test_a_pytorch_without_cuda_points_at_the_image(self) -> None:
        assert "built without CUDA" in refusal(Machine(cuda=None))

    def test_cpu_and_an_expected_profile_contradict_each_other(self) -> None:
        with pytest.raises(DeviceError, match="cannot be met with --device cpu"):
            device.check("cpu", "2g.10gb", Machine())

    def test_every_cause_has_its_own_sentence(self) -> None:
        sentences = [
            refusal(Machine(cuda=None)),
            refusal(Machine(available=False, listing=None)),
            refusal(Machine(available=False)),
            refusal(Machine(count=2)),
            refusal(Machine(listing=None)),
            refusal(Machine(listing=LISTING_NODE)),
            refusal(Machine(name=A100)),
            refusal(Machine(name=f"{A100} MIG 1g.5gb")),
        ]
        assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("module", ["medium_training", "large_training"])
def test_a_training_without_a_gpu_exits_78_with_the_sentence(module: str) -> None:
    done = subprocess.run(
        program(module, "--expect-profile", "2g.10gb", cpu=False),
        env={**environment(), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 78
    assert done.stderr.startswith("device: ")
    assert "one 2g.10gb MIG device" in done.stderr
    assert "Traceback" not in done.stderr
