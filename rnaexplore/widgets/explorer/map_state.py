"""State: which coordinates the maps show, and what their colours mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from rnaexplore.errors import RnaExploreError
from rnaexplore.widgets.core import columns
from rnaexplore.widgets.core.codec import joined
from rnaexplore.widgets.core.messages import nothing_to_map
from rnaexplore.widgets.explorer import points
from rnaexplore.widgets.explorer.derived import Values, with_values

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import ArrayLike

__all__ = ["MapState", "default_colour", "map_values"]

_FIRST_CHOICES = ("family", "leiden", "hdbscan")


class MapState(traitlets.HasTraits):
    """Coordinates and colours of one map, or of two beside each other.

    Attributes
    ----------
    basis : str or None
        Key in ``obsm`` of the coordinates shown.
    beside : str or None
        Key in ``obsm`` of a second map beside it, linked to the first.
    color : str or None
        Column of ``obs`` that colours the points, or values given with `add_values`.
    """

    _adata: AnnData
    _count: int
    _extra: Values

    basis = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    beside = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    color = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    _bases = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _colourings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _map = traitlets.Dict().tag(sync=True)
    _map_beside = traitlets.Dict().tag(sync=True)
    _colour = traitlets.Dict().tag(sync=True)
    _names = traitlets.Bytes(b"").tag(sync=True)
    _map_message = traitlets.Unicode("").tag(sync=True)

    def add_values(self, name: str, values: ArrayLike) -> None:
        """Offer one value for each RNA as a colour, without writing it into ``obs``.

        Parameters
        ----------
        name
            What to call it.
        values
            Shape (n_obs,): numbers, texts or booleans. A Series is taken by its index.

        Raises
        ------
        InputError
            If there is not one value for each RNA, or ``obs`` has a column of that name.
        """
        self._extra = self._extra.added(self._adata, name, values)
        self.column_written(name)

    def column_written(self, name: str) -> None:
        """Offer a new or changed column of ``obs`` for colouring."""
        self._colourings = columns.colourings(self._annotated)
        if self.color == name:
            self._colour = _colour(self._annotated, name)

    @property
    def _annotated(self) -> columns.Annotated:
        """``obs`` with what was derived from it or added."""
        return with_values(self._adata, self._extra)

    @traitlets.validate("basis", "beside")
    def _basis_exists(self, proposal: Any) -> str | None:
        basis: str | None = proposal["value"]
        if basis is not None:
            try:
                points.coordinates(self._adata, basis)
            except RnaExploreError as error:
                raise traitlets.TraitError(str(error)) from error
        return basis

    @traitlets.validate("color")
    def _color_exists(self, proposal: Any) -> str | None:
        color: str | None = proposal["value"]
        if color is not None:
            try:
                columns.read(self._annotated, color)
            except RnaExploreError as error:
                raise traitlets.TraitError(str(error)) from error
        return color

    @traitlets.observe("basis")
    def _move_points(self, change: Any) -> None:
        if self._map.get("basis") != change["new"]:  # it is there already when a view is made
            self._map = _placed(self._adata, change["new"])
        self._bases = points.bases(self._adata)

    @traitlets.observe("beside")
    def _move_beside(self, change: Any) -> None:
        if self._map_beside.get("basis") != change["new"]:
            self._map_beside = _placed(self._adata, change["new"])
        self._bases = points.bases(self._adata)

    @traitlets.observe("color")
    def _colour_points(self, change: Any) -> None:
        if self._colour.get("name") != change["new"]:
            self._colour = _colour(self._annotated, change["new"])


def map_values(
    adata: AnnData, extra: Values, basis: str | None, beside: str | None, color: str | None
) -> dict[str, Any]:
    """Return the values that a map starts with.

    Raises
    ------
    MissingKeyError, InputError
        If `basis`, `beside` or `color` was given and cannot be shown.
    """
    points.check_names(adata.obs_names)
    annotated = with_values(adata, extra)
    basis = basis if basis is not None else points.default_basis(adata)
    color = color if color is not None else default_colour(annotated)
    return {
        "basis": basis,
        "beside": beside,
        "color": color,
        "_bases": points.bases(adata),
        "_colourings": columns.colourings(annotated),
        "_map": _placed(adata, basis),
        "_map_beside": _placed(adata, beside),
        "_colour": _colour(annotated, color),
        "_names": joined(adata.obs_names),
        "_map_message": "" if basis is not None else nothing_to_map(list(adata.obsm)),
    }


def default_colour(annotated: columns.Annotated) -> str | None:
    """Return the family or cluster column if there is one, else the first that colours well."""
    found = columns.colourings(annotated)
    ordered = [name for name in _FIRST_CHOICES if name in found] + found
    return ordered[0] if ordered else None


def _placed(adata: AnnData, basis: str | None) -> dict[str, Any]:
    if basis is None:
        return {}
    plane = points.coordinates(adata, basis)
    held = int(np.isfinite(plane[:, 0]).sum())
    return {
        "basis": basis,
        "label": points.label(adata, basis),
        "held": held,
        **points.place(plane),
    }


def _colour(annotated: columns.Annotated, color: str | None) -> dict[str, Any]:
    return {} if color is None else columns.describe(columns.read(annotated, color))
