"""The table of `rnaexplore.tl.evaluate` as a figure: models, baselines and chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.pl._axes import POINTS_PER_INCH, axes_or_new, font_size
from rnaexplore.pl._palette import OKABE_ITO

__all__ = ["METRIC_NAMES", "grounds", "metrics", "of_model", "ordered"]

KIND = "kind"
EMBEDDING, BASELINE, NULL = "embedding", "baseline", "null"
_MODELS = (EMBEDDING, "chosen", "combined")  #: rows that a trained model has a part in
_NO_METRICS = ("layer", "n", "clusters")  #: numbers of a table that are no scores

_MARKERS = ("o", "s", "D", "^", "v", "P", "X")
METRIC_NAMES = {"knn_purity": "kNN purity", "knn_accuracy": "kNN accuracy"}
_GREY = "#8A919E"
_LEGEND = 3  #: metrics in a line of the legend
_ROW = 1.5  #: lines of text that a row takes
_SPREAD = 0.5  #: of the metrics around their row, so that equal ones do not hide each other


def metrics(
    frame: pd.DataFrame, *, columns: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how well embeddings separate families: one row per representation, one dot per metric.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate`: an index of representations, a column ``kind`` and a column
        per metric. Draw fewer rows by choosing them, ``frame.loc[["X_mini", "6-mers sqrt"]]``.
    columns
        The metrics to draw; by default all.
    ax
        Axes to draw on; by default those of a new figure, as high as the rows need.

    Returns
    -------
    Axes
        Models have filled dots; baselines and chance lie below a line, on a grey ground, with
        hollow dots. A thin line is the 95 % interval of a metric that has one in the table
        (``<metric>_low``, ``<metric>_high``).

    Raises
    ------
    MissingKeyError
        If the table has no column ``kind`` or none of a metric's name.
    InputError
        If there is no metric or no row to draw.
    """
    shown = _columns(frame, columns)
    if frame.empty or not shown:
        msg = "frame must hold at least one representation and one metric; see rx.tl.evaluate"
        raise InputError(msg)
    table = ordered(frame)
    axes = _tall_axes(len(table), len(shown)) if ax is None else ax
    grounds(axes, table)
    _dots(axes, table, shown)
    _labels(axes, table, shown)
    return axes


def _columns(frame: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    if KIND not in frame:
        msg = f"frame has no column {KIND!r}; rx.tl.evaluate(adata, use_rep=…) makes such a table"
        raise MissingKeyError(msg)
    numbers = [str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
    known = [c for c in numbers if c not in _NO_METRICS and not c.endswith(("_low", "_high"))]
    missing = [c for c in columns or () if c not in known]
    if missing:
        msg = f"frame has no metric {missing[0]!r}. {nearest(missing[0], known)}"
        raise MissingKeyError(msg)
    return known if columns is None else list(columns)


def _tall_axes(n_rows: int, n_columns: int) -> Axes:
    """Return axes of a new figure in which rows and legend have room."""
    axes = axes_or_new(None)
    figure = axes.get_figure(root=True)
    assert figure is not None
    lines = n_rows * _ROW + 2 * -(-n_columns // _LEGEND) + 4
    inches = lines * font_size(axes) / POINTS_PER_INCH
    figure.set_figheight(max(figure.get_figheight(), inches))
    return axes


def of_model(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each row whether a trained model has a part in it."""
    models: NDArray[np.bool_] = frame[KIND].isin(_MODELS).to_numpy()
    return models


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as they are drawn from the top: models, baselines, chance."""
    order = [*_MODELS, BASELINE, NULL]
    rank = frame[KIND].map({kind: k for k, kind in enumerate(order)}).fillna(len(order))
    return frame.iloc[np.argsort(rank.to_numpy(), kind="stable")]


def grounds(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw guides, and a grey ground behind what is not a model."""
    n, n_models = len(frame), int(of_model(frame).sum())
    ax.set(ylim=(n - 0.5, -0.5))
    if 0 < n_models < n:
        ax.axhspan(n_models - 0.5, n - 0.5, color="#F2F3F5", zorder=0, linewidth=0)
        ax.axhline(n_models - 0.5, color=_GREY, linewidth=0.6, zorder=1)
    for row in range(n):
        ax.axhline(row, color="#D5D8DE", linewidth=0.5, zorder=1)


def _dots(ax: Axes, frame: pd.DataFrame, shown: list[str]) -> None:
    rows = np.arange(len(frame))
    model = of_model(frame)
    size = font_size(ax) * 0.75
    shifts = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(shown)) if len(shown) > 1 else np.zeros(1)
    for k, column in enumerate(shown):
        colour, marker = _look(k)
        values = frame[column].to_numpy(dtype=float)
        _interval(ax, frame, column, rows + shifts[k], colour)
        for where, face in ((model, colour), (~model, "white")):
            ax.plot(
                values[where],
                rows[where] + shifts[k],
                linestyle="none",
                marker=marker,
                markersize=size,
                markerfacecolor=face,
                markeredgecolor=colour,
                markeredgewidth=size * 0.16,
                zorder=3,
                clip_on=False,
            )


def _interval(
    ax: Axes, frame: pd.DataFrame, column: str, rows: NDArray[np.float64], colour: str
) -> None:
    """Draw the 95 % intervals of a metric, if it has some."""
    ends = [f"{column}_low", f"{column}_high"]
    if set(ends) <= set(frame.columns):
        low, high = frame[ends].to_numpy(dtype=float).T
        ax.hlines(rows, low, high, color=colour, linewidth=font_size(ax) * 0.12, zorder=2)


def _labels(ax: Axes, frame: pd.DataFrame, shown: list[str]) -> None:
    names = [_keys.model_of_key(str(name)) for name in frame.index]
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "top", "right"]].set_visible(False)
    values = frame[shown].to_numpy(dtype=float)
    ax.set_xlim(min(0.0, float(np.nanmin(values)) - 0.02), max(1.0, float(np.nanmax(values))))
    ax.axvline(0, color=_GREY, linewidth=0.6, zorder=1)
    ax.set_xlabel("score")
    size = font_size(ax)
    handles = [
        Line2D([], [], linestyle="none", color=colour, marker=marker, markersize=size * 0.75)
        for colour, marker in (_look(k) for k in range(len(shown)))
    ]
    ax.legend(
        handles,
        [METRIC_NAMES.get(column, column) for column in shown],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.3,
        ncols=min(len(shown), _LEGEND),
        frameon=False,
        handletextpad=0.1,
        columnspacing=1.0,
        fontsize=size,
    )


def _look(k: int) -> tuple[str, str]:
    """Return the colour and the marker of a metric."""
    return OKABE_ITO[k % 6], _MARKERS[k % len(_MARKERS)]
