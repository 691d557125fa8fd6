"""What distributions show: boxes of numbers by group, or of a selection and all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnaexplore._figure_data.embedding import categories, check_top, column, is_numeric
from rnaexplore._figure_data.theme import HIGHLIGHT, PLAIN
from rnaexplore.errors import InputError, MissingKeyError, nearest

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Box", "Distribution", "Selection", "distribution_rows"]

Values = NDArray[np.float64]
Selection = Sequence[str] | NDArray[np.bool_]

_REACH = 1.5  #: interquartile ranges that whiskers reach
_PARTS = (("selected", HIGHLIGHT), ("others", PLAIN))


class Box(NamedTuple):
    """The values of one group: quartiles, ends of the whiskers, values beyond them with names."""

    row: int
    part: int
    colour: str
    values: Values
    quartiles: tuple[float, float, float]
    whiskers: tuple[float, float]
    beyond: Values
    names: list[str]


class Distribution(NamedTuple):
    """All boxes; ``rows`` are their names with counts from the top, ``parts`` name the hues."""

    boxes: tuple[Box, ...]
    rows: list[str]
    parts: tuple[tuple[str, str], ...]
    label: str
    title: str


def distribution_rows(
    adata: AnnData, value: str, groupby: str | None, selection: Selection | None, top: int
) -> Distribution:
    """Return a number of ``obs`` by group as it is drawn, the largest group first.

    Raises
    ------
    MissingKeyError
        If ``obs`` has no such column, or no RNA of a name in `selection`.
    InputError
        If `value` is no column of numbers, none has a value, `top` is below 1, or the mask is of
        another length.
    """
    check_top(top, least=1)
    numbers = _numbers(adata, value)
    chosen = None if selection is None else _mask(adata, selection)
    groups, colours, title = _groups(adata, groupby, top)
    known = np.isfinite(numbers)
    found: list[Box] = []
    rows: list[str] = []
    for name, colour in colours.items():
        inside = known & (groups == name)
        if inside.any():
            of_row = pd.Series(numbers[inside], index=adata.obs_names[inside])
            within = None if chosen is None else chosen[inside]
            found += _parts(of_row, within, len(rows), colour)
            rows.append(f"{name} ({inside.sum():,})")
    if not found:
        msg = f"obs[{value!r}] has no value to draw: all are missing or without a group"
        raise InputError(msg)
    return Distribution(tuple(found), rows, () if chosen is None else _PARTS, value, title)


def _numbers(adata: AnnData, value: str) -> Values:
    found = column(adata, value)
    if not is_numeric(found):
        msg = f"obs[{value!r}] must be a column of numbers; its categories are for groupby"
        raise InputError(msg)
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def _mask(adata: AnnData, selection: Selection) -> NDArray[np.bool_]:
    given = np.asarray(selection)
    if given.dtype == bool:
        if given.shape != (adata.n_obs,):
            msg = f"a mask must have one value per RNA, {adata.n_obs}, got shape {given.shape}"
            raise InputError(msg)
        return given
    names = [str(name) for name in given.tolist()]
    positions = adata.obs_names.get_indexer(pd.Index(names, dtype=object))
    if (positions < 0).any():
        missing = names[int(np.flatnonzero(positions < 0)[0])]
        msg = f"selection has {missing!r}, which is no RNA. {nearest(missing, adata.obs_names)}"
        raise MissingKeyError(msg)
    mask = np.zeros(adata.n_obs, dtype=bool)
    mask[positions] = True
    return mask


def _groups(
    adata: AnnData, groupby: str | None, top: int
) -> tuple[NDArray[np.object_], dict[str, str], str]:
    """Return the group of each RNA, colors of the groups that are drawn, and what they are."""
    if groupby is None:
        return np.full(adata.n_obs, "all RNAs", dtype=object), {"all RNAs": PLAIN}, ""
    shown = categories(adata, groupby, None, top)
    drawn = list(shown.counts.index[:top])
    n = len(shown.counts)
    more = f", {len(drawn)} largest of {n}" if len(drawn) < n else ""
    return shown.names, {str(name): shown.colours[name] for name in drawn}, f"{groupby}{more}"


def _parts(
    values: pd.Series[float], chosen: NDArray[np.bool_] | None, row: int, own: str
) -> list[Box]:
    """Return the box of a group, or those of its selected RNAs and of the others."""
    if chosen is None:
        return [_box(values, row, 0, own)]
    return [
        _box(values[mask], row, part, colour)
        for part, (mask, (_, colour)) in enumerate(zip((chosen, ~chosen), _PARTS, strict=True))
        if mask.any()
    ]


def _box(found: pd.Series[float], row: int, part: int, colour: str) -> Box:
    """Return quartiles by linear interpolation; whiskers end at values (Tukey 1977)."""
    values = np.array(found, dtype=np.float64)
    low, middle, high = (float(q) for q in np.percentile(values, (25, 50, 75)))
    reach = _REACH * (high - low)
    held = values[(values >= low - reach) & (values <= high + reach)]
    ends = min(float(held.min()), low), max(float(held.max()), high)
    beyond = found[(values < ends[0]) | (values > ends[1])].sort_values()
    names = [str(name) for name in beyond.index]
    outside = np.array(beyond, dtype=np.float64)
    return Box(row, part, colour, values, (low, middle, high), ends, outside, names)
