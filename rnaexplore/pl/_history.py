"""How a training went: losses by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rnaexplore._figure_data.history import course
from rnaexplore._figure_data.theme import GREY
from rnaexplore.pl._axes import axes_or_new, font_size

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["history"]


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
        A line each for training and validation; the kept epoch is a dotted line.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no epoch.
    """
    import seaborn as sns

    shown = course(frame)
    axes = axes_or_new(ax)
    size = font_size(axes)
    for curve in shown.curves:
        sns.lineplot(
            x=shown.epochs, y=curve.values, estimator=None, color=curve.colour, label=curve.label,
            marker=curve.marker, markersize=size * 0.45, markeredgewidth=0, linewidth=size * 0.15,
            clip_on=False, zorder=3, legend=False, ax=axes,
        )  # fmt: skip
    if shown.kept is not None:
        axes.axvline(
            shown.kept, color=GREY, linewidth=size * 0.12, linestyle=":", zorder=1, label="kept"
        )
    axes.set(xlabel="epoch", ylabel="loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=size,
        handlelength=1.5, columnspacing=1.0,
    )  # fmt: skip
    return axes
