"""How well predicted structures agree with known ones, family by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure import Structure, score
from rnaexplore.tl._access import sequences_of, strings
from rnaexplore.tl._group_means import classes_of, group_means

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluate_structures"]


def evaluate_structures(
    adata: AnnData,
    predicted: str | Sequence[str],
    *,
    reference: str = _keys.STRUCTURE,
    by: str | None = None,
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

    Returns
    -------
    DataFrame
        Indexed by ``predicted`` and ``group``: each class of `by`, ``"mean of families"`` (each
        class counting once) and ``"all RNAs"``. Columns are the mean scores of
        `rnaexplore.structure.score` (precision, recall, f1, mcc, strict and with pairs shifted by
        one) and ``n``, the number of RNAs.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If no RNA has a known base pair, or an RNA has no class.
    InvalidStructureError
        If a structure does not fit its sequence.
    """
    import pandas as pd

    keys = [predicted] if isinstance(predicted, str) else list(predicted)
    known = _structures(adata, reference, "Pass reference= the key of the known structures")
    rows = [k for k, structure in enumerate(known) if len(structure.pairs)]
    if not rows:
        msg = f"no RNA has a base pair in obs[{reference!r}]"
        raise InputError(msg)
    groups = classes_of(adata, by, rows)
    tables = {}
    for key in keys:
        found = _structures(adata, key, "rx.tl.fold(adata, model) predicts structures")
        scores = pd.DataFrame([score(found[k], known[k]) for k in rows])
        tables[key] = group_means(scores, groups)
    return pd.concat(tables, names=["predicted", "group"])


def _structures(adata: AnnData, key: str, remedy: str) -> list[Structure]:
    texts = strings(adata, key, remedy=remedy)
    return [
        Structure.from_dot_bracket(normalise(sequence), text or "." * len(sequence))
        for sequence, text in zip(sequences_of(adata), texts, strict=True)
    ]
