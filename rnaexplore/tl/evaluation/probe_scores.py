"""Scores with confidence intervals: whole groups are drawn again, not single RNAs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MAIN",
    "Scored",
    "class_scores",
    "interval",
    "main_value",
    "mean_scores",
    "number_scores",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Scores = dict[str, float]

LOW, HIGH = 2.5, 97.5  #: percentiles of the 95 % interval
#: the score by which methods are compared
MAIN = {"classes": "macro_f1", "numbers": "r2"}


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of one method, at hand and on every draw of groups.

    Two methods scored on the same RNAs with the same groups, number of draws and seed have the
    same draws, so that their differences can be taken draw by draw.

    Attributes
    ----------
    values
        Scores by name.
    draws
        The same on each draw, shape (n_boot,).
    """

    values: Scores
    draws: dict[str, Floats]

    def row(self) -> Scores:
        """Return the scores, each with ``_low`` and ``_high``, the ends of its 95 % interval."""
        result: Scores = {}
        for name, value in self.values.items():
            low, high = interval(self.draws[name])
            result |= {name: value, f"{name}_low": low, f"{name}_high": high}
        return result


def interval(draws: Floats) -> tuple[float, float]:
    """Return the ends of the 95 % interval of some draws; draws without a value do not count."""
    if np.isnan(draws).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(draws, [LOW, HIGH])
    return float(low), float(high)


def class_scores(
    true: Ints, predicted: Ints, groups: Ints, *, n_classes: int, n_boot: int, seed: int
) -> Scored:
    """Return accuracy, balanced accuracy and macro F1.

    Parameters
    ----------
    true, predicted
        Classes, 0 to ``n_classes - 1``, shape (n,).
    groups
        Group of each, shape (n,).
    n_classes, n_boot, seed
        Classes, draws, and the seed of these.
    """
    of = np.unique(groups, return_inverse=True)[1]
    tables = np.zeros((of.max() + 1, n_classes, n_classes))
    np.add.at(tables, (of, true, predicted), 1)
    drawn = _draws(len(tables), n_boot, seed) @ tables.reshape(len(tables), -1)
    at_hand = _of_tables(tables.sum(0)[None])
    again = _of_tables(drawn.reshape(-1, n_classes, n_classes))
    return Scored({name: float(value[0]) for name, value in at_hand.items()}, again)


def _of_tables(tables: Floats) -> dict[str, Floats]:
    """Return scores of confusion tables, shape (tables, true, predicted)."""
    right = np.diagonal(tables, axis1=1, axis2=2)
    of_true, of_predicted = tables.sum(2), tables.sum(1)
    present = of_true > 0
    recall = np.divide(right, of_true, out=np.zeros_like(right), where=present)
    both = of_true + of_predicted
    f1 = np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0)
    n_present = present.sum(1)
    return {
        "accuracy": right.sum(1) / tables.sum((1, 2)),
        "balanced_accuracy": recall.sum(1) / n_present,
        "macro_f1": np.where(present, f1, 0).sum(1) / n_present,
    }


def main_value(true: NDArray[Any], predicted: NDArray[Any], n_classes: int | None) -> float:
    """Return macro F1 of codes of classes, or R² of numbers if there are no classes."""
    if n_classes is None:
        return _of_numbers(true, predicted)[MAIN["numbers"]]
    table = np.zeros((1, n_classes, n_classes))
    np.add.at(table[0], (true, predicted), 1)
    return float(_of_tables(table)[MAIN["classes"]][0])


def number_scores(
    true: Floats, predicted: Floats, groups: Ints, *, n_boot: int, seed: int
) -> Scored:
    """Return R², Spearman's correlation and the mean absolute error.

    Parameters
    ----------
    true, predicted, groups, n_boot, seed
        As for `class_scores`, with numbers.
    """
    of = np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(of == k) for k in range(of.max() + 1)]
    rng = np.random.default_rng(seed)
    again: dict[str, list[float]] = {}
    for _ in range(n_boot):
        chosen = np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))])
        for name, value in _of_numbers(true[chosen], predicted[chosen]).items():
            again.setdefault(name, []).append(value)
    return Scored(
        _of_numbers(true, predicted), {name: np.array(values) for name, values in again.items()}
    )


def mean_scores(
    table: Floats, names: Sequence[str], groups: Ints, *, n_boot: int, seed: int
) -> Scored:
    """Return means over RNAs.

    Parameters
    ----------
    table
        Scores of single RNAs, shape (n, names).
    names
        Names of the columns.
    groups, n_boot, seed
        As for `class_scores`.
    """
    of = np.unique(groups, return_inverse=True)[1]
    sums = np.zeros((of.max() + 1, len(names)))
    np.add.at(sums, of, table)
    drawn = _draws(len(sums), n_boot, seed)
    again = drawn @ sums / (drawn @ np.bincount(of))[:, None]
    means = table.mean(0)
    return Scored(
        {name: float(means[k]) for k, name in enumerate(names)},
        {name: again[:, k] for k, name in enumerate(names)},
    )


def _of_numbers(true: Floats, predicted: Floats) -> Scores:
    from scipy.stats import rankdata

    spread = float(((true - true.mean()) ** 2).sum())
    missed = float(((true - predicted) ** 2).sum())
    return {
        "r2": 1 - missed / spread if spread else float("nan"),
        "spearman": _correlation(rankdata(true), rankdata(predicted)),
        "mean_absolute_error": float(np.abs(true - predicted).mean()),
    }


def _correlation(a: Floats, b: Floats) -> float:
    """Return Pearson's correlation, 0 if one of both is constant."""
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / scale if scale else 0.0


def _draws(n: int, n_boot: int, seed: int) -> Floats:
    """Return how often each of `n` groups is drawn, shape (n_boot, n)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=n_boot).astype(np.float64)
