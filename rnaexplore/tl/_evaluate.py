"""How well embeddings separate families, beside k-mers, length and chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore.errors import InputError
from rnaexplore.tl._access import labels_of, representation, sequences_of
from rnaexplore.tl._neighbours import check_neighbours
from rnaexplore.tl._scores import METRICS, baselines, label_scores, shuffled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluate"]


def evaluate(
    adata: AnnData,
    *,
    labels: str = "family",
    use_rep: str | Sequence[str],
    n_neighbors: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Score how well embeddings agree with known classes, with baselines beside them.

    All rows are treated alike: vectors as they are, Euclidean distances, k-means with as many
    clusters as there are classes (10 starts; fewer clusters if there are fewer distinct vectors).
    Nothing is written into `adata`. Sequences that occur twice help every representation.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    labels
        ``obs`` key of the classes.
    use_rep
        One or more ``obsm`` keys.
    n_neighbors
        Neighbours for the purity and the accuracy.
    seed
        Seed of k-means and of the shuffled labels.

    Returns
    -------
    DataFrame
        Indexed by ``representation``: each of `use_rep`, then ``"3-mers"``, ``"4-mers"``,
        ``"length"``, and ``"shuffled labels"`` (the first of `use_rep` against labels in random
        order). Columns:

        ``kind`` : str
            ``"embedding"``, ``"baseline"`` or ``"null"``.
        ``ARI``, ``NMI``, ``homogeneity`` : float
            Adjusted Rand index (-0.5 to 1), normalised mutual information and homogeneity (0 to
            1) of the k-means clusters.
        ``silhouette`` : float
            Of the classes, -1 to 1.
        ``knn_purity`` : float
            Mean share of an RNA's neighbours, itself left out, that have its class, 0 to 1.
        ``knn_accuracy`` : float
            Share of RNAs whose class is the most frequent one among the neighbours, 0 to 1.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If an RNA has no class, there is only one class, or a setting is not allowed.
    """
    import pandas as pd

    keys = [use_rep] if isinstance(use_rep, str) else list(use_rep)
    if not keys:
        msg = "use_rep must name at least one obsm key"
        raise InputError(msg)
    classes = labels_of(adata, labels)
    check_neighbours(n_neighbors, adata.n_obs)
    embeddings = {key: representation(adata, key) for key in keys}
    jobs = [(key, "embedding", vectors, classes) for key, vectors in embeddings.items()]
    for name, vectors in baselines(sequences_of(adata)).items():
        jobs.append((name, "baseline", vectors, classes))
    jobs.append(("shuffled labels", "null", embeddings[keys[0]], shuffled(classes, seed)))
    rows = [
        {"representation": name, "kind": kind}
        | label_scores(vectors, target, n_neighbors=n_neighbors, seed=seed)
        for name, kind, vectors, target in jobs
    ]
    return pd.DataFrame(rows).set_index("representation")[["kind", *METRICS]]
