"""A server on this machine that behaves as a test asks: well, or in one of many bad ways."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class BadServer:
    """Files by path, and per path a list of behaviours, used up one a request.

    `asked` holds (path, Range header) of every request.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.behaviours: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""
        self.released = threading.Event()  # set at the end: nobody stalls longer

    def next_behaviour(self, path: str) -> str:
        waiting = self.behaviours.get(path, [])
        return waiting.pop(0) if waiting else "serve"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bad: BadServer

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.bad.asked.append((self.path, self.headers.get("Range")))
        behaviour, _, argument = self.bad.next_behaviour(self.path).partition(" ")
        self.close_connection = True
        getattr(self, f"act_{behaviour}")(argument)

    def body(self) -> bytes:
        return self.bad.files[self.path]

    def answer(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()

    def act_serve(self, _: str) -> None:
        if self.path not in self.bad.files:
            self.answer(404, Content_Length=0)
            return
        body = self.body()
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if not asked:
            self.answer(200, Content_Length=len(body), ETag='"v1"')
            self.wfile.write(body)
            return
        start = int(asked[1])
        if start >= len(body):
            self.answer(416, Content_Length=0)
            return
        place = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.answer(206, Content_Length=len(body) - start, Content_Range=place, ETag='"v1"')
        self.wfile.write(body[start:])

    def act_slow(self, size: str) -> None:
        """Serve in blocks of so many bytes, a moment apart."""
        write = self.wfile.write

        def slowly(data: bytes) -> None:
            for start in range(0, len(data), int(size)):
                write(data[start : start + int(size)])
                time.sleep(0.004)

        self.wfile.write = slowly  # type: ignore[assignment,method-assign]
        self.act_serve("")

    def act_drop(self, count: str) -> None:
        """Break off after so many bytes of what was promised."""
        body = self.body()
        start = int((re.search(r"\d+", self.headers.get("Range") or "") or ["0"])[0])
        if start:
            place = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self.answer(206, Content_Length=len(body) - start, Content_Range=place, ETag='"v1"')
        else:
            self.answer(200, Content_Length=len(body), ETag='"v1"')
        self.wfile.write(body[start : start + int(count)])

    def act_stall(self, count: str) -> None:
        """Send so many bytes, then nothing, with the line open."""
        self.answer(200, Content_Length=len(self.body()), ETag='"v1"')
        self.wfile.write(self.body()[: int(count)])
        self.wfile.flush()
        self.bad.released.wait(20)

    def act_drip(self, _: str) -> None:
        """A byte now and then: never silent, never done."""
        self.answer(200, Content_Length=len(self.body()))
        for byte in self.body():
            if self.bad.released.is_set():
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.02)

    def act_short(self, cut: str) -> None:
        """Promise and send less than the file: whole for HTTP, cut off for zip."""
        body = self.body()[: -int(cut)]
        self.answer(200, Content_Length=len(body))
        self.wfile.write(body)

    def act_unbounded(self, _: str) -> None:
        """No length, and no end."""
        self.answer(200)
        for _ in range(5000):
            self.wfile.write(b"x" * 65536)

    def act_huge(self, _: str) -> None:
        self.answer(200, Content_Length=10**15)

    def act_redirect(self, where: str) -> None:
        self.answer(302, Location=where, Content_Length=0)

    def act_status(self, number: str) -> None:
        self.answer(int(number), Content_Length=0)

    def act_wait(self, seconds: str) -> None:
        self.answer(429, Content_Length=0, Retry_After=seconds)

    def act_wrong_range(self, _: str) -> None:
        """Answer from another byte than was asked for."""
        body = self.body()
        self.answer(206, Content_Length=len(body), Content_Range=f"bytes 0-{len(body) - 1}/*")
        self.wfile.write(body)

    def act_ignore_range(self, _: str) -> None:
        self.answer(200, Content_Length=len(self.body()))
        self.wfile.write(self.body())

    def act_other(self, _: str) -> None:
        """Another file than was asked for."""
        page = b"<html>Please log in</html>"
        self.answer(200, Content_Length=len(page), Content_Type="text/html")
        self.wfile.write(page)

    def act_compressed(self, _: str) -> None:
        self.answer(200, Content_Length=len(self.body()), Content_Encoding="gzip")
        self.wfile.write(self.body())


@contextmanager
def bad_server(bad: BadServer | None = None) -> Iterator[BadServer]:
    """A running server; gone, with all its threads, at the end of the block."""
    bad = bad or BadServer()
    handler = type("BoundHandler", (Handler,), {"bad": bad})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
    bad.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bad
    finally:
        bad.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
