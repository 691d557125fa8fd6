"""How well vectors agree with labels: the numbers of one row of `evaluate` and `layer_sweep`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl._kmers import kmer_frequencies
from rnaexplore.tl._neighbours import neighbours

__all__ = ["BASELINE_KMERS", "METRICS", "baselines", "label_scores", "shuffled"]

Array = NDArray[np.float32]
Labels = NDArray[np.str_]

METRICS = ("ARI", "NMI", "homogeneity", "silhouette", "knn_purity", "knn_accuracy")
BASELINE_KMERS = (3, 4)
RESTARTS = 10


def label_scores(
    vectors: Array, labels: Labels, *, n_neighbors: int, seed: int
) -> dict[str, float]:
    """Return the scores of one representation, by the names in `METRICS`.

    Parameters
    ----------
    vectors
        Shape (n, dim).
    labels
        Class of each row.
    n_neighbors
        Neighbours for purity and accuracy.
    seed
        Seed of k-means.
    """
    from sklearn import metrics

    clusters = _k_means(vectors, len(set(labels.tolist())), seed)
    around = labels[neighbours(vectors, n_neighbors)[0]]
    return {
        "ARI": float(metrics.adjusted_rand_score(labels, clusters)),
        "NMI": float(metrics.normalized_mutual_info_score(labels, clusters)),
        "homogeneity": float(metrics.homogeneity_score(labels, clusters)),
        "silhouette": float(metrics.silhouette_score(vectors, labels)),
        "knn_purity": float((around == labels[:, None]).mean()),
        "knn_accuracy": float((_majority(around) == labels).mean()),
    }


def baselines(sequences: Sequence[str]) -> dict[str, Array]:
    """Return the representations that need no model: k-mers and length."""
    found = {f"{k}-mers": kmer_frequencies(sequences, k) for k in BASELINE_KMERS}
    found["length"] = np.array([[len(s)] for s in sequences], dtype=np.float32)
    return found


def shuffled(labels: Labels, seed: int) -> Labels:
    """Return the labels in random order."""
    return np.random.default_rng(seed).permutation(labels)


def _k_means(vectors: Array, n_clusters: int, seed: int) -> NDArray[np.int32]:
    from sklearn.cluster import KMeans

    n_distinct = len(np.unique(vectors, axis=0))
    model = KMeans(min(n_clusters, n_distinct), n_init=RESTARTS, random_state=seed)
    result: NDArray[np.int32] = model.fit_predict(vectors)
    return result


def _majority(around: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return each row's most frequent label, the nearest neighbour's among equals."""
    votes = (around[:, :, None] == around[:, None, :]).sum(2)
    result: NDArray[np.str_] = around[np.arange(len(around)), votes.argmax(1)]
    return result
