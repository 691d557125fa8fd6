"""State: a filter, so that the view shows some RNAs only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.widgets.core.codec import binary, checked_mask, mask_bytes, mask_from_bytes
from rnaexplore.widgets.core.indexing import resolve

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["ShownState"]


class ShownState(traitlets.HasTraits):
    """Which RNAs are shown, on the map as in the table."""

    _adata: AnnData
    _count: int

    _shown = binary()

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the RNAs that are shown: all, unless there is a filter."""
        if not self._shown:
            return tuple(self._adata.obs_names)
        names: list[str] = self._adata.obs_names[self._shown_mask].tolist()
        return tuple(names)

    def show_only(self, chosen: Sequence[Any] | NDArray[Any]) -> None:
        """Hide all RNAs but some: names, positions, or one boolean for each RNA.

        Raises
        ------
        InputError
            If none is left, or a position or mask does not fit.
        MissingKeyError
            If a name is unknown.
        """
        positions = resolve(self._adata.obs_names, chosen)
        if not len(positions):
            msg = "nothing would be left to show; pass at least one RNA, or call show_all()"
            raise InputError(msg)
        everything = len(positions) == self._count
        self._shown = b"" if everything else mask_bytes(positions, self._count)

    def show_all(self) -> None:
        """Take the filter away."""
        self._shown = b""

    @property
    def _shown_mask(self) -> NDArray[np.bool_]:
        if not self._shown:
            return np.ones(self._count, dtype=bool)
        return mask_from_bytes(self._shown, self._count)

    @traitlets.validate("_shown")
    def _mask_shown(self, proposal: Any) -> bytes:
        return checked_mask(proposal["value"], self._count)
