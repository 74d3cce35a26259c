"""The inference service on a socket: asyncio carries the bytes, h11 reads and writes HTTP/1.1, this file has the limits.

A refusal must reach the client. So a connection whose request was not read to its end is not closed at once, which would
reset it under a client that is still sending, and take the answer with it: the service stops sending, reads on for a
while, and closes then (RFC 9112, section 9.6).
"""

import asyncio
import contextlib
import json
import resource
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import h11

from fashion_mnist.metrics import CONTENT_TYPE
from fashion_mnist.service import Service, State

IDLE_SECONDS = 60.0
"""Longest wait for the next request to begin, and for a client to take its answer."""
HEAD_SECONDS = 20.0
"""Longest time from a request's first byte to the end of its headers."""
BODY_SECONDS = 60.0
"""Longest time that a body may take."""
LINGER_SECONDS = 10.0
"""Longest time that what a refused client still sends is read, and thrown away. A surplus connection waits as long for its
request."""
READ_BYTES = 64 * 1024
MAX_HEAD_BYTES = 16 * 1024
MAX_CONNECTIONS = 4096
"""That are served. As many again are surplus: only probes are answered, others get 503. Further ones are closed at once."""
RESERVED_FILES = 192
"""Of the process, for what is no connection, such as libraries, and for connections that are accepted but not counted yet."""
MAX_BUFFERED_BYTES = 256 * 2**20
"""Of all bodies that are arriving or not answered yet, together: clients with large bodies must not fill the pod's memory."""
BACKLOG = 1024
SECURITY_HEADERS = [
    # The page brings its pictures and its style with it, and nothing else may run in it.
    (
        "Content-Security-Policy",
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
]

PROBES = ("/healthz", "/readyz", "/metrics")
"""Answered on a surplus connection too: who holds all connections must not make a kubelet restart the pod."""
METHODS = {"/": "GET", "/healthz": "GET", "/readyz": "GET", "/metrics": "GET", "/predict": "POST"}


@dataclass(frozen=True)
class Answer:
    """What is sent. `headers` are those beyond the ones that every answer has."""

    status: HTTPStatus
    body: bytes
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)


class _Refused(Exception):
    """The request is answered before it was read to its end."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def connections_that_fit(limits: tuple[int, int]) -> tuple[int, int]:
    """How many connections are served under these soft and hard limits of open files, and the soft limit that this needs."""
    soft, hard = (float("inf") if limit == resource.RLIM_INFINITY else limit for limit in limits)
    needed = 2 * MAX_CONNECTIONS + RESERVED_FILES
    if soft >= needed:
        return MAX_CONNECTIONS, limits[0]
    raised = int(min(needed, hard))
    return max(1, (raised - RESERVED_FILES) // 2), raised


def _make_room() -> int:
    """Raises this process's limit of open files as far as its connections need it; how many of those are then served."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    served, soft = connections_that_fit(limits)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, limits[1]))
    return served


