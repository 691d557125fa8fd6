"""Values whose intervals are known already, in the shape from which seaborn draws them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["ends", "estimate", "with_ends"]

_ROWS = 3  #: of each value: itself, the lower and the upper end of its interval

Values = NDArray[np.float64]


def with_ends(at: Values, values: Values, low: Values | None, high: Values | None) -> pd.DataFrame:
    """Return three rows per value, to be read by `estimate` and `ends`; NaN where there is no end.

    Parameters
    ----------
    at, values
        Place and value of each point.
    low, high
        Ends of the intervals; ``None`` if there are none.
    """
    none = np.full(len(values), np.nan)
    three = np.stack([values, none if low is None else low, none if high is None else high], axis=1)
    return pd.DataFrame({"at": np.repeat(at, _ROWS), "value": three.ravel()})


def estimate(rows: pd.Series[float]) -> float:
    """Return the value itself: seaborn's estimator."""
    return float(rows.iloc[0])


def ends(rows: pd.Series[float]) -> tuple[float, float]:
    """Return the known interval: seaborn's error bar."""
    if len(rows) < _ROWS:
        return np.nan, np.nan
    return float(rows.iloc[1]), float(rows.iloc[2])
