"""The linked view: from the map to the base pair."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from rnaexplore.widgets.attention.attention_state import AttentionState
from rnaexplore.widgets.contacts.contact_state import ContactState
from rnaexplore.widgets.contacts.sources import known_structures, live_contacts, method_names
from rnaexplore.widgets.core import columns, figures, rna_details
from rnaexplore.widgets.core.bundle import esm, stylesheet
from rnaexplore.widgets.core.maps import OnDemand
from rnaexplore.widgets.core.messages import NO_MODEL, NO_SEQUENCE, note
from rnaexplore.widgets.core.request_state import Action, RequestState
from rnaexplore.widgets.explorer.analysis_state import AnalysisState
from rnaexplore.widgets.explorer.derived import derived, together, trained_on
from rnaexplore.widgets.explorer.looks_state import LooksState, looks_values
from rnaexplore.widgets.explorer.map_state import MapState, map_values
from rnaexplore.widgets.explorer.neighbors import NeighbourState, default_rep, representations
from rnaexplore.widgets.explorer.search_state import SearchState
from rnaexplore.widgets.explorer.shown_state import ShownState
from rnaexplore.widgets.page import export
from rnaexplore.widgets.page.export_map import (
    exported_neighbours,
    other_colours,
    other_maps,
    page_state,
)
from rnaexplore.widgets.page.html import synced, write_page

if TYPE_CHECKING:
    from anndata import AnnData
    from plotly.graph_objects import Figure

    from rnaexplore.models.model import Model

__all__ = ["Explorer", "explore"]


class Explorer(
    MapState,
    LooksState,
    AnalysisState,
    ShownState,
    SearchState,
    NeighbourState,
    AttentionState,
    ContactState,
    RequestState,
    anywidget.AnyWidget,
):
    """Maps, a table, and for the clicked RNA its sequence, attention and contacts, all linked.

    Made by `explore`, which says what the parameters are.

    Attributes
    ----------
    selection : tuple of str
        Names of the selected RNAs; set it to names, positions or a boolean mask.
    selected : str or None
        The RNA that is open.
    basis, beside, color : str
        What the maps show: keys of ``obsm``, a column of ``obs``.
    size, opacity, palette
        How large, how opaque and in which colors points are.
    use_rep : str or None
        The embedding in which nearest neighbours are looked for.
    layer, head : int
        The attention map shown; head ``None`` is the mean over heads.
    method : str
        How contact maps are made: ``"regression"``, ``"heads"`` (chosen on RNAs of other families),
        ``"jacobian"``, ``"dependency"`` or ``"ViennaRNA"``, as far as the model, the RNAs and the
        installation allow.
    threshold, pairs_per_residue : float
        Which pairs of a contact map are considered: in maps of probabilities those at least that
        probable, in maps of scores so many of the best, times the length.

    Notes
    -----
    The AnnData is only written to by `save_selection` and `recluster` (``obs``) and by
    `reproject` (``obsm``).
    """

    _esm = esm("explorer/explorer", "renderExplorer")
    _css = stylesheet()

    _table: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _rna = traitlets.Dict().tag(sync=True)
    _model_label = traitlets.Unicode("").tag(sync=True)
    _exposure = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        adata: AnnData,
        model: Model | None = None,
        *,
        basis: str | None = None,
        beside: str | None = None,
        color: str | None = None,
        use_rep: str | None = None,
        table: Sequence[str] | None = None,
        size: float | None = None,
        opacity: float | None = None,
        palette: str | list[str] | None = None,
        problem: str = NO_MODEL,
    ) -> None:
        self._adata = adata
        self._count = adata.n_obs
        trained, exposure = trained_on(adata, model)
        self._extra = together(derived(adata), trained)
        self._model = model
        self._problem = problem
        self._columns = None if table is None else list(table)
        values = map_values(adata, self._extra, basis, beside, color)
        values |= looks_values(size, opacity, palette)
        model_name = None if model is None else model.spec.name
        rep = default_rep(adata, values["basis"], model_name) if use_rep is None else use_rep
        super().__init__(
            _table=self._described(),
            use_rep=rep,
            _reps=representations(adata),
            _exposure=exposure,
            **values,
            **_model_values(model, adata),
        )

    def __repr__(self) -> str:
        return (
            f"<Explorer {self._count:,} RNAs, {self.basis} coloured by {self.color}, "
            f"{len(self.selection):,} selected, model {self._model_label or None}>"
        )

    def to_html(self, path: str | PathLike[str], *, maps: Sequence[str] | None = None) -> Path:
        """Write the explorer as one page that needs no network.

        The map, the table, search and selection work in the page as they do here. Attention and
        contacts are there for some RNAs, with all layers and heads.

        Parameters
        ----------
        path
            File to write.
        maps
            Names of the RNAs whose attention and contact maps go into the page. By default one of
            each family (of median length) and the open RNA, as long as all attention together has
            at most 8 million weights; the page marks which RNAs have maps.

        Returns
        -------
        Path
            Where the page is.

        Notes
        -----
        Contact maps are those of the model's own head. Weights are stored as uint8 on a
        square-root scale of each head's largest weight, so that
        a weight v of at most m is off by no more than ``sqrt(v * m) / 255``. Sequences and
        structures of all RNAs go into the page as long as they have 4 million letters together,
        else those of the RNAs with maps.

        Raises
        ------
        MissingKeyError
            If a name in `maps` is unknown.
        """
        exported = export.explorer_content(self._adata, self._model, maps, self.selected)
        exported |= {
            "maps": other_maps(self._adata, [self.basis, self.beside]),
            "colours": other_colours(self._annotated, self._table),
            "neighbours": exported_neighbours(self._adata, self.use_rep, list(exported["rnas"])),
        }
        state = page_state(synced(self) | export.closed_rna(), exported)
        if self._model is not None:
            state |= {"method": "regression", "_methods": ["regression"]}
        title = f"{self._count:,} RNAs"
        return write_page(
            path, "explorer/explorer", "renderExplorer", state, title=title, exported=exported
        )

    def to_plotly(self) -> Figure:
        """Return the map as a plotly figure with the selection, drawn by `rnaexplore.px`."""
        from rnaexplore.widgets.core.plotly_figures import map_figure

        return map_figure(self)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return figures.save_map(path, self)

    def invert(self) -> None:
        """Select the shown RNAs that are not selected."""
        self._choose(np.flatnonzero(self._shown_mask & ~self._mask))

    def column_written(self, name: str) -> None:
        """Offer a new or changed column for colouring, and put it into the table."""
        super().column_written(name)
        self._table = self._described(name)

    def _described(self, *new: str) -> list[dict[str, Any]]:
        """Return the columns of the table as the view reads them."""
        if self._columns is not None:
            self._columns += [name for name in new if name not in self._columns]
        shown = columns.table_columns(self._annotated, self._columns)
        return [columns.describe(column) for column in shown]

    def _actions(self) -> dict[str, Action]:
        return {
            "undo": self._asked_to_undo,
            "redo": self._asked_to_redo,
            "find": self._search,
            "kmers": self._asked_for_kmers,
            "save": self._asked_to_save,
            "recluster": self._asked_to_recluster,
            "reproject": self._asked_to_reproject,
        }

    @traitlets.observe("selected")
    def _open(self, change: Any) -> None:
        name = change["new"]
        self._find_neighbours(name)
        if name is None:
            self._rna = {}
            self._attention = self._contacts = self._gallery = {}
            return
        self._rna = rna_details.describe(self._adata, name)
        self._compute(self._rna["sequence"])

    def _compute(self, sequence: str | None) -> None:
        if self._model is None or sequence is None:
            message = NO_SEQUENCE if sequence is None else self._problem
            self._close_attention(message)
            self._contacts = {"message": message}
            return
        self._open_contacts()
        self._open_attention(OnDemand(self._model, sequence))

    @traitlets.observe("method")
    def _open_contacts(self, change: Any = None) -> None:  # noqa: ARG002
        if self._model is None or not self._rna or self._rna["sequence"] is None:
            return
        known = known_structures(self._adata, self._rna["name"]) if self.method == "heads" else None
        self._contacts = live_contacts(
            self._model, self._rna["sequence"], self._rna["structure"], self.method, known
        )


def explore(
    adata: AnnData,
    model: Model | str | None = None,
    *,
    basis: str | None = None,
    beside: str | None = None,
    color: str | None = None,
    use_rep: str | None = None,
    table: Sequence[str] | None = None,
    size: float | None = None,
    opacity: float | None = None,
    palette: str | list[str] | None = None,
) -> Explorer:
    """Return a linked view of RNAs: maps, table, sequence, neighbours, attention and contacts.

    Parameters
    ----------
    adata
        One observation an RNA. ``obs["sequence"]`` and ``obs["structure"]`` are shown if there.
    model
        A loaded model, or the name of one: it computes attention and contact maps of the RNA that
        is clicked. Without one the rest works. If the weights of a named model are not there, the
        view opens and says so.
    basis
        Key in ``obsm`` of the map's coordinates; ``X_umap`` by default, else the first there is.
        Of more than two columns the map shows principal components.
    beside
        Key in ``obsm`` of a second map, to compare two models, layers or projections: points,
        selections and what the mouse is over are the same RNAs in both.
    color
        Column of ``obs`` that colours the maps; the families or clusters by default. Many
        families get their hues from a column ``clan`` or ``type``, if there is one.
    use_rep
        Key in ``obsm`` of the embedding in which neighbours are looked for; by default that which
        the map was made of.
    table
        Columns of ``obs`` in the table; by default all but those of mostly different texts.
    size
        Diameter of points in pixels, at most 40; by default by their number.
    opacity
        Of points, 0 to 1; 0.88 by default.
    palette
        Colors in place of those of `color`: a name, or at least two colors, as in
        `rnaexplore.pl.embedding`.

    Returns
    -------
    Explorer
        Show it as the last line of a cell. ``selection`` and ``selected`` can be read and set.

    Raises
    ------
    MissingKeyError
        If `basis`, `beside`, `color` or a column of `table` is not there.
    InputError
        If one of them cannot be shown, or names are not unique.
    UnknownModelError
        If no model has that name.
    """
    from rnaexplore._adata import check_anndata

    check_anndata(adata)
    problem = NO_MODEL
    if isinstance(model, str):
        model, problem = _load(model)
    return Explorer(
        adata,
        model,
        basis=basis,
        beside=beside,
        color=color,
        use_rep=use_rep,
        table=table,
        size=size,
        opacity=opacity,
        palette=palette,
        problem=problem,
    )


def _load(name: str) -> tuple[Model | None, str]:
    from rnaexplore.errors import CheckpointError
    from rnaexplore.models import load_model

    try:
        return load_model(name), ""
    except CheckpointError as error:
        return None, note(error)


def _model_values(model: Model | None, adata: AnnData) -> dict[str, Any]:
    if model is None:
        return {}
    spec = model.spec
    methods = method_names(model, adata)
    return {
        "_methods": methods,
        "method": methods[0],
        "_layers": list(range(spec.n_layers)),
        "_heads": list(range(spec.n_heads)),
        "layer": spec.n_layers - 1,
        "_model_label": spec.name,
    }
