"""Texts of a file in figures: as they are, on one line, and not endless."""

from __future__ import annotations

__all__ = ["LONGEST", "on_one_line"]

LONGEST = 60  #: letters of a name in a figure


def on_one_line(text: object) -> str:
    """Return a text without characters that cannot be seen; its middle is left out if it is long.

    Examples
    --------
    >>> on_one_line("a" + chr(10) + "b")
    'a b'
    """
    seen = "".join(letter if letter.isprintable() else " " for letter in str(text))
    half = LONGEST // 2
    return seen if len(seen) <= LONGEST else f"{seen[:half]}…{seen[1 - half :]}"
