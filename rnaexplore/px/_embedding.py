"""Maps of RNAs in two or three dimensions, colored by any column of ``obs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._figure_data.embedding import (
    axis_name,
    categories,
    check_points,
    check_top,
    column,
    coordinates,
    is_numeric,
)
from rnaexplore._figure_data.hover import hover as told
from rnaexplore._figure_data.palettes import Palette, check_palette
from rnaexplore._figure_data.theme import PLAIN
from rnaexplore.errors import InputError
from rnaexplore.px._category_traces import category_traces
from rnaexplore.px._figure import figure
from rnaexplore.px._point_looks import looks
from rnaexplore.px._points import FULL, Cloud, number_traces

__all__ = ["Dimensions", "embedding", "umap"]

Dimensions = Literal[2, 3]

_MOST_POINTS = 1_000_000
_SPACE = 3
_MOST_ENTRIES = 17  #: that a legend shows at the usual height without scrolling
_ENTRY, _AROUND = 20, 140  #: pixels of an entry, and around all


def embedding(
    adata: AnnData,
    basis: str = _keys.UMAP,
    *,
    color: str | None = None,
    group: str | None = None,
    palette: Palette | None = None,
    groups: Sequence[str] | None = None,
    size: str | float | None = None,
    alpha: float | None = None,
    title: str | None = None,
    symbol: str | None = None,
    hover: Sequence[str] | None = None,
    top: int = 19,
    dimensions: Dimensions | None = None,
) -> go.Figure:
    """Draw a map of RNAs, in two dimensions by ``Scattergl``, in three by ``Scatter3d``.

    Parameters
    ----------
    adata
        RNAs with coordinates.
    basis
        The ``obsm`` key; its first columns are drawn.
    color
        The ``obs`` column to color by: categories or numbers. Colors in
        ``uns["<color>_colors"]`` are used if there are any; RNAs without a value are grey.
    group
        An ``obs`` column that groups the categories of `color`, such as the RNA type or the clan
        of families: each group gets a hue and a block of the legend, each of its categories a
        shade of it.
    palette
        Colors in place of these: a name (okabe-ito, tab10, tab20, Set2, Dark2, Paired, viridis,
        cividis, magma, plasma, turbo), or at least two colors. Categories get them again and
        again, or those of a ramp at equal distances; numbers lie between them.
    groups
        Categories to show in color and name; all others are grey.
    size
        Diameter of all points in pixels, or an ``obs`` column of numbers: areas grow with it.
    alpha
        Opacity of points, above 0 to 1; points without a name get half of it.
    title
        Written above the map.
    symbol
        The ``obs`` column that shapes stand for: at most 8 categories, in three dimensions 6.
    hover
        ``obs`` columns that hovering tells. By default family, length and the beginning of the
        sequence; for very many RNAs only the name or the position, so that the figure stays below
        2.5 MB.
    top
        How many categories have an entry in the legend each, the largest first, 19 of them in
        distinct hues; the others are
        colored, too, but paler, with one entry for all of them, or for all of a group.
    dimensions
        2 or 3; by default 3 if `basis` has exactly three columns.

    Returns
    -------
    Figure
        ``customdata`` of each point is its position in `adata`, so that a selection is
        ``adata[positions]``. Entries of the legend tell how many RNAs they stand for.

    Raises
    ------
    MissingKeyError
        If there is no such key; the message names the call that makes it.
    InputError
        If `palette` or one of `groups` is unknown, `top` is negative, `size` or `alpha` out of
        range, `basis` has too few columns, a column does not fit its use, or there are more than a
        million RNAs.
    """
    check_top(top)
    check_points(size, alpha)
    check_palette(palette)
    n = _dimensions(adata, basis, dimensions)
    points = coordinates(adata, basis, n)
    _check_number(adata)
    values = None if color is None else column(adata, color)
    cloud = Cloud(
        points.astype(np.float32),
        looks(adata, size, symbol, n),
        told(adata, hover, color),
        FULL if alpha is None else alpha,
    )
    if color is None or values is None:
        everyone = np.arange(adata.n_obs)
        traces = [cloud.trace(everyone, "RNAs", {"color": PLAIN}, shown=False)]
    elif is_numeric(values):
        traces = number_traces(cloud, values.to_numpy(dtype=float), color, palette)
    else:
        shown = categories(adata, color, group, top, palette=palette, groups=groups)
        traces = category_traces(cloud, shown)
    entries = sum(trace.showlegend is not False for trace in traces)
    layout = _layout(basis, n, color).update(title_text=title)
    if entries > _MOST_ENTRIES:
        layout.height = _ENTRY * entries + _AROUND
    return figure([*traces, *cloud.legend_of_symbols()], layout)


def umap(
    adata: AnnData,
    *,
    color: str | None = None,
    group: str | None = None,
    basis: str = _keys.UMAP,
    palette: Palette | None = None,
    groups: Sequence[str] | None = None,
    size: str | float | None = None,
    alpha: float | None = None,
    title: str | None = None,
    symbol: str | None = None,
    hover: Sequence[str] | None = None,
    top: int = 19,
    dimensions: Dimensions | None = None,
) -> go.Figure:
    """Draw the UMAP of the RNAs; see `embedding` for the parameters."""
    return embedding(
        adata, basis, color=color, group=group, palette=palette, groups=groups, size=size,
        alpha=alpha, title=title, symbol=symbol, hover=hover, top=top, dimensions=dimensions,
    )  # fmt: skip


def _dimensions(adata: AnnData, basis: str, asked: int | None) -> int:
    if asked is not None and asked not in (2, _SPACE):
        msg = f"dimensions must be 2 or 3, got {asked!r}"
        raise InputError(msg)
    if asked is not None:
        return asked
    held = np.shape(adata.obsm[basis])[1:] if basis in adata.obsm else ()
    return _SPACE if held == (_SPACE,) else 2


def _check_number(adata: AnnData) -> None:
    if adata.n_obs > _MOST_POINTS:
        msg = (
            f"a plotly figure holds at most {_MOST_POINTS:,} RNAs, got {adata.n_obs:,}; draw a "
            "part of them, or use rx.pl.embedding"
        )
        raise InputError(msg)


def _layout(basis: str, n: int, color: str | None) -> go.Layout:
    """Label the axes, without ticks: distances of such maps have no unit."""
    name = axis_name(basis)
    axes: list[dict[str, Any]] = [
        {"title": {"text": f"{name} {k + 1}"}, "showticklabels": False} for k in range(n)
    ]
    legend = {"title": {"text": color or ""}}
    if n == _SPACE:
        scene = dict(zip(("xaxis", "yaxis", "zaxis"), axes, strict=True))
        return go.Layout(scene=scene | {"aspectmode": "data"}, legend=legend)
    xaxis, yaxis = (axis | {"ticks": "", "showline": True} for axis in axes)
    return go.Layout(xaxis=xaxis, yaxis=yaxis | {"scaleanchor": "x"}, legend=legend)
