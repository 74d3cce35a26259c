import errno
import fcntl
import os
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist.checkpoint import Checkpoint, Outdated, Progress
from fashion_mnist.errors import DataError, SettingsError, StorageError
from fashion_mnist.files import Held, holding, remove_partial, write_atomically


def example() -> Checkpoint:
    return Checkpoint(
        recipe={"workload": "medium-training", "momentum": 0.9},
        flags={"epochs": 3, "augment": "on"},
        progress=Progress(epoch=1, step=4, seconds=0.1, history=[{"epoch": 1, "validationAccuracy": 0.5}]),
        model={"weight": torch.arange(6.0).reshape(2, 3)},
        average={"weight": torch.full((2, 3), 0.5)},
        momentum={0: {"momentum_buffer": torch.ones(2)}},
        plan_generator=torch.Generator().get_state(),
        cpu_generator=torch.get_rng_state(),
        cuda_generator=None,
    )


class TestRoundTrip:
    def test_everything_comes_back(self, tmp_path: Path) -> None:
        path, saved = tmp_path / "new directory" / "run.pt", example()
        checkpoints.save(path, saved)
        loaded = checkpoints.load(path)
        assert isinstance(loaded, Checkpoint)
        assert (loaded.recipe, loaded.flags) == (saved.recipe, saved.flags)
        assert loaded.progress == saved.progress
        assert torch.equal(loaded.model["weight"], saved.model["weight"])
        assert torch.equal(loaded.average["weight"], saved.average["weight"])
        assert torch.equal(loaded.cpu_generator, saved.cpu_generator)
        assert [file.name for file in path.parent.iterdir()] == ["run.pt"]

    def test_no_checkpoint_is_none(self, tmp_path: Path) -> None:
        assert checkpoints.load(tmp_path / "none.pt") is None


class TestRefusals:
    @pytest.mark.parametrize("kept", [0, 10, 1_000])
    def test_a_truncated_checkpoint(self, tmp_path: Path, kept: int) -> None:
        path = tmp_path / "run.pt"
        checkpoints.save(path, example())
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DataError, match=r"not a checkpoint that can be read .* --fresh"):
            checkpoints.load(path)

    def test_one_that_is_cut_anywhere(self, tmp_path: Path) -> None:
        path = tmp_path / "run.pt"
        checkpoints.save(path, example())
        whole = path.read_bytes()
        for kept in range(0, len(whole), 211):
            path.write_bytes(whole[:kept])
            with pytest.raises(DataError):
                checkpoints.load(path)

    def test_one_changed_bit_of_a_weight(self, tmp_path: Path) -> None:
        path = tmp_path / "run.pt"
        checkpoints.save(path, example())
        whole = path.read_bytes()
        weight = torch.arange(6.0).numpy().tobytes()
        changed = bytearray(whole)
        changed[whole.index(weight) + 6] ^= 1
        path.write_bytes(changed)
        with pytest.raises(DataError, match=r"the checksum of .* is wrong"):
            checkpoints.load(path)

    @pytest.mark.parametrize(
        "pickled", [b"", b".", b"0", b"\x80\x02.", b"\x80\x02].", b"\x80\x02K\x01.", b"\x80\x02a.", b"\x80\x02h\x07."]
    )
    def test_one_whose_checksums_are_right_and_whose_content_is_none(self, tmp_path: Path, pickled: bytes) -> None:
        path = tmp_path / "run.pt"
        checkpoints.save(path, example())
        with zipfile.ZipFile(path) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, stored in content.items():
                archive.writestr(name, pickled if name.endswith("/data.pkl") else stored)
        with pytest.raises(DataError, match=r"not a checkpoint that can be read .* --fresh"):
            checkpoints.load(path)

    @pytest.mark.parametrize("part", ["model", "average", "momentum"])
    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_numbers_that_are_not_finite(self, tmp_path: Path, part: str, number: float) -> None:
        path, saved = tmp_path / "run.pt", example()
        wrong = {"weight": torch.tensor([1.0, number])}
        changed: dict[str, Any] = {part: {0: wrong} if part == "momentum" else wrong}
        checkpoints.save(path, replace(saved, **changed))
        with pytest.raises(DataError, match="numbers are not finite"):
            checkpoints.load(path)

    def test_one_that_carries_code(self, tmp_path: Path) -> None:
        class Command:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return os.system, (f"touch {tmp_path}/executed",)

        path = tmp_path / "run.pt"
        torch.save({"format": 1, "model": Command()}, path)
        with pytest.raises(DataError):
            checkpoints.load(path)
        path.write_bytes(pickle.dumps(Command()))
        with pytest.raises(DataError):
            checkpoints.load(path)
        assert not (tmp_path / "executed").exists()

    def test_one_of_a_run_with_other_flags_names_every_difference(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"\(epochs was 3, is 4; seed was 1, is None\)\. Use those settings .* remove"):
            checkpoints.require_same_flags(
                tmp_path / "run.pt", {"epochs": 3, "seed": 1, "augment": "on"}, {"epochs": 4, "augment": "on"}
            )

    def test_equal_flags_pass(self, tmp_path: Path) -> None:
        checkpoints.require_same_flags(tmp_path / "run.pt", example().flags, example().flags)


