"""Sizes and shapes of points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._figure_data.embedding import column, is_numeric
from rnaexplore.errors import InputError

__all__ = ["Looks", "looks"]

_PLANE = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down")
_SPACE = ("circle", "square", "diamond", "cross", "x", "circle-open")
_SMALLEST, _LARGEST = 3.0, 15.0  #: diameters of points, in pixels
_USUAL, _AT = 5.0, 2000  #: pixels, for so many points
_LEAST, _MOST = 2.0, 8.0
_IN_SPACE = 0.6  #: of the diameter in a plane: spheres are drawn larger


class Looks(NamedTuple):
    """Diameters in pixels, one for all or one each, and the shape of each point."""

    size: float | NDArray[np.float32]
    symbols: NDArray[np.object_] | None
    legend: dict[str, str]  #: shape of each category
    column: str


def looks(adata: AnnData, size: str | float | None, symbol: str | None, n: int) -> Looks:
    """Return sizes and shapes for a map in `n` dimensions.

    Raises
    ------
    MissingKeyError
        If a column is not there.
    InputError
        If sizes are not numbers or not positive, or there are more categories than shapes.
    """
    diameter = _sizes(adata, size) if isinstance(size, str) else _one_size(adata.n_obs, size, n)
    if symbol is None:
        return Looks(diameter, None, {}, "")
    shapes = _PLANE if n == 2 else _SPACE  # noqa: PLR2004
    values = column(adata, symbol).astype("category").cat.add_categories("no value")
    values = values.fillna("no value").cat.remove_unused_categories()
    names = [str(name) for name in values.cat.categories]
    if len(names) > len(shapes):
        msg = (
            f"obs[{symbol!r}] has {len(names)} categories, but there are {len(shapes)} shapes in "
            f"{n} dimensions; use color for it"
        )
        raise InputError(msg)
    legend = dict(zip(names, shapes, strict=False))
    return Looks(diameter, np.array(shapes, dtype=object)[values.cat.codes], legend, symbol)


def _one_size(n: int, size: float | None, dimensions: int) -> float:
    if size is None:
        usual = float(np.clip(_USUAL * (_AT / max(n, 1)) ** 0.25, _LEAST, _MOST))
        return usual if dimensions == 2 else usual * _IN_SPACE  # noqa: PLR2004
    return float(size)


def _sizes(adata: AnnData, name: str) -> NDArray[np.float32]:
    """Return diameters whose areas grow with the numbers of a column."""
    values = column(adata, name)
    if not is_numeric(values):
        msg = f"size must be a column of numbers, obs[{name!r}] holds {values.dtype}"
        raise InputError(msg)
    numbers = values.to_numpy(dtype=float)
    known = np.isfinite(numbers)
    low, high = (numbers[known].min(), numbers[known].max()) if known.any() else (0.0, 0.0)
    share = np.where(known, (numbers - low) / ((high - low) or 1.0), 0.0)
    diameters: NDArray[np.float32] = np.sqrt(
        _SMALLEST**2 + share * (_LARGEST**2 - _SMALLEST**2)
    ).astype(np.float32)
    return diameters
