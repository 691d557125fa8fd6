"""How well two RNAs could pair, without a model: what a model of pairs of RNAs has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import normalise
from rnaexplore.structure.decoding import CANONICAL

__all__ = ["complementary_runs", "duplex_energies"]

Array = NDArray[np.float32]

SEED = 8  #: residues from the 5' end of the first RNA: where a miRNA's seed lies
WATSON_CRICK = frozenset({"AU", "UA", "GC", "CG"})


def complementary_runs(first: Sequence[str], second: Sequence[str]) -> Array:
    """Return the lengths of the longest runs of pairs between two RNAs, antiparallel, (n, 4).

    Watson-Crick pairs alone, then with GU, anywhere; then both within the first 8 residues of the
    first RNA.
    """
    found = np.empty((len(first), 4), dtype=np.float32)
    for row, a, b in zip(found, map(normalise, first), map(normalise, second), strict=True):
        runs = [_longest(a[:n], b, pairs) for n in (len(a), SEED) for pairs in PAIRS]
        row[:] = runs
    return found


PAIRS = (WATSON_CRICK, CANONICAL)


def _longest(first: str, second: str, pairs: frozenset[str]) -> int:
    """Return the longest run of residues of `first` that pair with residues of `second`."""
    best = 0
    before = [0] * (len(second) + 1)
    backwards = second[::-1]
    for a in first:
        now = [0] * (len(second) + 1)
        for j, b in enumerate(backwards, 1):
            if a + b in pairs:
                now[j] = before[j - 1] + 1
        best = max(best, *now)
        before = now
    return best


def duplex_energies(first: Sequence[str], second: Sequence[str]) -> Array | None:
    """Return ViennaRNA's energies of the best duplexes in kcal/mol, (n, 1); ``None`` without it."""
    try:
        import RNA
    except ImportError:
        return None
    pairs = zip(first, second, strict=True)
    return np.array([[RNA.duplexfold(a, b).energy] for a, b in pairs], dtype=np.float32)
