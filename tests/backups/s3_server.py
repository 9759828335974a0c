"""A real S3 API over HTTP on this machine (moto's server), and a bad line in front of it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import boto3
from moto.server import ThreadedMotoServer

Fault = Literal["500", "403", "cut off", "silent", "half an answer", "flipped"]
ALWAYS = 1_000_000
ERROR = ("<?xml version='1.0'?><Error><Code>{}</Code><Message>Not today.</Message></Error>").format


@contextmanager
def s3_server() -> Iterator[str]:
    """The host and port of a server without any bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def s3_client(host: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://{host}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )


def held(s3: Any) -> list[str]:
    """All keys, and all uploads that were begun and not ended."""
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="backups").get("Contents", [])]
    begun = s3.list_multipart_uploads(Bucket="backups").get("Uploads", [])
    return keys + [f"begun: {found['Key']}" for found in begun]


@dataclass
class Line:
    """What lies between us and the server: its address, what goes wrong, and what came by."""

    host: str = ""
    faults: list[list[Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def fails(self, fault: Fault, request: str, times: int = ALWAYS) -> None:
        """The next `times` requests whose method and path hold `request` go wrong that way."""
        self.faults.append([fault, request, times])

    def fault_of(self, request: str) -> Fault | None:
        self.seen.append(request)
        for fault in self.faults:
            if fault[1] in request and fault[2] > 0:
                fault[2] -= 1
                name: Fault = fault[0]
                return name
        return None


@contextmanager
def bad_line(server: str) -> Iterator[Line]:
    """A proxy before `server` that fails as it is told."""
    line = Line()
    handler = type("Bound", (_Handler,), {"line": line, "server_host": server})
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    proxy.daemon_threads = True
    line.host = f"127.0.0.1:{proxy.server_address[1]}"
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield line
    finally:
        line.closing.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line
    server_host: str

    def _any(self) -> None:
        fault = self.line.fault_of(f"{self.command} {self.path}")
        length = int(self.headers.get("Content-Length", 0))
        if fault == "cut off":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault == "silent":
            self.line.closing.wait()
            self.close_connection = True
        elif fault in ("500", "403"):
            code = "InternalError" if fault == "500" else "AccessDenied"
            self._answer(int(fault), [], ERROR(code).encode())
        else:
            self._pass_on(body, fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any

    def _pass_on(self, body: bytes, fault: Fault | None) -> None:
        connection = http.client.HTTPConnection(self.server_host)
        kept = {name: value for name, value in self.headers.items() if name != "Expect"}
        connection.request(self.command, self.path, body, kept)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if fault == "flipped":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self._answer(answer.status, answer.getheaders(), data, half=fault == "half an answer")

    def _answer(
        self, status: int, headers: list[tuple[str, str]], data: bytes, *, half: bool = False
    ) -> None:
        self.send_response_only(status)
        named = {name.lower(): value for name, value in headers}
        named.pop("transfer-encoding", None)
        # A HEAD says the length of a body that does not follow.
        named.setdefault("content-length", str(len(data)))
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if half else data)
        self.close_connection = half

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at `Line.seen`."""
