"""Vectors of the nucleotides of one RNA, from a store."""

from __future__ import annotations

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import row_of
from rnaexplore.errors import MissingKeyError, nearest

__all__ = ["nucleotides"]


def nucleotides(adata: AnnData, obs_name: str, use_rep: str) -> NDArray[np.float32]:
    """Return the vectors of the nucleotides of one RNA.

    Parameters
    ----------
    adata
        A store of `rnaexplore.tl.embed_to` with ``level="nucleotide"``, opened by
        `rnaexplore.read_lazy` or read into memory.
    obs_name
        Name of the RNA.
    use_rep
        Name of the vectors, for example ``"X_mini"``.

    Returns
    -------
    ndarray of float32, shape (L, dim)
        Row i is nucleotide i (codon i for codon models); only these rows are read.

    Raises
    ------
    MissingKeyError
        If there are no such vectors.
    UnknownNameError, InputError
        If no RNA, or several, have this name.

    Notes
    -----
    Time and memory grow with the length of the one RNA times the dimension, whatever the size of
    the store.
    """
    known = adata.uns.get(_keys.NUCLEOTIDES, {})
    if use_rep not in known:
        msg = (
            f"there are no vectors {use_rep!r} of nucleotides. {nearest(use_rep, known)} "
            "rx.tl.embed_to(..., level='nucleotide') writes a store with them"
        )
        raise MissingKeyError(msg)
    row = row_of(adata, obs_name)
    keys = _keys.nucleotide_rows_keys(use_rep)
    start, stop = (int(adata.obs[key].iloc[row]) for key in keys)
    return np.asarray(known[use_rep][start:stop], dtype=np.float32)
