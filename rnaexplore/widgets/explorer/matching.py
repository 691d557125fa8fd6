"""Finding patterns, in time proportional to texts and pattern whatever the pattern is.

From the last step to the first: for every place of a text, can the rest of the pattern begin here?
A step can if, after as many of its letters as there may be, there is a place where what follows can
begin. All places of all texts are asked at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.widgets.explorer.patterns import Step

__all__ = ["holding"]

Mask = NDArray[np.bool_]
Places = NDArray[np.int32]

CHUNK = 2_000_000  #: characters that are searched at once
_END = ord("\n")  #: behind every text; no step holds it
_NONE = -1


def holding(steps: Sequence[Step], texts: Sequence[object], *, ignore_case: bool) -> Mask:
    """Return which texts hold a pattern anywhere, shape (n,); what is no text holds none."""
    found = [_holding(steps, part, ignore_case=ignore_case) for part in _parts(texts)]
    known = np.array([isinstance(text, str) for text in texts], dtype=bool)
    held: Mask = known & np.concatenate([*found, np.zeros(0, dtype=bool)])
    return held


def _parts(texts: Sequence[object]) -> Iterator[list[str]]:
    """Yield texts by chunks of about `CHUNK` characters."""
    part: list[str] = []
    size = 0
    for text in texts:
        part.append(text if isinstance(text, str) else "")
        size += len(part[-1]) + 1
        if size >= CHUNK:
            yield part
            part, size = [], 0
    if part:
        yield part


def _holding(steps: Sequence[Step], texts: list[str], *, ignore_case: bool) -> Mask:
    joined = "\n".join([*texts, ""]).encode("ascii", "replace")  # one byte a character
    letters = np.frombuffer(joined, dtype=np.uint8)
    begins = np.ones(len(letters), dtype=bool)
    for step in reversed(steps):
        begins = _before(begins, _is_in(step.letters, letters, ignore_case=ignore_case), step)
        if not begins.any():
            break
    ends = np.cumsum([len(text) + 1 for text in texts])
    found: Mask = np.logical_or.reduceat(begins, np.concatenate([[0], ends[:-1]]))
    return found


def _is_in(chosen: str, letters: NDArray[np.uint8], *, ignore_case: bool) -> Mask:
    """Return where one of the chosen letters is."""
    table = np.zeros(256, dtype=bool)
    if chosen:
        table[list(chosen.encode())] = True
        table[list((chosen.lower() if ignore_case else chosen).encode())] = True
    else:
        table[:] = True
        table[_END] = False
    return table[letters]


def _before(begins: Mask, held: Mask, step: Step) -> Mask:
    """Return where a step can begin, if what follows it can begin where `begins` says."""
    if step[1:] == (1, 1):
        return np.append(begins[1:], False) & held
    places: Places = np.arange(len(held), dtype=np.int32)
    stop = np.minimum.accumulate(np.where(held, len(held) - 1, places)[::-1])[::-1]
    if step.most is not None:
        stop = np.minimum(stop, places + np.int32(step.most))
    last = np.maximum.accumulate(np.where(begins, places, _NONE))
    found: Mask = last[stop] >= places + np.int32(step.least)
    return found
