"""Who may have a page: so many at a time, the others in the order in which they came."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["REFRESH", "Lobby", "waiting_page"]

REFRESH = 4  #: seconds after which a browser that waits asks again
GONE = 20  #: seconds without a question after which a place in the queue is given up
MOST_WAITING = 1000

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="{seconds}; url=?ticket={ticket}">
<title>rnaexplore: waiting</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 32em; }}</style>
</head>
<body>
<h1>rnaexplore</h1>
<p role="status">All {pages} pages of this server are in use. You are number <b>{place}</b> in the
queue; this page opens by itself when it is your turn.</p>
</body>
</html>
"""


class Lobby:
    """The queue of visitors.

    Parameters
    ----------
    pages
        Most pages at a time.
    clock
        Returns seconds.
    """

    def __init__(self, pages: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.pages = pages
        self._clock = clock
        self._entering = 0
        self._seen: dict[str, float] = {}  # ticket to when it was shown last, in order of arrival

    def ask(self, ticket: str | None, used: int) -> tuple[str, int]:
        """Return a visitor's ticket and place in the queue, 0 for a page now.

        Parameters
        ----------
        ticket
            What the visitor shows; a new one is made if it is unknown.
        used
            Pages in use.
        """
        now = self._clock()
        self._seen = {known: at for known, at in self._seen.items() if now - at <= GONE}
        if ticket not in self._seen:
            ticket = secrets.token_urlsafe(9)
            if len(self._seen) >= MOST_WAITING:
                return ticket, MOST_WAITING + 1
        self._seen[ticket] = now
        before = list(self._seen).index(ticket)
        if before >= self.pages - used - self._entering:
            return ticket, before + 1
        del self._seen[ticket]
        return ticket, 0

    @contextmanager
    def entering(self) -> Iterator[None]:
        """Count a page that is being made and has no process yet."""
        self._entering += 1
        try:
            yield
        finally:
            self._entering -= 1


def waiting_page(ticket: str, place: int, pages: int) -> str:
    """Return what a visitor sees who has to wait; `ticket` is one of `Lobby.ask`."""
    return _PAGE.format(seconds=REFRESH, ticket=ticket, place=place, pages=pages)
