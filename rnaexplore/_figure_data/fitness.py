"""What figures of variant scores show: points by number of mutations, metrics with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore._figure_data.theme import MARKERS
from rnaexplore.errors import InputError, MissingKeyError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MetricPoints", "Metrics", "VariantGroup", "Variants", "metrics", "variants"]

Values = NDArray[np.float64]

_CHANCE = {"spearman": 0.0, "mcc": 0.0, "auc": 0.5}
_NAMES = {"spearman": "Spearman", "auc": "AUC", "mcc": "MCC", "ndcg": "NDCG, top 10 %"}
_MANY = 5  #: mutations from which on variants share a color
_SPREAD = 0.5  #: of the scores around their group


class VariantGroup(NamedTuple):
    """Variants of as many mutations: places (n, 2), names, color and marker."""

    label: str
    values: Values
    names: list[str]
    color: str
    marker: str


class Variants(NamedTuple):
    """Scores against measurements: groups, the labels of both axes and a title."""

    groups: tuple[VariantGroup, ...]
    x_label: str
    y_label: str
    title: str


class MetricPoints(NamedTuple):
    """One score's metric: places, values and lengths of the intervals below and above."""

    label: str
    places: Values
    values: Values
    below: Values
    above: Values
    color: str
    marker: str


class Metrics(NamedTuple):
    """A metric by number of mutations: scores, groups with their numbers, chance if it has one."""

    scores: tuple[MetricPoints, ...]
    groups: list[str]
    counts: list[int]
    label: str
    chance: float | None


def variants(table: pd.DataFrame, *, measured: str, score: str) -> Variants:
    """Return the variants of a table with both a score and a measurement.

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
    groups, names = _groups(table), np.array(list(map(str, table.index)), dtype=object)
    found = [
        VariantGroup(
            label=str(group),
            values=values[usable & (groups == group)],
            names=names[usable & (groups == group)].tolist(),
            color=OKABE_ITO[k % len(OKABE_ITO)],
            marker="x" if group == "indel" else "o",
        )
        for k, group in enumerate(sorted(set(groups[usable])))
    ]
    title = f"{int(usable.sum()):,} variants{_correlation(values[usable])}"
    return Variants(tuple(found), _axis(table, score), measured.replace("_", " "), title)


def metrics(frame: pd.DataFrame, *, metric: str) -> Metrics:
    """Return how well scores agree with measurements, by number of mutations.

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
    groups, scores = list(dict.fromkeys(shown["mutations"])), list(dict.fromkeys(shown["score"]))
    shifts = (np.arange(len(scores)) - (len(scores) - 1) / 2) * _SPREAD / max(1, len(scores) - 1)
    points = [
        _points(part, metric, groups, shifts[k], k)
        for k, (_, part) in enumerate(shown.groupby("score", sort=False))
    ]
    most = shown.groupby("mutations", sort=False)["n"].max()
    return Metrics(
        scores=tuple(points),
        groups=list(map(str, groups)),
        counts=[int(most[group]) for group in groups],
        label=_NAMES.get(metric, metric),
        chance=_CHANCE.get(metric),
    )


def _points(
    part: pd.DataFrame, metric: str, groups: list[str], shift: float, k: int
) -> MetricPoints:
    values = part[metric].to_numpy(np.float64)
    ends = part[[f"{metric}_low", f"{metric}_high"]].to_numpy(np.float64)
    below, above = np.abs(np.nan_to_num(ends - values[:, None])).T
    return MetricPoints(
        label=str(part["score"].iloc[0]).replace("_", " "),
        places=np.array([groups.index(group) for group in part["mutations"]]) + shift,
        values=values,
        below=below,
        above=above,
        color=OKABE_ITO[k % len(OKABE_ITO)],
        marker=MARKERS[k % len(MARKERS)],
    )


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


def _axis(table: pd.DataFrame, score: str) -> str:
    """Return what the horizontal axis shows."""
    model, method = table.attrs.get("model"), table.attrs.get("method")
    named = score == "score" and model and method
    return f"{model}, {method} (nats)" if named else score.replace("_", " ")


def _correlation(values: Values) -> str:
    """Return Spearman's correlation as text, empty for a constant."""
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(column) for column in values.T])
    if not (np.ptp(ranks, axis=1) > 0).all():
        return ""
    return f", Spearman {np.corrcoef(ranks)[0, 1]:+.2f}"
