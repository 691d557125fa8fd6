"""The drawing of a secondary structure that ViennaRNA makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import MissingDependencyError
from rnaexplore.structure.dot_bracket import as_pairs, dot_bracket_from_pairs, pair_orders

__all__ = ["vienna_layout"]


def vienna_layout(pairs: object, length: int) -> NDArray[np.float64]:
    """Return coordinates of a structure's residues by ViennaRNA's own layout.

    The layout that ``RNAplot`` uses by default (Lorenz et al. 2011, doi:10.1186/1748-7188-6-26;
    Wiegreffe et al. 2018, doi:10.1093/bioinformatics/bty817). Residues may overlap.

    Parameters
    ----------
    pairs
        Base pairs, shape (n, 2), 0-based. Pseudoknots (pairs of order 1 and above) do not shape
        the drawing.
    length
        Number of residues.

    Returns
    -------
    ndarray of float64, shape (length, 2)
        Scaled such that the median step of the backbone is 1.

    Raises
    ------
    InvalidStructureError
        If the pairs are not a structure.
    MissingDependencyError
        If ViennaRNA is not installed.
    """
    try:
        import RNA
    except ImportError as error:
        msg = "this layout needs ViennaRNA: pip install 'rnaexplore[vienna]'; 'radial' does not"
        raise MissingDependencyError(msg) from error
    checked = as_pairs(pairs, length)
    nested = checked[pair_orders(checked) == 0]
    if not length:
        return np.empty((0, 2))
    found = RNA.get_xy_coordinates(dot_bracket_from_pairs(nested, length))
    points = np.array([(found.get(k).X, found.get(k).Y) for k in range(length)], dtype=np.float64)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return points / (np.median(steps) if len(steps) else 1.0)
