"""Scores of variants against measurements: signed metrics by number of mutations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.tl.mutational_scans.metrics import METRICS, intervals, metrics_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALL", "evaluate_fitness"]

Floats = NDArray[np.float64]

ALL = "all"
MANY = 5  #: mutations from which on variants are one group
#: columns that are scored by default, and their sign: 1 if higher is fitter
SIGNS = {"score": 1, "combined": 1, "delta_mfe": -1, "delta_pairs": -1, "edit_distance": -1}
_LEFT_OUT = ("wild type", "invalid")


def evaluate_fitness(
    table: pd.DataFrame,
    *,
    measured: str = "DMS_score",
    scores: Sequence[str] | None = None,
    n_boot: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Compare scores of variants with measurements, by number of mutations.

    All metrics are signed: a score that ranks variants the wrong way round is below zero (Spearman,
    MCC) or below one half (AUC), and is never turned round.

    Parameters
    ----------
    table
        From `rnaexplore.tl.fitness`, with a column of measurements.
    measured
        The column of measurements; higher is fitter.
    scores
        Columns to compare with it; higher is fitter, but for ``delta_mfe``, ``delta_pairs`` and
        ``edit_distance``, which are turned round. By default these three baselines, ``score`` and
        ``combined``, as far as they are there.
    n_boot
        Draws of variants behind the intervals.
    random_state
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per score and group of variants. Columns:

        ``score`` : str
            The column, with a minus sign if lower was taken as fitter.
        ``mutations`` : str
            ``"all"``; ``"1"`` to ``"4"``, ``"5+"`` substitutions; ``"indel"``.
        ``n`` : int
            Variants with this score and a measurement; the wild type is left out.
        ``spearman`` : float
            -1 to 1.
        ``auc`` : float
            Of measurements above their median, 0 to 1.
        ``mcc`` : float
            Of both cut at their medians, -1 to 1.
        ``ndcg`` : float
            Of the top 10 %, gains from 0 to 1, 0 to 1; as ProteinGym does.
        ``<metric>_low``, ``<metric>_high`` : float
            95 % interval. Variants that share mutations are alike, so it is rather too narrow, and
            says nothing of other RNAs.

        Metrics are NaN where there are fewer than 5 variants or all measurements are equal.
        ``attrs`` are those of `table`.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If no variant has a measurement.

    Notes
    -----
    Time grows with draws times variants times scores; it does not depend on their length or on the
    dimensions of a model. Memory is that of a million cells at a time.
    """
    import pandas as pd

    _check(table, [measured, "kind", "n_mutations", *(scores or ())])
    numbers = pd.to_numeric(table[measured], errors="coerce").to_numpy(np.float64)
    usable = ~table["kind"].isin(_LEFT_OUT).to_numpy() & np.isfinite(numbers)
    if not usable.any():
        msg = f"no variant has a finite {measured!r}, so there is nothing to compare with"
        raise InputError(msg)
    groups = _groups(table)
    rows = []
    for name, values in _named(table, scores):
        for group in _present(groups[usable]):
            here = usable & np.isfinite(values) & ((groups == group) | (group == ALL))
            rows.append(_row(name, group, numbers[here], values[here], n_boot, random_state))
    result = pd.DataFrame(rows)
    result.attrs = dict(table.attrs)
    return result


def _check(table: pd.DataFrame, needed: Sequence[str]) -> None:
    for column in needed:
        if column not in table:
            known = nearest(column, map(str, table.columns))
            msg = f"the table has no column {column!r}. {known} rx.tl.fitness makes such tables"
            raise MissingKeyError(msg)


def _groups(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the group of each row by its number of substitutions."""
    numbers = table["n_mutations"].fillna(0).to_numpy(np.int64)
    names = [f"{MANY}+" if n >= MANY else str(n) for n in numbers]
    indel = (table["kind"] == "indel").to_numpy()
    return np.where(indel, "indel", np.array(names, dtype=object))


def _present(groups: NDArray[np.object_]) -> list[str]:
    return [ALL, *sorted(set(groups))]


def _named(table: pd.DataFrame, scores: Sequence[str] | None) -> Iterator[tuple[str, Floats]]:
    """Yield the scores, turned so that higher is fitter, by their names."""
    chosen = [c for c in SIGNS if c in table] if scores is None else list(scores)
    for column in chosen:
        sign = SIGNS.get(column, 1)
        values: Floats = np.asarray(table[column].astype("float64"), dtype=np.float64)
        yield ("-" if sign < 0 else "") + column, sign * values


def _row(  # noqa: PLR0917 - the fields of a row
    name: str, group: str, measured: Floats, values: Floats, n_boot: int, random_state: int
) -> dict[str, Any]:
    row: dict[str, Any] = {"score": name, "mutations": group, "n": len(values)}
    found = metrics_of(measured, values)
    rng = np.random.default_rng(random_state)
    ends = intervals(measured, values, n_boot=n_boot, rng=rng)
    for metric in METRICS:
        low, high = ends[metric]
        row |= {metric: found[metric], f"{metric}_low": low, f"{metric}_high": high}
    return row
