"""k-mer frequencies: the baseline that every embedding has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args, overload

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, note, sequences_of
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl.memory import BYTES, check_fits

__all__ = ["Transform", "kmer_frequencies", "kmer_matrix", "kmers"]

Transform = Literal["sqrt"]

LONGEST = 8  #: 65,536 columns
UNKNOWN = 4
_CODE = np.full(256, UNKNOWN, dtype=np.int64)
_CODE[np.frombuffer(NUCLEOTIDES.encode(), dtype=np.uint8)] = range(4)


@overload
def kmers(
    adata: AnnData,
    *,
    k: int = ...,
    transform: Transform | None = ...,
    key_added: str | None = ...,
    copy: Literal[False] = ...,
) -> None: ...
@overload
def kmers(
    adata: AnnData,
    *,
    k: int = ...,
    transform: Transform | None = ...,
    key_added: str | None = ...,
    copy: Literal[True],
) -> AnnData: ...
def kmers(
    adata: AnnData,
    *,
    k: int = 4,
    transform: Transform | None = None,
    key_added: str | None = None,
    copy: bool = False,
) -> AnnData | None:
    """Count the k-mers of every RNA.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
    k
        Length of the k-mers, 1 to 8.
    transform
        ``None`` for frequencies, or ``"sqrt"`` for their square roots. Euclidean distances of
        square roots are Hellinger distances (times the square root of 2): a frequent k-mer counts
        for less, and every RNA has length 1, so that Euclidean and cosine distances rank neighbors
        alike. With k = 5 or 6 this is a far stronger baseline for RNA families than raw
        frequencies.
    key_added
        ``obsm`` key to write; ``"X_kmer<k>"`` or ``"X_kmer<k>_sqrt"`` if not given.
    copy
        Whether to return a changed copy instead of changing `adata`.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obsm[key_added]`` : float32, shape (n_obs, 4 ** k)
            Frequencies in alphabetical order of the k-mers over A C G U, summing to 1, or their
            square roots, whose squares sum to 1. k-mers with another letter are not counted; an
            RNA without any other has zeros.
        ``uns["rnaexplore"][key_added]`` : dict
            k, transform (``"none"`` or ``"sqrt"``) and package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If `k` or `transform` is not allowed.

    Notes
    -----
    Time grows with the total length of the RNAs, memory with the number of RNAs times 4 to the
    power of `k`, 4 bytes a number (100,000 RNAs and 6-mers: 1.6 GB). A table that does not fit into
    memory is refused; take a smaller `k` or fewer RNAs.
    """
    _check(k, transform)
    key = chosen_key(key_added, _keys.kmer_key(k, transform))
    check_fits(
        BYTES * adata.n_obs * len(NUCLEOTIDES) ** k,
        f"{k}-mers of {adata.n_obs:,} RNAs",
        "pass a smaller k= or fewer RNAs",
    )
    frequencies = kmer_frequencies(sequences_of(adata), k, transform)
    target = adata.copy() if copy else adata
    target.obsm[key] = frequencies
    note(target, key, {"k": k, "transform": transform or "none"})
    return target if copy else None


def kmer_frequencies(
    sequences: Sequence[str], k: int, transform: Transform | None = None
) -> NDArray[np.float32]:
    """Return k-mer frequencies, shape (n, 4 ** k), rows summing to 1 (or 0 without any k-mer).

    Parameters
    ----------
    sequences, k, transform
        As for `kmers`.

    Raises
    ------
    InputError
        If `k` is not in 1 to 8, or `transform` is unknown.
    """
    dense: NDArray[np.float32] = kmer_matrix(sequences, k, transform).toarray()
    return dense


def kmer_matrix(sequences: Sequence[str], k: int, transform: Transform | None = None) -> Any:
    """Return what `kmer_frequencies` returns as a sparse matrix, `scipy.sparse.csr_array`."""
    from scipy.sparse import csr_array

    _check(k, transform)
    codes = [_codes(sequence, k) for sequence in sequences]
    rows = np.repeat(np.arange(len(codes)), [len(found) for found in codes])
    columns = np.concatenate([*codes, np.empty(0, dtype=np.int64)])
    share = 1 / np.maximum(np.bincount(rows, minlength=len(codes)), 1)
    shape = (len(codes), len(NUCLEOTIDES) ** k)
    matrix = csr_array((share[rows], (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    if transform == "sqrt":
        matrix.data = np.sqrt(matrix.data)
    return matrix.astype(np.float32)


def _check(k: int, transform: str | None) -> None:
    if not 1 <= k <= LONGEST:
        msg = f"k must be in [1, {LONGEST}], got {k}"
        raise InputError(msg)
    if transform is not None and transform not in get_args(Transform):
        msg = f"transform must be None or 'sqrt', got {transform!r}"
        raise InputError(msg)


def _codes(sequence: str, k: int) -> NDArray[np.int64]:
    """Return the column of each k-mer of a sequence, those with another letter left out."""
    letters = np.frombuffer(normalise(sequence).encode("ascii", "replace"), dtype=np.uint8)
    digits = _CODE[letters]
    n = max(0, len(digits) - k + 1)
    codes = np.zeros(n, dtype=np.int64)
    known = np.ones(n, dtype=bool)
    for j in range(k):
        here = digits[j : j + n]
        codes = codes * len(NUCLEOTIDES) + here
        known &= here < UNKNOWN
    return codes[known]
