"""How well embeddings separate families, next to k-mers, sequence identity, length and chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore._adata import load, representation, representations
from rnaexplore.tl.evaluation.controls import control_vectors, layer_of, made_by
from rnaexplore.tl.evaluation.exposure import ATTRS as EXPOSURE
from rnaexplore.tl.evaluation.exposure import embedding_exposure
from rnaexplore.tl.evaluation.score_table import N_BASELINES, ScoreTable

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["evaluate"]

ROWS, CONTROLS = 3, 4  #: of each representation


def evaluate(
    adata: AnnData,
    *,
    labels: str = "family",
    use_rep: str | Sequence[str] | None = None,
    model: str | Model | None = None,
    groups: str | None = None,
    n_neighbors: int = 10,
    n_boot: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score how well embeddings agree with known classes, next to baselines that need no model.

    All rows are scored alike. Nearest neighbors are exact. Clusters are cut from trees of average
    and of Ward linkage, as many clusters as there are classes; a row has the scores of the linkage
    with the higher adjusted Rand index, for embeddings and baselines alike. Of more than 4,000 RNAs
    only as many are clustered and looked up (whole classes drawn at random, none larger than a
    tenth of the sample), and their neighbors are still looked for among all RNAs. Nothing is
    written into `adata`. Sequences that occur twice help every representation.

    3,000 RNAs of 124 nt take about half a minute on two CPU cores, of which sequence identities
    take a third; time grows with the square of the number of RNAs up to 4,000, then linearly.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
    labels
        ``obs`` key of the classes.
    use_rep
        One or more ``obsm`` keys; by default the embedding of `rnaexplore.tl.embed`, if there is
        only one.
    model
        The model that made the embeddings, a name or a loaded one: adds rows for the same
        architecture with random weights and with its weights permuted (`Model.permuted`), of the
        layer and pooling noted by `rnaexplore.tl.embed`. The RNAs are embedded twice for that.
    groups
        ``obs`` key of the groups behind intervals and choices. By default families
        (``obs["family"]``) if all are known, else the classes.
    n_neighbors
        Neighbors for the purity and the accuracy.
    n_boot
        Draws of whole groups, with replacement, behind the 95 % intervals.
    seed
        Seed of the sample, the draws, the shuffled labels, and the weights of controls.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        Indexed by ``representation``. The rows, by ``kind``:

        ``"embedding"``
            Each of `use_rep` by Euclidean distance (``"X_mini"``) and by cosine distance
            (``"X_mini cosine"``).
        ``"combined"``
            Each of `use_rep` with 6-mers set beside it, both scaled to length 1
            (``"X_mini + 6-mers sqrt"``).
        ``"baseline"``
            ``"3-mers"`` to ``"6-mers"`` by both distances, and the square roots of their
            frequencies (``"6-mers sqrt"``), whose two distances are one; ``"best k-mers"``, the
            one of these with the highest accuracy on RNAs of *other* groups, group by group in 5
            parts, so that it is not chosen by the labels it is scored with;
            ``"sequence identity"``, by edit distance (`rnaexplore.tl.nearest_identity`); and
            ``"length"``.
        ``"null"``
            With `model`, ``"X_mini random weights"`` and ``"X_mini permuted weights"``, by both
            distances. ``"shuffled labels"``: the first of `use_rep` with labels in random order.

        Columns:

        ``layer`` : Int64
            Layer of the embeddings, as noted by `rnaexplore.tl.embed`; missing for baselines.
        ``distance`` : str
            ``"euclidean"``, ``"cosine"``, ``"edit"`` or ``"mixed"``. Cosine distances are Euclidean
            ones of vectors scaled to length 1.
        ``ARI``, ``NMI``, ``homogeneity`` : float
            Adjusted Rand index (-0.5 to 1), normalized mutual information and homogeneity (0 to
            1) of the clusters.
        ``silhouette`` : float
            Of the classes, -1 to 1.
        ``knn_purity`` : float
            Mean share of an RNA's neighbors, itself left out, that have its class, 0 to 1.
        ``knn_accuracy``, ``knn_accuracy_low``, ``knn_accuracy_high`` : float
            Share of RNAs whose class is the most frequent one among the neighbors, 0 to 1, and its
            95 % interval: what it might be with other groups of RNAs.
        ``linkage`` : str
            That of the clusters.

        ``"best k-mers"`` has scores of neighbors alone. ``attrs`` has the settings, the number of
        RNAs scored (``n_scored``), in ``chosen`` which k-mers were chosen for how many RNAs, and in
        ``exposure`` how many of the RNAs and families each model was trained on, as far as that is
        known (`rnaexplore.tl.exposure`).

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If an RNA has no class, there is only one class, a setting is not allowed, or `model` made
        none of the embeddings.

    Notes
    -----
    Up to 4,000 RNAs all are scored; of more, whole classes up to 4,000 RNAs in all, drawn at
    random, with their neighbors among all RNAs; ``attrs["n_scored"]`` and the progress bar say how
    many. So time grows with the number of RNAs times the dimension times 4,000 at most, for each
    row of the table (3,000 RNAs in 300 families: half a minute; 20,000: six minutes), memory with
    the number of RNAs times the dimension, beside 4,000 x 4,000 distances. Sequence identity
    compares sequences letter by letter: its time grows with the square of the length, too.
    """
    keys = representations(adata, use_rep)
    vectors = {key: representation(adata, key) for key in keys}
    layers = {key: layer_of(adata, key) for key in keys}
    loaded = None if model is None else load(model)
    own = [] if loaded is None else made_by(adata, loaded, keys)
    total = ROWS * len(keys) + N_BASELINES + CONTROLS * len(own)
    with ScoreTable(
        adata, labels=labels, groups=groups, n_neighbors=n_neighbors, n_boot=n_boot, seed=seed,
        total=total, progress=progress,
    ) as table:  # fmt: skip
        for key in keys:
            table.add_vectors(key, "embedding", vectors[key], layers[key])
        for key in keys:
            table.add_combined(key, vectors[key], layers[key])
        table.add_baselines()
        if loaded is not None:
            for key, name, null in control_vectors(adata, loaded, own, seed):
                table.add_vectors(f"{key} {name}", "null", null, layers[key])
        table.add_shuffled(vectors[keys[0]], layers[keys[0]])
        found = table.frame()
    found.attrs[EXPOSURE] = embedding_exposure(adata, keys)
    return found
