"""What the course of a training shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore.errors import InputError, MissingKeyError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Course", "Curve", "course"]

_CURVES = {"train_loss": ("training", "o"), "valid_loss": ("validation", "s")}


class Curve(NamedTuple):
    """One loss by epoch."""

    label: str
    values: NDArray[np.float64]
    colour: str
    marker: str


class Course(NamedTuple):
    """All losses, and the epoch that was kept, if any."""

    epochs: NDArray[np.int64]
    curves: tuple[Curve, ...]
    kept: int | None


def course(frame: pd.DataFrame) -> Course:
    """Return the losses of a fine-tuning run.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no epoch.
    """
    missing = [name for name in (*_CURVES, "best") if name not in frame]
    if missing:
        msg = f"frame has no column {missing[0]!r}; rx.finetune(…).history has all"
        raise MissingKeyError(msg)
    if frame.empty:
        msg = "frame has no epoch to draw"
        raise InputError(msg)
    curves = [
        Curve(label, frame[name].to_numpy(dtype=float), colour, marker)
        for colour, (name, (label, marker)) in zip(OKABE_ITO, _CURVES.items(), strict=False)
    ]
    best = frame.index[frame["best"].astype(bool)]
    kept = int(best[0]) if len(best) else None
    return Course(np.asarray(frame.index, dtype=np.int64), tuple(curves), kept)
