"""Groups of RNAs that are relatives by sequence, so that none is split between train and test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, overload

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, note, sequences_of
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.embedding.embed import distinct

Rows = NDArray[np.int64]

__all__ = ["group_by_identity", "identity_groups"]

ROWS = 512  #: sequences compared with all others at a time
SLACK = 1e-6  #: so that rounding leaves out no pair whose identity is the least allowed
#: lengths of the longer RNA, and identities that unrelated ones as short reach by chance
CHANCE = ((80, 0.0), (30, 0.7), (0, 0.8))


@overload
def group_by_identity(
    adata: AnnData,
    *,
    identity: float = ...,
    key_added: str | None = ...,
    copy: Literal[False] = ...,
) -> None: ...
@overload
def group_by_identity(
    adata: AnnData, *, identity: float = ..., key_added: str | None = ..., copy: Literal[True]
) -> AnnData: ...
def group_by_identity(
    adata: AnnData, *, identity: float = 0.6, key_added: str | None = None, copy: bool = False
) -> AnnData | None:
    """Group RNAs whose sequences are alike, by single linkage.

    Identity is 1 minus the edit distance over the length of the longer sequence (RapidFuzz), so an
    RNA and a fragment of it are alike only as far as their lengths are. All pairs are compared,
    exactly: no relative is missed, and any two RNAs of different groups are less identical than
    `identity`. Short unrelated RNAs are alike by chance and would be chained into one group, so two
    RNAs below 80 nt are linked from 70 % identity on, and two below 30 nt from 80 % on, where
    `identity` is less. Time grows with the square of the number of RNAs.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    identity
        Least identity of two RNAs that are linked, 0 to 1 (0 excluded).
    key_added
        ``obs`` key to write; ``"identity_group"`` if not given.
    copy
        Whether to return a changed copy instead of changing `adata`.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obs[key_added]`` : category
            Group of each RNA: ``"0"`` is the largest.
        ``uns["rnaexplore"][key_added]`` : dict
            Identity, number of groups, package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If `identity` is not allowed.

    Notes
    -----
    Time grows with the square of the number of different sequences and of their lengths (sequences
    that differ much in length are not compared), memory with the number of RNAs.
    """
    import pandas as pd

    key = chosen_key(key_added, _keys.IDENTITY_GROUP)
    groups = identity_groups(sequences_of(adata), identity)
    target = adata.copy() if copy else adata
    names = [str(k) for k in range(groups.max(initial=-1) + 1)]
    target.obs[key] = pd.Categorical(np.array(names)[groups], categories=names)
    note(target, key, {"identity": identity, "groups": len(names)})
    return target if copy else None


def identity_groups(sequences: Sequence[str], identity: float) -> NDArray[np.int64]:
    """Return the group of each sequence, the largest first, shape (n,).

    Raises
    ------
    InputError
        If `identity` is not in (0, 1].
    """
    if not 0 < identity <= 1:
        msg = f"identity must be above 0 and at most 1, got {identity}"
        raise InputError(msg)
    first, inverse = distinct(sequences)
    texts = [normalise(sequences[i]) for i in first]
    raw = _components(len(texts), *_linked(texts, identity))[inverse]
    _, groups, sizes = np.unique(raw, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    result: NDArray[np.int64] = rank[groups]
    return result


def _components(n: int, rows: Rows, columns: Rows) -> Rows:
    """Return the component of each of `n` sequences, some of which are linked."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    found: Rows = connected_components(links, directed=False)[1]
    return found


def _linked(texts: Sequence[str], identity: float) -> tuple[Rows, Rows]:
    """Return links of distinct sequences that are at least so identical, and not by chance.

    As many as connect what is connected: all links could be as many as pairs of sequences.
    """
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    levels = {max(identity, chance): shortest for shortest, chance in CHANCE}
    rows = columns = np.empty(0, dtype=np.int64)
    for least, shortest in levels.items():
        for i, j in _as_identical(texts, least):
            kept = np.maximum(lengths[i], lengths[j]) >= shortest
            pairs = np.concatenate([rows, i[kept]]), np.concatenate([columns, j[kept]])
            of = _components(len(texts), *pairs)
            _, first = np.unique(of, return_index=True)
            columns = first[of]
            rows = np.flatnonzero(columns != np.arange(len(texts)))
            columns = columns[rows]
    return rows, columns


def _as_identical(texts: Sequence[str], identity: float) -> Iterator[tuple[Rows, Rows]]:
    """Yield the pairs of distinct sequences that are at least so identical, block by block."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
    lengths = np.array([len(texts[k]) for k in order])
    for start in range(0, len(order), ROWS):
        stop = min(start + ROWS, len(order))
        # the longer of two is at most 1 / identity as long as the shorter
        end = int(np.searchsorted(lengths, lengths[stop - 1] / identity + SLACK, side="right"))
        block, others = order[start:stop], order[start:end]
        alike = cdist(
            [texts[k] for k in block],
            [texts[k] for k in others],
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=identity - SLACK,
            dtype=np.float32,
        )
        i, j = np.nonzero(alike > 0)
        yield np.array(block)[i], np.array(others)[j]
