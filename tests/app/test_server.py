"""Where the application listens, and what it says of that."""

from __future__ import annotations

import os
import socket
import warnings

import pytest

from rnaexplore.app import server
from rnaexplore.errors import InputError, RnaExploreWarning


class Fake:
    """A server that does nothing; it remembers how it was called."""

    def __init__(self, **given):
        self.given = given

    def initialize(self, options):
        self.options = options

    def start(self):
        pass


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch):
    monkeypatch.setattr(server, "_server", lambda: Fake)
    monkeypatch.setattr(server, "_configuration", dict)
    monkeypatch.setattr(os, "environ", dict(os.environ))


def free_port(family=socket.AF_INET, address="127.0.0.1"):
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def test_others_than_this_machine_are_warned_of():
    with pytest.warns(RnaExploreWarning, match=r"0\.0\.0\.0 answers other machines, without encr"):
        server.serve(address="0.0.0.0", port=free_port())


def test_this_machine_alone_is_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        server.serve(port=free_port())


def test_a_port_that_is_taken_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port} cannot be used"):
            server.serve(port=port)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("::1", "http://[::1]:8866/?token=t"), ("127.0.0.1", "http://127.0.0.1:8866/?token=t"),
        ("localhost", "http://localhost:8866/?token=t"),
        ("fe80::1", "http://[fe80::1]:8866/?token=t"),
    ],
)  # fmt: skip
def test_the_address_can_be_opened(address, url):
    assert server.page_address(address, 8866, "t") == url
    assert server.page_address(address, 8866, "") == url.removesuffix("?token=t")
