"""State: the selected RNAs, and the one that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, RnaExploreError, nearest
from rnaexplore.widgets._codec import binary, uint32_bytes, uint32_from_bytes
from rnaexplore.widgets.points import resolve

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["SelectionState"]

NONE = -1  #: position that stands for no RNA


class _Known(NamedTuple):
    """Names that were translated last: translating 100,000 twice would be felt."""

    names: tuple[str, ...]
    positions: NDArray[np.int64]


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

    @property
    def selection_indices(self) -> NDArray[np.int64]:
        """Positions of the selected RNAs, ascending."""
        return uint32_from_bytes(self._selection)

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
        from rnaexplore.tl._access import note

        self._check_column(name, overwrite=overwrite)
        mask = np.zeros(self._adata.n_obs, dtype=bool)
        mask[self.selection_indices] = True
        self._adata.obs[name] = mask if label is None else self._labelled(name, mask, label)
        made = {"function": "save_selection", "n_selected": int(mask.sum())}
        note(self._adata, name, made)
        self.column_written(name)

    def column_written(self, name: str) -> None:
        """Hear of a new column of ``obs``; state that lists columns overrides this."""

    def _check_column(self, name: str, *, overwrite: bool) -> None:
        if not name or "/" in name:
            msg = f"name must be a key without '/', such as 'my_group'; got {name!r}"
            raise InputError(msg)
        if name in self._adata.obs and not overwrite:
            msg = f"obs has a column {name!r} already; choose another name, or pass overwrite=True"
            raise InputError(msg)
        if len(self._adata.obs_names) != self._count:
            msg = (
                f"the AnnData had {self._count} RNAs when this view was made and has "
                f"{self._adata.n_obs} now; make a new view"
            )
            raise InputError(msg)

    def _labelled(self, name: str, mask: NDArray[np.bool_], label: str) -> Any:
        import pandas as pd

        obs = self._adata.obs
        kept = obs[name].astype(object) if name in obs else pd.Series(None, obs.index, dtype=object)
        return kept.where(~mask, label).astype("category")

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

    def _know(self, positions: NDArray[np.int64]) -> tuple[str, ...]:
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
    def _positions_of_view(self, proposal: Any) -> bytes:
        data: bytes = proposal["value"]
        if len(data) % 4 or (uint32_from_bytes(data) >= self._count).any():
            msg = f"a selection holds positions below {self._count} as uint32"
            raise traitlets.TraitError(msg)
        return data

    @traitlets.validate("_selected")
    def _position_of_view(self, proposal: Any) -> int:
        value: int = proposal["value"]
        if not NONE <= value < self._count:
            msg = f"position must be in [-1, {self._count - 1}], got {value}"
            raise traitlets.TraitError(msg)
        return value

    @traitlets.observe("selection")
    def _tell_view_selection(self, change: Any) -> None:
        names = change["new"]
        known = self._is_known(names)
        positions = self._known.positions if known else resolve(self._adata.obs_names, names)
        self._selection = uint32_bytes(positions)

    @traitlets.observe("_selection")
    def _hear_view_selection(self, change: Any) -> None:
        if change["new"] != uint32_bytes(self._known.positions):
            self.selection = self._know(np.unique(uint32_from_bytes(change["new"])))

    @traitlets.observe("selected")
    def _tell_view_selected(self, change: Any) -> None:
        name = change["new"]
        self._selected = NONE if name is None else int(self._adata.obs_names.get_loc(name))

    @traitlets.observe("_selected")
    def _hear_view_selected(self, change: Any) -> None:
        position = change["new"]
        self.selected = None if position == NONE else str(self._adata.obs_names[position])
