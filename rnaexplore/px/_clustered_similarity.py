"""How alike representations are, those that are alike beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.clustered import clustered_table
from rnaexplore._figure_data.theme import EDGE
from rnaexplore.px._similarity import similarities

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore._figure_data.clustered import Values

__all__ = ["clustered_similarity"]

_MAP, _TREE = (0.0, 0.83), (0.85, 1.0)  #: of the height


def clustered_similarity(table: pd.DataFrame, *, label: str = "linear CKA") -> go.Figure:
    """Draw a table of similarities in the order of its clusters, with their tree.

    Parameters
    ----------
    table
        Symmetric, values from 0 to 1, with the same names in rows and columns: for example of
        `rnaexplore.tl.cka` of all pairs.
    label
        What the values are; written beside the color bar.

    Returns
    -------
    Figure
        Rows and columns are ordered by average linkage of 1 minus the similarity (UPGMA), so that
        neighbors are as alike as they can be; the tree above has the height of its last joint.

    Raises
    ------
    InputError
        If the table has fewer than two rows, rows and columns differ, it is not symmetric, or a
        value lies outside 0 to 1.
    """
    shown = clustered_table(table)
    drawn = similarities(shown.table, label)
    n = len(shown.table.down)
    drawn.update_layout(
        yaxis={"domain": _MAP, "scaleanchor": None},
        xaxis2={"matches": None, "range": [-0.5, n - 0.5], "anchor": "y2", "visible": False},
        yaxis2={"domain": _TREE, "range": [0, 1.05], "anchor": "x2", "visible": False},
    )
    drawn.add_trace(_tree(shown.branches))
    return drawn


def _tree(branches: Values) -> go.Scatter:
    """Return all branches as one line with gaps."""
    gap = np.full((len(branches), 1, 2), np.nan)
    x, y = np.concatenate([branches, gap], axis=1).reshape(-1, 2).T
    return go.Scatter(
        x=x, y=y, xaxis="x2", yaxis="y2", mode="lines", line={"color": EDGE, "width": 1.2},
        hoverinfo="skip", showlegend=False, name="tree",
    )  # fmt: skip
