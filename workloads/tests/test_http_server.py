import asyncio
import json
import random
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
import torch
from clients import RAW, ask, image

from fashion_mnist import http_server
from fashion_mnist.http_server import HttpServer
from fashion_mnist.instances import PIXELS, read_images
from fashion_mnist.service import Service

BODY = image(7)
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
REQUEST = HEAD + b"Content-Length: %d\r\n\r\n%b" % (PIXELS, BODY)


def answers(port: int, sent: bytes, *, end: bool = True) -> list[tuple[int, bytes]]:
    """Status and body of every answer to these bytes; with `end`, the client says that it sends no more."""
    with closing(socket.create_connection(("127.0.0.1", port), 60)) as client:
        client.sendall(sent)
        if end:
            client.shutdown(socket.SHUT_WR)
        received = b""
        while part := client.recv(65_536):
            received += part
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, _, headers = head.partition(b"\r\n")
        length = int(dict(line.split(b": ", 1) for line in headers.lower().split(b"\r\n"))[b"content-length"])
        found.append((int(status.split(b" ")[1]), rest[:length]))
        received = rest[length:]
    return found


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another thread brings about."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.001)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can wait for."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(http_server, name, 0.3)


class TestWhatIsTaken:
    def test_the_requests_of_one_connection_are_answered_in_turn(self, port: int) -> None:
        last = REQUEST.replace(b"Host: x", b"Host: x\r\nConnection: close")
        found = answers(port, REQUEST * 3 + last, end=False)
        assert [(status, json.loads(body)["predictions"][0]["class"]) for status, body in found] == [(200, 7)] * 4

    def test_a_body_in_chunks(self, port: int) -> None:
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:1], BODY[1:500], BODY[500:])) + b"0\r\n\r\n"
        (answer,) = answers(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert (answer[0], json.loads(answer[1])["predictions"][0]["label"]) == (200, "Sneaker")

    def test_a_client_that_asks_first_is_told_to_go_on(self, port: int) -> None:
        with closing(socket.create_connection(("127.0.0.1", port), 60)) as client:
            client.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % PIXELS)
            assert client.recv(65_536).startswith(b"HTTP/1.1 100 ")
            client.sendall(BODY)
            assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")

    def test_one_that_asks_first_with_too_large_a_body_is_refused_at_once(self, port: int) -> None:
        found = answers(port, HEAD + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", end=False)
        assert [status for status, _ in found] == [413]

    @pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
    def test_head_is_get_without_the_body(self, port: int, path: str) -> None:
        got, head = ask(port, "GET", path), ask(port, "HEAD", path)
        assert (head.status, head.body) == (got.status, b"")
        if path != "/metrics":  # has the uptime in it
            assert head.headers["Content-Length"] == got.headers["Content-Length"]

    def test_a_query_does_not_matter(self, port: int) -> None:
        assert ask(port, "GET", "/healthz?probe=1").status == 200

    @pytest.mark.parametrize(
        ("target", "status"),
        [("http://x/healthz", 200), ("HTTP://x:80/healthz?a=b", 200), ("https://x", 200), ("http://x/y", 404), ("http://[", 400)],
    )
    def test_a_whole_address_as_a_proxy_sends_it(self, port: int, target: str, status: int) -> None:
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        assert [found for found, _ in answers(port, request)] == [status]


LENGTHS = [
    "\u00b2",
    "1" * 5_000,
    "9" * 21,
    "+784",
    "-1",
    "0x310",
    "7 84",
    "784, 785",
    "784;",
    "",
    "nan",
    "784\r\nContent-Length: 1",
]


class TestWhatIsRefused:
    @pytest.mark.parametrize("length", LENGTHS)
    def test_a_length_that_is_none(self, port: int, length: str) -> None:
        ((status, body),) = answers(port, HEAD + b"Content-Length: %b\r\n\r\n%b" % (length.encode(), BODY))
        assert status == 400
        assert "Content-Length" in json.loads(body)["error"]

    @pytest.mark.parametrize(
        "header",
        [
            b"Transfer-Encoding: chunked\r\nContent-Length: 784",
            b"Content-Length: 784\r\nTransfer-Encoding: chunked",
            b"Transfer-Encoding: gzip",
            b"Transfer-Encoding: chunked, chunked",
            b"Content-Length : 784",
            b"Content-Length: 784\r\nX\x00: 1",
            b"Content-Length: 784\r\nno colon",
        ],
    )
    def test_headers_that_two_readers_may_read_differently(self, port: int, header: bytes) -> None:
        ((status, body),) = answers(port, HEAD + header + b"\r\n\r\n" + BODY)
        assert status == 400
        assert json.loads(body)["error"]

    @pytest.mark.parametrize(
        "sent",
        [
            b"GET /healthz\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
            b"GET /healthz HTTP/1.1\r\n\r\n",  # without Host
            b"POST /predict HTTP/1.1\r\nHo",
        ],
    )
    def test_what_is_not_http(self, port: int, sent: bytes) -> None:
        assert [status for status, _ in answers(port, sent)] == [400]

    def test_headers_that_are_too_large(self, port: int) -> None:
        assert [status for status, _ in answers(port, HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n")] == [431]

    @pytest.mark.parametrize("arrived", [0, 1, PIXELS - 1])
    def test_a_body_that_ends_early_is_not_taken_for_a_whole_one(self, service: Service, port: int, arrived: int) -> None:
        assert [status for status, _ in answers(port, REQUEST[: len(REQUEST) - PIXELS + arrived])] == [400]
        two = HEAD + b"Content-Length: %d\r\n\r\n%b" % (2 * PIXELS, BODY)
        assert [status for status, _ in answers(port, two)] == [400]
        assert service.images.value(origin="http") == 0

    @pytest.mark.parametrize("chunks", [b"310\r\n", b"zz\r\n", b"-1\r\n\r\n", b"1\r\nab\r\n0\r\n\r\n"])
    def test_chunks_that_are_none(self, port: int, chunks: bytes) -> None:
        assert [status for status, _ in answers(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)] == [400]

    def test_every_client_reads_that_its_body_is_too_large(self, service: Service, port: int) -> None:
        body = bytes(8 * service.max_body_bytes)
        with ThreadPoolExecutor(30) as pool:
            found = list(pool.map(lambda _: ask(port, "POST", "/predict", body, RAW), range(30)))
        assert [answer.status for answer in found] == [413] * 30
        assert all(f"at most {service.max_body_bytes} bytes" in answer.json["error"] for answer in found)

    def test_chunks_that_are_too_large_together(self, service: Service, port: int) -> None:
        chunk = b"10000\r\n" + bytes(65_536) + b"\r\n"
        sent = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (service.max_body_bytes // 65_536 + 2)
        assert [status for status, _ in answers(port, sent)] == [413]

    @pytest.mark.usefixtures("hurried")
    @pytest.mark.parametrize("sent", [HEAD, HEAD + b"Content-Length: 784\r\n\r\n" + BODY[:100]], ids=["headers", "body"])
    def test_a_client_that_takes_too_long_is_told_so(self, port: int, sent: bytes) -> None:
        assert [status for status, _ in answers(port, sent, end=False)] == [408]

    def test_connections_too_many_are_refused_and_probes_are_not(self, service: Service) -> None:
        with served_by(service) as server, ExitStack() as held:
            server.max_connections = 2
            for _ in range(2):
                held.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            until(lambda: server.connections >= 2)
            answer = ask(server.port, "POST", "/predict", BODY, RAW)
            assert (answer.status, answer.headers["Retry-After"], answer.headers["Connection"]) == (503, "1", "close")
            assert service.requests.value(code="503") == 1
            for path in ("/healthz", "/readyz", "/metrics"):
                answer = ask(server.port, "GET", path)
                assert (answer.status, answer.headers["Connection"]) == (200, "close")
            assert ask(server.port, "GET", "/").status == 503

    def test_twice_as_many_are_closed_at_once(self, service: Service) -> None:
        with served_by(service) as server, ExitStack() as held:
            server.max_connections = 1
            for _ in range(2):
                held.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            until(lambda: server.connections >= 2)
            assert answers(server.port, b"", end=False) == []

    @pytest.mark.usefixtures("hurried")
    def test_a_surplus_connection_that_asks_nothing_is_closed(self, service: Service) -> None:
        with served_by(service) as server, closing(socket.create_connection(("127.0.0.1", server.port))):
            server.max_connections = 1
            until(lambda: server.connections >= 1)
            assert answers(server.port, b"", end=False) == []

    def test_bodies_that_would_fill_the_memory(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http_server, "MAX_BUFFERED_BYTES", 500)
        assert ask(port, "POST", "/predict", BODY, RAW).status == 503
        monkeypatch.setattr(http_server, "MAX_BUFFERED_BYTES", PIXELS)
        for _ in range(3):  # what was refused or answered no longer counts
            assert ask(port, "POST", "/predict", BODY, RAW).status == 200


@contextmanager
def served_by(service: Service) -> Iterator[HttpServer]:
    server = HttpServer("127.0.0.1", 0, service)
    try:
        yield server
    finally:
        server.close()


def test_a_body_counts_until_its_answer_so_that_those_that_wait_do_not_fill_the_memory_either(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go = threading.Event(), threading.Event()

    def slow(content_type: str, body: bytes) -> torch.Tensor:
        reading.set()
        assert go.wait(60)
        return read_images(content_type, body)

    monkeypatch.setattr("fashion_mnist.service.read_images", slow)
    monkeypatch.setattr(http_server, "MAX_BUFFERED_BYTES", 2 * PIXELS)
    with served_by(service) as server, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(ask, server.port, "POST", "/predict", BODY, RAW) for _ in range(2)]
        assert reading.wait(60)
        until(lambda: server.buffered_bytes >= 2 * PIXELS)
        assert ask(server.port, "POST", "/predict", BODY, RAW).status == 503
        go.set()
        assert [answer.result(60).status for answer in waiting] == [200, 200]
        assert server.buffered_bytes == 0


def test_bodies_are_read_one_at_a_time_so_that_probes_wait_for_one_only(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, most = 0, 0
    lock = threading.Lock()

    def counting(content_type: str, body: bytes) -> torch.Tensor:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        time.sleep(0.01)
        with lock:
            active -= 1
        return read_images(content_type, body)

    monkeypatch.setattr("fashion_mnist.service.read_images", counting)
    with served_by(service) as server, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ask(server.port, "POST", "/predict", BODY, RAW).status, range(16)))
    assert found == [200] * 16
    assert most == 1


def test_a_client_that_takes_no_answer_does_not_keep_its_connection(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "IDLE_SECONDS", 0.3)

    def sockets() -> int:
        return sum(str(entry.readlink()).startswith("socket:") for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())

    with served_by(service) as server:
        before = sockets()
        with closing(socket.socket()) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.settimeout(5)
            with suppress(OSError):  # the service stops reading, too, and then resets the connection
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000)
            until(lambda: sockets() == before + 1)
        assert server.connections == 0


@pytest.mark.parametrize(
    ("limits", "served", "soft"),
    [
        ((1_048_576, 1_048_576), 4096, 1_048_576),
        ((1024, 524_288), 4096, 8384),
        ((1024, resource.RLIM_INFINITY), 4096, 8384),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 4096, resource.RLIM_INFINITY),
        ((1024, 4096), 1952, 4096),
        ((64, 64), 1, 64),
    ],
)
def test_no_more_connections_are_served_than_the_process_may_have_files(limits: tuple[int, int], served: int, soft: int) -> None:
    assert http_server.connections_that_fit(limits) == (served, soft)


def test_the_service_does_not_leave_while_a_request_arrives(service: Service, port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), 60)) as client:
        client.sendall(REQUEST[:20])
        until(lambda: not service.wait_until_idle(0))
        client.sendall(REQUEST[20:])
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert service.wait_until_idle(60)


