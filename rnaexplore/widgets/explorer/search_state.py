"""State: RNAs that a motif or a structure pattern was found in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets.core.codec import mask_bytes
from rnaexplore.widgets.explorer.matching import holding
from rnaexplore.widgets.explorer.patterns import steps_of

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["SearchState", "containing"]


class SearchState(traitlets.HasTraits):
    """What was searched for, and where it is."""

    _adata: AnnData
    _count: int

    _found = traitlets.Dict().tag(sync=True)

    def find(self, *, motif: str | None = None, structure: str | None = None) -> tuple[str, ...]:
        """Return the names of RNAs that hold a motif, a structure pattern, or both.

        Parameters
        ----------
        motif
            IUPAC letters, for example ``"GNRA"`` or ``"GGN{3,7}CC"``; T is U. A letter of a
            sequence that stands for several bases is found if the motif allows them all.
        structure
            A stretch of dot-bracket, for example ``"((((....))))"`` or ``"({4,}.{3,8}){4,}"``;
            ``?`` stands for any character. Looked for in ``obs["structure"]``.

        Returns
        -------
        tuple of str
            Names in the order of the AnnData; ``ex.selection = ex.find(motif="UUCG")`` selects.

        Raises
        ------
        InputError
            If neither is given, or a pattern is not written as it should be.
        MissingKeyError
            If ``obs`` has no sequences, or no structures.
        """
        wanted = {"motif": motif, "structure": structure}
        given = [(kind, query) for kind, query in wanted.items() if query is not None]
        if not given:
            msg = "pass motif= or structure=, such as ex.find(motif='GNRA')"
            raise InputError(msg)
        hits = [containing(self._adata, kind, query) for kind, query in given]
        names: list[str] = self._adata.obs_names[np.logical_and.reduce(hits)].tolist()
        return tuple(names)

    def _search(self, request: dict[str, Any]) -> str:
        """Look for what the view asks for, and send where it is."""
        kind, query = str(request["kind"]), str(request["query"])
        positions = np.flatnonzero(containing(self._adata, kind, query))
        self._found = {
            "turn": request.get("turn", 0),
            "kind": kind,
            "query": query,
            "count": len(positions),
            "data": mask_bytes(positions, self._count),
        }
        return ""


def containing(adata: AnnData, kind: str, query: str) -> NDArray[np.bool_]:
    """Return which RNAs hold a pattern in their sequence or structure, shape (n,)."""
    steps = steps_of(kind, query)
    key = _keys.SEQUENCE if kind == "motif" else _keys.STRUCTURE
    if key not in adata.obs:
        remedy = (
            "rx.read_fasta and rx.from_sequences make it"
            if kind == "motif"
            else "rx.read_stockholm reads it, or obs['structure'] = … of rx.tl.fold"
        )
        msg = f"obs has no column {key!r} to search in; {remedy}"
        raise MissingKeyError(msg)
    return holding(steps, adata.obs[key].astype(object).to_list(), ignore_case=kind == "motif")
