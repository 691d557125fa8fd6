"""Scores of a probe with their intervals: representations beside baselines and nulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.pl._axes import axes_or_new, font_size, legend_above
from rnaexplore.pl._metrics import grounds, of_model, ordered
from rnaexplore.pl._palette import OKABE_ITO

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.tl import ProbeResult

__all__ = ["probe"]

_SPREAD = 0.36  #: of several results around their row
_MARKERS = ("o", "s", "D", "^", "v", "P")
_LABELS = {"macro_f1": "macro F1", "r2": "R²"}


def probe(
    results: ProbeResult | Mapping[str, ProbeResult],
    score: str | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score of a probe with its 95 % intervals, a row a representation.

    Parameters
    ----------
    results
        From `rnaexplore.tl.probe`; or several by name, of the same representations, to be
        compared: for example a random split and one that holds out relatives.
    score
        For example ``"macro_f1"``; by default balanced accuracy for classes, R² for numbers.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Baselines and nulls lie below a line, on a grey ground, with hollow marks.

    Raises
    ------
    MissingKeyError
        If there is no such score.
    InputError
        If there is no result, or they have different representations.
    """
    tables = _tables(results)
    first = ordered(next(iter(tables.values())))
    column = score or ("balanced_accuracy" if "balanced_accuracy" in first else "r2")
    if f"{column}_low" not in first:
        known = [str(c).removesuffix("_low") for c in first if str(c).endswith("_low")]
        msg = f"the probe has no score {column!r}. {nearest(column, known)}"
        raise MissingKeyError(msg)
    if any(set(table.index) != set(first.index) for table in tables.values()):
        msg = "results must have the same representations to be drawn in the same rows"
        raise InputError(msg)
    axes = axes_or_new(ax)
    grounds(axes, first)
    shifts = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(tables)) if len(tables) > 1 else [0.0]
    for k, (table, shift) in enumerate(zip(tables.values(), shifts, strict=True)):
        _intervals(axes, table.loc[first.index], column, k, float(shift))
    _labels(axes, first, column)
    if len(tables) > 1:
        legend_above(axes, [_handle(axes, k, name) for k, name in enumerate(tables)])
    return axes


def _tables(results: ProbeResult | Mapping[str, ProbeResult]) -> dict[str, pd.DataFrame]:
    """Return the tables of scores by name."""
    tables = results.items() if isinstance(results, Mapping) else [("", results)]
    found = {name: result.scores for name, result in tables}
    if not found:
        msg = "results must hold at least one probe; rx.tl.probe makes them"
        raise InputError(msg)
    return found


def _intervals(ax: Axes, table: pd.DataFrame, column: str, k: int, shift: float) -> None:
    size, colour, models = font_size(ax) * 0.8, OKABE_ITO[k % 6], of_model(table)
    for row, values in enumerate(table[[column, f"{column}_low", f"{column}_high"]].to_numpy()):
        ax.plot(values[1:], [row + shift] * 2, color=colour, linewidth=size * 0.2, zorder=2)
        ax.plot(
            values[0], row + shift, _MARKERS[k % len(_MARKERS)], markersize=size, zorder=3,
            markerfacecolor=colour if models[row] else "white", markeredgecolor=colour,
            markeredgewidth=size * 0.16, clip_on=False,
        )  # fmt: skip


def _labels(ax: Axes, table: pd.DataFrame, column: str) -> None:
    ax.set_yticks(range(len(table)), [_keys.model_of_key(str(name)) for name in table.index])
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "top", "right"]].set_visible(False)
    label = _LABELS.get(column, column.replace("_", " "))
    ax.set_xlabel(f"{label} and 95 % interval")
    if column in {"accuracy", "balanced_accuracy", "macro_f1"}:
        ax.set_xlim(0, 1.02)


def _handle(ax: Axes, k: int, name: str) -> Line2D:
    return Line2D(
        [], [], color=OKABE_ITO[k % 6], marker=_MARKERS[k % len(_MARKERS)], label=name,
        markersize=font_size(ax) * 0.8,
    )  # fmt: skip
