"""State: what Python computes of a selection: enriched k-mers, clusters, a map of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from rnaexplore.errors import MissingKeyError
from rnaexplore.widgets.core.messages import NO_EMBEDDING
from rnaexplore.widgets.core.selection_state import SelectionState
from rnaexplore.widgets.explorer.regroup import CLUSTERS, PROJECTION, cluster_some, project_some
from rnaexplore.widgets.explorer.statistics import SelectionStatistics, selection_statistics

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.tl.embedding.spaces import Space
    from rnaexplore.widgets.core.columns import Annotated

__all__ = ["AnalysisState"]

K = 5  #: letters of k-mers


class AnalysisState(SelectionState):
    """Statistics of the selection, and tools that run on it alone."""

    use_rep: str | None
    basis: str | None
    color: str | None

    _kmers = traitlets.Dict().tag(sync=True)
    _analyses = traitlets.Bool(True).tag(sync=True)  # noqa: FBT003

    if TYPE_CHECKING:

        @property
        def _annotated(self) -> Annotated: ...
        @property
        def _by_sequence(self) -> dict[str, Space]: ...

    def statistics(self, *, k: int = K) -> SelectionStatistics:
        """Return how the selected RNAs differ from the others.

        Parameters
        ----------
        k
            Letters of the k-mers, 1 to 8.

        Returns
        -------
        SelectionStatistics
            Tables of categories, of numbers (length and GC among them) and of k-mers, each with
            those of the other RNAs, and how often nearest neighbors are selected together, in the
            embedding and by sequence alone.

        Raises
        ------
        InputError
            If nothing or everything is selected, or `k` is out of range.
        """
        return selection_statistics(self._annotated, self._mask, k, self._spaces())

    def _spaces(self) -> dict[str, tuple[str, Space]]:
        """Return distances by which neighbors are looked for; none where RNAs are too many."""
        from rnaexplore._adata import representation
        from rnaexplore.tl.embedding.spaces import VectorSpace

        found = {name: ("baseline", space) for name, space in self._by_sequence.items()}
        if not found or self.use_rep is None:
            return found
        vectors = representation(self._adata, self.use_rep)
        own: dict[str, tuple[str, Space]] = {
            self.use_rep: ("embedding", VectorSpace(vectors, "euclidean"))
        }
        return own | found

    def recluster(
        self, *, resolution: float = 1.0, use_rep: str | None = None, key_added: str = CLUSTERS
    ) -> None:
        """Cluster the selected RNAs alone (Leiden, `rnaexplore.tl.cluster`) and colour by it.

        Parameters
        ----------
        resolution
            Larger values give more clusters.
        use_rep
            ``obsm`` key of the vectors; that of the neighbours by default.
        key_added
            ``obs`` column to write, replaced if it exists: RNAs out of the selection are missing
            in it. ``uns["rnaexplore"][key_added]`` holds the settings.

        Raises
        ------
        InputError
            If fewer than 10 RNAs are selected.
        MissingKeyError
            If there is no embedding.
        """
        self._recluster(resolution, self._rep(use_rep), key_added)

    def reproject(
        self, *, use_rep: str | None = None, key_added: str = PROJECTION, seed: int = 0
    ) -> None:
        """Make a map of the selected RNAs alone (UMAP, `rnaexplore.tl.umap`) and show it.

        Parameters
        ----------
        use_rep
            ``obsm`` key of the vectors; that of the neighbours by default.
        key_added
            ``obsm`` key to write, replaced if it exists: rows of RNAs out of the selection are
            NaN, and the map leaves them out. ``uns["rnaexplore"][key_added]`` holds the settings.
        seed
            Seed of the layout.

        Raises
        ------
        InputError
            If fewer than 10 RNAs are selected.
        MissingKeyError
            If there is no embedding.
        """
        rep = self._rep(use_rep)
        project_some(self._adata, self._mask, use_rep=rep, key_added=key_added, seed=seed)
        if self.basis == key_added:
            self.basis = None  # the same key holds another map now
        self.basis = key_added

    def _recluster(self, resolution: float, rep: str, key: str) -> int:
        n = cluster_some(self._adata, self._mask, use_rep=rep, resolution=resolution, key_added=key)
        self.column_written(key)
        self.color = key
        return n

    def _rep(self, use_rep: str | None) -> str:
        rep = self.use_rep if use_rep is None else use_rep
        if rep is None:
            raise MissingKeyError(NO_EMBEDDING)
        return rep

    def _asked_to_save(self, request: dict[str, Any]) -> str:
        name = str(request.get("name", "")).strip()
        self.save_selection(name)
        return f"{len(self.selection_indices):,} RNAs marked in obs['{name}']."

    def _asked_to_recluster(self, request: dict[str, Any]) -> str:
        resolution = float(request.get("resolution", 1.0))
        n = self._recluster(resolution, self._rep(None), CLUSTERS)
        chosen = len(self.selection_indices)
        return f"{n} clusters of {chosen:,} RNAs, in obs['{CLUSTERS}']."

    def _asked_to_reproject(self, request: dict[str, Any]) -> str:  # noqa: ARG002
        self.reproject()
        return f"A map of {len(self.selection_indices):,} RNAs alone, in obsm['{PROJECTION}']."

    def _asked_for_kmers(self, request: dict[str, Any]) -> str:
        # The number makes every answer a change, which the view hears of.
        found = self.statistics()
        shared = [] if found.neighbors.empty else found.neighbors["shared"].items()
        self._kmers = {
            "turn": request.get("turn", 0),
            "rows": _rows(found.kmers),
            "neighbors": [[str(name), float(share)] for name, share in shared],
        }
        return ""


def _rows(kmers: pd.DataFrame) -> list[list[Any]]:
    """Return enriched k-mers as the view reads them."""
    if kmers.empty:
        return []
    return [
        [str(kmer), float(row["fold"]), float(row["selected"]), float(row["others"])]
        for kmer, row in kmers.iterrows()
    ]
