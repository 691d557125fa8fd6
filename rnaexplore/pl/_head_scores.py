"""How well the heads of a model follow base pairs, beside three nulls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend

__all__ = ["head_scores"]

_COLUMNS = ("layer", "head", "auprc", "auprc_shuffled", "auprc_random", "background")
_HEAD, _SHUFFLED, _RANDOM, _CHANCE = "#0072B2", "#D55E00", "#009E73", "#4C566A"


def head_scores(frame: pd.DataFrame, *, top: int = 24, ax: Axes | None = None) -> Axes:
    """Draw the average precision of base pairs of each head, the best first, beside its nulls.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.score_heads`.
    top
        How many heads are drawn; the others are counted in the label of the axis.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Bars are heads, dashes the same head on shuffled sequences; lines are a head of random
        weights and random pairs, means over all.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no head to draw.
    """
    missing = [c for c in _COLUMNS if c not in frame]
    if missing:
        msg = f"frame has no column {missing[0]!r}; rx.tl.score_heads makes such a table"
        raise MissingKeyError(msg)
    shown = frame.sort_values("auprc", ascending=False, kind="stable").head(top)
    if shown.empty or top < 1:
        msg = f"frame must have at least one head and top be at least 1, got {len(frame)}, {top}"
        raise InputError(msg)
    axes = axes_or_new(ax)
    outside_legend(axes, _draw(axes, shown))
    names = [f"{row.layer}·{row.head}" for row in shown.itertuples()]
    axes.set_xticks(range(len(names)), names, rotation=90)
    more = f", best {len(shown)} of {len(frame)}" if len(shown) < len(frame) else ""
    axes.set(xlabel=f"layer·head{more}", ylabel="average precision of base pairs")
    axes.set(xlim=(-0.7, len(shown) - 0.3), ylim=(0, None))
    return axes


def _draw(ax: Axes, shown: pd.DataFrame) -> list[Artist]:
    """Draw bars, dashes and lines; return one of each, to be explained."""
    at = np.arange(len(shown))
    size = font_size(ax)
    drawn: list[Artist] = [ax.bar(at, shown["auprc"], width=0.72, color=_HEAD)[0]]
    drawn[0].set_label("head")
    drawn += ax.plot(
        at, shown["auprc_shuffled"], linestyle="none", marker="_", color=_SHUFFLED,
        markersize=size, markeredgewidth=size * 0.22, label="shuffled sequences",
    )  # fmt: skip
    for column, colour, style, label in (
        ("auprc_random", _RANDOM, "--", "random weights"),
        ("background", _CHANCE, ":", "random pairs"),
    ):
        level = float(shown[column].mean())
        drawn.append(ax.axhline(level, color=colour, linestyle=style, label=label))
    return drawn
