"""How well each layer of a model separates families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore.tl._access import labels_of, load, sequences_of
from rnaexplore.tl._embed import distinct
from rnaexplore.tl._neighbours import check_neighbours
from rnaexplore.tl._scores import METRICS, baselines, label_scores, shuffled

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.engine import Pooling
    from rnaexplore.models.model import Model

__all__ = ["layer_sweep"]


def layer_sweep(
    adata: AnnData,
    model: str | Model = "mini",
    labels: str = "family",
    *,
    pooling: Pooling = "mean",
    n_neighbors: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score every layer of a model as `rnaexplore.tl.evaluate` scores an embedding.

    The best of many layers is chosen after the fact, so a small lead over a baseline is not one.
    Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one. The RNAs are read once for all layers.
    labels
        ``obs`` key of the classes.
    pooling
        ``"mean"`` or ``"max"`` over residues, or ``"cls"``.
    n_neighbors
        Neighbours for the purity and the accuracy.
    seed
        Seed of k-means and of the shuffled labels.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        Indexed by ``representation``: ``"layer 0"`` (embeddings) to the last layer, the baselines
        of `evaluate`, and the last layer against shuffled labels. Columns ``kind``, ``layer``
        (missing for baselines), and the scores of `evaluate`.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If an RNA has no class, there is only one class, or a setting is not allowed.
    """
    import pandas as pd

    classes = labels_of(adata, labels)
    check_neighbours(n_neighbors, adata.n_obs)
    sequences = sequences_of(adata)
    first, inverse = distinct(sequences)
    layers = load(model).embed_layers(
        [sequences[i] for i in first],
        pooling=pooling,
        names=[str(adata.obs_names[i]) for i in first],
        progress=progress,
    )[:, inverse]
    jobs = [(f"layer {k}", "embedding", k, vectors, classes) for k, vectors in enumerate(layers)]
    for name, vectors in baselines(sequences).items():
        jobs.append((name, "baseline", -1, vectors, classes))
    jobs.append(("shuffled labels", "null", len(layers) - 1, layers[-1], shuffled(classes, seed)))
    rows = [
        {"representation": name, "kind": kind, "layer": layer if layer >= 0 else pd.NA}
        | label_scores(vectors, target, n_neighbors=n_neighbors, seed=seed)
        for name, kind, layer, vectors, target in jobs
    ]
    table = pd.DataFrame(rows).set_index("representation")[["kind", "layer", *METRICS]]
    return table.astype({"layer": "Int64"})
