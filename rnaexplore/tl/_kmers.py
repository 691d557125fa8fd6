"""k-mer frequencies: the baseline that every embedding has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal, overload

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl._access import note, sequences_of

__all__ = ["kmer_frequencies", "kmers"]

LONGEST = 8  #: 65,536 columns


@overload
def kmers(
    adata: AnnData, *, k: int = ..., key_added: str | None = ..., copy: Literal[False] = ...
) -> None: ...
@overload
def kmers(
    adata: AnnData, *, k: int = ..., key_added: str | None = ..., copy: Literal[True]
) -> AnnData: ...
def kmers(
    adata: AnnData, *, k: int = 4, key_added: str | None = None, copy: bool = False
) -> AnnData | None:
    """Count the k-mers of every RNA.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    k
        Length of the k-mers, 1 to 8.
    key_added
        ``obsm`` key to write; ``"X_kmer<k>"`` if not given.
    copy
        Whether to return a changed copy instead of changing `adata`.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obsm[key_added]`` : float32, shape (n_obs, 4 ** k)
            Frequencies in alphabetical order of the k-mers over A C G U, summing to 1. k-mers
            with another letter are not counted; an RNA without any other has zeros.
        ``uns["rnaexplore"][key_added]`` : dict
            k and package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If `k` is not allowed.
    """
    frequencies = kmer_frequencies(sequences_of(adata), k)
    target = adata.copy() if copy else adata
    key = _keys.kmer_key(k) if key_added is None else key_added
    target.obsm[key] = frequencies
    note(target, key, {"k": k})
    return target if copy else None


def kmer_frequencies(sequences: Sequence[str], k: int) -> NDArray[np.float32]:
    """Return k-mer frequencies, shape (n, 4 ** k), rows summing to 1 (or 0 without any k-mer).

    Raises
    ------
    InputError
        If `k` is not in 1 to 8.
    """
    if not 1 <= k <= LONGEST:
        msg = f"k must be in [1, {LONGEST}], got {k}"
        raise InputError(msg)
    column = {"".join(letters): i for i, letters in enumerate(product(NUCLEOTIDES, repeat=k))}
    counts = np.zeros((len(sequences), len(column)), dtype=np.float32)
    for row, sequence in zip(counts, map(normalise, sequences), strict=True):
        found = (column.get(sequence[i : i + k]) for i in range(len(sequence) - k + 1))
        np.add.at(row, [i for i in found if i is not None], 1)
    total = counts.sum(1, keepdims=True)
    frequencies: NDArray[np.float32] = counts / np.maximum(total, 1)
    return frequencies
