"""How alike representations are, each with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from rnaexplore._figure_data.tables import SimilarityTable, similarity_table
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.pl._axes import axes_or_new, cell_points, font_size
from rnaexplore.pl._cells import cells
from rnaexplore.pl._text import name, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_similarities", "similarity"]

_LEAST_CELL = 9.0  #: points; in smaller cells no numbers are written
_UPRIGHT = 3  #: letters of names that are not turned


def similarity(table: pd.DataFrame, *, label: str = "linear CKA", ax: Axes | None = None) -> Axes:
    """Draw a table of similarities between representations or layers.

    Parameters
    ----------
    table
        Values from 0 to 1, for example of `rnaexplore.tl.cka` or `rnaexplore.tl.neighbor_overlap`
        of all pairs; its index and columns are names or numbers of layers.
    label
        What the values are; written beside the colour bar.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Colours run from 0 to 1 whatever the values, so that figures can be compared. Numbers are
        left out where they could not be read. Names of the index and the columns label the axes.

    Raises
    ------
    InputError
        If the table is empty or a value lies outside of 0 to 1.
    """
    shown = similarity_table(table)
    axes = axes_or_new(ax)
    draw_similarities(axes, shown, label)
    return axes


def draw_similarities(ax: Axes, shown: SimilarityTable, label: str) -> None:
    """Draw a table of similarities with its names."""
    values = shown.values
    cell = cell_points(ax, max(values.shape))
    texts = np.char.mod("%.2f", values)
    written = np.where(values < 1, np.char.lstrip(texts, "0"), texts)
    size = min(font_size(ax), 0.42 * cell)
    cells(
        ax, values, written if cell >= _LEAST_CELL else None, ramp=RAMPS["similarity"],
        label=label, size=size,
    )  # fmt: skip
    turned = max(map(len, shown.across)) > _UPRIGHT
    across, down = list(map(name, shown.across)), list(map(name, shown.down))
    ax.set_xticks(np.arange(len(across)) + 0.5, across, rotation=90 if turned else 0)
    ax.set_yticks(np.arange(len(down)) + 0.5, down)
    ax.set(xlabel=plain(shown.titles[0]), ylabel=plain(shown.titles[1]))
    ax.tick_params(length=0)