@pytest.mark.usefixtures("hurried")
def test_an_idle_connection_is_closed_without_a_word(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "IDLE_SECONDS", 0.3)
    assert answers(port, b"", end=False) == []


def damaged() -> Iterator[bytes]:
    """Requests with bytes changed, taken out, put in, or cut off."""
    chance = random.Random(1)
    for _ in range(300):
        sent = bytearray(REQUEST)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(HEAD) + 30)
            match chance.randrange(4):
                case 0:
                    sent[at] = chance.randrange(256)
                case 1:
                    del sent[at]
                case 2:
                    sent.insert(at, chance.choice(b"\r\n :;,09\x00\xff"))
                case _:
                    del sent[chance.randrange(len(sent)) :]
            if len(sent) < len(HEAD) + 30:
                break
        yield bytes(sent)


def test_whatever_arrives_is_answered_with_a_refusal_or_rightly(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for sent in damaged():
        for status, body in answers(port, sent):
            if status == 200:
                assert [prediction["class"] for prediction in json.loads(body)["predictions"]] == [7]
            else:
                assert 400 <= status < 500
                assert json.loads(body)["error"]
    assert ask(port, "POST", "/predict", BODY, RAW).status == 200
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_a_thousand_connections_and_slow_and_broken_ones_among_them(service: Service, port: int) -> None:
    async def well(number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        found = []
        for turn in range(5):
            pixel = 10 + (number + turn) % 10
            writer.write(HEAD + b"Content-Length: 784\r\n\r\n" + image(pixel))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            assert head.startswith(b"HTTP/1.1 200"), head
            assert json.loads(body)["predictions"][0]["class"] == pixel % 10
            found.append(200)
        writer.close()
        return found

    async def slow(number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for start in range(0, len(REQUEST), 100):
            writer.write(REQUEST[start : start + 100])
            await asyncio.sleep(0.2)
        head = await reader.readuntil(b"\r\n")
        writer.close()
        return [int(head.split(b" ")[1])]

    async def broken(number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST[: -1 - number])
        if number % 2:
            writer.transport.abort()
            return []
        writer.write_eof()
        head = await reader.readuntil(b"\r\n")
        writer.close()
        return [int(head.split(b" ")[1])]

    async def load() -> list[list[int]]:
        clients = [*(well(number) for number in range(1000)), *(slow(n) for n in range(50)), *(broken(n) for n in range(50))]
        return list(await asyncio.gather(*clients))

    found = asyncio.run(asyncio.wait_for(load(), 300))
    assert found[:1000] == [[200] * 5] * 1000
    assert found[1000:1050] == [[200]] * 50
    assert found[1050:] == [[400], []] * 25
    deadline = time.monotonic() + 60
    while service.requests.value(code="200") < 5050 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert service.requests.value(code="200") == 5050
