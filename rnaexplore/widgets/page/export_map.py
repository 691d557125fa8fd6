"""What a page holds of maps, colours and neighbours to switch to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.widgets.core.codec import float32_bytes, uint32_bytes
from rnaexplore.widgets.core.columns import Annotated, colourings, describe, read
from rnaexplore.widgets.core.messages import NO_EMBEDDING, NO_NEIGHBOURS
from rnaexplore.widgets.explorer.neighbors import N_NEIGHBOURS, nearest_rows
from rnaexplore.widgets.explorer.points import bases, coordinates, label, place
from rnaexplore.widgets.explorer.sequence_neighbors import SEQUENCE_IDENTITY, sequence_spaces
from rnaexplore.widgets.page.html import packed

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["exported_neighbours", "other_colours", "other_maps", "page_state"]

MOST_PLACES = 400_000  #: points of all maps in a page together, four bytes each
MOST_NEIGHBOURED = 10_000  #: RNAs whose neighbours are all in a page
MOST_ALIGNED = 4_000_000  #: pairs of sequences whose identities are computed for a page


def page_state(state: dict[str, Any], exported: dict[str, Any]) -> dict[str, Any]:
    """Return the state that a page opens with: what it can look up itself is left out."""
    held = exported["maps"]
    return state | {
        "_live": False,
        "_analyses": False,
        "_request": {},
        "_notice": {},
        "_colour": {},
        "_map": {},
        "_map_beside": {},
        "_bases": [key for key in state["_bases"] if key in held],
    }


def other_maps(adata: AnnData, shown: Sequence[str | None]) -> dict[str, Any]:
    """Return every map that a page can switch to: those shown, then others while there is room."""
    wanted = [basis for basis in dict.fromkeys([*shown, *bases(adata)]) if basis is not None]
    n_shown = len({basis for basis in shown if basis is not None})
    room = max(n_shown, MOST_PLACES // max(adata.n_obs, 1))
    planes = {basis: coordinates(adata, basis) for basis in wanted[:room]}
    return {
        basis: {
            "label": label(adata, basis),
            "held": int(np.isfinite(plane[:, 0]).sum()),
            **place(plane),
        }
        for basis, plane in planes.items()
    }


def other_colours(annotated: Annotated, table: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the columns to colour by that the table does not hold."""
    held = {column["name"] for column in table}
    return [describe(read(annotated, name)) for name in colourings(annotated) if name not in held]


def exported_neighbours(
    adata: AnnData, use_rep: str | None, mapped: Sequence[int]
) -> dict[str, Any]:
    """Return nearest neighbours of all RNAs, or if they are too many of those with maps."""
    from rnaexplore._adata import representation
    from rnaexplore.tl.embedding.neighbors import neighbours

    if use_rep is None:
        return {"message": NO_EMBEDDING}
    vectors = representation(adata, use_rep)
    k = min(N_NEIGHBOURS, len(vectors) - 1)
    if k < 1:
        return {"message": "There is one RNA only, so there are no neighbours."}
    if len(vectors) <= MOST_NEIGHBOURED:
        rows, distances = neighbours(vectors, k)
        of = None
    else:
        found = [nearest_rows(vectors, row, k) for row in mapped]
        rows = np.array([near for near, _ in found], dtype=np.int64)
        distances = np.array([far for _, far in found], dtype=np.float32)
        of = [int(row) for row in mapped]
    asked = np.arange(len(vectors)) if of is None else np.array(of, dtype=np.int64)
    return {
        "k": k,
        "of": of,
        "rows": packed(uint32_bytes(rows)),
        "distances": packed(float32_bytes(distances)),
        "baselines": _by_sequence(adata, asked, k),
        "without": NO_NEIGHBOURS,
    }


def _by_sequence(adata: AnnData, asked: NDArray[np.int64], k: int) -> dict[str, dict[str, str]]:
    """Return nearest neighbors by k-mers, and by sequence identity if these are quickly found."""
    spaces = sequence_spaces(adata)
    if len(asked) * adata.n_obs > MOST_ALIGNED:
        spaces.pop(SEQUENCE_IDENTITY, None)
    return {
        name: packed(uint32_bytes(space.neighbors(asked, k)))
        for name, space in spaces.items()
        if len(asked)
    }
