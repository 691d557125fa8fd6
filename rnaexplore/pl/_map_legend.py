"""The legend of a map: at its side, or below it where it would take too much of the width."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from rnaexplore._figure_data.embedding import Categories
from rnaexplore._figure_data.palette import QUIET
from rnaexplore.pl._axes import POINTS_PER_INCH, font_size
from rnaexplore.pl._text import name as written

__all__ = ["Place", "place_of", "write_legend"]

_QUARTER = 0.25  #: of the room, that a legend takes at most
_MOST_ROWS = 14  #: of a legend at the side
_LETTER, _MARK, _LINE = 0.58, 2.4, 1.45  #: sizes, in sizes of the font
_PALE = 0.45
_KEYS = 3  #: colors that stand for all categories without a name


class Place(NamedTuple):
    """Where a legend goes: columns and rows, and whether it lies below the map."""

    columns: int
    rows: int
    below: bool


def place_of(ax: Axes, shown: Categories, *, own: bool) -> Place | None:
    """Return where a legend goes that takes at most a quarter of the room; ``None`` for nowhere.

    Parameters
    ----------
    ax
        Axes of the map.
    shown
        What is named.
    own
        Whether the figure is ours, so that it may grow downward.
    """
    entries = [*shown.order, *shown.rest]
    size = font_size(ax)
    width, height = _room(ax)
    column = size * (_LETTER * max(map(len, entries), default=0) + _MARK)
    beside = 1 + (len(entries) - 1) // _MOST_ROWS
    if beside * column <= _QUARTER * width and len(entries) * _LINE * size <= height * beside:
        return Place(beside, -(-len(entries) // beside), below=False)
    columns = max(1, int(width / column))
    rows = -(-len(entries) // columns)
    needed = rows * _LINE * size
    if needed <= _QUARTER * (height + (needed if own else 0.0)):
        return Place(columns, rows, below=True)
    return None


def write_legend(ax: Axes, shown: Categories, place: Place, *, own: bool) -> None:
    """Write the legend; below the map of a figure of ours, the figure grows by its height."""
    size = font_size(ax)
    handles: list[Any] = [_mark(shown.colours[name], 1.0, size) for name in shown.order]
    handles += [_key(shown, text, size) for text in shown.rest]
    names = [written(text) for text in (*shown.order, *shown.rest)]
    ax.legend(
        handles, names, ncols=place.columns, handletextpad=0.2,
        labelspacing=0.35, columnspacing=0.8, borderaxespad=0.3, handlelength=1.2,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.0)}, **_anchor(ax, size, place),
    )  # fmt: skip
    figure = ax.get_figure(root=True)
    if place.below and own and figure is not None:
        inches = place.rows * _LINE * size / POINTS_PER_INCH
        figure.set_figheight(figure.get_figheight() + inches)


def _anchor(ax: Axes, size: float, place: Place) -> dict[str, Any]:
    if not place.below:
        return {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
    figure = ax.get_figure(root=True)
    assert figure is not None
    under = ScaledTranslation(0, -1.6 * size / POINTS_PER_INCH, figure.dpi_scale_trans)
    return {
        "loc": "upper center",
        "bbox_to_anchor": (0.5, 0.0),
        "bbox_transform": ax.transAxes + under,
    }


def _key(shown: Categories, text: str, size: float) -> Any:
    """Return pale marks in the colors of categories without a name, grey for no value."""
    if text == "no value":
        return _mark(QUIET, 1.0, size)
    others = [str(name) for name in shown.counts.index[len(shown.named) :][:_KEYS]]
    return tuple(_mark(shown.colours[name], _PALE, size * 0.7) for name in others)


def _mark(colour: str, alpha: float, size: float) -> Line2D:
    return Line2D(
        [], [], linestyle="none", marker="o", color=colour, alpha=alpha, markeredgewidth=0,
        markersize=size * 0.75,
    )  # fmt: skip


def _room(ax: Axes) -> tuple[float, float]:
    """Return width and height, in points, of the part of the figure that the axes have."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    spec = ax.get_subplotspec()
    box = None if spec is None else spec.get_position(figure)
    share = np.ones(2) if box is None else np.array([box.width, box.height])
    inches = np.array(figure.get_size_inches())
    if spec is not None and spec.get_gridspec().get_geometry() == (1, 1):
        share = np.ones(2)
    width, height = (share * inches * POINTS_PER_INCH).tolist()
    return width, height
