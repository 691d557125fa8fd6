"""How alike two representations of the same RNAs are."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import representation
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.neighbors import neighbours

__all__ = ["Estimator", "cka", "linear_cka", "neighbor_overlap", "shared_neighbours"]

Array = NDArray[np.float32]
Matrix = NDArray[np.float64]
Estimator = Literal["unbiased", "biased"]

FEWEST = 4  #: RNAs below which the unbiased estimator is not defined


def cka(
    adata: AnnData, use_rep: str, other_rep: str, *, estimator: Estimator = "unbiased"
) -> float:
    """Return the linear centred kernel alignment of two representations.

    It asks whether the same pairs of RNAs are alike in both, and is blind to rotations and to
    scale, so layers and models of different width can be compared. It is 1 for the same geometry;
    for unrelated representations the unbiased estimate is about 0, the biased one about
    ``dim / (n + dim)`` and so far from 0 when there are fewer RNAs than dimensions.

    Parameters
    ----------
    adata
        One observation an RNA.
    use_rep, other_rep
        ``obsm`` keys.
    estimator
        ``"unbiased"`` (default), or ``"biased"`` as CKA was first proposed.

    Returns
    -------
    float
        At most 1; the unbiased estimate can fall a little below 0.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If there are fewer than 4 RNAs, a representation is constant, or `estimator` is unknown.

    Notes
    -----
    Time grows with the number of RNAs and the product of both dimensions, memory with the square of
    the number of RNAs or of the dimension, whichever is smaller.

    References
    ----------
    Kornblith et al., Similarity of neural network representations revisited, ICML 2019.
    Song et al., Feature selection via dependence maximization, JMLR 2012 (unbiased HSIC).
    """
    return linear_cka(representation(adata, use_rep), representation(adata, other_rep), estimator)


def neighbor_overlap(
    adata: AnnData, use_rep: str, other_rep: str, *, n_neighbors: int = 10
) -> float:
    """Return the share of nearest neighbours that two representations agree on.

    For unrelated representations it is ``n_neighbors / (n - 1)`` on average.

    Parameters
    ----------
    adata
        One observation an RNA.
    use_rep, other_rep
        ``obsm`` keys.
    n_neighbors
        Euclidean neighbours of each RNA, 1 to n - 1.

    Returns
    -------
    float
        0 to 1, the mean over RNAs.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If there are not so many neighbours.

    Notes
    -----
    Time grows with the square of the number of RNAs and with the dimensions, memory with the number
    of RNAs times `n_neighbors`: distances are computed in blocks.
    """
    return shared_neighbours(
        representation(adata, use_rep), representation(adata, other_rep), n_neighbors
    )


def linear_cka(x: Array, y: Array, estimator: Estimator = "unbiased") -> float:
    """Return the linear CKA of two matrices with the same rows; see `cka`.

    Raises
    ------
    InputError
        As `cka`.
    """
    if estimator not in get_args(Estimator):
        msg = f"estimator must be one of {', '.join(get_args(Estimator))}, got {estimator!r}"
        raise InputError(msg)
    if len(x) < FEWEST:
        msg = f"CKA needs at least {FEWEST} RNAs, got {len(x)}"
        raise InputError(msg)
    a, b = (m.astype(np.float64) - m.mean(0, dtype=np.float64) for m in (x, y))
    own = _alignment(a, a, estimator), _alignment(b, b, estimator)
    if not (a.any() and b.any() and min(own) > 0):
        msg = "a representation is the same for every RNA, so it has no geometry to compare"
        raise InputError(msg)
    return float(_alignment(a, b, estimator) / np.sqrt(own[0] * own[1]))


def _alignment(a: Matrix, b: Matrix, estimator: Estimator) -> float:
    """Return what the linear kernels of two centered matrices share, but for a factor.

    Unbiased (Song et al. 2012, equation 5): kernels K and M have no diagonal, and
    ``tr(KM) + 1'K1 1'M1 / ((n - 1)(n - 2)) - 2 / (n - 2) 1'KM1`` is left. Columns add up to 0, so
    the rows of K add up to what its diagonal had, with the other sign.
    """
    shared = _shared(a, b)
    if estimator == "biased":
        return shared
    n = len(a)
    k, m = (a * a).sum(1), (b * b).sum(1)
    both = float(k @ m)
    return float(shared - both + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * both / (n - 2))


def _shared(a: Matrix, b: Matrix) -> float:
    """Return the sum of products of two linear kernels, by what takes less memory."""
    if len(a) <= max(a.shape[1], b.shape[1]):
        return float(((a @ a.T) * (b @ b.T)).sum())
    return float(((a.T @ b) ** 2).sum())


def shared_neighbours(x: Array, y: Array, n_neighbors: int) -> float:
    """Return the mean share of neighbours that two matrices agree on; see `neighbor_overlap`."""
    first, _ = neighbours(x, n_neighbors)
    second, _ = neighbours(y, n_neighbors)
    shared = [len(np.intersect1d(a, b)) for a, b in zip(first, second, strict=True)]
    return float(np.mean(shared) / n_neighbors)
