"""What a view shows of one RNA beside its maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import _keys
from rnaexplore.errors import RnaExploreError
from rnaexplore.structure import Structure
from rnaexplore.widgets.core.messages import note

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["describe", "text"]


def describe(adata: AnnData, name: str) -> dict[str, Any]:
    """Return sequence, structure and the other columns of one RNA.

    Returns
    -------
    dict
        ``index``, ``name``, ``sequence`` and ``structure`` (``None`` if there is none, or if the
        structure does not fit the sequence, and ``problem`` then says why), ``fields``: pairs
        of column and text.
    """
    sequence = text(adata, _keys.SEQUENCE, name)
    structure = text(adata, _keys.STRUCTURE, name)
    problem = _problem(sequence, structure)
    if problem:
        structure = None
    return {
        "index": int(adata.obs_names.get_loc(name)),
        "name": name,
        "sequence": sequence,
        "structure": structure,
        "problem": problem,
        "fields": _fields(adata, name),
    }


def _problem(sequence: str | None, structure: str | None) -> str:
    """Return why a structure cannot be drawn, an empty text if it can or if there is none."""
    if sequence is None or structure is None:
        return ""
    try:
        Structure.from_dot_bracket(sequence, structure)
    except RnaExploreError as error:
        return note(error)
    return ""


def text(adata: AnnData, column: str, name: str) -> str | None:
    """Return a text of one RNA, ``None`` if the column or the value is missing or empty."""
    if column not in adata.obs:
        return None
    value = adata.obs[column].loc[name]
    return str(value) if isinstance(value, str) and value else None


def _fields(adata: AnnData, name: str) -> list[list[str]]:
    hidden = (_keys.SEQUENCE, _keys.STRUCTURE)
    row = adata.obs.loc[name]
    shown = ((str(key), _as_text(row[key])) for key in adata.obs.columns if key not in hidden)
    return [[key, value] for key, value in shown if value]


def _as_text(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
