"""Maps of RNAs: any two columns of ``obsm``, coloured by any column of ``obs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from anndata import AnnData
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._figure_data.embedding import (
    Categories,
    axis_name,
    categories,
    check_points,
    check_top,
    column,
    coordinates,
    is_numeric,
)
from rnaexplore._figure_data.palette import QUIET
from rnaexplore._figure_data.palettes import Palette, check_palette, ramp
from rnaexplore._figure_data.text import on_one_line
from rnaexplore._figure_data.theme import PLAIN, RAMPS
from rnaexplore.errors import InputError
from rnaexplore.pl._axes import axes_or_new, colour_bar, font_size
from rnaexplore.pl._map_labels import write_names
from rnaexplore.pl._map_legend import Place, place_of, write_legend
from rnaexplore.pl._text import plain

__all__ = ["Legend", "embedding", "umap"]

Legend = Literal["auto", "map", "side", "none"]
Points = NDArray[np.floating]

_MOST_ON_SIDE = 24
_FULL, _PALE = 0.85, 0.45  #: opacity of points


def embedding(
    adata: AnnData,
    basis: str = _keys.UMAP,
    *,
    color: str | None = None,
    group: str | None = None,
    palette: Palette | None = None,
    groups: Sequence[str] | None = None,
    size: float | None = None,
    alpha: float | None = None,
    title: str | None = None,
    top: int = 19,
    legend: Legend = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Draw a map of RNAs.

    Parameters
    ----------
    adata
        RNAs with coordinates.
    basis
        The ``obsm`` key; its first two columns are drawn.
    color
        The ``obs`` column to colour by: categories or numbers. Colours in
        ``uns["<color>_colors"]`` are used if there are any; RNAs without a value are grey.
    group
        An ``obs`` column that groups the categories of `color`, such as the RNA type or the clan
        of families: each group gets a hue, each of its categories a shade of it.
    palette
        Colors in place of these: a name (okabe-ito, tab10, tab20, Set2, Dark2, Paired, viridis,
        cividis, magma, plasma, turbo), or at least two colors. Categories get them again and
        again, or those of a ramp at equal distances; numbers lie between them.
    groups
        Categories to show in color and name; all others are grey.
    size
        Diameter of points, in points (1/72 inch); by default by their number.
    alpha
        Opacity of points, above 0 to 1; points without a name get half of it.
    title
        Written above the map.
    top
        How many categories are named, the largest first, up to 19 in distinct hues; the others
        are colored, too, but paler and without a name.
    legend
        Names of categories on the ``"map"`` beside their points, at the ``"side"``, or ``"none"``.
        ``"auto"`` puts up to 24 names at the side, or in columns below, as long as they take at
        most a quarter of the figure; else on the map.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    MissingKeyError
        If there is no such key; the message names the call that makes it.
    InputError
        If `legend`, `palette` or one of `groups` is unknown, `top` negative, `size` or `alpha` out
        of range, or `basis` has fewer than two columns.
    """
    xy = coordinates(adata, basis)
    if legend not in get_args(Legend):
        msg = f"legend must be one of {', '.join(get_args(Legend))}, got {legend!r}"
        raise InputError(msg)
    check_top(top)
    check_points(size, alpha)
    check_palette(palette)
    values = None if color is None else column(adata, color)
    shown = None
    if color is not None and values is not None and not is_numeric(values):
        shown = categories(adata, color, group, top, palette=palette, groups=groups)
    axes = axes_or_new(ax)
    look = _Look.of(axes, len(xy), size, alpha)
    if shown is not None:
        _categories(axes, xy, shown, look, legend=legend, own=ax is None)
    elif values is not None:
        drawn = _numbers(axes, xy, values.to_numpy(dtype=float), look, _cmap(palette))
        colour_bar(axes, drawn, on_one_line(color))
    else:
        _points(axes, xy, PLAIN, look)
    axes.set_title(title or "")
    return _frame(axes, basis)


def umap(
    adata: AnnData,
    *,
    color: str | None = None,
    group: str | None = None,
    basis: str = _keys.UMAP,
    palette: Palette | None = None,
    groups: Sequence[str] | None = None,
    size: float | None = None,
    alpha: float | None = None,
    title: str | None = None,
    top: int = 19,
    legend: Legend = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Draw the UMAP of the RNAs; see `embedding` for the parameters."""
    return embedding(
        adata, basis, color=color, group=group, palette=palette, groups=groups, size=size,
        alpha=alpha, title=title, top=top, legend=legend, ax=ax,
    )  # fmt: skip


class _Look(NamedTuple):
    """Area of points, in square points, and their opacity with and without a name."""

    area: float
    full: float
    pale: float

    @classmethod
    def of(cls, ax: Axes, n: int, size: float | None, alpha: float | None) -> _Look:
        usual = float(np.clip(6000 / max(n, 1), 0.8, 14.0)) * font_size(ax) / 7
        full = _FULL if alpha is None else alpha
        return cls(usual if size is None else size**2, full, full * _PALE / _FULL)


def _points(
    ax: Axes, xy: Points, colours: Any, look: _Look, *, cmap: Any = None, pale: bool = False
) -> Any:
    return ax.scatter(
        xy[:, 0], xy[:, 1], c=colours, cmap=cmap, s=look.area,
        alpha=look.pale if pale else look.full, linewidths=0, rasterized=True,
    )  # fmt: skip


def _numbers(ax: Axes, xy: Points, values: NDArray[np.float64], look: _Look, cmap: Any) -> Any:
    known = np.isfinite(values)
    if not known.all():
        _points(ax, xy[~known], QUIET, look)
    return _points(ax, xy[known], values[known], look, cmap=cmap)


def _cmap(palette: Palette | None) -> Any:
    if palette is None:
        return RAMPS["values"]
    return LinearSegmentedColormap.from_list("own", ramp(palette))


def _categories(
    ax: Axes, xy: Points, shown: Categories, look: _Look, *, legend: Legend, own: bool
) -> None:
    for positions, pale in ((shown.pale, True), (shown.strong, False)):
        if len(positions):
            colours = [shown.colour(k) for k in positions]
            _points(ax, xy[positions], colours, look, pale=pale)
    if legend == "none":
        return
    place = None if legend == "map" else place_of(ax, shown, own=own)
    few = legend == "side" or len(shown.named) <= _MOST_ON_SIDE
    if legend == "side" and place is None:
        place = Place(1 + len(shown.order) // 14, 14, below=False)
    if place is not None and few:
        write_legend(ax, shown, place, own=own)
    else:
        write_names(ax, xy, shown)


def _frame(ax: Axes, basis: str) -> Axes:
    """Label the axes, without ticks: distances of such maps have no unit."""
    name = plain(on_one_line(axis_name(basis)))
    ax.set(xticks=[], yticks=[], xlabel=f"{name} 1", ylabel=f"{name} 2")
    ax.set_aspect("equal", adjustable="datalim")
    ax.xaxis.set_label_coords(0.0, -0.02)
    ax.yaxis.set_label_coords(-0.02, 0.0)
    ax.xaxis.label.set_horizontalalignment("left")
    ax.yaxis.label.set_horizontalalignment("left")
    ax.yaxis.label.set_verticalalignment("bottom")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
