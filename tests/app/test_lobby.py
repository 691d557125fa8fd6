"""Visitors wait in the order in which they came, and see their place."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from rnaexplore.app import memory, watch
from rnaexplore.app.limits import Limits
from rnaexplore.app.lobby import GONE, MOST_WAITING, Lobby, waiting_page
from rnaexplore.app.server import is_loopback
from rnaexplore.errors import InputError


@pytest.fixture
def time():
    return SimpleNamespace(now=0.0)


@pytest.fixture
def lobby(time):
    return Lobby(2, clock=lambda: time.now)


def test_who_came_first_enters_first(lobby):
    assert lobby.ask(None, used=0)[1] == 0
    assert lobby.ask(None, used=1)[1] == 0
    first, place = lobby.ask(None, used=2)
    second, behind = lobby.ask(None, used=2)
    assert (place, behind) == (1, 2)
    assert lobby.ask(second, used=1)[1] == 2, "one page is free, for the other"
    assert lobby.ask(None, used=1)[1] == 3, "nobody overtakes"
    assert lobby.ask(first, used=1) == (first, 0)
    assert lobby.ask(second, used=2) == (second, 1)
    assert lobby.ask(second, used=1) == (second, 0)


def test_pages_that_are_being_made_count(lobby):
    with lobby.entering(), lobby.entering():
        ticket, place = lobby.ask(None, used=0)
        assert place == 1
    assert lobby.ask(ticket, used=0) == (ticket, 0)


def test_who_stops_asking_loses_the_place(lobby, time):
    first, _ = lobby.ask(None, used=2)
    time.now = GONE / 2
    second, _ = lobby.ask(None, used=2)
    time.now = GONE + 1
    assert lobby.ask(second, used=2) == (second, 1)
    again, place = lobby.ask(first, used=2)
    assert place == 2
    assert again != first


def test_the_queue_ends_somewhere(lobby):
    for _ in range(MOST_WAITING + 50):
        _, place = lobby.ask("forged", used=2)
    assert place == MOST_WAITING + 1


def test_the_page_says_the_place_and_asks_again(lobby):
    ticket, place = lobby.ask('"><script>', used=2)
    page = waiting_page(ticket, place, 2)
    assert "number <b>1</b>" in page
    assert f"url=?ticket={ticket}" in page
    assert "<script" not in page


class Kernels:
    """As much of Jupyter's manager as is asked for."""

    def __init__(self, **alive):
        self.alive, self.ended = alive, []

    def __contains__(self, name):
        return name in self.alive

    def list_kernel_ids(self):
        return list(self.alive)

    def get_kernel(self, name):
        async def is_alive():
            return self.alive[name]

        return SimpleNamespace(provisioner=SimpleNamespace(pid=1), is_alive=is_alive)

    async def shutdown_kernel(self, name, *, now):
        assert now
        self.ended.append(name)


@pytest.mark.parametrize(("taken", "ended"), [(1e9, ["b"]), (5e9, ["a", "b"])])
def test_dead_and_large_processes_are_taken_off_the_list(taken, ended, monkeypatch):
    monkeypatch.setattr(watch, "memory_of", lambda process: taken)
    kernels = Kernels(a=True, b=False)
    log = SimpleNamespace(warning=lambda *_: None)
    asyncio.run(watch.Watch(kernels, Limits(gigabytes=4), log).look())
    assert kernels.ended == ended


def test_memory_of_a_process():
    import os

    assert memory.memory_of(os.getpid()) > 10_000_000
    assert memory.memory_of(2**22 + 1) == 0


def test_limits_are_checked():
    with pytest.raises(InputError, match="pages must be at least 1"):
        Limits(pages=0)
    for wrong in (0.5, -1, float("nan")):
        with pytest.raises(InputError, match="gigabytes must be 0 or at least 2"):
            Limits(gigabytes=wrong)
    assert Limits(gigabytes=0).gigabytes == 0


@pytest.mark.parametrize(
    ("address", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.7", False), ("example.org", False)],
)  # fmt: skip
def test_addresses_that_others_reach(address, alone):
    assert is_loopback(address) == alone
