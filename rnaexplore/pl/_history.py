"""How a training went: losses by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.pl._axes import axes_or_new, font_size
from rnaexplore.pl._palette import OKABE_ITO

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["history"]

_CURVES = {"train_loss": ("training", "o"), "valid_loss": ("validation", "s")}
_GREY = "#8A919E"


def history(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a fine-tuning run, and which epoch was kept.

    Parameters
    ----------
    frame
        `FinetuneResult.history`: indexed by epoch, with train_loss, valid_loss and best.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        A line each for training and validation; the kept epoch is a dotted line with its number.

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
    axes = axes_or_new(ax)
    size = font_size(axes)
    for colour, (column, (label, marker)) in zip(OKABE_ITO, _CURVES.items(), strict=False):
        axes.plot(
            frame.index, frame[column], color=colour, marker=marker, markersize=size * 0.45,
            linewidth=size * 0.15, label=label, clip_on=False, zorder=3,
        )  # fmt: skip
    kept = frame.index[frame["best"].astype(bool)]
    if len(kept):
        _mark(axes, float(kept[0]), size)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=size)
    return axes


def _mark(ax: Axes, epoch: float, size: float) -> None:
    ax.axvline(epoch, color=_GREY, linewidth=size * 0.1, linestyle=":", zorder=1)
    ax.annotate(
        "kept", (epoch, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
        textcoords="offset points", ha="center", va="bottom", fontsize=size, color=_GREY,
    )  # fmt: skip
