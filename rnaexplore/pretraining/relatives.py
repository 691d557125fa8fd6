"""Relatives by sequence: shared k-mers find candidates, local alignment decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import MissingDependencyError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["CUTOFF", "FINE_SEED", "SEED", "Hit", "Index", "aligner", "has_relative"]

SEED = 9  #: k of the k-mers that find candidates among all records
FINE_SEED = 7  #: k of a slower search that misses fewer of them
CANDIDATES = 20  #: aligned per query, those with the most shared k-mers beyond expectation first
MATCH, MISMATCH, OPEN, EXTEND = 5, -4, 14, 6  #: tuned to relatives with 65 % identity
CUTOFF = 180  #: 0.4 % of dinucleotide-shuffled records reach this score anywhere among 103,000
SHORT = 4  #: cutoff per residue of the shorter sequence, for sequences below 45 nt
ROWS = 512  #: queries compared with the reference at a time
_CODE = np.full(256, -1, dtype=np.int64)
_CODE[np.frombuffer(b"ACGU", np.uint8)] = range(4)


@dataclass(frozen=True, slots=True)
class Hit:
    """A significant local alignment.

    Attributes
    ----------
    query, target
        Indices into the queries and the reference.
    score
        Smith-Waterman score (match 5, mismatch -4, first gap position -14, further ones -6).
    """

    query: int
    target: int
    score: int


class Index:
    """Reference sequences, searchable for relatives.

    Parameters
    ----------
    sequences
        Reference sequences, upper-case RNA.
    seed
        k of the k-mers that find candidates; the shorter, the slower and the more sensitive.
    """

    def __init__(self, sequences: Sequence[str], *, seed: int = SEED) -> None:
        self.sequences = list(sequences)
        self.seed = seed
        self._lengths = np.array([len(s) for s in self.sequences])
        self._columns = _presence(self.sequences, seed).T.tocsr()
        self._score = aligner()

    def candidates(
        self, queries: Sequence[str], *, n: int = CANDIDATES
    ) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield each query's index and up to `n` reference indices, most promising first.

        Candidates share at least two k-mers with the query and are ranked by how many more they
        share than expected from the two lengths. A reference equal to the query is left out.

        Parameters
        ----------
        queries
            Sequences to look for.
        n
            Maximum number of candidates per query.
        """
        for start in range(0, len(queries), ROWS):
            block = queries[start : start + ROWS]
            shared = (_presence(block, self.seed) @ self._columns).tocsr()
            for k, query in enumerate(block):
                where = slice(shared.indptr[k], shared.indptr[k + 1])
                yield start + k, self._best(query, shared.indices[where], shared.data[where], n)

    def _best(
        self, query: str, found: NDArray[Any], shared: NDArray[Any], n: int
    ) -> NDArray[np.int64]:
        found, shared = found[shared >= 2], shared[shared >= 2]  # noqa: PLR2004
        excess = shared - len(query) * self._lengths[found] / 4**self.seed
        if len(found) > n + 1:
            top = np.argpartition(-excess, n + 1)[: n + 1]
            found, excess = found[top], excess[top]
        order = found[np.argsort(-excess, kind="stable")]
        return np.array([i for i in order if self.sequences[i] != query][:n], dtype=np.int64)

    def hits(self, queries: Sequence[str], *, first_only: bool = False) -> Iterator[Hit]:
        """Yield the significant alignments of each query with its candidates.

        Parameters
        ----------
        queries
            Sequences to look for, upper-case RNA.
        first_only
            Whether one hit per query is enough.
        """
        for k, found in self.candidates(queries):
            for i in found.tolist():
                target = self.sequences[i]
                score = self._score(queries[k], target)
                if score >= min(CUTOFF, SHORT * min(len(queries[k]), len(target))):
                    yield Hit(k, i, score)
                    if first_only:
                        break


def has_relative(
    queries: Sequence[str], reference: Sequence[str], *, seed: int = SEED
) -> NDArray[np.bool_]:
    """Return for each query whether the reference holds a relative of it, shape (n_queries,).

    A relative has a local alignment with a score of 180 or more (4 per residue of the shorter
    sequence below 45 nt), searched among the 20 reference sequences that share the most k-mers with
    the query. Equal sequences count.

    Parameters
    ----------
    queries, reference
        Upper-case RNA.
    seed
        k of the k-mers.
    """
    known = set(reference)
    found = np.array([query in known for query in queries], dtype=np.bool_)
    if len(reference):
        for hit in Index(reference, seed=seed).hits(queries, first_only=True):
            found[hit.query] = True
    return found


def aligner() -> Any:
    """Return a function of two sequences that gives their local alignment score.

    Raises
    ------
    MissingDependencyError
        If parasail is not installed.
    """
    try:
        import parasail
    except ImportError as error:
        msg = "finding relatives by alignment needs parasail: pip install 'rnaexplore[train]'"
        raise MissingDependencyError(msg) from error
    matrix = parasail.matrix_create("ACGU", MATCH, MISMATCH)

    def score(first: str, second: str) -> int:
        return int(parasail.sw_striped_sat(first, second, OPEN, EXTEND, matrix).score)

    return score


def _presence(sequences: Sequence[str], k: int) -> csr_matrix:
    """Return which k-mers each sequence has, shape (n, 4 ** k); others than ACGU break them."""
    from scipy.sparse import csr_matrix

    columns = [_codes(s, k) for s in sequences]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.concatenate([np.empty(0, np.int64), *columns])
    return csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(columns), 4**k))


def _codes(sequence: str, k: int) -> NDArray[np.int64]:
    letters = _CODE[np.frombuffer(sequence.encode(), np.uint8)]
    if len(letters) < k:
        return np.empty(0, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(letters, k)
    codes = windows @ 4 ** np.arange(k)
    kept: NDArray[np.int64] = np.unique(codes[(windows >= 0).all(1)])
    return kept
