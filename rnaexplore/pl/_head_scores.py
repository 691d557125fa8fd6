"""How well the heads of a model follow base pairs, compared with their nulls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend

__all__ = ["head_scores"]

_COLUMNS = (
    "layer", "head", "auprc", "auprc_shuffled", "delta_low", "delta_high", "auprc_best_null",
    "background", "fdr",
)  # fmt: skip
_CALLED, _OTHER, _SHUFFLED, _BAR, _CHANCE = "#0072B2", "#A9CCE3", "#D55E00", "#009E73", "#4C566A"
_INK = "#1D232B"


def head_scores(
    frame: pd.DataFrame, *, top: int = 24, fdr: float = 0.05, ax: Axes | None = None
) -> Axes:
    """Draw the AUPRC of base pairs of each head, best first, with its nulls.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.score_heads`.
    top
        Number of heads to draw; the others are counted in the label of the axis.
    fdr
        Heads with a larger false-discovery rate are pale, 0 to 1.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Bars are heads, dashes the same heads on shuffled sequences, error bars the 95 % interval of
        the difference of both, drawn from the dash up. Lines are the best of all null heads, of
        random weights or on shuffled sequences, and random pairs.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no head to draw, or `fdr` is outside 0 to 1.
    """
    missing = [c for c in _COLUMNS if c not in frame]
    if missing:
        msg = f"frame has no column {missing[0]!r}; rx.tl.score_heads makes such a table"
        raise MissingKeyError(msg)
    shown = frame.sort_values("auprc", ascending=False, kind="stable").head(top)
    if shown.empty or top < 1:
        msg = f"frame must have at least one head and top be at least 1, got {len(frame)}, {top}"
        raise InputError(msg)
    if not 0 <= fdr <= 1:
        msg = f"fdr must be in [0, 1], got {fdr}"
        raise InputError(msg)
    axes = axes_or_new(ax)
    outside_legend(axes, [*_bars(axes, shown, fdr), *_nulls(axes, shown)])
    names = [f"{row.layer}·{row.head}" for row in shown.itertuples()]
    axes.set_xticks(range(len(names)), names, rotation=90)
    more = f", best {len(shown)} of {len(frame)}" if len(shown) < len(frame) else ""
    axes.set(xlabel=f"layer·head{more}", ylabel="AUPRC of base pairs")
    axes.set(xlim=(-0.7, len(shown) - 0.3), ylim=(0, None))
    return axes


def _bars(ax: Axes, shown: pd.DataFrame, fdr: float) -> list[Artist]:
    """Draw heads with their intervals; return one bar of each kind, to be explained."""
    at = np.arange(len(shown))
    called = (shown["fdr"] <= fdr).to_numpy()
    kinds = ((called, _CALLED, "≤"), (~called, _OTHER, ">"))
    drawn: list[Artist] = []
    for where, color, sign in kinds:
        if where.any():
            bars = ax.bar(at[where], shown["auprc"][where], width=0.72, color=color)
            bars[0].set_label(f"head, FDR {sign} {fdr:.0%}".replace("%", " %"))
            drawn.append(bars[0])
    low, high = (shown["auprc_shuffled"] + shown[end] for end in ("delta_low", "delta_high"))
    lines = ax.vlines(at, low.clip(lower=0), high, color=_INK, linewidth=font_size(ax) * 0.12)
    lines.set_label("95 % interval of head − shuffled")
    return [*drawn, lines]


def _nulls(ax: Axes, shown: pd.DataFrame) -> list[Artist]:
    """Draw what the nulls have; return one of each, to be explained."""
    size = font_size(ax)
    drawn: list[Artist] = ax.plot(
        np.arange(len(shown)), shown["auprc_shuffled"], linestyle="none", marker="_",
        color=_SHUFFLED, markersize=size, markeredgewidth=size * 0.22, label="shuffled sequences",
    )  # fmt: skip
    for column, color, style, label in (
        ("auprc_best_null", _BAR, "--", "best null head"),
        ("background", _CHANCE, ":", "random pairs"),
    ):
        level = float(shown[column].mean())
        drawn.append(ax.axhline(level, color=color, linestyle=style, label=label))
    return drawn
