"""What square tables show: confusion of classes, similarity of representations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConfusionTable", "SimilarityTable", "confusion_table", "similarity_table"]

Values = NDArray[np.float64]

_ROUNDING = 1e-6


class ConfusionTable(NamedTuple):
    """Counts, and their shares of the true class; classes are rows and columns."""

    counts: Values
    shares: Values
    names: list[str]
    label: str = "share of the true class"


class SimilarityTable(NamedTuple):
    """Values from 0 to 1 with the names along both axes."""

    values: Values
    across: list[str]
    down: list[str]
    titles: tuple[str, str]


def confusion_table(counts: pd.DataFrame) -> ConfusionTable:
    """Return counts and shares; raise `InputError` if rows and columns are not the same classes."""
    if list(counts.index) != list(counts.columns) or counts.empty:
        msg = "a confusion table has the same classes in rows and columns, in the same order"
        raise InputError(msg)
    values = counts.to_numpy(dtype=float)
    shares = values / np.maximum(values.sum(1, keepdims=True), 1)
    return ConfusionTable(values, shares, [str(name) for name in counts.index])


def similarity_table(table: pd.DataFrame) -> SimilarityTable:
    """Return values and names; raise `InputError` if a value lies outside 0 to 1."""
    values = table.to_numpy(dtype=float)
    inside = (values >= -_ROUNDING) & (values <= 1 + _ROUNDING)
    if not values.size or not inside.all():
        msg = "a table of similarities has at least one value, and all of them in [0, 1]"
        raise InputError(msg)
    across = [_keys.model_of_key(str(name)) for name in table.columns]
    down = [_keys.model_of_key(str(name)) for name in table.index]
    titles = (str(table.columns.name or ""), str(table.index.name or ""))
    return SimilarityTable(values, across, down, titles)
