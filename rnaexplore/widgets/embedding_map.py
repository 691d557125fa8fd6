"""The map of RNAs."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget

from rnaexplore.widgets import _figures
from rnaexplore.widgets._bundle import esm, stylesheet
from rnaexplore.widgets._export import other_views
from rnaexplore.widgets._html import synced, write_page
from rnaexplore.widgets._map_state import MapState, map_values
from rnaexplore.widgets._selection import SelectionState

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["EmbeddingMap"]


class EmbeddingMap(MapState, SelectionState, anywidget.AnyWidget):
    """A map of RNAs to pan, zoom, colour and select from.

    Parameters
    ----------
    adata
        One observation an RNA, with two-column coordinates in ``obsm``.
    basis
        Key of the coordinates; ``X_umap`` by default, else the first key with two columns.
    color
        Column of ``obs`` that colours the points: categories or numbers.

    Raises
    ------
    MissingKeyError
        If `basis` or `color` is not there.
    InputError
        If it cannot be drawn, or names are not unique.

    Notes
    -----
    `selection` (names), `selected` (the clicked RNA), `basis` and `color` are traits: set them, or
    ``observe`` them. Nothing is written into the AnnData but by `save_selection`.
    """

    _esm = esm("map_widget", "renderMapWidget")
    _css = stylesheet()

    def __init__(
        self, adata: AnnData, *, basis: str | None = None, color: str | None = None
    ) -> None:
        self._adata = adata
        self._count = adata.n_obs
        super().__init__(**map_values(adata, basis, color))

    def __repr__(self) -> str:
        return (
            f"<EmbeddingMap {self._count:,} RNAs, {self.basis} coloured by {self.color}, "
            f"{len(self.selection):,} selected>"
        )

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the map as one page that needs no network.

        Returns
        -------
        Path
            Where the page is.
        """
        render = "renderMapWidget"
        exported = other_views(self._adata)
        return write_page(
            path, "map_widget", render, synced(self), title="RNA map", exported=exported
        )

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return _figures.save_map(path, self._adata, self.basis, self.color)
