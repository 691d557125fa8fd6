"""Whether the probabilities of contact maps are probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load
from rnaexplore.structure.evaluation import labels_for
from rnaexplore.structure.reliability import BINS, pair_reliability
from rnaexplore.tl.base_pairs.contact_methods import (
    VIENNA,
    ContactMethod,
    check_options,
    predictor,
    what_was_seen,
)
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from rnaexplore.tl.base_pairs.group_means import families_of
from rnaexplore.tl.evaluation.seen import OnSeen, check_exposure
from rnaexplore.tl.heads.pair_scores import candidates
from rnaexplore.tl.heads.references import references

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["reliability"]


def reliability(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    method: ContactMethod = "regression",
    reference: str = _keys.STRUCTURE,
    regression: ContactRegression | None = None,
    on_seen: OnSeen = "warn",
    n_rnas: int | None = None,
    bins: Sequence[float] = BINS,
    n_boot: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Compare predicted probabilities of pairs with how many of the pairs are true.

    Nothing is written into `adata`. Pairs of residues less than 4 apart are left out. Draw the
    table with `rnaexplore.pl.reliability`; `rnaexplore.structure.calibration_error` sums it up.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and known structures.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none.
    method, regression, on_seen
        How maps are made: see `rnaexplore.tl.contacts`. Methods that give scores have no
        probabilities to look at.
    reference
        ``obs`` key of the known structures. RNAs without a base pair there are left out.
    n_rnas
        At most that many RNAs, drawn at random.
    bins
        Edges of the bins of predicted probability, from 0 to 1.
    n_boot
        Resamples of the intervals.
    seed
        Seed of the choice and of the resamples.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        As of `rnaexplore.structure.reliability`: one row per bin with ``low``, ``high``, ``n``,
        ``predicted``, ``observed``, ``observed_low``, ``observed_high``, ``n_families``. Intervals
        resample families (``obs["family"]``, else RNAs).

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If fewer than 2 RNAs have base pairs, or a setting is not allowed.
    CapabilityError
        If the model cannot make contact maps this way, or they hold scores.
    MissingDependencyError
        If ViennaRNA is needed and not installed.

    Notes
    -----
    One RNA is read at a time: time grows with the number of RNAs (at most `n_rnas`) and the square
    of their lengths; memory with the total number of candidate pairs of residues.
    """
    check_options(method, None, None, regression)
    known = references(adata, reference, n_max=n_rnas, rng=np.random.default_rng(seed))
    loaded = VIENNA if method == VIENNA else load(model)
    predict = predictor(loaded, method, heads=None, fit_on=None, n_best=1, regression=regression)
    seen = what_was_seen(loaded, None, regression)
    check_exposure(adata, known.rows, seen, on_seen=on_seen)
    values = [
        predict(sequence).probabilities[candidates(len(sequence))].astype(np.float64)
        for sequence in tqdm(known.sequences, desc=method, unit="RNA", disable=not progress)
    ]
    families = labels_for(families_of(adata, None, known.rows), len(known.rows))
    return pair_reliability(values, known.truths, families, bins=bins, n_boot=n_boot, seed=seed)
