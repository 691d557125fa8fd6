"""Whether probabilities are probabilities: how many pairs of each predicted value are true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.defaults import DEFAULT
from rnaexplore.structure.resampling import interval, resampled_counts
from rnaexplore.structure.structure import Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BINS", "calibration_error", "pair_reliability", "pair_vectors", "reliability"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

BINS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)  #: edges of predicted probability
LEAST = 0.01  #: probability from which on pairs count in the calibration error


def reliability(
    probabilities: Sequence[ArrayLike],
    references: Sequence[Structure],
    *,
    families: Sequence[str] | None = None,
    bins: Sequence[float] = BINS,
    n_boot: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the share of true pairs among those predicted with about the same probability.

    Pairs of residues less than 4 apart are left out.

    Parameters
    ----------
    probabilities
        A map of pair probabilities of each RNA, (L, L), symmetric.
    references
        The known structure of each RNA.
    families
        Family of each RNA; intervals resample families, without it RNAs.
    bins
        Edges of the bins of predicted probability, 0 to 1.
    n_boot
        Number of resamples.
    seed
        Seed of the resamples.

    Returns
    -------
    DataFrame
        One row per bin that holds pairs: its edges ``low`` and ``high``; ``n`` pairs;
        ``predicted``, their mean probability; ``observed``, the share that the structures have,
        with its 95 % interval ``observed_low`` to ``observed_high`` (missing if all pairs are of
        one family); and ``n_families`` that the pairs are of.

    Raises
    ------
    InputError
        If the lists differ in length, a map does not fit its structure, or bins do not go up from
        0 to 1.
    """
    if len(probabilities) != len(references):
        msg = f"there are {len(probabilities)} maps, but {len(references)} structures"
        raise InputError(msg)
    vectors = [pair_vectors(p, s) for p, s in zip(probabilities, references, strict=True)]
    groups = [str(k) for k in range(len(vectors))] if families is None else list(families)
    values, truths = [v for v, _ in vectors], [t for _, t in vectors]
    return pair_reliability(values, truths, groups, bins=bins, n_boot=n_boot, seed=seed)


def pair_vectors(values: ArrayLike, reference: Structure) -> tuple[Floats, Bools]:
    """Return the values of all pairs at least 4 apart, and which of them the structure has.

    Raises
    ------
    InputError
        If the map does not fit the structure.
    """
    n = len(reference)
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.shape != (n, n):
        msg = f"a map has shape {matrix.shape}, but its structure {n} residues"
        raise InputError(msg)
    truth = np.zeros((n, n), dtype=np.bool_)
    truth[reference.pairs[:, 0], reference.pairs[:, 1]] = True
    i, j = np.triu_indices(n, DEFAULT.min_loop + 1)
    return matrix[i, j], truth[i, j]


def pair_reliability(
    values: Sequence[Floats],
    truths: Sequence[Bools],
    families: Sequence[str],
    *,
    bins: Sequence[float] = BINS,
    n_boot: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the table of `reliability` for pairs that are given as vectors, one per RNA."""
    import pandas as pd

    edges = _checked(bins)
    names, members = np.unique(np.asarray(families, dtype=str), return_inverse=True)
    counts = np.zeros((len(names), len(edges) - 1, 3))
    for family, p, truth in zip(members, values, truths, strict=True):
        counts[family] += _counts(p, truth, edges)
    n, total, hits = np.moveaxis(counts.sum(0), 1, 0)
    held = n > 0
    low, high = _intervals(counts[:, held], n_boot=n_boot, seed=seed)
    return pd.DataFrame(
        {
            "low": edges[:-1][held],
            "high": edges[1:][held],
            "n": n[held].astype(np.int64),
            "predicted": total[held] / n[held],
            "observed": hits[held] / n[held],
            "observed_low": low,
            "observed_high": high,
            "n_families": (counts[:, held, 0] > 0).sum(0),
        }
    )


def _checked(bins: Sequence[float]) -> Floats:
    edges = np.asarray(bins, dtype=np.float64)
    if len(edges) < 2 or (edges[0], edges[-1]) != (0, 1) or (np.diff(edges) <= 0).any():  # noqa: PLR2004
        msg = f"bins must go up from 0 to 1, got {list(bins)}"
        raise InputError(msg)
    return edges


def _counts(p: Floats, truth: Bools, edges: Floats) -> Floats:
    """Return number, summed probability and number of true pairs of each bin, shape (bins, 3)."""
    which = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    n = len(edges) - 1
    columns = [np.bincount(which, weights, minlength=n) for weights in (None, p, truth)]
    return np.stack(columns, axis=1).astype(np.float64)


def _intervals(counts: Floats, *, n_boot: int, seed: int) -> tuple[Floats, Floats]:
    """Return the ends of the interval of each bin's observed share."""
    drawn = resampled_counts(len(counts), n_boot=n_boot, seed=seed)
    n = np.einsum("bf,fk->bk", drawn, counts[..., 0])
    hits = np.einsum("bf,fk->bk", drawn, counts[..., 2])
    ends = np.full((2, counts.shape[1]), np.nan)
    for k in np.flatnonzero((counts[..., 0] > 0).sum(0) > 1):
        drawn_at_all = n[:, k] > 0
        shares = hits[drawn_at_all, k] / n[drawn_at_all, k]
        ends[:, k] = np.concatenate(interval(shares[:, None]))
    return ends[0], ends[1]


def calibration_error(table: pd.DataFrame, *, least: float = LEAST) -> float:
    """Return the expected calibration error: the mean distance of predicted from observed.

    Every pair counts once (Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602). Nearly
    all pairs of an RNA are predicted with a probability of about 0, rightly, and would hide what
    the others do, so only bins from `least` on are counted.

    Parameters
    ----------
    table
        From `reliability`.
    least
        Lower edge of the first bin that counts.

    Returns
    -------
    float
        0 to 1; not a number if no pair is predicted with such a probability.
    """
    counted = table[table["low"] >= least]
    weights = counted["n"] / counted["n"].sum()
    if not len(counted):
        return float("nan")
    return float((weights * (counted["predicted"] - counted["observed"]).abs()).sum())
