"""Means of scores by class: every class, the mean of classes, and all RNAs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore.errors import InputError
from rnaexplore.tl._access import strings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["classes_of", "group_means"]

ALL = "all RNAs"
FAMILIES = "mean of families"


def classes_of(adata: AnnData, by: str | None, rows: list[int]) -> list[str] | None:
    """Return the class of some RNAs, or ``None`` without `by`.

    Raises
    ------
    MissingKeyError
        If the key is missing.
    InputError
        If one of the RNAs has no class.
    """
    if by is None:
        return None
    labels = strings(adata, by, remedy="Pass by= the obs key of the classes, or None")
    classes = [labels[k] for k in rows]
    if not all(classes):
        msg = f"{sum(not c for c in classes)} RNAs have no {by!r}; leave them out, or pass by=None"
        raise InputError(msg)
    return classes


def group_means(scores: pd.DataFrame, classes: list[str] | None) -> pd.DataFrame:
    """Return the mean of each column of scores, with ``n``, the number of RNAs.

    Parameters
    ----------
    scores
        One row an RNA.
    classes
        Class of each row; ``None`` for the mean of all alone.
    """
    import pandas as pd

    overall = scores.mean().to_frame(ALL).T.assign(n=len(scores))
    if classes is None:
        return overall
    each = scores.groupby(classes).mean()
    means = each.mean().to_frame(FAMILIES).T.assign(n=len(scores))
    return pd.concat([each.assign(n=scores.groupby(classes).size()), means, overall])