class HttpServer:
    """Listens from its construction on, in a thread of its own."""

    def __init__(self, host: str, port: int, service: Service) -> None:
        """Raises OSError where `host` and `port` cannot be listened on."""
        self.service = service
        self.buffered_bytes = 0
        self.connections = 0
        self.max_connections = _make_room()
        self._socket = socket.create_server((host, port), backlog=BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._listening: asyncio.Server | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._thread.start()
        self._started.wait()

    def stop_listening(self) -> None:
        """Takes no more connections; those that there are stay."""
        self._call(self._stop_listening())

    def close(self) -> None:
        """Ends every connection and the thread."""
        self.stop_listening()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _call(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._listening = self._loop.run_until_complete(asyncio.start_server(self._connected, sock=self._socket))
        self._started.set()
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            # A client that went away, or takes nothing, ends its connection, and is no news.
            with contextlib.suppress(OSError):
                if self.connections <= 2 * self.max_connections:
                    await _Connection(self, reader, writer, surplus=self.connections > self.max_connections).serve()
        finally:
            self.connections -= 1
            # Closing waits until everything has been sent. A client that takes nothing would keep the connection for ever.
            if writer.transport.get_write_buffer_size() > 0:
                writer.transport.abort()
            writer.close()


class _Connection:
    """One client's connection: requests one after another, or a single one where the connection is `surplus`."""

    def __init__(self, server: HttpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, surplus: bool) -> None:
        self._surplus = surplus
        self._server = server
        self._service = server.service
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._head_only = False
        self._buffered_bytes = 0

    async def serve(self) -> None:
        """Until the client leaves, or has to."""
        # From its first byte on, so that the service does not leave while a request arrives.
        while await self._begins():
            with self._service.in_flight():
                goes_on = await self._exchange()
            if not goes_on:
                break
            self._http.start_next_cycle()
        await self._linger()

    async def _exchange(self) -> bool:
        """Answers one request; False when the connection ends with it."""
        path = None
        try:
            request = await self._head()
            if request is None:
                return False
            self._head_only = request.method == b"HEAD"
            path = _path(request.target)
            if self._surplus and path not in PROBES:
                raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections; try again")
            answer = await self._answer(request, path, await self._body(request))
        except _Refused as refused:
            if path == "/predict":
                self._service.count(refused.status)
            await self._refuse(refused)
            return False
        finally:
            self._server.buffered_bytes -= self._buffered_bytes
            self._buffered_bytes = 0
        await self._send(answer, close=self._surplus or self._service.state is State.DRAINING)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    # -- reading --------------------------------------------------------------------------------------------------

    async def _begins(self) -> bool:
        """Waits for the first byte of the next request; False when none comes."""
        if self._http.trailing_data[0]:
            return True
        try:
            async with asyncio.timeout(LINGER_SECONDS if self._surplus else IDLE_SECONDS):
                received = await self._reader.read(READ_BYTES)
        except TimeoutError:
            return False
        self._http.receive_data(received)
        return received != b""

    async def _head(self) -> h11.Request | None:
        """The next request's line and headers; None when the client ends before a request has begun."""
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                event = await self._event()
        except TimeoutError:
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT, f"the headers did not arrive within {HEAD_SECONDS:g} s") from None
        if not isinstance(event, h11.Request):
            return None
        if event.http_version not in (b"1.0", b"1.1"):
            raise _Refused(HTTPStatus.BAD_REQUEST, "send HTTP/1.1")
        return event

    async def _body(self, request: h11.Request) -> bytes:
        limit = self._service.max_body_bytes
        headers = dict(request.headers)
        if b"content-length" in headers and b"transfer-encoding" in headers:
            # Two lengths: whoever forwards such a request may have believed the other one (RFC 9112, section 6.1).
            raise _Refused(HTTPStatus.BAD_REQUEST, "send either Content-Length or Transfer-Encoding, not both")
        too_large = _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of at most {limit} bytes is taken")
        if int(headers.get(b"content-length", b"0")) > limit:
            raise too_large
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while isinstance(event := await self._event(), h11.Data):
                    body += event.data
                    self._buffered_bytes += len(event.data)
                    self._server.buffered_bytes += len(event.data)
                    if len(body) > limit:
                        raise too_large
                    if self._server.buffered_bytes > MAX_BUFFERED_BYTES:
                        raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too many bodies are arriving; try again")
        except TimeoutError:
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive within {BODY_SECONDS:g} s") from None
        return bytes(body)

    async def _event(self) -> Any:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(READ_BYTES))
        except h11.RemoteProtocolError as error:
            # h11 proposes 400, 431 for headers too large, and 501 for a transfer coding, which the client can do without.
            status = error.error_status_hint if error.error_status_hint < 500 else 400
            raise _Refused(HTTPStatus(status), f"this is not HTTP/1.1 as it is taken here: {error}") from error
        return event

    # -- answering ------------------------------------------------------------------------------------------------

    async def _answer(self, request: h11.Request, path: str, body: bytes) -> Answer:
        method = METHODS.get(path)
        if method is None:
            known = ", ".join(f"{method} {path}" for path, method in METHODS.items())
            return _error(HTTPStatus.NOT_FOUND, f"there is no {path}; there are {known}")
        if ("GET" if self._head_only else request.method.decode("ascii")) != method:
            return _error(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {method} only", ("Allow", method))
        service = self._service
        match path:
            case "/predict":
                content_type = dict(request.headers).get(b"content-type", b"application/json").decode("latin-1")
                status, fields = await service.predict(content_type, body)
                return _json(status, fields)
            case "/healthz":
                return _text(*service.health())
            case "/readyz":
                return _text(*service.readiness())
            case "/metrics":
                return Answer(HTTPStatus.OK, service.metrics().encode(), CONTENT_TYPE)
            case _:
                return Answer(HTTPStatus.OK, service.page().encode(), "text/html; charset=utf-8", SECURITY_HEADERS)

    async def _refuse(self, refused: _Refused) -> None:
        await self._send(_error(refused.status, str(refused)), close=True)

    async def _send(self, answer: Answer, *, close: bool) -> None:
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers,
        ]
        if answer.status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", "1"))
        if close:
            headers.append(("Connection", "close"))  # h11 then ends the connection after this answer
        head = h11.Response(status_code=int(answer.status), headers=headers, reason=answer.status.phrase.encode("ascii"))
        body = [] if self._head_only else [h11.Data(data=answer.body)]
        await self._write(head, *body, h11.EndOfMessage())

    async def _write(self, *events: Any) -> None:
        parts: Iterable[bytes | None] = [self._http.send(event) for event in events]
        async with asyncio.timeout(IDLE_SECONDS):
            self._writer.write(b"".join(part for part in parts if part is not None))
            await self._writer.drain()

    async def _linger(self) -> None:
        """Ends our side, and reads what still comes, so that the client can read what it was told."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        async with asyncio.timeout(LINGER_SECONDS):
            while await self._reader.read(READ_BYTES):
                pass


def _path(target: bytes) -> str:
    """The path that a request is about, whether it is sent alone or in a whole address (RFC 9112, section 3.2.2)."""
    text = target.decode("ascii")
    if not text.lower().startswith(("http://", "https://")):
        return text.partition("?")[0]
    try:
        return urlsplit(text).path or "/"
    except ValueError as error:
        raise _Refused(HTTPStatus.BAD_REQUEST, f"{text} is no address") from error


def _error(status: HTTPStatus, reason: str, *headers: tuple[str, str]) -> Answer:
    return replace(_json(status, {"error": reason}), headers=list(headers))


def _text(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8")


def _json(status: HTTPStatus, fields: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(fields).encode())
