"""Random sequences with the same dinucleotides: the null of composition and stacking."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

__all__ = ["dinucleotide_shuffle"]


def dinucleotide_shuffle(sequence: str, rng: np.random.Generator) -> str:
    """Return a random sequence with exactly the dinucleotide counts of the given one.

    Every such sequence with the same first letter is equally likely (it then has the same last
    letter, too). Altschul & Erickson 1985, doi:10.1093/oxfordjournals.molbev.a040370: a random
    Eulerian path through the graph of dinucleotides, its last exits drawn as a random tree.

    Parameters
    ----------
    sequence
        Any letters.
    rng
        Source of randomness.
    """
    exits: dict[str, list[str]] = {}
    for here, there in pairwise(sequence):
        exits.setdefault(here, []).append(there)
    if not exits:
        return sequence
    last = _last_exits(exits, sequence[-1], rng)
    queues = {here: _ordered(found, last.get(here), rng) for here, found in exits.items()}
    path = [sequence[0]]
    while queues.get(path[-1]):
        path.append(queues[path[-1]].pop())
    return "".join(path)


def _last_exits(exits: dict[str, list[str]], end: str, rng: np.random.Generator) -> dict[str, str]:
    """Draw the last exit of each letter such that all lead to the end (Wilson's random tree)."""
    last: dict[str, str] = {}
    for start in exits:
        here = start
        drawn: dict[str, str] = {}
        while here != end and here not in last:
            drawn[here] = exits[here][rng.integers(len(exits[here]))]
            here = drawn[here]
        here = start
        while here != end and here not in last:
            last[here] = drawn[here]
            here = drawn[here]
    return last


def _ordered(found: list[str], last: str | None, rng: np.random.Generator) -> list[str]:
    """Return exits in random order as a stack: the last exit lies at the bottom."""
    rest = list(found)
    if last is not None:
        rest.remove(last)
    rng.shuffle(rest)
    return rest if last is None else [last, *rest]
