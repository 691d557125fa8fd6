"""What the scores of attention heads show, with their nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HeadBars", "Level", "head_bars"]

Values = NDArray[np.float64]

_COLUMNS = (
    "layer", "head", "auprc", "auprc_shuffled", "delta_low", "delta_high", "auprc_best_null",
    "background", "fdr",
)  # fmt: skip


class Level(NamedTuple):
    """A null as a line across all heads."""

    value: float
    color: str
    dotted: bool
    label: str


class HeadBars(NamedTuple):
    """Heads, best first: their scores, the interval above their null, and whether they are called.

    ``kinds`` are color and label of heads that are called, and of others.
    """

    names: list[str]
    values: Values
    called: NDArray[np.bool_]
    low: Values
    high: Values
    shuffled: Values
    levels: tuple[Level, ...]
    kinds: tuple[tuple[str, str], tuple[str, str]]
    titles: tuple[str, str]


def head_bars(frame: pd.DataFrame, top: int, fdr: float) -> HeadBars:
    """Return the best heads of a table as they are drawn.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no head to draw, or `fdr` is outside 0 to 1.
    """
    shown = _best(frame, top, fdr)
    columns = {name: shown[name].to_numpy(dtype=float) for name in _COLUMNS}
    shuffled = columns["auprc_shuffled"]
    share = f"{fdr:.0%}".replace("%", " %")
    more = f", best {len(shown)} of {len(frame)}" if len(shown) < len(frame) else ""
    return HeadBars(
        [f"{row.layer}·{row.head}" for row in shown.itertuples()],
        columns["auprc"],
        columns["fdr"] <= fdr,
        np.maximum(shuffled + columns["delta_low"], 0),
        shuffled + columns["delta_high"],
        shuffled,
        (
            Level(float(columns["auprc_best_null"].mean()), "#009E73", False, "best null head"),  # noqa: FBT003
            Level(float(columns["background"].mean()), "#4C566A", True, "random pairs"),  # noqa: FBT003
        ),
        (("#0072B2", f"head, FDR ≤ {share}"), ("#A9CCE3", f"head, FDR > {share}")),
        (f"layer·head{more}", "AUPRC of base pairs"),
    )


def _best(frame: pd.DataFrame, top: int, fdr: float) -> pd.DataFrame:
    """Return the rows that are drawn."""
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
    return shown
