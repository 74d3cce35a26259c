import gzip
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from fashion_mnist import data
from fashion_mnist.data import FILES, TEST_IMAGES, TEST_LABELS, FashionMnist
from fashion_mnist.errors import DataError, DownloadError


def stored(data_dir: Path, file: data.IdxFile = TEST_LABELS) -> bytes:
    return (data_dir / f"{file.name}.gz").read_bytes()


def link_all(source: Path, target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (target / f"{file.name}.gz").symlink_to(source / f"{file.name}.gz")
    return target


@contextmanager
def file_server(answers: dict[str, bytes], *, declared: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """Serves `answers` by file name on loopback; yields its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = answers.get(self.path.rpartition("/")[2])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(declared or len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fashion", asked
    finally:
        server.shutdown()
        server.server_close()


class TestTheRealSet:
    def test_has_images_of_28_by_28_in_ten_classes_of_which_the_authors_have_equally_many(
        self, fashion_mnist: FashionMnist
    ) -> None:
        assert fashion_mnist.train.images.shape == (55_000, 28, 28)
        assert fashion_mnist.validation.images.shape == (5_000, 28, 28)
        assert fashion_mnist.test.images.shape == (10_000, 28, 28)
        assert fashion_mnist.train.images.dtype == torch.uint8
        labels = torch.cat([fashion_mnist.train.labels, fashion_mnist.validation.labels])
        assert torch.bincount(labels.long()).tolist() == [6_000] * 10
        assert torch.bincount(fashion_mnist.validation.labels.long()).min() > 400
        assert torch.bincount(fashion_mnist.test.labels.long()).tolist() == [1_000] * 10

    def test_begins_with_the_ankle_boot_everybody_knows(self, fashion_mnist: FashionMnist) -> None:
        assert data.CLASSES[int(fashion_mnist.train.labels[0])] == "Ankle boot"
        assert int(fashion_mnist.train.images[0].long().sum()) == 76_247

    def test_first_keeps_that_many_or_all(self, fashion_mnist: FashionMnist) -> None:
        assert len(fashion_mnist.test.first(7)) == 7
        assert len(fashion_mnist.test.first(None)) == 10_000


class TestPlaces:
    def test_the_baked_directory_comes_before_the_mounted_one(self, data_dir: Path, tmp_path: Path) -> None:
        baked, mounted = link_all(data_dir, tmp_path / "baked"), link_all(data_dir, tmp_path / "mounted")
        assert data.load(baked, mounted).sources == (str(baked),)

    def test_the_mounted_directory_serves_when_nothing_is_baked(self, data_dir: Path, tmp_path: Path) -> None:
        assert data.load(tmp_path / "nothing", data_dir).sources == (str(data_dir),)

    def test_a_decompressed_file_is_taken_too(self, data_dir: Path, tmp_path: Path) -> None:
        path = tmp_path / TEST_LABELS.name
        path.write_bytes(gzip.decompress(stored(data_dir)))
        assert len(data.read_verified(path, TEST_LABELS)) == TEST_LABELS.size

    def test_only_what_is_missing_is_downloaded_and_then_kept(self, data_dir: Path, tmp_path: Path) -> None:
        mounted = link_all(data_dir, tmp_path / "mounted")
        name = f"{TEST_LABELS.name}.gz"
        (mounted / name).unlink()
        with file_server({name: stored(data_dir)}) as (url, asked):
            loaded = data.load(tmp_path / "nothing", mounted, [url])
        assert asked == [f"/fashion/{name}"]
        assert loaded.sources == (str(mounted), url)
        assert (mounted / name).read_bytes() == stored(data_dir)
        assert [path.name for path in mounted.iterdir() if "partial" in path.name] == []


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fashion_mnist.data.time.sleep", lambda _seconds: None)


@pytest.mark.usefixtures("quick_retries")
class TestDownload:
    def place(self, data_dir: Path, tmp_path: Path) -> Path:
        mounted = link_all(data_dir, tmp_path / "mounted")
        (mounted / f"{TEST_LABELS.name}.gz").unlink()
        return mounted

    def test_goes_on_to_the_next_address_after_a_404_and_after_damaged_bytes(self, data_dir: Path, tmp_path: Path) -> None:
        name = f"{TEST_LABELS.name}.gz"
        damaged = stored(data_dir)[:-20]
        with (
            file_server({}) as (empty, _),
            file_server({name: damaged}) as (bad, _),
            file_server({name: stored(data_dir)}) as (good, _),
        ):
            loaded = data.load(tmp_path, self.place(data_dir, tmp_path), [empty, bad, good])
        assert loaded.sources[-1] == good

    def test_without_any_source_it_says_where_it_looked_and_what_to_do(self, data_dir: Path, tmp_path: Path) -> None:
        with file_server({}) as (url, asked), pytest.raises(DownloadError) as caught:
            data.load(tmp_path / "image", self.place(data_dir, tmp_path), [url])
        assert len(asked) == data.DOWNLOAD_ROUNDS
        for part in (TEST_LABELS.name, str(tmp_path / "image"), url, "404", "Bake or mount the data set", "egress"):
            assert part in str(caught.value)

    def test_a_connection_that_ends_early_is_not_taken_for_a_file(self, data_dir: Path, tmp_path: Path) -> None:
        name = f"{TEST_LABELS.name}.gz"
        body = stored(data_dir)
        with file_server({name: body[:100]}, declared=len(body)) as (url, _), pytest.raises(DownloadError):
            data.load(tmp_path, self.place(data_dir, tmp_path), [url])

    def test_goes_on_from_memory_when_the_download_cannot_be_kept(
        self, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("fashion_mnist.files.os.fsync", _read_only)
        with file_server({f"{TEST_LABELS.name}.gz": stored(data_dir)}) as (url, _):
            loaded = data.load(tmp_path, self.place(data_dir, tmp_path), [url])
        assert len(loaded.test) == 10_000
        assert "the download is not kept" in capsys.readouterr().out


def _read_only(_descriptor: int) -> None:
    raise OSError(30, "Read-only file system")


class TestDamage:
    def refused(self, tmp_path: Path, content: bytes, file: data.IdxFile = TEST_LABELS, suffix: str = ".gz") -> str:
        path = tmp_path / f"{file.name}{suffix}"
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            data.read_verified(path, file)
        assert str(path) in str(caught.value)
        return str(caught.value)

    def test_one_flipped_bit_is_refused_by_checksum(self, data_dir: Path, tmp_path: Path) -> None:
        content = bytearray(gzip.decompress(stored(data_dir, TEST_IMAGES)))
        content[5_000_000] ^= 1
        sentence = self.refused(tmp_path, bytes(content), TEST_IMAGES, suffix="")
        assert "is damaged: its SHA-256 is" in sentence
        assert TEST_IMAGES.sha256 in sentence

    def test_a_file_of_the_right_size_with_other_content_is_refused(self, tmp_path: Path) -> None:
        assert "SHA-256" in self.refused(tmp_path, gzip.compress(bytes(TEST_LABELS.size)))

    @pytest.mark.parametrize("kept", [10, 100, 5_000])
    def test_a_truncated_file_is_refused(self, data_dir: Path, tmp_path: Path, kept: int) -> None:
        assert "is truncated: its gzip stream ends early" in self.refused(tmp_path, stored(data_dir)[:kept])

    def test_a_truncated_idx_file_is_refused(self, data_dir: Path, tmp_path: Path) -> None:
        content = gzip.decompress(stored(data_dir))
        assert "10,007 bytes instead of 10,008" in self.refused(tmp_path, content[:-1], suffix="")

    def test_a_damaged_gzip_stream_is_refused(self, data_dir: Path, tmp_path: Path) -> None:
        content = bytearray(stored(data_dir))
        content[1_000] ^= 0xFF
        assert "is damaged" in self.refused(tmp_path, bytes(content))

    def test_a_file_that_unpacks_to_something_huge_is_refused_without_unpacking_it(self, tmp_path: Path) -> None:
        assert "instead of 10,008" in self.refused(tmp_path, gzip.compress(bytes(50_000_000)))

    @pytest.mark.skipif(os.geteuid() == 0, reason="no directory is closed to root")
    def test_a_directory_that_this_user_may_not_search_has_its_sentence(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(0)
        with pytest.raises(DataError, match=rf"cannot be read: Permission denied\. Let user {os.geteuid()} read {closed}\."):
            data.load(tmp_path, closed)
        closed.chmod(0o700)

    def test_an_empty_file_is_refused(self, tmp_path: Path) -> None:
        assert "0 bytes instead of" in self.refused(tmp_path, b"")

    def test_a_damaged_file_is_refused_even_if_a_later_place_has_a_good_one(self, data_dir: Path, tmp_path: Path) -> None:
        baked = tmp_path / "baked"
        baked.mkdir()
        (baked / f"{TEST_LABELS.name}.gz").write_bytes(stored(data_dir)[:-9])
        with pytest.raises(DataError):
            data.load(baked, data_dir)


class TestIdx:
    def test_reads_the_shape_from_the_header(self) -> None:
        content = bytearray(struct.pack(">4B2I", 0, 0, 8, 2, 2, 3) + bytes(range(6)))
        assert data.parse_idx(content, "x").tolist() == [[0, 1, 2], [3, 4, 5]]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "not an idx file"),
            (b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", "not an idx file of unsigned bytes"),
            (b"\x00\x00\x08\x02\x00\x00\x00\x01", "ends inside its header"),
            (b"\x00\x00\x08\x01\x00\x00\x00\x05abc", "3 bytes of data, its header says 5"),
        ],
    )
    def test_refuses_what_is_none(self, content: bytes, reason: str) -> None:
        with pytest.raises(DataError, match=reason):
            data.parse_idx(bytearray(content), "x")


def test_the_command_verifies_a_directory(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.main(["--data-dir", str(data_dir)])
    assert "55,000 training, 5,000 validation and 10,000 test images" in capsys.readouterr().out
