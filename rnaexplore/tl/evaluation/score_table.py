"""The table of `evaluate` and `layer_sweep`: rows are scored alike, and say what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import labels_of, sequences_of, strings
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.neighbors import check_neighbours
from rnaexplore.tl.embedding.spaces import Space
from rnaexplore.tl.evaluation.baselines import (
    BEST_KMERS,
    SHUFFLED,
    baseline_spaces,
    beside_kmers,
    by_both_distances,
    kmer_spaces,
)
from rnaexplore.tl.evaluation.intervals import Draws
from rnaexplore.tl.evaluation.scores import COLUMNS, Scale, Scored, nested, sample_of, shuffled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["N_BASELINES", "ScoreTable"]

Array = NDArray[np.float32]
N_BASELINES = 15  #: rows of `ScoreTable.add_baselines` and `ScoreTable.add_shuffled` that take time


class ScoreTable:
    """Rows of representations, scored on the same RNAs.

    The RNAs are put into random order first, so that equally near neighbors are not those that
    stand near each other in the file.

    Parameters
    ----------
    adata, labels, groups, n_neighbors, n_boot, seed, progress
        As for `rnaexplore.tl.evaluate`.
    total
        Rows that will be scored, for the progress bar.
    """

    def __init__(
        self,
        adata: AnnData,
        *,
        labels: str,
        groups: str | None,
        n_neighbors: int,
        n_boot: int,
        seed: int,
        total: int,
        progress: bool,
    ) -> None:
        classes = labels_of(adata, labels)
        check_neighbours(n_neighbors, adata.n_obs)
        if n_boot < 1:
            msg = f"n_boot must be at least 1, got {n_boot}"
            raise InputError(msg)
        self._order = np.random.default_rng(seed).permutation(adata.n_obs)
        sequences = sequences_of(adata)
        self._sequences = [sequences[i] for i in self._order]
        self._seed = seed
        ordered = classes[self._order]
        self._scale = Scale(ordered, n_neighbors, sample_of(ordered, seed))
        named, self._groups_are = _groups_of(adata, classes, labels, groups)
        self._groups = named[self._order][self._scale.sample]
        self._draws = Draws(self._groups, n_boot, seed)
        self._rows: list[dict[str, object]] = []
        self._chosen: dict[str, dict[str, int]] = {}
        self._bar = tqdm(total=total, desc=self._what(adata), unit="row", disable=not progress)

    def _what(self, adata: AnnData) -> str:
        """Return what the progress bar is called: it says if a sample is scored."""
        scored = len(self._scale.sample)
        return (
            "scores" if scored == adata.n_obs else f"scores of {scored:,} of {adata.n_obs:,} RNAs"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def score(self, space: Space, scale: Scale | None = None) -> Scored:
        """Return the scores of a representation, its RNAs in the order of this table."""
        found = (scale or self._scale).score(space)
        self._bar.update()
        return found

    def score_vectors(self, name: str, vectors: Array) -> dict[str, Scored]:
        """Return the scores of vectors by both distances, by the names of their rows."""
        spaces = by_both_distances(name, vectors[self._order])
        return {row: self.score(space) for row, space in spaces}

    def add(self, name: str, kind: str, scored: Scored, layer: int | None = None) -> None:
        """Add a row."""
        what = {"representation": name, "kind": kind, "layer": layer, "distance": scored.distance}
        self._rows.append({**what, **scored.row(self._draws)})

    def add_vectors(
        self, name: str, kind: str, vectors: Array, layer: int | None = None
    ) -> dict[str, Scored]:
        """Add a row for each distance, and return their scores."""
        found = self.score_vectors(name, vectors)
        for row, scored in found.items():
            self.add(row, kind, scored, layer)
        return found

    def add_combined(self, name: str, vectors: Array, layer: int | None = None) -> None:
        """Add a row of vectors with k-mers set beside them."""
        row, space = beside_kmers(name, vectors[self._order], self._sequences)
        self.add(row, "combined", self.score(space), layer)

    def add_best(
        self,
        name: str,
        kind: str,
        candidates: Mapping[str, Scored],
        layers: Mapping[str, int] | None = None,
    ) -> None:
        """Add a row of the best candidate, chosen for each RNA on RNAs of other groups."""
        names = list(candidates)
        scored, choice = nested(list(candidates.values()), self._groups, self._seed)
        counts = Counter(names[k] for k in choice)
        self._chosen[name] = dict(counts.most_common())
        self.add(name, kind, scored, layers[counts.most_common(1)[0][0]] if layers else None)

    def add_baselines(self) -> None:
        """Add k-mers, the best of them, sequence identity and length."""
        kmers = {name: self.score(space) for name, space in kmer_spaces(self._sequences)}
        for name, scored in kmers.items():
            self.add(name, "baseline", scored)
        self.add_best(BEST_KMERS, "baseline", kmers)
        for name, space in baseline_spaces(self._sequences):
            self.add(name, "baseline", self.score(space))

    def add_shuffled(self, vectors: Array, layer: int | None = None) -> None:
        """Add vectors by Euclidean distance with labels in random order."""
        scale = self._scale
        mixed = Scale(shuffled(scale.labels, self._seed), scale.n_neighbors, scale.sample)
        _, space = next(by_both_distances(SHUFFLED, vectors[self._order]))
        self.add(SHUFFLED, "null", self.score(space, mixed), layer)

    def frame(self) -> pd.DataFrame:
        """Return the table."""
        import pandas as pd

        columns = ["kind", "layer", "distance", *COLUMNS]
        table = pd.DataFrame(self._rows).set_index("representation")[columns]
        table.attrs = {
            "n_neighbors": self._scale.n_neighbors,
            "groups": self._groups_are,
            "n_groups": len(np.unique(self._groups)),
            "n_scored": len(self._scale.sample),
            "chosen": self._chosen,
            "seed": self._seed,
        }
        return table.astype({"layer": "Int64"})


def _groups_of(
    adata: AnnData, classes: NDArray[np.str_], labels: str, groups: str | None
) -> tuple[NDArray[np.str_], str]:
    """Return the group of each RNA, and the column that has them.

    An RNA without a group is one of its own.
    """
    if groups is None:
        families = adata.obs.get(_keys.FAMILY)
        known = families is not None and families.notna().all() and len(families.unique()) > 1
        groups = _keys.FAMILY if known else labels
    if groups == labels:
        return classes, labels
    named = strings(adata, groups, remedy="Pass groups= the obs column that holds the groups")
    found = np.array([name or f"\0{i}" for i, name in enumerate(named)], dtype=np.str_)
    if len(np.unique(found)) < 2:  # noqa: PLR2004
        msg = f"groups={groups!r} must have at least 2 values to be drawn, got 1"
        raise InputError(msg)
    return found, groups