class TestAnotherVersion:
    @pytest.mark.parametrize("written", [2, 99])
    def test_its_format_is_no_damage(self, tmp_path: Path, written: int) -> None:
        path = tmp_path / "run.pt"
        torch.save({"format": written, "model": {}}, path)
        assert checkpoints.load(path) == Outdated(f"its format is {written}, this program's is 3")

    def test_setting_aside_keeps_the_last_one(self, tmp_path: Path) -> None:
        path = tmp_path / "run.pt"
        for content in (b"first", b"second"):
            path.write_bytes(content)
            assert checkpoints.set_aside(path) == tmp_path / "run.previous.pt"
        assert [file.name for file in tmp_path.iterdir()] == ["run.previous.pt"]
        assert (tmp_path / "run.previous.pt").read_bytes() == b"second"

    def test_a_volume_that_does_not_take_the_new_name_has_its_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        monkeypatch.setattr(Path, "replace", fails)
        with pytest.raises(StorageError, match=r"cannot be written \(Read-only file system\)"):
            checkpoints.set_aside(tmp_path / "run.pt")


class TestStorage:
    def test_a_full_disk_has_its_sentence_and_keeps_the_old_checkpoint(self, small_volume: Path) -> None:
        path = small_volume / "run.pt"
        checkpoints.save(path, example())
        before = path.read_bytes()
        larger = Checkpoint(**{**vars(example()), "model": {"weight": torch.zeros(100_000)}})
        with pytest.raises(StorageError) as caught:
            checkpoints.save(path, larger)
        sentence = str(caught.value)
        assert sentence.startswith(f"no space left in {small_volume}: run.pt needs 0.4 MiB, ")
        assert "run.pt from before is intact" in sentence
        assert path.read_bytes() == before
        assert [file.name for file in small_volume.iterdir()] == ["run.pt"]

    @pytest.mark.parametrize(
        ("number", "part"),
        [
            (errno.ENOSPC, "no space left in"),
            (errno.EDQUOT, "no space left in"),
            (errno.EROFS, "cannot be written (Read-only file system)"),
            (errno.EACCES, "fsGroup"),
            (errno.EIO, "cannot be written: Input/output error"),
        ],
    )
    def test_each_cause_has_its_sentence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, part: str) -> None:
        def fails(_descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("fashion_mnist.files.os.fsync", fails)
        with pytest.raises(StorageError) as caught:
            write_atomically(tmp_path / "run.pt", b"content")
        assert part in str(caught.value)
        assert list(tmp_path.iterdir()) == []

    def test_two_writers_do_not_write_the_same_temporary_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path, original = tmp_path / "run.pt", os.fsync
        seen: list[list[bytes]] = []

        def interrupted(descriptor: int) -> None:
            if not seen:  # another container's program, which is process 1 too, writes in this very moment
                seen.append([])
                write_atomically(path, b"the other's")
                seen.append([partial.read_bytes() for partial in tmp_path.glob(".run.pt.*.partial")])
            original(descriptor)

        monkeypatch.setattr("fashion_mnist.files.os.fsync", interrupted)
        write_atomically(path, b"mine")
        assert seen[1] == [b"mine"]
        assert path.read_bytes() == b"mine"
        assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]

    def test_a_signal_in_mid_write_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(_descriptor: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("fashion_mnist.files.os.fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(tmp_path / "run.pt", b"content")
        assert list(tmp_path.iterdir()) == []

    def test_what_killed_writers_left_of_this_file_is_removed(self, tmp_path: Path) -> None:
        for name in (".run.pt.1.partial", ".run.pt.abc.partial", ".other.pt.1.partial", "run.pt"):
            (tmp_path / name).touch()
        remove_partial(tmp_path / "run.pt")
        assert sorted(file.name for file in tmp_path.iterdir()) == [".other.pt.1.partial", "run.pt"]

    @pytest.mark.parametrize("where", ["", "below"])
    def test_a_file_in_place_of_the_directory_has_its_sentence(self, tmp_path: Path, where: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StorageError, match=r"cannot be written: (Not a directory|File exists)"):
            write_atomically(tmp_path / "file" / where / "run.pt", b"content")
        with (
            pytest.raises(StorageError, match=r"cannot be written: (Not a directory|File exists)"),
            holding(tmp_path / "file" / "x"),
        ):
            pass

    @pytest.mark.skipif(os.geteuid() == 0, reason="no directory is closed to root")
    @pytest.mark.parametrize("mode", [0o000, 0o500])
    def test_a_directory_that_is_closed_to_this_user_has_its_sentence(self, tmp_path: Path, mode: int) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode)
        for writing in (lambda: write_atomically(closed / "run.pt", b"content"), lambda: holding(closed / "run.pt").__enter__()):
            with pytest.raises(StorageError, match=rf"{closed} cannot be written .* by user {os.geteuid()}.* fsGroup"):
                writing()
        closed.chmod(0o700)


class TestHolding:
    def test_one_holds_it_at_a_time(self, tmp_path: Path) -> None:
        path = tmp_path / "new directory" / "run.pt"
        with holding(path) as first, holding(path) as second, holding(tmp_path / "other.pt") as other:
            assert (first, second, other) == (Held.YES, Held.NO, Held.YES)
        with holding(path) as later:
            assert later is Held.YES

    @pytest.mark.parametrize("mode", [0o644, 0o444])
    def test_a_lock_that_another_user_made_is_one(self, tmp_path: Path, mode: int) -> None:
        lock = tmp_path / ".run.pt.lock"
        lock.touch()
        lock.chmod(mode)  # as it is for a pod with another user id
        with holding(tmp_path / "run.pt") as first, holding(tmp_path / "run.pt") as second:
            assert (first, second) == (Held.YES, Held.NO)

    def test_a_file_system_without_locks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: object) -> None:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

        monkeypatch.setattr(fcntl, "flock", fails)
        with holding(tmp_path / "run.pt") as held:
            assert held is Held.UNKNOWN
