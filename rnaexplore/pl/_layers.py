"""Scores of every layer of a model, and the levels of what they have to beat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend
from rnaexplore.pl._metrics import EMBEDDING, KIND, METRIC_NAMES, NULL
from rnaexplore.pl._palette import OKABE_ITO

__all__ = ["layers"]

_GROUP, _LAYER, _DISTANCE, _COSINE = "group", "layer", "distance", "cosine"
_NUMBER = re.compile(rf"[_ ]layer ?(\d+)(?: {_COSINE})?$")
_SINGLE = re.compile(rf"\d-mers(?: sqrt)?(?: {_COSINE})?$")
_BEST = "best k-mers"
_DASHES: tuple[LineStyleType, ...] = ("--", (0, (1, 1.2)), "-.", (0, (6, 1.5, 1, 1.5, 1, 1.5)))
_NULLS: tuple[LineStyleType, ...] = ((0, (1, 3.5)), (0, (4, 3)), (0, (4, 3, 1, 3)))
_GREY = "#4C566A"


class _Line(NamedTuple):
    """One entry of the legend."""

    label: str
    colour: str
    style: LineStyleType
    marker: str


def layers(
    frame: pd.DataFrame,
    score: str,
    *,
    levels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score of every layer as a line, and each baseline as a level.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.layer_sweep` or `rnaexplore.tl.evaluate_sites`: one row per layer or
        baseline, told apart by a column ``kind``. With a column ``group`` each of its values has
        a color, and so have its baselines, unless one group alone has them. Concatenate tables
        with a ``group`` each to compare models.
    score
        The column to draw, for example ``"knn_accuracy"`` or ``"NMI"``.
    levels
        Rows to draw as levels; by default all that are no layer and have this score, but of k-mers
        only the best ones: row ``"best k-mers"``, or the highest where that one has no such score.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Layer 0 is the embedding before the first layer. Cosine distances have a dashed line with
        hollow dots. The band is the 95 % interval, if the table has one. The best layer of each
        line has a larger dot: it was chosen after the fact, and ``"best layer"`` is the level to
        compare with baselines.

    Raises
    ------
    MissingKeyError
        If the table has no such score, no column ``kind``, or no such level.
    InputError
        If no row is a layer.
    """
    table = _table(frame, score)
    axes = axes_or_new(ax)
    groups = list(dict.fromkeys(table[_GROUP]))
    colours = dict(zip(groups, (OKABE_ITO[k % 6] for k in range(len(groups))), strict=True))
    drawn = _lines(table, colours)
    for entry, rows in drawn:
        _draw(axes, entry, rows, score)
    rest = _rest(table, levels)
    known = _levels(rest, groups)
    for _, row in rest.iterrows():
        level = known[row["representation"]]
        colour = level.colour or colours[row[_GROUP]]
        axes.axhline(row["value"], color=colour, linestyle=level.style, linewidth=0.9, zorder=1)
    _frame(axes, table, pd.concat([table[table[KIND] == EMBEDDING], rest])["value"], score)
    outside_legend(
        axes, [_handle(axes, entry) for entry in [*(entry for entry, _ in drawn), *known.values()]]
    )
    return axes


