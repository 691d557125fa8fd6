"""State: which coordinates the map shows, and what its colours mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from rnaexplore.errors import RnaExploreError
from rnaexplore.widgets import columns, points
from rnaexplore.widgets._codec import binary, float32_bytes, joined
from rnaexplore.widgets._messages import nothing_to_map

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["MapState", "default_colour", "map_values"]

_FIRST_CHOICES = ("family", "leiden", "hdbscan")


class MapState(traitlets.HasTraits):
    """Coordinates and colours of a map.

    Attributes
    ----------
    basis : str or None
        Key in ``obsm`` of the coordinates shown.
    color : str or None
        Column of ``obs`` that colours the points.
    """

    _adata: AnnData

    basis = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    color = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    _bases = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _colourings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _positions = binary()
    _colour = traitlets.Dict().tag(sync=True)
    _names = binary()
    _map_message = traitlets.Unicode("").tag(sync=True)

    def column_written(self, name: str) -> None:
        """Offer a new or changed column of ``obs`` for colouring."""
        self._colourings = columns.colourings(self._adata)
        if self.color == name:
            self._colour = _colour(self._adata, name)

    @traitlets.validate("basis")
    def _basis_exists(self, proposal: Any) -> str | None:
        basis: str | None = proposal["value"]
        if basis is not None:
            _as_trait_error(points.coordinates, self._adata, basis)
        return basis

    @traitlets.validate("color")
    def _color_exists(self, proposal: Any) -> str | None:
        color: str | None = proposal["value"]
        if color is not None:
            _as_trait_error(columns.read, self._adata, color)
        return color

    @traitlets.observe("basis")
    def _move_points(self, change: Any) -> None:
        self.set_trait("_positions", _positions(self._adata, change["new"]))

    @traitlets.observe("color")
    def _colour_points(self, change: Any) -> None:
        self.set_trait("_colour", _colour(self._adata, change["new"]))


def map_values(adata: AnnData, basis: str | None, color: str | None) -> dict[str, Any]:
    """Return the values that a map starts with.

    Raises
    ------
    MissingKeyError, InputError
        If `basis` or `color` was given and cannot be shown.
    """
    points.check_names(adata.obs_names)
    basis = basis if basis is not None else points.default_basis(adata)
    color = color if color is not None else default_colour(adata)
    return {
        "basis": basis,
        "color": color,
        "_bases": points.bases(adata),
        "_colourings": columns.colourings(adata),
        "_positions": _positions(adata, basis),
        "_colour": _colour(adata, color),
        "_names": joined(adata.obs_names),
        "_map_message": "" if basis is not None else nothing_to_map(list(adata.obsm)),
    }


def default_colour(adata: AnnData) -> str | None:
    """Return the family or cluster column if there is one, else the first that colours well."""
    found = columns.colourings(adata)
    ordered = [name for name in _FIRST_CHOICES if name in found] + found
    return ordered[0] if ordered else None


def _positions(adata: AnnData, basis: str | None) -> bytes:
    return b"" if basis is None else float32_bytes(points.coordinates(adata, basis))


def _colour(adata: AnnData, color: str | None) -> dict[str, Any]:
    return {} if color is None else columns.describe(columns.read(adata, color))


def _as_trait_error(function: Any, adata: AnnData, name: str) -> None:
    try:
        function(adata, name)
    except RnaExploreError as error:
        raise traitlets.TraitError(str(error)) from error
