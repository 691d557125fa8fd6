"""Pairs of positions that do not pair, matched to base pairs in letters and distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import NUCLEOTIDES
from rnaexplore.tl.heads.pair_scores import MIN_SEPARATION

__all__ = ["Pair", "null_pairs"]

Pair = tuple[int, int]


def null_pairs(
    pairs: Sequence[Pair],
    sequence: str,
    *,
    widest: int | None = None,
    rng: np.random.Generator,
) -> list[Pair | None]:
    """Return for each base pair two positions that do not pair and are as like it as possible.

    Criteria in this order: the same two letters in either order, the nearest distance, the same
    order of letters. Ties are broken at random.

    Parameters
    ----------
    pairs
        0-based positions i < j of A C G U.
    sequence
        The RNA, upper case with U.
    widest
        Largest number of residues from the first to the second position.
    rng
        Source of randomness.

    Returns
    -------
    list of (int, int) or None
        In the order of `pairs`, each used once, i < j; ``None`` where none are left. Base pairs are
        not used, nor those with a partner shifted by one residue, other letters than A C G U, and
        positions less than 4 apart (or less than the base pair, if that is closer).
    """
    first, second = np.triu_indices(len(sequence), 1)
    distance = second - first
    letters = np.array([NUCLEOTIDES.find(letter) for letter in sequence])
    free = (
        (letters[first] >= 0) & (letters[second] >= 0) & ~_near(pairs, len(sequence))[first, second]
    )
    if widest is not None:
        free &= distance < widest
    found: list[Pair | None] = []
    for i, j in pairs:
        allowed = np.flatnonzero(free & (distance >= min(j - i, MIN_SEPARATION)))
        if not len(allowed):
            found.append(None)
            continue
        a, b = letters[first[allowed]], letters[second[allowed]]
        ordered = (a == letters[i]) & (b == letters[j])
        same = ordered | ((a == letters[j]) & (b == letters[i]))
        off = np.abs(distance[allowed] - (j - i))
        best = allowed[np.lexsort((rng.random(len(allowed)), ~ordered, off, ~same))[0]]
        found.append((int(first[best]), int(second[best])))
        free[best] = False
    return found


def _near(pairs: Sequence[Pair], n: int) -> NDArray[np.bool_]:
    """Return which two positions are a base pair, or one shifted by a residue, shape (n, n)."""
    near = np.zeros((n, n), dtype=np.bool_)
    for i, j in pairs:
        near[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2] = True
    return near
