"""State: the selected RNAs, and the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore.errors import MissingKeyError, RnaExploreError, nearest
from rnaexplore.widgets.core.codec import binary, checked_mask, mask_bytes, mask_from_bytes
from rnaexplore.widgets.core.indexing import SelectMode, combine, resolve
from rnaexplore.widgets.core.obs import check_column, save_mask

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["SelectionState"]

NONE = -1  #: position that stands for no RNA
MOST_KEPT = 100  #: selections that can be undone

Positions = NDArray[np.int64]


class _Known(NamedTuple):
    """Names that were translated last: translating 100,000 twice would be felt."""

    names: tuple[str, ...]
    positions: Positions


class SelectionState(traitlets.HasTraits):
    """Selected RNAs, in Python by name and in the view by position.

    Attributes
    ----------
    selection : tuple of str
        Names of the selected RNAs, in the order of the AnnData. May be set to names, positions,
        or one boolean for each RNA; a trait, so ``observe`` works.
    selected : str or None
        Name of the RNA that is open. May be set to a name or a position.
    """

    _adata: AnnData
    _count: int
    _known: _Known = _Known((), np.empty(0, dtype=np.int64))

    selection = traitlets.Any(())
    selected = traitlets.Any(None, allow_none=True)
    _selection = binary()
    _selected = traitlets.Int(NONE).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        self._past: list[Positions] = []
        self._future: list[Positions] = []
        self._travelling = False
        super().__init__(**values)

    @property
    def obs_names(self) -> pd.Index[Any]:
        """Names of the RNAs that the view holds."""
        names: pd.Index[Any] = self._adata.obs_names
        return names

    @property
    def selection_indices(self) -> Positions:
        """Positions of the selected RNAs, ascending."""
        return self._known.positions

    def select(self, chosen: Sequence[Any] | NDArray[Any], *, mode: SelectMode = "replace") -> None:
        """Combine RNAs with the selection.

        Parameters
        ----------
        chosen
            Names, positions, or one boolean for each RNA.
        mode
            ``"replace"``, ``"add"`` (union), ``"subtract"`` (difference) or ``"intersect"``.

        Raises
        ------
        InputError
            If a position, a mask or the mode does not fit.
        MissingKeyError
            If a name is unknown.
        """
        found = resolve(self._adata.obs_names, chosen)
        self._choose(combine(self.selection_indices, found, mode))

    def invert(self) -> None:
        """Select the RNAs that are not selected."""
        chosen = np.ones(self._count, dtype=bool)
        chosen[self.selection_indices] = False
        self._choose(np.flatnonzero(chosen))

    def undo(self) -> None:
        """Go back to the selection before the last change; nothing happens at the first."""
        self._travel(self._past, self._future)

    def redo(self) -> None:
        """Take back an `undo`."""
        self._travel(self._future, self._past)

    def save_selection(
        self, name: str, *, label: str | None = None, overwrite: bool = False
    ) -> None:
        """Write the selection into ``obs``.

        Parameters
        ----------
        name
            Key of the column.
        label
            By default the column is boolean. With a label it is categorical: selected RNAs get
            the label, the others keep what the column held, or stay missing.
        overwrite
            Whether an existing column may be replaced (boolean), or added to (categorical).

        Raises
        ------
        InputError
            If the name is empty or holds ``/``, if the column exists and `overwrite` is false, or
            if the AnnData has changed its number of RNAs meanwhile.
        """
        check_column(self._adata, name, self._count, overwrite=overwrite)
        save_mask(self._adata, self._mask, name, label)
        self.column_written(name)

    def column_written(self, name: str) -> None:
        """Hear of a new column of ``obs``; state that lists columns overrides this."""

    def _asked_to_undo(self, request: dict[str, Any]) -> str:  # noqa: ARG002
        self.undo()
        return ""

    def _asked_to_redo(self, request: dict[str, Any]) -> str:  # noqa: ARG002
        self.redo()
        return ""

    @property
    def _mask(self) -> NDArray[np.bool_]:
        mask = np.zeros(self._count, dtype=bool)
        mask[self.selection_indices] = True
        return mask

    def _choose(self, positions: Positions) -> None:
        self.selection = self._know(positions)

    def _travel(self, source: list[Positions], target: list[Positions]) -> None:
        if not source:
            return
        target.append(self._last)
        self._travelling = True
        try:
            self._choose(source.pop())
        finally:
            self._travelling = False

    @traitlets.validate("selection")
    def _names_of_selection(self, proposal: Any) -> tuple[str, ...]:
        value = proposal["value"]
        if self._is_known(value):
            return self._known.names
        try:
            return self._know(resolve(self._adata.obs_names, value))
        except RnaExploreError as error:
            raise traitlets.TraitError(str(error)) from error

    def _is_known(self, names: object) -> bool:
        return names is self._known.names

    def _know(self, positions: Positions) -> tuple[str, ...]:
        """Return the names of positions, and remember which they were."""
        names = tuple(self._adata.obs_names.to_numpy()[positions].tolist())
        self._known = _Known(names, positions)
        return names

    @traitlets.validate("selected")
    def _name_of_selected(self, proposal: Any) -> str | None:
        value = proposal["value"]
        if value is None:
            return None
        try:
            return self._one_name(value)
        except RnaExploreError as error:
            raise traitlets.TraitError(str(error)) from error

    def _one_name(self, value: object) -> str:
        names = self._adata.obs_names
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            return str(names[resolve(names, [int(value)])[0]])
        if value not in names:
            msg = f"no RNA is named {value!r}. {nearest(str(value), names[:5000])}"
            raise MissingKeyError(msg)
        return str(value)

    @traitlets.validate("_selection")
    def _mask_of_view(self, proposal: Any) -> bytes:
        return checked_mask(proposal["value"], self._count)

    @traitlets.validate("_selected")
    def _position_of_view(self, proposal: Any) -> int:
        value: int = proposal["value"]
        if not NONE <= value < self._count:
            msg = f"position must be in [-1, {self._count - 1}], got {value}"
            raise traitlets.TraitError(msg)
        return value

    _last: Positions = np.empty(0, dtype=np.int64)  #: what was selected before a change

    @traitlets.observe("selection")
    def _tell_view_selection(self, change: Any) -> None:
        names = change["new"]
        known = self._is_known(names)
        positions = self._known.positions if known else resolve(self._adata.obs_names, names)
        self._remember(positions)
        self._selection = mask_bytes(positions, self._count)

    def _remember(self, positions: Positions) -> None:
        if not self._travelling:
            self._past = [*self._past[1 - MOST_KEPT :], self._last]
            self._future = []
        self._last = positions

    @traitlets.observe("_selection")
    def _hear_view_selection(self, change: Any) -> None:
        positions = np.flatnonzero(mask_from_bytes(change["new"], self._count))
        if not np.array_equal(positions, self._known.positions):
            self._choose(positions)

    @traitlets.observe("selected")
    def _tell_view_selected(self, change: Any) -> None:
        name = change["new"]
        self._selected = NONE if name is None else int(self._adata.obs_names.get_loc(name))

    @traitlets.observe("_selected")
    def _hear_view_selected(self, change: Any) -> None:
        position = change["new"]
        self.selected = None if position == NONE else str(self._adata.obs_names[position])
