"""A table of similarities in the order of its clusters, and the tree that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.tables import SimilarityTable, similarity_table
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Clustered", "clustered_table"]

Values = NDArray[np.float64]

_ASYMMETRY = 1e-4
_LEAF = 10.0  #: scipy's distance between leaves


class Clustered(NamedTuple):
    """Similarities in the order of clusters, and the branches of the tree.

    ``branches`` has shape (n - 1, 4, 2): four corners of each branch, their place among the rows
    from 0, and their height as a share of that of the tree.
    """

    table: SimilarityTable
    branches: Values


def clustered_table(table: pd.DataFrame) -> Clustered:
    """Return a table ordered by average linkage of 1 minus the similarity (UPGMA).

    Raises
    ------
    InputError
        If the table has fewer than two rows, rows and columns differ, it is not symmetric, or a
        value lies outside 0 to 1.
    """
    shown = similarity_table(table)
    values = shown.values
    same = values.shape[0] == values.shape[1] and list(table.index) == list(table.columns)
    if not same or len(values) <= 1 or np.abs(values - values.T).max() > _ASYMMETRY:
        msg = (
            "a clustered table has the same two or more names in rows and columns and is "
            "symmetric; draw others with similarity"
        )
        raise InputError(msg)
    order, branches = _tree(values)
    names = [shown.down[k] for k in order]
    ordered = SimilarityTable(values[np.ix_(order, order)], names, names, shown.titles)
    return Clustered(ordered, branches)


def _tree(values: Values) -> tuple[list[int], Values]:
    """Return the order of the leaves, neighbors as alike as possible, and the branches."""
    from scipy.cluster.hierarchy import dendrogram, linkage
    from scipy.spatial.distance import squareform

    apart = np.clip(1 - (values + values.T) / 2, 0, None)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), method="average", optimal_ordering=True)
    drawn = dendrogram(tree, no_plot=True)
    places = np.asarray(drawn["icoord"], dtype=np.float64) / _LEAF - 0.5
    heights = np.asarray(drawn["dcoord"], dtype=np.float64)
    heights /= max(float(heights.max()), np.finfo(float).tiny)
    return [int(k) for k in drawn["leaves"]], np.stack([places, heights], axis=-1)
