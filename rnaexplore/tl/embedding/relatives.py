"""Relatives by sequence: identities by edit distance, and the nearest of many, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.embedding.kmers import kmer_matrix
from rnaexplore.tl.embedding.spaces import BLOCK, Space, VectorSpace, nearest_of

__all__ = ["IdentitySpace", "nearest_relatives"]

Array = NDArray[np.float32]
Rows = NDArray[np.int64]

GUIDE = 6  #: k of the k-mers that find likely relatives
SPARE = 10  #: likely relatives looked at beyond those wanted
SLACK = 1e-6  #: so that rounding leaves out no relative as near as the farthest one wanted


class IdentitySpace(Space):
    """1 minus the identity of sequences: edit distance over the length of the longer one."""

    def __init__(self, sequences: Sequence[str]) -> None:
        self.n, self.distance = len(sequences), "edit"
        self._texts = [normalise(sequence) for sequence in sequences]

    def between(self, rows: Rows, columns: Rows) -> Array:
        """Return 1 minus the identity, 0 to 1."""
        queries = [self._texts[k] for k in rows]
        same = len(rows) == len(columns) and bool((rows == columns).all())
        return 1 - _identities(queries, queries if same else [self._texts[k] for k in columns])

    def neighbors(self, rows: Rows, n_neighbors: int) -> Rows:
        """Return the nearest of all others of some RNAs, nearest first, (rows, n_neighbors)."""
        return _nearest([self._texts[k] for k in rows], self._texts, rows, n_neighbors)


def nearest_relatives(
    sequences: Sequence[str], reference: Sequence[str] | None
) -> tuple[Rows, Array]:
    """Return the nearest relative of each sequence, the first of equals, and its identity.

    Parameters
    ----------
    sequences
        RNAs.
    reference
        Where relatives are looked for; ``None`` for the other sequences.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in `reference`, or in `sequences`.
    ndarray of float32, shape (n,)
        Identities, 0 to 1.
    """
    queries = [normalise(sequence) for sequence in sequences]
    own = reference is None
    choices = queries if reference is None else [normalise(sequence) for sequence in reference]
    near = _nearest(queries, choices, np.arange(len(queries)) if own else None, 1)
    return near[:, 0], _pairwise(queries, choices, near)[:, 0]


def _nearest(
    queries: Sequence[str], choices: Sequence[str], rows: Rows | None, n_neighbors: int
) -> Rows:
    """Return the choices nearest to each query; `rows` says which choice a query itself is.

    Some choices that share k-mers with a query tell how near its relatives are at least, so that
    comparisons with the others can end as soon as they are worse. Queries whose relatives are
    about as near are compared together.
    """
    least = _bounds(queries, choices, rows, n_neighbors)
    found = np.empty((len(queries), n_neighbors), dtype=np.int64)
    order = np.argsort(least, kind="stable")
    for start in range(0, len(queries), BLOCK):
        some = order[start : start + BLOCK]
        near = _identities([queries[k] for k in some], choices, least=float(least[some].min()))
        found[some] = nearest_of(1 - near, None if rows is None else rows[some], n_neighbors)
    return found


def _bounds(
    queries: Sequence[str], choices: Sequence[str], rows: Rows | None, n_neighbors: int
) -> Array:
    """Return an identity that at least `n_neighbors` choices have, for each query."""
    n = len(choices)
    guide = VectorSpace(kmer_matrix([*choices, *queries], GUIDE, "sqrt"), "cosine")
    wanted = min(n_neighbors + SPARE, n - (rows is not None))
    likely = np.empty((len(queries), wanted), dtype=np.int64)
    for start in range(0, len(queries), BLOCK):
        some = np.arange(start, min(start + BLOCK, len(queries)))
        distances = guide.between(n + some, np.arange(n))
        likely[some] = nearest_of(distances, None if rows is None else rows[some], wanted)
    ranked = -np.sort(-_pairwise(queries, choices, likely), axis=1)
    return ranked[:, n_neighbors - 1]


def _identities(queries: Sequence[str], choices: Sequence[str], *, least: float = 0) -> Array:
    """Return identities, shape (queries, choices); those below `least` may be 0."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    found: Array = cdist(
        queries,
        choices,
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=max(0.0, least - SLACK),
        dtype=np.float32,
        workers=-1,
    )
    return found


def _pairwise(queries: Sequence[str], choices: Sequence[str], chosen: Rows) -> Array:
    """Return identities of each query and its chosen choices, shape of `chosen`."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    found: Array = cpdist(
        [query for query, near in zip(queries, chosen, strict=True) for _ in near],
        [choices[int(k)] for k in chosen.ravel()],
        scorer=Levenshtein.normalized_similarity,
        dtype=np.float32,
    )
    return found.reshape(chosen.shape)
