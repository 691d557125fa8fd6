"""Which coordinates a map can show, and selections by name, position or mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["bases", "check_names", "coordinates", "default_basis", "resolve"]

PLANE = 2


def bases(adata: AnnData) -> list[str]:
    """Return the ``obsm`` keys that hold two columns."""
    return [key for key, value in adata.obsm.items() if np.shape(value)[1:] == (PLANE,)]


def default_basis(adata: AnnData) -> str | None:
    """Return ``X_umap`` if there, else the first key with two columns, else ``None``."""
    found = bases(adata)
    if _keys.UMAP in found:
        return _keys.UMAP
    return found[0] if found else None


def coordinates(adata: AnnData, basis: str) -> NDArray[np.float32]:
    """Return the coordinates of a map, shape (n_obs, 2).

    Raises
    ------
    MissingKeyError
        If ``obsm`` has no such key.
    InputError
        If it does not hold two finite columns.
    """
    if basis not in adata.obsm:
        msg = (
            f"obsm has no {basis!r}. {nearest(basis, adata.obsm.keys())} "
            "rx.tl.umap(adata) makes 'X_umap'"
        )
        raise MissingKeyError(msg)
    values = np.asarray(adata.obsm[basis], dtype=np.float32)
    if values.ndim != PLANE or values.shape[1] != PLANE:
        msg = (
            f"a map needs two columns, obsm[{basis!r}] has shape {values.shape}; "
            "rx.tl.umap(adata) projects an embedding to two"
        )
        raise InputError(msg)
    if not np.isfinite(values).all():
        msg = f"obsm[{basis!r}] holds NaN or infinity; remove those RNAs or project again"
        raise InputError(msg)
    return values


def check_names(names: pd.Index[Any]) -> None:
    """Raise `InputError` if names are not unique: views refer to RNAs by name."""
    if not names.is_unique:
        twice = names[names.duplicated()][0]
        msg = f"obs_names must be unique, {twice!r} is not; call adata.obs_names_make_unique()"
        raise InputError(msg)


def resolve(names: pd.Index[Any], chosen: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    """Return the positions of chosen RNAs, ascending and each once.

    Parameters
    ----------
    names
        All names, unique.
    chosen
        Names, positions (negative from the end), or one boolean for each RNA.

    Raises
    ------
    InputError
        If a position or mask does not fit, or kinds are mixed.
    MissingKeyError
        If a name is unknown.
    """
    if isinstance(chosen, str):
        msg = f"a selection is a list of names or positions, got one string; pass [{chosen!r}]"
        raise InputError(msg)
    values = np.asarray(chosen)
    if values.size == 0:
        return np.empty(0, dtype=np.int64)
    if values.ndim != 1:
        msg = f"a selection has one dimension, got shape {values.shape}"
        raise InputError(msg)
    match values.dtype.kind:
        case "b":
            return _from_mask(values, len(names))
        case "i" | "u":
            return _from_positions(values, len(names))
        case "U" | "O" | "T":
            return _from_names(names, values)
    msg = f"a selection holds names, positions or booleans, got {values.dtype}"
    raise InputError(msg)


def _from_mask(mask: NDArray[np.bool_], n: int) -> NDArray[np.int64]:
    if len(mask) != n:
        msg = f"a boolean selection needs one entry for each of the {n} RNAs, got {len(mask)}"
        raise InputError(msg)
    return np.flatnonzero(mask).astype(np.int64)


def _from_positions(positions: NDArray[np.integer[Any]], n: int) -> NDArray[np.int64]:
    outside = positions[(positions < -n) | (positions >= n)]
    if outside.size:
        msg = f"positions must be in [{-n}, {n - 1}], got {int(outside[0])}"
        raise InputError(msg)
    return np.unique(positions.astype(np.int64) % n)


def _from_names(names: pd.Index[Any], chosen: NDArray[Any]) -> NDArray[np.int64]:
    positions = names.get_indexer(chosen.astype(object).tolist())
    unknown = chosen[positions < 0]
    if unknown.size:
        msg = f"no RNA is named {unknown[0]!r}. {nearest(str(unknown[0]), names[:5000])}"
        raise MissingKeyError(msg)
    return np.unique(positions.astype(np.int64))
