"""What tables of scores show: rows in order, metrics with their intervals, ranges, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore._figure_data.theme import MARKERS
from rnaexplore.errors import InputError, MissingKeyError, nearest

if TYPE_CHECKING:
    from rnaexplore.tl import ProbeResult

__all__ = [
    "BASELINE",
    "EMBEDDING",
    "KIND",
    "METRIC_NAMES",
    "NULL",
    "Rows",
    "ScoreRows",
    "Series",
    "metric_rows",
    "of_model",
    "ordered",
    "probe_rows",
    "series_look",
]

Values = NDArray[np.float64]

KIND = "kind"
EMBEDDING, BASELINE, NULL = "embedding", "baseline", "null"
METRIC_NAMES = {"knn_purity": "kNN purity", "knn_accuracy": "kNN accuracy"}

_MODELS = (EMBEDDING, "chosen", "combined")  #: rows that a trained model has a part in
_NO_METRICS = ("layer", "n", "clusters")  #: numbers of a table that are no scores
_SPREAD_METRICS, _SPREAD_RESULTS = 0.5, 0.36  #: of series around their row
_PROBE_LABELS = {"macro_f1": "macro F1", "r2": "R²"}
_SHARES = {"accuracy", "balanced_accuracy", "macro_f1"}


class Rows(NamedTuple):
    """Representations from the top: names, and whether a trained model has a part in each."""

    names: list[str]
    models: NDArray[np.bool_]


class Series(NamedTuple):
    """One metric, or one result, in all rows: where it lies, its values and their intervals."""

    label: str
    place: Values
    values: Values
    low: Values | None
    high: Values | None
    colour: str
    marker: str


class ScoreRows(NamedTuple):
    """Everything in a figure of scores."""

    rows: Rows
    series: tuple[Series, ...]
    label: str
    range: tuple[float, float] | None


def metric_rows(frame: pd.DataFrame, columns: Sequence[str] | None) -> ScoreRows:
    """Return the metrics of a table of `rnaexplore.tl.evaluate` as they are drawn.

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
    shifts = _shifts(len(shown), _SPREAD_METRICS)
    series = [
        _series(table, METRIC_NAMES.get(name, name), name, k, float(shifts[k]))
        for k, name in enumerate(shown)
    ]
    values = table[shown].to_numpy(dtype=float)
    ends = min(0.0, float(np.nanmin(values)) - 0.02), max(1.0, float(np.nanmax(values)))
    return ScoreRows(_rows(table), tuple(series), "score", ends)


def probe_rows(results: ProbeResult | Mapping[str, ProbeResult], score: str | None) -> ScoreRows:
    """Return a score of one or several probes as it is drawn.

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
    shifts = _shifts(len(tables), _SPREAD_RESULTS)
    series = [
        _series(table.loc[first.index], name, column, k, float(shifts[k]))
        for k, (name, table) in enumerate(tables.items())
    ]
    label = f"{_PROBE_LABELS.get(column, column.replace('_', ' '))} and 95 % interval"
    ends = (0.0, 1.02) if column in _SHARES else None
    return ScoreRows(_rows(first), tuple(series), label, ends)


def of_model(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each row whether a trained model has a part in it."""
    models: NDArray[np.bool_] = frame[KIND].isin(_MODELS).to_numpy()
    return models


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as they are drawn from the top: models, baselines, chance."""
    order = [*_MODELS, BASELINE, NULL]
    rank = frame[KIND].map({kind: k for k, kind in enumerate(order)}).fillna(len(order))
    return frame.iloc[np.argsort(rank.to_numpy(), kind="stable")]


def series_look(k: int) -> tuple[str, str]:
    """Return the colour and the marker of one of several series."""
    return OKABE_ITO[k % 6], MARKERS[k % len(MARKERS)]


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


def _tables(results: ProbeResult | Mapping[str, ProbeResult]) -> dict[str, pd.DataFrame]:
    """Return the tables of scores by name."""
    tables = results.items() if isinstance(results, Mapping) else [("", results)]
    found = {name: result.scores for name, result in tables}
    if not found:
        msg = "results must hold at least one probe; rx.tl.probe makes them"
        raise InputError(msg)
    return found


def _shifts(n: int, spread: float) -> Values:
    return np.linspace(-spread / 2, spread / 2, n) if n > 1 else np.zeros(1)


def _rows(table: pd.DataFrame) -> Rows:
    return Rows([_keys.model_of_key(str(name)) for name in table.index], of_model(table))


def _series(table: pd.DataFrame, label: str, column: str, k: int, shift: float) -> Series:
    colour, marker = series_look(k)
    at = np.arange(len(table), dtype=np.float64) + shift
    values = table[column].to_numpy(dtype=float)
    ends = [f"{column}_low", f"{column}_high"]
    low, high = table[ends].to_numpy(dtype=float).T if set(ends) <= set(table) else (None, None)
    return Series(label, at, values, low, high, colour, marker)
