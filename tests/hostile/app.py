"""The application as a process, and visitors that are no browsers."""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import psutil

import rnaexplore
from rnaexplore.app.frames import PROTOCOL

START = 120  # seconds
TOKEN = "test-token"
PARTS = ("header", "parent_header", "metadata", "content")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """Yield address and process of an application on this machine alone."""
    import os

    port = free_port()
    own = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    source = str(Path(rnaexplore.__file__).parents[1])  # the same package in server and kernels
    environment = os.environ | own | {"OMP_NUM_THREADS": "1", "PYTHONPATH": source}
    code = "from rnaexplore.cli import main; main()"
    log = home / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                sys.executable, "-c", code, "app", "--no-browser", f"--port={port}",
                f"--token={TOKEN}", *options,
            ],
            env=environment, stdout=out, stderr=out,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START
            while "Open http" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Visitor:
    """Somebody with the token, and with a page."""

    def __init__(self, base: str) -> None:
        self.base = base
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        self.code, self.html = 0, ""
        self.ask(f"?token={TOKEN}")

    def ask(self, place: str | None = None) -> int:
        """Ask for the page, with the ticket of the queue; return the status."""
        url = f"{self.base}/{f'?ticket={self.ticket}' if place is None else place}"
        try:
            with self.opener.open(url, timeout=START) as answer:
                self.code, self.html = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.code, self.html = error.code, error.read().decode()
        return self.code

    @property
    def ticket(self) -> str:
        """What the queue gave out."""
        return re.search(r"\?ticket=([\w-]+)", self.html)[1]

    def get(self, place: str) -> str:
        with self.opener.open(f"{self.base}/{place}", timeout=START) as answer:
            return answer.read().decode()

    def status(self, place: str) -> int:
        try:
            self.get(place)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return 200

    @property
    def kernel(self) -> str:
        """The id of the page's kernel."""
        found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', self.html, re.S)
        return json.loads(found[1])["kernelId"]

    @property
    def channels(self) -> str:
        """Where the page's websocket is."""
        return f"/api/kernels/{self.kernel}/channels?token={TOKEN}"

    def connect(self):
        """Return the page's websocket."""
        from websocket import create_connection

        url = self.base.replace("http", "ws") + self.channels
        return create_connection(url, timeout=START, subprotocols=[PROTOCOL])

    def upgrade(self, protocol: str | None) -> int:
        """Return the status of the answer to a websocket of some protocol."""
        url = urlsplit(self.base)
        names = {} if protocol is None else {"Sec-WebSocket-Protocol": protocol}
        asking = http.client.HTTPConnection(url.hostname, url.port, timeout=START)
        asking.request(
            "GET", self.channels,
            headers={
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", **names,
            },
        )  # fmt: skip
        try:
            return asking.getresponse().status
        finally:
            asking.close()


def status(base: str, place: str) -> int:
    """Return the status of what a stranger asks for."""
    url = urlsplit(base)
    stranger = http.client.HTTPConnection(url.hostname, url.port, timeout=START)
    try:
        stranger.request("GET", f"/{place}")
        return stranger.getresponse().status
    finally:
        stranger.close()


def page(base: str, place: str) -> str:
    """Return what a stranger reads."""
    with urllib.request.urlopen(f"{base}/{place}", timeout=START) as answer:
        return answer.read().decode()


def kernels(process: subprocess.Popen) -> list[psutil.Process]:
    """Return the processes of pages."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "ipykernel_launcher" in " ".join(child.cmdline())]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.1)


def is_answering(base: str, *, within: float) -> bool:
    """Return whether the server answers a request of somebody else."""
    url = urlsplit(base)
    stranger = http.client.HTTPConnection(url.hostname, url.port, timeout=within)
    try:
        stranger.request("GET", "/login")
        return stranger.getresponse().status == 200
    except TimeoutError:
        return False
    finally:
        stranger.close()


def frame(
    kind: str, content: object = None, *, channel: bytes = b"shell", **about: object
) -> bytes:
    """Return a message in the framing of pages."""
    header = {"msg_id": kind, "msg_type": kind, "username": "", "session": "s", "version": "5.3"}
    whole = {"header": header, "parent_header": {}, "metadata": {}, "content": content or {}}
    return framed(channel, *(json.dumps((whole | about)[name]).encode() for name in PARTS))


def framed(*parts: bytes) -> bytes:
    n = len(parts) + 1
    places = [8 * (n + 1)]
    for part in parts:
        places.append(places[-1] + len(part))
    return struct.pack(f"<{n + 1}Q", n, *places) + b"".join(parts)


def read(data: bytes) -> dict[str, object]:
    """Return header and content of a frame from the server."""
    (n,) = struct.unpack_from("<Q", data)
    places = struct.unpack_from(f"<{n}Q", data, 8)
    parts = [data[a:b] for a, b in pairwise(places)]
    return {"header": json.loads(parts[1]), "content": json.loads(parts[4])}


def hostile_frames() -> dict[str, bytes | str]:
    """Return frames that no page sends, by what is wrong with them."""
    good = frame("kernel_info_request")
    return {
        "eight bytes 0xff": b"\xff" * 8,
        "a number and nothing": struct.pack("<Q", 2**40),
        "nothing": b"",
        "four bytes": b"\xff" * 4,
        "a text": "kernel_info_request",
        "JSON": json.dumps({"header": {"msg_type": "kernel_info_request"}, "channel": "shell"}),
        "places beyond the end": struct.pack("<7Q", 6, *[2**60] * 6),
        "places that go back": struct.pack("<7Q", 6, 56, 40, 30, 20, 10, 0) + b"shell",
        "more places than bytes": struct.pack("<Q", 100) + b"\0" * 100,
        "bytes after the end": good + b"x",
        "bytes missing": good[:-1],
        "another channel": frame("kernel_info_request", channel=b"iopub"),
        "code": frame("execute_request", {"code": "1"}),
        "a debugger": frame("debug_request", channel=b"control"),
        "a header that is a list": framed(b"shell", b"[]", b"{}", b"{}", b"{}"),
        "a deep header": framed(b"shell", b"[" * 9000, b"{}", b"{}", b"{}"),
        "a header that is no text": framed(b"shell", b"\xff\xfe", b"{}", b"{}", b"{}"),
        "a type that is a list": framed(b"shell", b'{"msg_type": ["comm_msg"]}', *[b"{}"] * 3),
        "no parts": framed(b"shell"),
        "a thousand buffers": framed(b"shell", *[b"{}"] * 1000),
    }  # fmt: skip
