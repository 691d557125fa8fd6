"""Which RNAs a table of scores tells apart: classes, families, whether they were seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._adata import strings
from rnaexplore.errors import InputError, MissingKeyError, nearest

__all__ = ["classes_of", "families_of", "seen_of"]


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


def families_of(adata: AnnData, by: str | None, rows: Sequence[int]) -> list[str] | None:
    """Return the family of some RNAs, which intervals resample; ``None`` if none is known.

    Families are those of ``obs["family"]``, else the classes of `by`. An RNA without one is a
    family of its own.
    """
    key = _keys.FAMILY if _keys.FAMILY in adata.obs else by
    if key is None:
        return None
    labels = strings(adata, key, remedy="Pass by= the obs key of the classes, or None")
    return [labels[k] for k in rows]


def seen_of(adata: AnnData, seen: str | None, rows: Sequence[int]) -> list[bool] | None:
    """Return whether some RNAs were seen in training, or ``None`` without `seen`.

    Raises
    ------
    MissingKeyError
        If the key is missing.
    InputError
        If the column is not boolean.
    """
    if seen is None:
        return None
    if seen not in adata.obs:
        msg = f"adata.obs has no {seen!r}. {nearest(seen, adata.obs.columns)}"
        raise MissingKeyError(msg)
    column = adata.obs[seen]
    if column.dtype != np.bool_:
        msg = f"obs[{seen!r}] must hold booleans, whether an RNA was seen; it is {column.dtype}"
        raise InputError(msg)
    return [bool(column.iloc[k]) for k in rows]
