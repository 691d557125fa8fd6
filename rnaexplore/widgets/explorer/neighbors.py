"""State: the nearest RNAs of the one that is open, in the space of an embedding."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, RnaExploreError
from rnaexplore.widgets.core.codec import float32_bytes, uint32_bytes
from rnaexplore.widgets.core.messages import NO_EMBEDDING, note
from rnaexplore.widgets.explorer.sequence_neighbors import nearest_rows_by, sequence_spaces

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from rnaexplore.tl.embedding.spaces import Space

__all__ = ["NeighbourState", "default_rep", "nearest_rows", "representations"]

N_NEIGHBOURS = 10
CHUNK = 8192  #: rows compared at once, so that memory stays bounded
PLANE = 2

Vectors = NDArray[np.float32]


class NeighbourState(traitlets.HasTraits):
    """Nearest neighbors, exact and in the full space: maps distort distances.

    The view also counts how many of the nearest RNAs by 6-mers and by sequence identity have the
    label of the focused one: what an embedding has to beat.

    Attributes
    ----------
    use_rep : str or None
        ``obsm`` key of the embedding in which neighbours are looked for.
    """

    _adata: AnnData
    selected: str | None

    use_rep = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    _reps = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _neighbours = traitlets.Dict().tag(sync=True)

    def neighbors(self, name: str | None = None, *, n: int = N_NEIGHBOURS) -> pd.DataFrame:
        """Return the exact nearest RNAs of one RNA by Euclidean distance of embeddings.

        Parameters
        ----------
        name
            The RNA; by default the one that is open.
        n
            How many, 1 to n_obs - 1.

        Returns
        -------
        DataFrame
            Indexed by name, nearest first: ``distance`` and the columns of ``obs``.

        Raises
        ------
        InputError
            If no RNA is named and none is open, or `n` does not fit.
        MissingKeyError
            If there is no such RNA, or no embedding.
        """
        chosen = self.selected if name is None else name
        if chosen is None:
            msg = "no RNA is open; pass its name, or click one"
            raise InputError(msg)
        if chosen not in self._adata.obs_names:
            msg = f"no RNA is named {chosen!r}"
            raise MissingKeyError(msg)
        row = int(self._adata.obs_names.get_loc(chosen))
        rows, distances = nearest_rows(self._vectors(), row, n)
        table: pd.DataFrame = self._adata.obs.iloc[rows].copy()
        table.insert(0, "distance", distances)
        return table

    @traitlets.validate("use_rep")
    def _rep_exists(self, proposal: Any) -> str | None:
        rep: str | None = proposal["value"]
        if rep is not None and rep not in representations(self._adata):
            known = ", ".join(representations(self._adata)) or "none"
            msg = f"use_rep must be an obsm key of an embedding ({known}), got {rep!r}"
            raise traitlets.TraitError(msg)
        return rep

    @traitlets.observe("use_rep")
    def _look_in_other_space(self, change: Any) -> None:  # noqa: ARG002
        self._find_neighbours(self.selected)

    def _find_neighbours(self, name: str | None) -> None:
        """Send the neighbours of an RNA, or why there are none."""
        if name is None:
            self._neighbours = {}
            return
        row = int(self._adata.obs_names.get_loc(name))
        try:
            vectors = self._vectors()
            rows, distances = nearest_rows(vectors, row, min(N_NEIGHBOURS, len(vectors) - 1))
        except RnaExploreError as error:
            self._neighbours = {"index": row, "message": note(error)}
            return
        self._neighbours = {
            "index": row,
            "rows": uint32_bytes(rows),
            "distances": float32_bytes(distances),
            "baselines": {
                name: uint32_bytes(nearest_rows_by(space, np.array([row]), len(rows))[0])
                for name, space in self._by_sequence.items()
            },
        }

    @cached_property
    def _by_sequence(self) -> dict[str, Space]:
        """Distances of the sequences, which need no model."""
        return sequence_spaces(self._adata)

    def _vectors(self) -> Vectors:
        from rnaexplore._adata import representation

        if self.use_rep is None:
            raise MissingKeyError(NO_EMBEDDING)
        return representation(self._adata, self.use_rep)


def representations(adata: AnnData) -> list[str]:
    """Return the ``obsm`` keys of embeddings: matrices of more than two columns."""
    shapes = {key: np.shape(value) for key, value in adata.obsm.items()}
    return [key for key, shape in shapes.items() if len(shape) == PLANE and shape[1] > PLANE]


def default_rep(adata: AnnData, basis: str | None, model: str | None) -> str | None:
    """Return the embedding that a map was made of, else the model's, else the first."""
    found = representations(adata)
    made = adata.uns.get(_keys.PROVENANCE, {}).get(basis, {})
    wanted = [made.get("use_rep"), None if model is None else _keys.embedding_key(model), *found]
    return next((rep for rep in wanted if rep in found), None)


def nearest_rows(vectors: Vectors, row: int, n: int) -> tuple[NDArray[np.int64], Vectors]:
    """Return the `n` rows nearest to one by Euclidean distance, and how far they are.

    Raises
    ------
    InputError
        If there are not so many others.
    """
    if not 1 <= n < len(vectors):
        msg = f"n must be in [1, {len(vectors) - 1}] for {len(vectors)} RNAs, got {n}"
        raise InputError(msg)
    squares = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), CHUNK):
        difference = vectors[start : start + CHUNK] - vectors[row]
        squares[start : start + CHUNK] = np.einsum("ij,ij->i", difference, difference)
    squares[row] = np.inf
    near = np.argpartition(squares, n - 1)[:n]
    order = near[np.lexsort((near, squares[near]))]
    return order.astype(np.int64), np.sqrt(squares[order])
