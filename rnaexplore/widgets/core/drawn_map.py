"""The map of a view as an AnnData that `rnaexplore.pl` and `rnaexplore.px` draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rnaexplore.errors import InputError
from rnaexplore.widgets.core.columns import read
from rnaexplore.widgets.explorer.points import coordinates
from rnaexplore.widgets.explorer.points import label as map_label

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from rnaexplore.widgets.explorer.embedding_map import EmbeddingMap
    from rnaexplore.widgets.explorer.explorer import Explorer

    MapView: TypeAlias = EmbeddingMap | Explorer

__all__ = ["drawn_map", "grouping"]


def drawn_map(view: MapView) -> tuple[AnnData, NDArray[np.int64]]:
    """Return the RNAs that a map holds, with its coordinates alone, and their positions.

    Raises
    ------
    InputError
        If no map is shown.
    """
    from anndata import AnnData

    adata, annotated, basis = view._adata, view._annotated, view.basis  # noqa: SLF001
    if basis is None:
        msg = "there is no map to draw: no basis is chosen. Set .basis to a key of obsm"
        raise InputError(msg)
    plane = coordinates(adata, basis)
    held = np.flatnonzero(np.isfinite(plane[:, 0]))
    maps = {f"X_{map_label(adata, basis)}": plane[held]}
    return AnnData(obs=annotated.obs.iloc[held], obsm=maps, uns={**annotated.uns}), held


def grouping(view: MapView) -> str | None:
    """Return the column that gives the categories of a map their hues, if there is one."""
    if view.color is None:
        return None
    return getattr(read(view._annotated, view.color), "grouping", None) or None  # noqa: SLF001
