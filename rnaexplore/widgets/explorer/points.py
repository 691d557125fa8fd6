"""Which coordinates a map can show, and how they travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.widgets.core.codec import uint16_bytes

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = [
    "ABSENT",
    "bases",
    "check_basis",
    "check_names",
    "coordinates",
    "default_basis",
    "label",
    "place",
]

PLANE = 2
ABSENT = 65_535  #: level of an RNA that a map does not hold
TOP = 65_534  #: level of the right and upper edge

Plane = NDArray[np.float32]


def bases(adata: AnnData) -> list[str]:
    """Return the ``obsm`` keys that a map can show: two columns first, then embeddings."""
    columns = {key: _n_columns(value) for key, value in adata.obsm.items()}
    maps = [key for key, n in columns.items() if n == PLANE]
    return maps + [key for key, n in columns.items() if n > PLANE]


def default_basis(adata: AnnData) -> str | None:
    """Return ``X_umap`` if there, else the first key of `bases`, else ``None``."""
    found = bases(adata)
    if _keys.UMAP in found:
        return _keys.UMAP
    return found[0] if found else None


def label(adata: AnnData, basis: str) -> str:
    """Return what a map says of its coordinates: ``"umap"``, or ``"PCA of mini"``."""
    name = basis.removeprefix("X_")
    return f"PCA of {name}" if _is_embedding(adata, basis) else name


def coordinates(adata: AnnData, basis: str) -> Plane:
    """Return the coordinates of a map, shape (n_obs, 2).

    Two columns are taken as they are, of principal components and of UMAPs the first two. Other
    embeddings are projected to their own first two principal components. Rows of NaN are RNAs that
    the map does not hold.

    Raises
    ------
    MissingKeyError
        If ``obsm`` has no such key.
    InputError
        If it has fewer than two columns, holds infinity, NaN in a part of a row, or only NaN.
    """
    check_basis(adata, basis)
    values = np.asarray(adata.obsm[basis], dtype=np.float32)
    plane = _components(values) if _is_embedding(adata, basis) else values[:, :PLANE]
    gone = np.isnan(plane)
    if np.isinf(plane).any() or (gone.any(1) != gone.all(1)).any():
        msg = (
            f"obsm[{basis!r}] holds infinity, or NaN in one column only; remove those RNAs, "
            "project again, or make both NaN to leave an RNA out of the map"
        )
        raise InputError(msg)
    if gone.all() and gone.size:
        msg = f"obsm[{basis!r}] places no RNA at all; project again"
        raise InputError(msg)
    return plane


def check_basis(adata: AnnData, basis: str) -> None:
    """Raise if ``obsm`` has no such key, or one that cannot be drawn."""
    if basis not in adata.obsm:
        msg = (
            f"obsm has no {basis!r}. {nearest(basis, adata.obsm.keys())} "
            "rx.tl.umap(adata) makes 'X_umap'"
        )
        raise MissingKeyError(msg)
    if _n_columns(adata.obsm[basis]) < PLANE:
        msg = (
            f"a map needs two columns, obsm[{basis!r}] has shape {np.shape(adata.obsm[basis])}; "
            "rx.tl.umap(adata) projects an embedding to two"
        )
        raise InputError(msg)


def place(plane: Plane) -> dict[str, Any]:
    """Return coordinates as a view reads them.

    Returns
    -------
    dict
        ``box``: left, right, bottom, top. ``data``: uint16, two an RNA, 0 to 65,534 from edge to
        edge, so that a point is off by at most a 131,068th of the width; 65,535 for an RNA
        that the map does not hold.
    """
    held = ~np.isnan(plane[:, 0])
    if not held.any():
        return {"box": [0.0, 1.0, 0.0, 1.0], "data": uint16_bytes(np.full(plane.shape, ABSENT))}
    low, high = plane[held].min(0).astype(float), plane[held].max(0).astype(float)
    span = np.where(high > low, high - low, 1.0)
    levels = np.full(plane.shape, ABSENT, dtype=np.uint16)
    levels[held] = np.rint((plane[held] - low) / span * TOP)
    box = [low[0], low[0] + span[0], low[1], low[1] + span[1]]
    return {"box": [float(edge) for edge in box], "data": uint16_bytes(levels)}


def check_names(names: pd.Index[Any]) -> None:
    """Raise `InputError` if names are not unique: views refer to RNAs by name."""
    if not names.is_unique:
        twice = names[names.duplicated()][0]
        msg = f"obs_names must be unique, {twice!r} is not; call adata.obs_names_make_unique()"
        raise InputError(msg)


def _n_columns(value: Any) -> int:
    """Return the number of columns of a dense matrix, 0 for anything else."""
    shape = np.shape(value)
    dense = hasattr(value, "__array__") and not hasattr(value, "nnz")
    return int(shape[1]) if dense and len(shape) == PLANE else 0


def _is_embedding(adata: AnnData, basis: str) -> bool:
    """Return whether columns are neither a plane nor those of a map of more dimensions."""
    ordered = any(name in basis.lower() for name in ("pca", "umap"))
    return _n_columns(adata.obsm[basis]) > PLANE and not ordered


def _components(values: Plane) -> Plane:
    """Return the first two principal components; the larger side of each is positive."""
    held = np.isfinite(values).all(1)
    plane = np.full((len(values), PLANE), np.nan, dtype=np.float32)
    if not held.any():
        return plane
    centred = values[held] - values[held].mean(0, dtype=np.float64).astype(np.float32)
    _, axes = np.linalg.eigh(centred.T @ centred)
    projected = centred @ axes[:, : -PLANE - 1 : -1]
    extremes = projected[np.abs(projected).argmax(0), np.arange(PLANE)]
    plane[held] = projected * np.where(extremes < 0, -1, 1)
    return plane
