"""Scores of every layer of a model, beside baselines that have none."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend
from rnaexplore.pl._metrics import BASELINE, EMBEDDING, KIND, METRIC_NAMES
from rnaexplore.pl._palette import OKABE_ITO

__all__ = ["layers"]

_GROUP, _LAYER = "group", "layer"
_NUMBER = re.compile(r"[_ ]layer ?(\d+)$")
_DASHES: tuple[LineStyleType, ...] = ("--", (0, (1, 1.2)), "-.", (0, (6, 1.5, 1, 1.5, 1, 1.5)))
_NULL: LineStyleType = (0, (1, 3.5))
_GREY = "#4C566A"


class _Line(NamedTuple):
    """One entry of the legend."""

    label: str
    colour: str
    style: LineStyleType
    marker: str


def layers(frame: pd.DataFrame, score: str, *, ax: Axes | None = None) -> Axes:
    """Draw a score of every layer as a line, and each baseline as a level.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.layer_sweep` or `rnaexplore.tl.evaluate_sites`: one row a layer or
        baseline, told apart by a column ``kind``. With a column ``group`` each of its values has
        a colour, and so have its baselines, unless one group alone has them. Concatenate tables
        with a ``group`` each to compare models.
    score
        The column to draw, for example ``"knn_accuracy"`` or ``"NMI"``.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Layer 0 is the embedding before the first layer. The best layer of each line has a larger
        dot: it was chosen after the fact.

    Raises
    ------
    MissingKeyError
        If the table has no such score, or no column ``kind``.
    InputError
        If no row is a layer.
    """
    table = _table(frame, score)
    axes = axes_or_new(ax)
    groups = list(dict.fromkeys(table[_GROUP]))
    colours = dict(zip(groups, (OKABE_ITO[k % 6] for k in range(len(groups))), strict=True))
    for group in groups:
        rows = table[(table[_GROUP] == group) & (table[KIND] == EMBEDDING)].sort_values(_LAYER)
        _line(axes, rows[_LAYER].to_numpy(int), rows[score].to_numpy(float), colours[group])
    levels = _levels(table, groups)
    for _, row in table[table[KIND] != EMBEDDING].iterrows():
        level = levels[row["representation"]]
        colour = level.colour or colours[row[_GROUP]]
        axes.axhline(row["value"], color=colour, linestyle=level.style, linewidth=0.9, zorder=1)
    _frame(axes, table, score)
    outside_legend(axes, [_handle(axes, entry) for entry in [*_lines(colours), *levels.values()]])
    return axes


def _table(frame: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return group, representation, kind, layer (-1 for none) and the score, also as ``value``."""
    if KIND not in frame:
        msg = f"frame has no column {KIND!r}; rx.tl.layer_sweep(adata, model) makes such a table"
        raise MissingKeyError(msg)
    if score not in frame or not pd.api.types.is_numeric_dtype(frame[score]):
        known = [str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
        msg = f"frame has no score {score!r}. {nearest(score, known)}"
        raise MissingKeyError(msg)
    table = frame.reset_index(drop="representation" in frame)
    names = table["representation"].astype(str)
    table = table.assign(representation=names, value=table[score].astype(float))
    table[_LAYER] = [_layer_of(name) for name in names]
    if _GROUP not in table:
        table[_GROUP] = "layers"
    if (table[KIND] == EMBEDDING).sum() == 0 or (table[table[KIND] == EMBEDDING][_LAYER] < 0).any():
        msg = "frame must have rows named as layers, such as 'layer 3' or 'X_mini_layer3'"
        raise InputError(msg)
    return table


def _layer_of(name: str) -> int:
    found = _NUMBER.search(" " + name)
    return int(found[1]) if found else -1


def _levels(table: pd.DataFrame, groups: list[str]) -> dict[str, _Line]:
    """Return how the level of each baseline and null is drawn, without a colour if groups share it.

    What only one of several groups has is a baseline for all.
    """
    rest = table[table[KIND] != EMBEDDING]
    found: dict[str, _Line] = {}
    for name, rows in rest.groupby("representation", sort=False):
        known = (rows[KIND] == BASELINE).all()
        own = OKABE_ITO[(len(groups) + len(found)) % 6] if known else _GREY
        style = _DASHES[len(found) % len(_DASHES)] if known else _NULL
        shared = len(set(rows[_GROUP])) > 1
        found[str(name)] = _Line(str(name), "" if shared else own, style, "")
    return found


def _lines(colours: dict[str, str]) -> list[_Line]:
    return [_Line(group, colour, "-", "o") for group, colour in colours.items()]


def _line(ax: Axes, at: NDArray[np.int64], values: NDArray[np.float64], colour: str) -> None:
    size = font_size(ax) * 0.55
    ax.plot(at, values, "o-", color=colour, markersize=size, clip_on=False, zorder=3)
    best = int(np.nanargmax(values))
    ax.plot(at[best], values[best], "o", color=colour, markersize=1.8 * size, clip_on=False)


def _frame(ax: Axes, table: pd.DataFrame, score: str) -> None:
    last, values = int(table[_LAYER].max()), table["value"]
    step = max(1, last // 12)
    ax.set_xticks(range(0, last + 1, step))
    ax.set(xlim=(-0.3, last + 0.3), xlabel="layer", ylabel=METRIC_NAMES.get(score, score))
    low, high = float(values.min()), float(values.max())
    ax.set_ylim(min(0.0, 1.08 * low), max(0.05, 1.08 * high) if high < 1 / 1.08 else 1.0)


def _handle(ax: Axes, entry: _Line) -> Line2D:
    return Line2D(
        [], [], color=entry.colour or _GREY, linestyle=entry.style,
        marker=entry.marker, label=entry.label,
        markersize=font_size(ax) * 0.55, linewidth=0.9 if not entry.marker else None,
    )  # fmt: skip
