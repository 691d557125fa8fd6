"""How alike representations are, those that are alike beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from rnaexplore._figure_data.clustered import clustered_table
from rnaexplore._figure_data.theme import EDGE
from rnaexplore.pl._axes import axes_or_new, font_size
from rnaexplore.pl._similarity import draw_similarities

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["clustered_similarity"]

_TREE = (0.0, 1.02, 1.0, 0.16)  #: where the tree stands, in shares of the axes


def clustered_similarity(
    table: pd.DataFrame, *, label: str = "linear CKA", ax: Axes | None = None
) -> Axes:
    """Draw a table of similarities in the order of its clusters, with their tree.

    Parameters
    ----------
    table
        Symmetric, values from 0 to 1, with the same names in rows and columns: for example of
        `rnaexplore.tl.cka` of all pairs.
    label
        What the values are; written beside the color bar.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Rows and columns are ordered by average linkage of 1 minus the similarity (UPGMA), so that
        neighbors are as alike as they can be; the tree above has the height of its last joint.

    Raises
    ------
    InputError
        If the table has fewer than two rows, rows and columns differ, it is not symmetric, or a
        value lies outside 0 to 1.
    """
    shown = clustered_table(table)
    axes = axes_or_new(ax)
    draw_similarities(axes, shown.table, label)
    above = axes.inset_axes(_TREE)
    tree = shown.branches + np.array([0.5, 0.0])
    above.add_collection(LineCollection(list(tree), color=EDGE, linewidth=font_size(axes) * 0.1))
    above.set(xlim=(0, len(shown.table.down)), ylim=(0, 1.05))
    above.set_axis_off()
    return axes
