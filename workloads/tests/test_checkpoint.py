import errno
import os
import pickle
from pathlib import Path

import pytest
import torch

from fashion_mnist import checkpoint as checkpoints
from fashion_mnist.checkpoint import Checkpoint, Outdated, Progress
from fashion_mnist.errors import DataError, SettingsError, StorageError
from fashion_mnist.files import write_atomically


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
