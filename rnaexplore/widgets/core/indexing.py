"""Selections by name, position or mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SelectMode", "combine", "resolve"]

SelectMode = Literal["replace", "add", "subtract", "intersect"]


def combine(
    current: NDArray[np.int64], found: NDArray[np.int64], mode: SelectMode
) -> NDArray[np.int64]:
    """Return the positions after a set operation, ascending.

    Raises
    ------
    InputError
        If there is no such operation.
    """
    if mode not in get_args(SelectMode):
        msg = f"mode must be one of {', '.join(map(repr, get_args(SelectMode)))}, got {mode!r}"
        raise InputError(msg)
    match mode:
        case "replace":
            return found
        case "add":
            return np.union1d(current, found)
        case "subtract":
            return np.setdiff1d(current, found)
        case "intersect":
            return np.intersect1d(current, found)


def resolve(names: pd.Index[Any], chosen: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    """Return the positions of chosen RNAs, ascending and each once.

    Parameters
    ----------
    names
        All names, unique.
    chosen
        Names, positions (negative from the end), or one boolean for each RNA.

    Raises
    ------
    InputError
        If a position or mask does not fit, or kinds are mixed.
    MissingKeyError
        If a name is unknown.
    """
    if isinstance(chosen, str):
        msg = f"a selection is a list of names or positions, got one string; pass [{chosen!r}]"
        raise InputError(msg)
    values = np.asarray(chosen)
    if values.size == 0:
        return np.empty(0, dtype=np.int64)
    if values.ndim != 1:
        msg = f"a selection has one dimension, got shape {values.shape}"
        raise InputError(msg)
    match values.dtype.kind:
        case "b":
            return _from_mask(values, len(names))
        case "i" | "u":
            return _from_positions(values, len(names))
        case "U" | "O" | "T":
            return _from_names(names, values)
    msg = f"a selection holds names, positions or booleans, got {values.dtype}"
    raise InputError(msg)


def _from_mask(mask: NDArray[np.bool_], n: int) -> NDArray[np.int64]:
    if len(mask) != n:
        msg = f"a boolean selection needs one entry for each of the {n} RNAs, got {len(mask)}"
        raise InputError(msg)
    return np.flatnonzero(mask).astype(np.int64)


def _from_positions(positions: NDArray[np.integer[Any]], n: int) -> NDArray[np.int64]:
    outside = positions[(positions < -n) | (positions >= n)]
    if outside.size:
        msg = f"positions must be in [{-n}, {n - 1}], got {int(outside[0])}"
        raise InputError(msg)
    return np.unique(positions.astype(np.int64) % n)


def _from_names(names: pd.Index[Any], chosen: NDArray[Any]) -> NDArray[np.int64]:
    positions = names.get_indexer(chosen.astype(object).tolist())
    unknown = chosen[positions < 0]
    if unknown.size:
        msg = f"no RNA is named {unknown[0]!r}. {nearest(str(unknown[0]), names[:5000])}"
        raise MissingKeyError(msg)
    return np.unique(positions.astype(np.int64))
