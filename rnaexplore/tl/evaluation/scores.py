"""How well a representation agrees with labels: one row of `evaluate` and `layer_sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.embedding.spaces import Space, nearest_of
from rnaexplore.tl.evaluation.intervals import Draws, chosen_elsewhere

__all__ = ["COLUMNS", "METRICS", "MOST", "Scale", "Scored", "nested", "sample_of", "shuffled"]

Labels = NDArray[np.str_]
Rows = NDArray[np.int64]
Array = NDArray[np.float32]

METRICS = ("ARI", "NMI", "homogeneity", "silhouette", "knn_purity", "knn_accuracy")
COLUMNS = (*METRICS, "knn_accuracy_low", "knn_accuracy_high", "linkage")
MOST = 4000  #: RNAs that are scored
LEAST_CLASSES = 10  #: that these have room for
LINKAGES = ("average", "ward")


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The scores of one representation, and what its neighbors say of each RNA.

    Attributes
    ----------
    distance
        What kind of distance was used.
    hits
        Whether the most frequent label among the neighbors is the RNA's own, shape (sample,).
    purity
        Share of the neighbors with the RNA's label, shape (sample,).
    clustering
        ARI, NMI, homogeneity, silhouette and linkage; empty where there are no clusters.
    """

    distance: str
    hits: NDArray[np.bool_]
    purity: NDArray[np.float64]
    clustering: dict[str, float | str] = field(default_factory=dict)

    def row(self, draws: Draws) -> dict[str, float | str]:
        """Return the scores by the names in `COLUMNS`, as far as there are some."""
        low, high = draws.interval(self.hits)
        return self.clustering | {
            "knn_purity": float(self.purity.mean()),
            "knn_accuracy": float(self.hits.mean()),
            "knn_accuracy_low": low,
            "knn_accuracy_high": high,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """How all representations are scored.

    Parameters
    ----------
    labels
        Class of each RNA.
    n_neighbors
        Neighbors for purity and accuracy.
    sample
        The RNAs that are scored, see `sample_of`; their neighbors are looked for among all.
    """

    labels: Labels
    n_neighbors: int
    sample: Rows

    def score(self, space: Space) -> Scored:
        """Return the scores of a representation."""
        distances = space.between(self.sample, self.sample)
        np.fill_diagonal(distances, 0)
        own = self.labels[self.sample]
        clustering = _clustering(distances, own)
        if len(own) == space.n:
            near = nearest_of(distances, self.sample, self.n_neighbors)
        else:
            near = space.neighbors(self.sample, self.n_neighbors)
        around = self.labels[near]
        purity = (around == own[:, None]).mean(1)
        return Scored(space.distance, _majority(around) == own, purity, clustering)


def nested(
    candidates: Sequence[Scored], groups: NDArray[np.str_], seed: int
) -> tuple[Scored, NDArray[np.int64]]:
    """Return the best of some representations, for each RNA as chosen on RNAs of other groups.

    Parameters
    ----------
    candidates
        In order of preference among equals.
    groups, seed
        As for `rnaexplore.tl.evaluation.intervals.chosen_elsewhere`.

    Returns
    -------
    Scored
        Neighbors alone: the parts have no clusters in common.
    ndarray of int64, shape (sample,)
        Which candidate each RNA was scored with.
    """
    hits = np.array([one.hits for one in candidates])
    choice = chosen_elsewhere(hits, groups, seed)
    at = np.arange(hits.shape[1])
    purity = np.array([one.purity for one in candidates])[choice, at]
    kinds = {candidates[k].distance for k in np.unique(choice)}
    return Scored(kinds.pop() if len(kinds) == 1 else "mixed", hits[choice, at], purity), choice


def sample_of(labels: Labels, seed: int) -> Rows:
    """Return the RNAs that are scored: all, or whole classes drawn at random up to 4,000.

    A class takes up at most a tenth of the room (its share, if there are fewer classes than 10).
    """
    if len(labels) <= MOST:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.unique(labels))
    room = MOST // min(LEAST_CLASSES, len(names))
    members = [rng.permutation(np.flatnonzero(labels == name))[:room] for name in names]
    return np.sort(np.concatenate(members)[:MOST])


def shuffled(labels: Labels, seed: int) -> Labels:
    """Return the labels in random order."""
    return np.random.default_rng(seed).permutation(labels)


def _clustering(distances: Array, labels: Labels) -> dict[str, float | str]:
    """Return what clusters share with labels, by the linkage that shares more, and silhouette."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from sklearn import metrics

    condensed = squareform(distances, checks=False)
    n_classes = len(np.unique(labels))
    found = {how: fcluster(linkage(condensed, how), n_classes, "maxclust") for how in LINKAGES}
    agreement = {how: metrics.adjusted_rand_score(labels, of) for how, of in found.items()}
    best = max(agreement, key=lambda how: agreement[how])
    silhouette = metrics.silhouette_score(distances, labels, metric="precomputed")
    return {
        "ARI": float(agreement[best]),
        "NMI": float(metrics.normalized_mutual_info_score(labels, found[best])),
        "homogeneity": float(metrics.homogeneity_score(labels, found[best])),
        "silhouette": float(silhouette),
        "linkage": best,
    }


def _majority(around: Labels) -> Labels:
    """Return each row's most frequent label, the nearest neighbor's among equals."""
    votes = (around[:, :, None] == around[:, None, :]).sum(2)
    result: Labels = around[np.arange(len(around)), votes.argmax(1)]
    return result