def _table(frame: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return the table with group, distance, layer (-1 for none), and the score as ``value``."""
    if KIND not in frame:
        msg = f"frame has no column {KIND!r}; rx.tl.layer_sweep(adata, model) makes such a table"
        raise MissingKeyError(msg)
    if score not in frame or not pd.api.types.is_numeric_dtype(frame[score]):
        known = [str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
        msg = f"frame has no score {score!r}. {nearest(score, known)}"
        raise MissingKeyError(msg)
    table = frame.reset_index(drop="representation" in frame).reset_index(drop=True)
    names = table["representation"].astype(str)
    table = table.assign(representation=names, value=table[score].astype(float))
    table[_LAYER] = [_layer_of(name) for name in names]
    for column, value in ((_GROUP, "layers"), (_DISTANCE, "")):
        if column not in table:
            table[column] = value
    of_layers = table[table[KIND] == EMBEDDING][_LAYER]
    if len(of_layers) == 0 or (of_layers < 0).any():
        msg = "frame must have rows named as layers, such as 'layer 3' or 'X_mini_layer3'"
        raise InputError(msg)
    return table


def _layer_of(name: str) -> int:
    found = _NUMBER.search(" " + name)
    return int(found[1]) if found else -1


def _rest(table: pd.DataFrame, levels: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows that are drawn as levels."""
    rest = table[(table[KIND] != EMBEDDING) & table["value"].notna()]
    names = rest["representation"]
    if levels is None:
        kmers = rest[names.str.fullmatch(_SINGLE)]
        best = [] if (names == _BEST).any() else kmers.groupby(_GROUP)["value"].idxmax()
        return rest.drop(index=kmers.index.difference(best))
    missing = [name for name in levels if name not in set(names)]
    if missing:
        msg = (
            f"frame has no level {missing[0]!r}. {nearest(missing[0], list(dict.fromkeys(names)))}"
        )
        raise MissingKeyError(msg)
    return rest[names.isin(list(levels))]


def _levels(rest: pd.DataFrame, groups: list[str]) -> dict[str, _Line]:
    """Return how the level of each baseline and null is drawn, without a color if groups share it.

    What only one of several groups has is a baseline for all.
    """
    found: dict[str, _Line] = {}
    n_known = n_null = 0
    for name, rows in rest.groupby("representation", sort=False):
        if (rows[KIND] == NULL).all():
            own, style = _GREY, _NULLS[n_null % len(_NULLS)]
            n_null += 1
        else:
            own = OKABE_ITO[(len(groups) + n_known) % 6]
            style = _DASHES[n_known % len(_DASHES)]
            n_known += 1
        shared = len(set(rows[_GROUP])) > 1
        found[str(name)] = _Line(str(name), "" if shared else own, style, "")
    return found


def _lines(table: pd.DataFrame, colours: dict[str, str]) -> list[tuple[_Line, pd.DataFrame]]:
    """Return how the layers of each group by each distance are drawn, and their rows in order."""
    of_layers = table[table[KIND] == EMBEDDING].sort_values(_LAYER, kind="stable")
    found = []
    for group, colour in colours.items():
        own = of_layers[of_layers[_GROUP] == group]
        for distance in dict.fromkeys(table[table[_GROUP] == group][_DISTANCE]):
            rows = own[own[_DISTANCE] == distance]
            hollow = distance == _COSINE
            label = f"{group}, {_COSINE}" if hollow else group
            if len(rows):
                found.append((_Line(label, colour, "--" if hollow else "-", "o"), rows))
    return found


def _draw(ax: Axes, entry: _Line, rows: pd.DataFrame, score: str) -> None:
    """Draw the layers of a group by one distance, the best of them larger."""
    size = font_size(ax) * 0.55
    at, values = rows[_LAYER].to_numpy(int), rows["value"].to_numpy(float)
    face = entry.colour if entry.style == "-" else "white"
    _band(ax, rows, score, entry.colour)
    best = int(np.nanargmax(values))
    for x, y, large in ((at, values, 1.0), (at[best], values[best], 1.8)):
        ax.plot(
            x, y, color=entry.colour, linestyle=entry.style, marker="o", markersize=large * size,
            markerfacecolor=face, clip_on=False, zorder=3,
        )  # fmt: skip


def _band(ax: Axes, rows: pd.DataFrame, score: str, colour: str) -> None:
    """Draw the 95 % intervals, if there are some."""
    ends = [f"{score}_low", f"{score}_high"]
    if set(ends) <= set(rows.columns) and rows[ends].notna().all(axis=None):
        low, high = rows[ends].to_numpy(float).T
        ax.fill_between(rows[_LAYER], low, high, color=colour, alpha=0.12, linewidth=0, zorder=0)


def _frame(ax: Axes, table: pd.DataFrame, values: pd.Series[float], score: str) -> None:
    last = int(table[_LAYER].max())
    step = max(1, last // 12)
    ax.set_xticks(range(0, last + 1, step))
    ax.set(xlim=(-0.3, last + 0.3), xlabel="layer", ylabel=METRIC_NAMES.get(score, score))
    low, high = float(values.min()), float(values.max())
    ax.set_ylim(min(0.0, 1.08 * low), max(0.05, 1.08 * high) if high < 1 / 1.08 else 1.0)


def _handle(ax: Axes, entry: _Line) -> Line2D:
    hollow = entry.marker and entry.style == "--"
    return Line2D(
        [], [], color=entry.colour or _GREY, linestyle=entry.style,
        marker=entry.marker, label=entry.label, markerfacecolor="white" if hollow else None,
        markersize=font_size(ax) * 0.55, linewidth=0.9 if not entry.marker else None,
    )  # fmt: skip
