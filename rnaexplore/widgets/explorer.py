"""The linked view: from the map to the base pair."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from rnaexplore.widgets import _export, _figures, _rna, columns
from rnaexplore.widgets._attention_state import AttentionState
from rnaexplore.widgets._bundle import esm, stylesheet
from rnaexplore.widgets._contact_sources import known_structures, live_contacts, method_names
from rnaexplore.widgets._contact_state import ContactState
from rnaexplore.widgets._html import synced, write_page
from rnaexplore.widgets._map_state import MapState, map_values
from rnaexplore.widgets._messages import NO_MODEL, NO_SEQUENCE, note
from rnaexplore.widgets._selection import SelectionState
from rnaexplore.widgets._sources import OnDemand

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.models.model import Model

__all__ = ["Explorer", "explore"]


class Explorer(MapState, SelectionState, AttentionState, ContactState, anywidget.AnyWidget):
    """A map, a table, and for the clicked RNA its sequence, attention and contacts, all linked.

    Made by `explore`, which says what the parameters are.

    Attributes
    ----------
    selection : tuple of str
        Names of the selected RNAs; set it to names, positions or a boolean mask.
    selected : str or None
        The RNA that is open.
    basis, color : str
        What the map shows: a key of ``obsm``, a column of ``obs``.
    layer, head : int
        The attention map shown; head ``None`` is the mean over heads.
    method : str
        How contact maps are made: ``"regression"``, ``"heads"`` (chosen on RNAs of other families),
        ``"jacobian"``, ``"dependency"`` or ``"ViennaRNA"``, as far as the model, the RNAs and the
        installation allow.
    threshold : float
        Contacts at least that probable are called pairs.
    """

    _esm = esm("explorer", "renderExplorer")
    _css = stylesheet()

    _table: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _rna = traitlets.Dict().tag(sync=True)
    _model_label = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        adata: AnnData,
        model: Model | None = None,
        *,
        basis: str | None = None,
        color: str | None = None,
        table: Sequence[str] | None = None,
        problem: str = NO_MODEL,
    ) -> None:
        self._adata = adata
        self._count = adata.n_obs
        self._model = model
        self._problem = problem
        shown = columns.table_columns(adata, None if table is None else list(table))
        super().__init__(
            _table=[columns.describe(column) for column in shown],
            **map_values(adata, basis, color),
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
        exported = _export.explorer_content(self._adata, self._model, maps, self.selected)
        exported |= _export.other_views(self._adata)
        state = synced(self) | _export.closed_rna()
        if self._model is not None:
            state |= {"method": "regression", "_methods": ["regression"]}
        title = f"{self._count:,} RNAs"
        return write_page(path, "explorer", "renderExplorer", state, title=title, exported=exported)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return _figures.save_map(path, self._adata, self.basis, self.color)

    @traitlets.observe("selected")
    def _open(self, change: Any) -> None:
        name = change["new"]
        if name is None:
            self._rna = {}
            self._attention = self._contacts = self._gallery = {}
            return
        self._rna = _rna.describe(self._adata, name)
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
    color: str | None = None,
    table: Sequence[str] | None = None,
) -> Explorer:
    """Return a linked view of RNAs: map, table, sequence, attention and contacts.

    Parameters
    ----------
    adata
        One observation an RNA. ``obs["sequence"]`` and ``obs["structure"]`` are shown if there.
    model
        A loaded model, or the name of one: it computes attention and contact maps of the RNA that
        is clicked. Without one the rest works. If the weights of a named model are not there, the
        view opens and says so.
    basis
        Key in ``obsm`` of two-column coordinates; ``X_umap`` by default, else the first there is.
    color
        Column of ``obs`` that colours the map; the families or clusters by default.
    table
        Columns of ``obs`` in the table; by default all but those of mostly different texts.

    Returns
    -------
    Explorer
        Show it as the last line of a cell. ``selection`` and ``selected`` can be read and set.

    Raises
    ------
    MissingKeyError
        If `basis`, `color` or a column of `table` is not there.
    InputError
        If one of them cannot be shown, or names are not unique.
    UnknownModelError
        If no model has that name.
    """
    problem = NO_MODEL
    if isinstance(model, str):
        model, problem = _load(model)
    return Explorer(adata, model, basis=basis, color=color, table=table, problem=problem)


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
