"""Columns of ``obs`` as a view needs them: categories with colours, numbers, or texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.widgets._codec import float32_bytes, joined, uint16_bytes

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = [
    "MISSING",
    "Categories",
    "Column",
    "Numbers",
    "Texts",
    "colourings",
    "describe",
    "read",
    "table_columns",
]

MISSING = 65_535  #: code of a missing category
_LONG_TEXTS = (_keys.SEQUENCE, _keys.STRUCTURE)


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A column of categories.

    Parameters
    ----------
    name
        Key in ``obs``.
    labels, colours
        One a category; colours as ``#rrggbb``.
    codes
        uint16, shape (n_obs,): index of each label, `MISSING` for none.
    """

    name: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    codes: NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers: float32, shape (n_obs,), NaN for missing."""

    name: str
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column of texts that are mostly different."""

    name: str
    values: tuple[str, ...]


Column = Categories | Numbers | Texts


def read(adata: AnnData, name: str) -> Categories | Numbers:
    """Return a column to colour by.

    Raises
    ------
    MissingKeyError
        If ``obs`` has no such column.
    InputError
        If it has more categories than a view can tell apart (65,535).
    """
    series = _series(adata, name)
    if _is_number(series):
        return Numbers(name, series.to_numpy(dtype=np.float32, na_value=np.nan))
    return _categories(adata, series)


def table_columns(adata: AnnData, names: list[str] | None) -> list[Column]:
    """Return the columns that the table shows.

    Parameters
    ----------
    names
        Keys in ``obs``; by default every column but those of mostly different texts, such as
        sequences.
    """
    if names is None:
        return [read(adata, name) for name in adata.obs.columns if not _is_text(adata.obs[name])]
    return [_any_column(adata, name) for name in names]


def colourings(adata: AnnData) -> list[str]:
    """Return the columns worth colouring by: all but those of mostly different texts."""
    return [str(name) for name in adata.obs.columns if not _is_text(adata.obs[name])]


def describe(column: Column) -> dict[str, Any]:
    """Return what the views read of a column; arrays are bytes."""
    match column:
        case Categories():
            return {
                "name": column.name,
                "kind": "category",
                "labels": list(column.labels),
                "colours": list(column.colours),
                "data": uint16_bytes(column.codes),
            }
        case Numbers():
            return {"name": column.name, "kind": "number", "data": float32_bytes(column.values)}
        case Texts():
            return {"name": column.name, "kind": "text", "data": joined(column.values)}


def _any_column(adata: AnnData, name: str) -> Column:
    series = _series(adata, name)
    if _is_text(series):
        missing = series.isna().to_numpy()
        texts = zip(series.astype(object), missing, strict=True)
        return Texts(name, tuple("" if gone else str(text) for text, gone in texts))
    return read(adata, name)


def _series(adata: AnnData, name: str) -> pd.Series[Any]:
    if name not in adata.obs:
        known = [str(column) for column in adata.obs.columns]
        msg = f"obs has no column {name!r}. {nearest(name, known)}"
        raise MissingKeyError(msg)
    series: pd.Series[Any] = adata.obs[name]
    return series


def _is_number(series: pd.Series[Any]) -> bool:
    import pandas as pd

    types = pd.api.types
    return types.is_numeric_dtype(series) and not types.is_bool_dtype(series)


def _is_text(series: pd.Series[Any]) -> bool:
    import pandas as pd

    if series.name in _LONG_TEXTS or str(series.name).startswith(f"{_keys.STRUCTURE}_"):
        return True
    if isinstance(series.dtype, pd.CategoricalDtype):
        return len(series.cat.categories) > MISSING
    if pd.api.types.is_bool_dtype(series) or _is_number(series):
        return False
    return series.nunique() > min(MISSING, max(2, len(series) // 2))


def _categories(adata: AnnData, series: pd.Series[Any]) -> Categories:
    categorical = series.astype("category").cat
    labels = tuple(str(label) for label in categorical.categories)
    if len(labels) > MISSING:
        msg = (
            f"obs[{series.name!r}] has {len(labels):,} categories; a view can colour at most "
            f"{MISSING:,}. Choose a column with fewer"
        )
        raise InputError(msg)
    codes = categorical.codes.to_numpy().astype(np.int64)
    codes[codes < 0] = MISSING
    name = str(series.name)
    return Categories(name, labels, _colours(adata, name, len(labels)), codes.astype(np.uint16))


def _colours(adata: AnnData, name: str, n: int) -> tuple[str, ...]:
    """Return the colours that scanpy keeps for the column, if they fit, else our own."""
    kept = adata.uns.get(f"{name}_colors")
    if kept is None or len(kept) < n:
        from rnaexplore.pl import palette

        return tuple(palette(n))
    return tuple(_as_hex(str(colour)) for colour in kept[:n])


def _as_hex(colour: str) -> str:
    from matplotlib.colors import to_hex

    return str(to_hex(colour))
