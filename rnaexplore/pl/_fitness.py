"""Scores of variants against measurements, and how well they agree by number of mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.pl._axes import axes_or_new, font_size, legend_above
from rnaexplore.pl._palette import OKABE_ITO

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fitness", "fitness_metrics"]

_MARKERS = ("o", "s", "D", "^", "v", "P")
_CHANCE = {"spearman": 0.0, "mcc": 0.0, "auc": 0.5}
_NAMES = {"spearman": "Spearman", "auc": "AUC", "mcc": "MCC", "ndcg": "NDCG, top 10 %"}
_GREY = "#8A919E"
_MANY = 5  #: mutations from which on variants share a color
_SPREAD = 0.5  #: of the scores around their group


def fitness(
    table: pd.DataFrame,
    *,
    measured: str = "DMS_score",
    score: str = "score",
    ax: Axes | None = None,
) -> Axes:
    """Draw scores of variants against measurements, colored by number of mutations.

    Parameters
    ----------
    table
        From `rnaexplore.tl.fitness`, with a column of measurements.
    measured
        The column of measurements.
    score
        The column of scores.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        One point per variant with both numbers, insertions and deletions as crosses; a title with
        the number of variants and the signed Spearman correlation. Points are drawn as pixels.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If no variant has both numbers.
    """
    _check(table, [measured, score, "kind", "n_mutations"], "rx.tl.fitness makes such a table")
    values = table[[score, measured]].astype("float64").to_numpy()
    left_out = table["kind"].isin(["wild type", "invalid"]).to_numpy()
    usable = np.isfinite(values).all(1) & ~left_out
    if not usable.any():
        msg = f"no variant has both {score!r} and {measured!r}"
        raise InputError(msg)
    axes = axes_or_new(ax)
    groups = _groups(table)
    for k, group in enumerate(sorted(set(groups[usable]))):
        _points(axes, values[usable & (groups == group)], str(group), k)
    axes.set(xlabel=_axis(table, score), ylabel=measured.replace("_", " "))
    axes.spines[["top", "right"]].set_visible(False)
    _title(axes, values[usable])
    return axes


def fitness_metrics(
    frame: pd.DataFrame, *, metric: str = "spearman", ax: Axes | None = None
) -> Axes:
    """Draw how well scores agree with measurements, by number of mutations.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate_fitness`.
    metric
        ``"spearman"``, ``"auc"``, ``"mcc"`` or ``"ndcg"``.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        One point per score and group of variants with its 95 % interval, the number of variants
        under each group, and a dashed line at chance, where the metric has one.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is nothing to draw.
    """
    needed = ["score", "mutations", "n", metric, f"{metric}_low", f"{metric}_high"]
    _check(frame, needed, "rx.tl.evaluate_fitness makes such a table")
    shown = frame[frame[metric].notna()]
    if shown.empty:
        msg = f"frame has no {metric} to draw: each group has too few variants"
        raise InputError(msg)
    axes = axes_or_new(ax)
    groups, scores = list(dict.fromkeys(shown["mutations"])), list(dict.fromkeys(shown["score"]))
    shifts = (np.arange(len(scores)) - (len(scores) - 1) / 2) * _SPREAD / max(1, len(scores) - 1)
    for k, (name, part) in enumerate(shown.groupby("score", sort=False)):
        places = np.array([groups.index(group) for group in part["mutations"]]) + shifts[k]
        _bars(axes, places, part, metric, str(name), k)
    if metric in _CHANCE:
        axes.axhline(_CHANCE[metric], color=_GREY, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
    most = shown.groupby("mutations", sort=False)["n"].max()
    axes.set_xticks(range(len(groups)), [f"{group}\n{most[group]:,}" for group in groups])
    axes.set(xlabel="mutations, and number of variants", ylabel=_NAMES.get(metric, metric))
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.spines[["top", "right"]].set_visible(False)
    legend_above(axes, axes.get_legend_handles_labels()[0], columns=2)
    return axes


def _check(frame: pd.DataFrame, needed: list[str], remedy: str) -> None:
    for column in needed:
        if column not in frame:
            known = nearest(column, map(str, frame.columns))
            msg = f"the table has no column {column!r}. {known} {remedy}"
            raise MissingKeyError(msg)


def _groups(table: pd.DataFrame) -> NDArray[np.object_]:
    numbers = table["n_mutations"].fillna(0).to_numpy(np.int64)
    names = [f"{_MANY}+" if n >= _MANY else str(n) for n in numbers]
    indel = (table["kind"] == "indel").to_numpy()
    return np.where(indel, "indel", np.array(names, dtype=object))


def _points(ax: Axes, values: NDArray[np.float64], group: str, k: int) -> None:
    ax.scatter(
        values[:, 0], values[:, 1], s=font_size(ax) * 1.2, color=OKABE_ITO[k % len(OKABE_ITO)],
        marker="x" if group == "indel" else "o", linewidths=0.4, alpha=0.7, rasterized=True,
        label=group,
    )  # fmt: skip


def _axis(table: pd.DataFrame, score: str) -> str:
    """Return what the horizontal axis shows."""
    model, method = table.attrs.get("model"), table.attrs.get("method")
    named = score == "score" and model and method
    return f"{model}, {method} (nats)" if named else score.replace("_", " ")


def _title(ax: Axes, values: NDArray[np.float64]) -> None:
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(column) for column in values.T])
    varied = bool((np.ptp(ranks, axis=1) > 0).all())
    rho = f", Spearman {np.corrcoef(ranks)[0, 1]:+.2f}" if varied else ""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles, labels, title="mutations", loc="upper left", bbox_to_anchor=(1.0, 1.0),
        frameon=False, handletextpad=0.1, fontsize=font_size(ax), title_fontsize=font_size(ax),
    )  # fmt: skip
    ax.set_title(f"{len(values):,} variants{rho}", fontsize=font_size(ax))


def _bars(  # noqa: PLR0917 - what, where, and how it looks
    ax: Axes, places: NDArray[np.float64], part: pd.DataFrame, metric: str, name: str, k: int
) -> None:
    values = part[metric].to_numpy(np.float64)
    ends = part[[f"{metric}_low", f"{metric}_high"]].to_numpy(np.float64)
    lengths = np.abs(np.nan_to_num(ends - values[:, None])).T
    size = font_size(ax) * 0.6
    ax.errorbar(
        places, values, yerr=lengths, linestyle="none", color=OKABE_ITO[k % len(OKABE_ITO)],
        marker=_MARKERS[k % len(_MARKERS)], markersize=size, elinewidth=size * 0.2,
        capsize=size * 0.3, zorder=2 + k, label=name.replace("_", " "),
    )  # fmt: skip
