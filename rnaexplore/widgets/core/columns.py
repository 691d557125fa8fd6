"""Columns of ``obs`` as a view needs them: categories with colours, numbers, or texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.widgets.core.codec import float32_bytes, joined, uint8_bytes, uint16_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MISSING",
    "Annotated",
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
_FEW = 255  #: categories whose codes fit a byte, beside the code of none
_GROUPS = ("clan", "type", "rna_type", "class")  #: columns that may group families, best first


class Annotated(Protocol):
    """What has columns and their colours: an AnnData, or a part of one."""

    @property
    def obs(self) -> pd.DataFrame:
        """One row an RNA."""
        ...

    @property
    def uns(self) -> Mapping[str, Any]:
        """Holds ``<column>_colors``, if someone chose colours."""
        ...


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
    grouping
        Name of the column that groups them, empty if none does.
    groups
        The group of each category, empty if there are none.
    """

    name: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    codes: NDArray[np.uint16]
    grouping: str = ""
    groups: tuple[str, ...] = ()


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


def read(adata: Annotated, name: str) -> Categories | Numbers:
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


def table_columns(adata: Annotated, names: list[str] | None) -> list[Column]:
    """Return the columns that the table shows.

    Parameters
    ----------
    names
        Keys in ``obs``; by default every column but empty ones and those of mostly different
        texts, such as sequences.
    """
    if names is None:
        return [read(adata, name) for name in colourings(adata)]
    return [_any_column(adata, name) for name in names]


def colourings(adata: Annotated) -> list[str]:
    """Return the columns worth colouring by: all but empty ones and mostly different texts."""
    obs = adata.obs
    return [str(name) for name in obs if not (_is_text(obs[name]) or _is_blank(obs[name]))]


def describe(column: Column) -> dict[str, Any]:
    """Return what the views read of a column; arrays are bytes."""
    match column:
        case Categories():
            return {
                "name": column.name,
                "kind": "category",
                "labels": list(column.labels),
                "colours": list(column.colours),
                "grouping": column.grouping,
                "groups": list(column.groups),
                **_codes(column),
            }
        case Numbers():
            return {"name": column.name, "kind": "number", "data": float32_bytes(column.values)}
        case Texts():
            return {"name": column.name, "kind": "text", "data": joined(column.values)}


def _codes(column: Categories) -> dict[str, Any]:
    """Return a byte a code if that is enough, 255 for none; else two bytes."""
    if len(column.labels) > _FEW:
        return {"bytes": 2, "data": uint16_bytes(column.codes)}
    return {"bytes": 1, "data": uint8_bytes(np.minimum(column.codes, _FEW))}


def _any_column(adata: Annotated, name: str) -> Column:
    series = _series(adata, name)
    if _is_text(series):
        missing = series.isna().to_numpy()
        texts = zip(series.astype(object), missing, strict=True)
        return Texts(name, tuple("" if gone else str(text) for text, gone in texts))
    return read(adata, name)


def _series(adata: Annotated, name: str) -> pd.Series[Any]:
    if name not in adata.obs:
        known = [str(column) for column in adata.obs.columns]
        msg = f"obs has no column {name!r}. {nearest(name, known)}"
        raise MissingKeyError(msg)
    series: pd.Series[Any] = adata.obs[name]
    return series


def _is_blank(series: pd.Series[Any]) -> bool:
    """Return whether a column of texts holds nothing."""
    if _is_number(series) or len(series) == 0:
        return False
    return set(series.unique()) <= {"", None} or bool(series.isna().all())


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


def _categories(adata: Annotated, series: pd.Series[Any]) -> Categories:
    categorical = series.astype("category").cat
    labels = tuple(str(label) for label in categorical.categories)
    if len(labels) > MISSING:
        msg = (
            f"obs[{series.name!r}] has {len(labels):,} categories; a view can colour at most "
            f"{MISSING:,}. Choose a column with fewer"
        )
        raise InputError(msg)
    codes = categorical.codes.to_numpy().astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    codes[codes < 0] = MISSING
    name = str(series.name)
    grouping, groups = _grouping(adata, name, codes, len(labels))
    colours = _colours(adata, name, labels, counts, groups)
    return Categories(name, labels, colours, codes.astype(np.uint16), grouping, groups)


def _grouping(
    adata: Annotated, name: str, codes: NDArray[np.int64], n: int
) -> tuple[str, tuple[str, ...]]:
    """Return the column that gives each of many categories one group, and the groups."""
    from rnaexplore._figure_data.palette import N_DISTINCT

    for candidate in _GROUPS if n > N_DISTINCT else ():
        if candidate in adata.obs and candidate != name:
            found = adata.obs[candidate].astype("category").cat
            inside = found.codes.to_numpy()
            known = (codes != MISSING) & (inside >= 0)
            of = np.full(n, -1)
            of[codes[known]] = inside[known]
            alike = (of[codes[known]] == inside[known]).all()
            if alike and 1 < len(set(of[of >= 0])) < n:
                texts = [str(group) for group in found.categories]
                return candidate, tuple(texts[k] if k >= 0 else "none" for k in of)
    return "", ()


def _colours(
    adata: Annotated,
    name: str,
    labels: tuple[str, ...],
    counts: NDArray[np.int64],
    groups: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the colours that scanpy keeps for the column, if they fit, else our own."""
    from rnaexplore._figure_data.given import given_colours
    from rnaexplore._figure_data.palette import category_colours

    kept = given_colours(adata.uns, name)
    if kept is not None and len(kept) >= len(labels):
        return tuple(kept[: len(labels)])
    return tuple(category_colours(labels, counts.tolist(), groups or None))
