"""Waiting for what a page shows, not for time: a busy machine takes longer."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST = 120  #: seconds


def until(page, holds: Callable[[], bool], what: str = "it never came to hold") -> None:
    """Wait until something holds; the page goes on meanwhile."""
    deadline = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < deadline, what
        settled(page)


def settled(page) -> None:
    """Wait until what was asked for before has been drawn: two frames."""
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
