"""How well predicted structures agree with known ones, by family and by kind of RNA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._adata import sequences_of, strings
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure import Structure, difference_table, score_table
from rnaexplore.tl.base_pairs.group_means import classes_of, families_of, seen_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_structures", "evaluate_structures"]


def evaluate_structures(
    adata: AnnData,
    predicted: str | Sequence[str],
    *,
    reference: str = _keys.STRUCTURE,
    by: str | None = None,
    seen: str | None = None,
    n_boot: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score predicted structures against known ones. Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and structures.
    predicted
        ``obs`` keys of predicted dot-brackets, such as those of `rnaexplore.tl.fold`. Put a
        baseline beside each model: ``rx.tl.fold(adata, method="vienna")``.
    reference
        ``obs`` key of the known structures. RNAs without a base pair there are left out.
    by
        ``obs`` key of the classes, for example ``"family"``, that get a row each.
    seen
        ``obs`` key of booleans: whether an RNA, or a relative, was in the training of the model.
    n_boot
        Resamples of the intervals.
    seed
        Seed of the resamples.

    Returns
    -------
    DataFrame
        Indexed by ``predicted`` and ``group``: each class of `by`, ``"mean of families"`` (each
        counting once, where families are known), ``"all RNAs"``, and those of each kind: single
        hairpins and branched RNAs, bins of length, with and without pseudoknots, with and without
        pairs other than AU, GC and GU, with and without relatives in training; and
        ``"canonical reference pairs"``, all RNAs scored without the reference's other pairs.
        Columns are the mean scores of `rnaexplore.structure.score` (precision, recall, f1, mcc,
        strict and with pairs shifted by one), 95 % intervals of ``f1`` and ``f1_shifted``, for
        which families are resampled (``obs["family"]``, else `by`, else RNAs), ``n`` RNAs and
        ``n_families``.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If no RNA has a known base pair, an RNA has no class, or `seen` is not boolean.
    InvalidStructureError
        If a structure does not fit its sequence.

    Notes
    -----
    Time grows with the total number of base pairs, and with the number of RNAs times the draws of
    the intervals; memory with the number of RNAs.
    """
    keys = [predicted] if isinstance(predicted, str) else list(predicted)
    data = _read(adata, keys, reference)
    return score_table(
        data.references,
        data.predicted,
        families=families_of(adata, by, data.rows),
        classes=classes_of(adata, by, data.rows),
        seen=seen_of(adata, seen, data.rows),
        n_boot=n_boot,
        seed=seed,
    )


def compare_structures(
    adata: AnnData,
    predicted: str,
    baseline: str,
    *,
    reference: str = _keys.STRUCTURE,
    by: str | None = None,
    seen: str | None = None,
    n_boot: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare two predictions of the same structures, RNA by RNA.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and structures.
    predicted, baseline
        ``obs`` keys of predicted dot-brackets, for example of a model and of ViennaRNA.
    reference, by, seen, n_boot, seed
        As for `rnaexplore.tl.evaluate_structures`.

    Returns
    -------
    DataFrame
        Indexed by ``group``, as `rnaexplore.tl.evaluate_structures`: the mean difference,
        predicted less baseline, of ``f1`` and ``f1_shifted``, with the 95 % interval of the paired
        bootstrap over families; ``n`` RNAs and ``n_families``. An interval without 0 tells the two
        apart.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If no RNA has a known base pair, an RNA has no class, or `seen` is not boolean.
    InvalidStructureError
        If a structure does not fit its sequence.

    Notes
    -----
    Time grows with the total number of base pairs, and with the number of RNAs times the draws of
    the interval; memory with the number of RNAs.
    """
    data = _read(adata, [predicted, baseline], reference)
    return difference_table(
        data.references,
        data.predicted[predicted],
        data.predicted[baseline],
        families=families_of(adata, by, data.rows),
        classes=classes_of(adata, by, data.rows),
        seen=seen_of(adata, seen, data.rows),
        n_boot=n_boot,
        seed=seed,
    )


class _Structures(NamedTuple):
    """RNAs with known pairs: their rows, known structures, and predicted ones by key."""

    rows: list[int]
    references: list[Structure]
    predicted: dict[str, list[Structure]]


def _read(adata: AnnData, keys: Sequence[str], reference: str) -> _Structures:
    known = _structures(adata, reference, "Pass reference= the key of the known structures")
    rows = [k for k, structure in enumerate(known) if len(structure.pairs)]
    if not rows:
        msg = f"no RNA has a base pair in obs[{reference!r}]"
        raise InputError(msg)
    predicted = {}
    for key in keys:
        found = _structures(adata, key, "rx.tl.fold(adata, model) predicts structures")
        predicted[key] = [found[k] for k in rows]
    return _Structures(rows, [known[k] for k in rows], predicted)


def _structures(adata: AnnData, key: str, remedy: str) -> list[Structure]:
    texts = strings(adata, key, remedy=remedy)
    return [
        Structure.from_dot_bracket(normalise(sequence), text or "." * len(sequence))
        for sequence, text in zip(sequences_of(adata), texts, strict=True)
    ]
