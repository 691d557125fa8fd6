"""How well contact maps rank the base pairs of known structures, family by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load
from rnaexplore.structure import Structure
from rnaexplore.structure.evaluation import groups_of, labels_for, mean_table
from rnaexplore.tl.base_pairs.contact_methods import (
    VIENNA,
    ContactMethod,
    Predictor,
    check_options,
    predictor,
    what_was_seen,
)
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from rnaexplore.tl.base_pairs.group_means import classes_of, families_of, seen_of
from rnaexplore.tl.evaluation.seen import OnSeen, check_exposure
from rnaexplore.tl.evaluation.shuffle import dinucleotide_shuffle
from rnaexplore.tl.heads.pair_scores import average_precision, candidates, precision_at
from rnaexplore.tl.heads.references import Bools, References, references

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["evaluate_contacts"]

SHUFFLED = "shuffled sequences"
CHANCE = "chance"
MAIN = ("precision@pairs", "AUPRC")  #: scores with an interval


def evaluate_contacts(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    method: ContactMethod = "regression",
    reference: str = _keys.STRUCTURE,
    by: str | None = None,
    heads: Sequence[tuple[int, int]] | None = None,
    fit_on: AnnData | None = None,
    n_best: int = 5,
    regression: ContactRegression | None = None,
    on_seen: OnSeen = "warn",
    seen: str | None = None,
    n_rnas: int | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score contact maps against known structures, before anything is decoded.

    Nothing is written into `adata`. Pairs of residues less than 4 apart are left out.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and known structures.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none. Put that baseline beside
        each model.
    method, heads, fit_on, n_best, regression, on_seen
        How maps are made: see `rnaexplore.tl.contacts`.
    reference
        ``obs`` key of the known structures. RNAs without a base pair there are left out.
    by
        ``obs`` key of the classes, for example ``"family"``, that get a row each.
    seen
        ``obs`` key of booleans: whether an RNA, or a relative, was in training. By default what
        is recorded of the model, the fit and the choice of heads, if all of it is.
    n_rnas
        At most that many RNAs, drawn at random.
    n_boot
        Resamples of the intervals.
    seed
        Seed of that choice, of the shuffled sequences and of the resamples.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        Indexed by ``map`` (the method; ``"shuffled sequences"``: the maps of sequences with the
        same dinucleotides, against the same structures; ``"chance"``: the share of true pairs,
        which maps at random would have) and ``group`` (each class of `by`, ``"mean of families"``,
        ``"all RNAs"``, and those of each kind: `rnaexplore.structure.strata`). Columns are the
        means of ``precision@L`` (the L best pairs of an RNA of L residues), ``precision@pairs``
        (as many as it has base pairs), ``AUPRC`` (area under the precision-recall curve), each 0
        to 1, with 95 % intervals of the last two, for which families are resampled
        (``obs["family"]``, else `by`, else RNAs); ``n`` RNAs and ``n_families``.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If fewer than 2 RNAs have base pairs, an RNA has no class, or a setting is not allowed.
    CapabilityError
        If the model cannot make contact maps this way.
    MissingDependencyError
        If ViennaRNA is needed and not installed.

    Notes
    -----
    One RNA is read at a time: time grows with the number of RNAs (at most `n_rnas`, once more
    shuffled) and the square of their lengths (``"jacobian"`` and ``"vienna"``: the cube); memory
    with the square of the longest.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    known = references(adata, reference, n_max=n_rnas, rng=rng)
    check_options(method, heads, fit_on, regression)
    loaded = VIENNA if method == VIENNA else load(model)
    predict = predictor(
        loaded, method, heads=heads, fit_on=fit_on, n_best=n_best, regression=regression
    )
    before = what_was_seen(loaded, fit_on, regression)
    exposure = check_exposure(adata, known.rows, before, on_seen=on_seen)
    recorded = exposure.rnas.tolist() if before and not exposure.unknown else None
    jobs = list(zip(known.sequences, known.truths, strict=True))
    shuffles = [(dinucleotide_shuffle(sequence, rng), truth) for sequence, truth in jobs]
    with tqdm(total=2 * len(jobs), desc=method, unit="RNA", disable=not progress) as bar:
        tables = {
            name: pd.DataFrame([_scores(predict, *job, bar) for job in which])
            for name, which in ((method, jobs), (SHUFFLED, shuffles))
        }
    tables[CHANCE] = tables[method].assign(**_chance(known.truths))
    families = families_of(adata, by, known.rows)
    groups = groups_of(
        _structures(adata, reference, known),
        families=families,
        classes=classes_of(adata, by, list(known.rows)),
        seen=recorded if seen is None else seen_of(adata, seen, known.rows),
    )
    labels = labels_for(families, len(known.rows))
    summaries = {
        name: mean_table(table, groups, labels, intervals=MAIN, n_boot=n_boot, seed=seed)
        for name, table in tables.items()
    }
    return pd.concat(summaries, names=["map", "group"])


def _structures(adata: AnnData, reference: str, known: References) -> list[Structure]:
    texts = adata.obs[reference].iloc[list(known.rows)]
    pairs = zip(known.sequences, texts, strict=True)
    return [Structure.from_dot_bracket(sequence, str(text)) for sequence, text in pairs]


def _scores(predict: Predictor, sequence: str, truth: Bools, bar: tqdm[object]) -> dict[str, float]:
    ranked = predict(sequence).values[candidates(len(sequence))][None]
    order = np.argsort(-ranked, axis=1, kind="stable")
    bar.update()
    return {
        "precision@L": float(precision_at(ranked, truth, len(sequence), order=order)[0]),
        "precision@pairs": float(precision_at(ranked, truth, int(truth.sum()), order=order)[0]),
        "AUPRC": float(average_precision(ranked, truth, order=order)[0]),
    }


def _chance(truths: Sequence[Bools]) -> dict[str, list[float]]:
    share = [float(truth.mean()) for truth in truths]
    return dict.fromkeys(("precision@L", "precision@pairs", "AUPRC"), share)
