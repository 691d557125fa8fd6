"""What a map of RNAs shows: coordinates, categories with their colors, the order of drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._figure_data.given import given_colours
from rnaexplore._figure_data.palette import QUIET, grouped, lookup
from rnaexplore._figure_data.palettes import Palette, category_palette
from rnaexplore.errors import InputError, MissingKeyError, nearest

__all__ = [
    "Categories",
    "axis_name",
    "categories",
    "check_points",
    "check_top",
    "column",
    "coordinates",
    "is_numeric",
]

Points = NDArray[np.floating]

_PLANE = 2
_COUNTED = {2: "two", 3: "three"}
_AXES = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PC"}


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A column of categories as it is drawn.

    Parameters
    ----------
    names
        Category of each RNA, ``None`` where there is none, shape (n,).
    counts
        How many RNAs each category has, the largest first.
    named
        Categories that the legend names, the largest first.
    order
        The same in the order of the column.
    colours
        Color of each category, ``#rrggbb``.
    groups
        Group of each category; empty if there are none.
    """

    names: NDArray[np.object_]
    counts: pd.Series[int]
    named: tuple[str, ...]
    order: tuple[str, ...]
    colours: dict[str, str]
    groups: dict[str, str]

    @property
    def pale(self) -> NDArray[np.intp]:
        """Positions of RNAs that the legend does not name, or that have no value."""
        return np.flatnonzero(~self._named)

    @property
    def strong(self) -> NDArray[np.intp]:
        """Positions of RNAs that the legend names, in random order: no category lies on top."""
        return np.random.default_rng(0).permutation(np.flatnonzero(self._named))

    @property
    def _named(self) -> NDArray[np.bool_]:
        """Whether the legend names an RNA's category."""
        mask: NDArray[np.bool_] = pd.Series(self.names).isin(list(self.named)).to_numpy()
        return mask

    @property
    def n_missing(self) -> int:
        """How many RNAs have no value."""
        return len(self.names) - int(self.counts.sum())

    @property
    def rest(self) -> tuple[str, ...]:
        """What the legend says of pale points."""
        n = len(self.counts) - len(self.named)
        return (f"{n} others (pale)",) * (n > 0) + ("no value",) * (self.n_missing > 0)

    def colour(self, position: int) -> str:
        """Return the color of one RNA."""
        name = self.names[position]
        return QUIET if name is None else self.colours[name]


def coordinates(adata: AnnData, basis: str, n: int = _PLANE) -> Points:
    """Return the first `n` columns of a map.

    Raises
    ------
    MissingKeyError
        If ``obsm`` has no such key; the message names the call that makes it.
    InputError
        If it has fewer columns.
    """
    if basis not in adata.obsm:
        known = nearest(basis, [str(k) for k in adata.obsm])
        msg = f"obsm has no {basis!r}; rx.tl.umap(adata) makes {_keys.UMAP!r}. {known}"
        raise MissingKeyError(msg)
    points = np.asarray(adata.obsm[basis])[:, :n]
    if points.shape[1] != n:
        msg = f"obsm[{basis!r}] has {points.shape[1]} columns; a map needs {_COUNTED[n]}"
        raise InputError(msg)
    return points


def column(adata: AnnData, name: str) -> pd.Series:
    """Return a column of ``obs``.

    Raises
    ------
    MissingKeyError
        If there is none of that name.
    """
    if name not in adata.obs:
        known = nearest(name, [str(k) for k in adata.obs])
        msg = f"obs has no column {name!r}; rx.tl.cluster(adata, use_rep=…) makes clusters. {known}"
        raise MissingKeyError(msg)
    found: pd.Series = adata.obs[name]
    return found


def is_numeric(values: pd.Series) -> bool:
    """Return whether values are numbers: booleans are categories."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def check_points(size: object, alpha: float | None) -> None:
    """Raise `InputError` if points would not be seen."""
    if isinstance(size, int | float) and not size > 0:
        msg = f"size must be above 0, got {size}"
        raise InputError(msg)
    if alpha is not None and not 0 < alpha <= 1:
        msg = f"alpha must be above 0 and at most 1, got {alpha}"
        raise InputError(msg)


def check_top(top: int, least: int = 0) -> None:
    """Raise `InputError` if the number of named categories is below the least one."""
    if top < least:
        msg = f"top must be {least} or more, got {top}"
        raise InputError(msg)


def categories(
    adata: AnnData,
    color: str,
    group: str | None,
    top: int,
    *,
    palette: Palette | None = None,
    groups: Sequence[str] | None = None,
) -> Categories:
    """Return a column of categories with names, counts and colors.

    Colors are those of `palette` if it is given, else of ``uns["<color>_colors"]`` if there are
    any, else our own, or with `group` a hue for each group and a shade of it for each category.
    With `groups` these categories alone are named, and all others are grey.

    Raises
    ------
    InputError
        If one of `groups` is no category, or there is no such palette.
    """
    values = column(adata, color)
    names = values.astype(object).where(values.notna(), None).to_numpy()
    names = np.array([None if name is None else str(name) for name in names], dtype=object)
    counts = pd.Series(names).value_counts()
    named = [str(c) for c in counts.index[:top]] if groups is None else _asked(groups, counts)
    order = [str(c) for c in values.astype("category").cat.categories]
    blocks = {} if group is None else _groups(names, column(adata, group), list(counts.index))
    if palette is not None:
        colours = dict(zip(order, category_palette(palette, len(order)), strict=True))
    elif (given := given_colours(adata.uns, color)) is not None or not blocks:
        colours = lookup(order, named, given)
    else:
        colours = grouped(list(counts.index), [blocks[name] for name in counts.index])
    if groups is not None:
        colours |= dict.fromkeys(set(order) - set(named), QUIET)
    shown = tuple(name for name in order if name in set(named))
    return Categories(names, counts, tuple(named), shown, colours, blocks)


def _asked(groups: Sequence[str], counts: pd.Series[int]) -> list[str]:
    """Return the categories asked for, the largest first."""
    known = [str(name) for name in counts.index]
    for name in groups:
        if name not in known:
            msg = f"groups has {name!r}, which is no category. {nearest(str(name), known)}"
            raise InputError(msg)
    return [name for name in known if name in set(groups)]


def _groups(names: NDArray[np.object_], groups: pd.Series, categories: list[str]) -> dict[str, str]:
    """Return the group of each category: all members of a family have one type."""
    first = groups.astype(str).groupby(names, sort=False).first()
    return {name: str(first[name]) for name in categories}


def axis_name(basis: str) -> str:
    """Return what the axes of a map are called, without their number."""
    name = basis.removeprefix("X_")
    return _AXES.get(name, name)
