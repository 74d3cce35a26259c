"""The inference service on a socket: the standard library's server, a thread a connection, connections kept."""

import json
import sys
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fashion_mnist.metrics import CONTENT_TYPE
from fashion_mnist.service import Service, State

IDLE_SECONDS = 60.0
"""A connection that sends nothing for so long is closed."""


class HttpServer(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        self.service = service
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is printed with its traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@dataclass(frozen=True)
class _Answer:
    status: HTTPStatus
    body: bytes
    content_type: str = "application/json"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    # Headers and body leave in one segment: unbuffered, the second would wait for the client's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: HttpServer

    def do_GET(self) -> None:
        service = self.server.service
        if self.path == "/healthz":
            self._send(_text(*service.health()))
        elif self.path == "/readyz":
            self._send(_text(*service.readiness()))
        elif self.path == "/metrics":
            self._send(_Answer(HTTPStatus.OK, service.metrics().encode(), CONTENT_TYPE))
        else:
            self._send(_json(HTTPStatus.NOT_FOUND, {"error": "GET /healthz, /readyz, /metrics or POST /predict"}))

    def do_POST(self) -> None:
        with self.server.service.in_flight():
            self._post()
            self.wfile.flush()

    def _post(self) -> None:
        if self.path != "/predict":
            self.close_connection = True  # its body is not read
            self._send(_json(HTTPStatus.NOT_FOUND, {"error": "POST /predict"}))
            return
        service = self.server.service
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        elif int(length) > service.max_body_bytes():
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of at most {service.max_body_bytes()} bytes is taken")
        else:
            body = self.rfile.read(int(length))
            status, answer = service.predict(self.headers.get("Content-Type", "application/json"), body)
            self._send(_json(status, answer))

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self.close_connection = True
        self.server.service.count(status, 0)
        self._send(_json(status, {"error": reason}))

    def _send(self, answer: _Answer) -> None:
        if self.server.service.state is State.DRAINING:
            self.close_connection = True  # so that a client's next request goes to a replica that stays
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "1")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted in /metrics, not logged."""


def _text(status: HTTPStatus, text: str) -> _Answer:
    return _Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8")


def _json(status: HTTPStatus, fields: dict[str, Any]) -> _Answer:
    return _Answer(status, json.dumps(fields).encode())
