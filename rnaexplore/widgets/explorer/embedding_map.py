"""The map of RNAs."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget

from rnaexplore.widgets.core import figures
from rnaexplore.widgets.core.bundle import esm, stylesheet
from rnaexplore.widgets.core.request_state import Action, RequestState
from rnaexplore.widgets.core.selection_state import SelectionState
from rnaexplore.widgets.explorer.derived import derived
from rnaexplore.widgets.explorer.looks_state import LooksState, looks_values
from rnaexplore.widgets.explorer.map_state import MapState, map_values
from rnaexplore.widgets.explorer.shown_state import ShownState
from rnaexplore.widgets.page.export_map import other_colours, other_maps, page_state
from rnaexplore.widgets.page.html import synced, write_page

if TYPE_CHECKING:
    from anndata import AnnData
    from plotly.graph_objects import Figure

__all__ = ["EmbeddingMap"]


class EmbeddingMap(
    MapState, LooksState, SelectionState, ShownState, RequestState, anywidget.AnyWidget
):
    """A map of RNAs to pan, zoom, colour and select from.

    Parameters
    ----------
    adata
        One observation an RNA, with coordinates or embeddings in ``obsm``.
    basis
        Key of the coordinates; ``X_umap`` by default, else the first there is. Of more than two
        columns the map shows principal components.
    beside
        Key of a second map beside it, linked to the first.
    color
        Column of ``obs`` that colours the points: categories or numbers.
    size
        Diameter of points in pixels, at most 40; by default by their number.
    opacity
        Of points, 0 to 1; 0.88 by default.
    palette
        Colors in place of those of `color`: a name, or at least two colors, as in
        `rnaexplore.pl.embedding`.

    Raises
    ------
    MissingKeyError
        If `basis`, `beside` or `color` is not there.
    InputError
        If it cannot be drawn, or names are not unique.

    Notes
    -----
    `selection` (names), `selected` (the clicked RNA), `basis`, `color`, `size`, `opacity` and
    `palette` are traits: set them, or ``observe`` them. Nothing is written into the AnnData but by
    `save_selection`.
    """

    _esm = esm("explorer/map_widget", "renderMapWidget")
    _css = stylesheet()

    def __init__(
        self,
        adata: AnnData,
        *,
        basis: str | None = None,
        beside: str | None = None,
        color: str | None = None,
        size: float | None = None,
        opacity: float | None = None,
        palette: str | list[str] | None = None,
    ) -> None:
        self._adata = adata
        self._count = adata.n_obs
        self._extra = derived(adata)
        looks = looks_values(size, opacity, palette)
        super().__init__(**map_values(adata, self._extra, basis, beside, color), **looks)

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
        exported = {
            "maps": other_maps(self._adata, [self.basis, self.beside]),
            "colours": other_colours(self._annotated, []),
        }
        state = page_state(synced(self), exported)
        return write_page(
            path, "explorer/map_widget", render, state, title="RNA map", exported=exported
        )

    def to_plotly(self) -> Figure:
        """Return the map as a plotly figure with the selection, drawn by `rnaexplore.px`."""
        from rnaexplore.widgets.core.plotly_figures import map_figure

        return map_figure(self)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return figures.save_map(path, self)

    def _actions(self) -> dict[str, Action]:
        return {"undo": self._asked_to_undo, "redo": self._asked_to_redo}
