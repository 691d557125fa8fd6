"""What a reliability diagram shows: bins with their intervals and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore._figure_data.theme import MARKERS
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.structure import calibration_error

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bins", "bins"]

Values = NDArray[np.float64]

_COLUMNS = ("low", "high", "n", "predicted", "observed", "observed_low", "observed_high")


class Bins(NamedTuple):
    """The bins of one table: their shares with intervals, their left edges, widths and counts."""

    label: str
    predicted: Values
    observed: Values
    below: Values
    above: Values
    left: Values
    width: Values
    counts: Values
    colour: str
    marker: str


def bins(tables: pd.DataFrame | Mapping[str, pd.DataFrame]) -> tuple[Bins, ...]:
    """Return tables of `rnaexplore.tl.reliability` as they are drawn.

    Raises
    ------
    InputError
        If there is no table.
    MissingKeyError
        If a table lacks a column.
    """
    named = dict(tables) if isinstance(tables, Mapping) else {"": tables}
    _check(named)
    return tuple(_bins(name, table, k) for k, (name, table) in enumerate(named.items()))


def _check(tables: Mapping[str, pd.DataFrame]) -> None:
    if not tables:
        msg = "tables must hold at least one table of rx.tl.reliability"
        raise InputError(msg)
    for table in tables.values():
        missing = [name for name in _COLUMNS if name not in table]
        if missing:
            msg = f"the table has no {missing[0]!r}; rx.tl.reliability(adata, model) makes one"
            raise MissingKeyError(msg)


def _bins(name: str, table: pd.DataFrame, k: int) -> Bins:
    error = f"ECE {calibration_error(table):.3f}"
    observed = table["observed"].to_numpy(dtype=float)
    ends = table[["observed_low", "observed_high"]].to_numpy(dtype=float)
    below, above = np.abs(np.nan_to_num(ends - observed[:, None])).T
    return Bins(
        f"{name}, {error}" if name else error,
        table["predicted"].to_numpy(dtype=float),
        observed,
        below,
        above,
        table["low"].to_numpy(dtype=float),
        (table["high"] - table["low"]).to_numpy(dtype=float),
        table["n"].to_numpy(dtype=float),
        OKABE_ITO[k % len(OKABE_ITO)],
        MARKERS[k % len(MARKERS)],
    )
