"""How well each layer of a model separates families, and what choosing the best one is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import labels_of, load, sequences_of
from rnaexplore.tl.embedding.embed import distinct
from rnaexplore.tl.embedding.neighbors import check_neighbours
from rnaexplore.tl.evaluation.controls import untrained
from rnaexplore.tl.evaluation.exposure import ATTRS as EXPOSURE
from rnaexplore.tl.evaluation.exposure import exposure_of
from rnaexplore.tl.evaluation.score_table import N_BASELINES, ScoreTable
from rnaexplore.tl.evaluation.scores import Scored
from rnaexplore.tl.memory import BYTES, check_fits

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model

__all__ = ["layer_sweep"]

Array = NDArray[np.float32]


def layer_sweep(
    adata: AnnData,
    model: str | Model = "mini",
    labels: str = "family",
    *,
    pooling: Pooling = "mean",
    controls: bool = True,
    groups: str | None = None,
    n_neighbors: int = 10,
    n_boot: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score every layer of a model as `rnaexplore.tl.evaluate` scores an embedding.

    The highest score of many layers is too high, for it was chosen with the labels it is scored
    with. The row ``"best layer"`` is corrected for that (nested choice): groups are dealt into 5
    parts, and the RNAs of a part are scored with the layer and distance that are best on the other
    parts. Compare that row with the baselines, not the highest of the layers. Nothing is written
    into `adata`.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one. The RNAs are embedded once for all layers.
    labels
        ``obs`` key of the classes.
    pooling
        ``"mean"`` or ``"max"`` over residues, or ``"cls"``.
    controls
        Whether to do the same with random and with permuted weights, which takes two more passes
        over the RNAs.
    groups, n_neighbors, n_boot, seed
        As for `rnaexplore.tl.evaluate`.
    progress
        Whether to show progress bars.

    Returns
    -------
    DataFrame
        Indexed by ``representation``, columns as in `rnaexplore.tl.evaluate`. Rows: ``"layer 0"``
        (embeddings) to the last layer by Euclidean distance, and ``"layer 0 cosine"`` and so on;
        ``"best layer"`` (kind ``"chosen"``); the last layer with 6-mers set beside it; the
        baselines of `evaluate`; ``"random weights"`` and ``"permuted weights"`` (nulls), each with
        the nested choice among its own layers; and the last layer against shuffled labels. Rows of
        a nested choice have scores of neighbors alone, ``layer`` is the one chosen for most RNAs,
        and ``attrs["chosen"]`` says which ones were chosen for how many. ``attrs["exposure"]`` says
        how many of the RNAs and families the model was trained on (`rnaexplore.tl.exposure`).

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    InputError
        If an RNA has no class, there is only one class, or a setting is not allowed.

    Notes
    -----
    Time is that of `rnaexplore.tl.embed` and, for each layer, of two rows of
    `rnaexplore.tl.evaluate`, which scores at most 4,000 RNAs; with `controls` three times as much.
    Memory grows with the number of RNAs times the dimension times the layers; what does not fit is
    refused.
    """
    labels_of(adata, labels)
    check_neighbours(n_neighbors, adata.n_obs)
    loaded = load(model)
    vectors = _layers(adata, loaded, pooling, progress=progress)
    nulls = untrained(loaded, seed) if controls else {}
    total = 2 * len(vectors) * (1 + len(nulls)) + 1 + N_BASELINES
    last = len(vectors) - 1
    with ScoreTable(
        adata, labels=labels, groups=groups, n_neighbors=n_neighbors, n_boot=n_boot, seed=seed,
        total=total, progress=progress,
    ) as table:  # fmt: skip
        scored, layers = _scored(table, vectors)
        for name, one in scored.items():
            table.add(name, "embedding", one, layers[name])
        table.add_best("best layer", "chosen", scored, layers)
        table.add_combined(f"layer {last}", vectors[last], last)
        table.add_baselines()
        for name, null in nulls.items():
            table.add_best(name, "null", *_scored(table, _layers(adata, null, pooling)))
        table.add_shuffled(vectors[last], last)
        found = table.frame()
    found.attrs[EXPOSURE] = str(exposure_of(adata, loaded))
    return found


def _layers(adata: AnnData, model: Model, pooling: Pooling, *, progress: bool = False) -> Array:
    """Return the vectors of every layer, shape (layers + 1, n, dim)."""
    sequences = sequences_of(adata)
    n_layers = model.spec.n_layers + 1
    check_fits(
        2 * BYTES * n_layers * adata.n_obs * model.spec.dim,
        f"embeddings of {adata.n_obs:,} RNAs from {n_layers} layers",
        "pass fewer RNAs",
    )
    first, inverse = distinct(sequences)
    unique = [sequences[i] for i in first]
    names = [str(adata.obs_names[i]) for i in first]
    found: Array = model.embed_layers(unique, pooling=pooling, names=names, progress=progress)
    return found[:, inverse]


def _scored(table: ScoreTable, vectors: Array) -> tuple[dict[str, Scored], dict[str, int]]:
    """Return the scores of each layer, Euclidean distances first, and the layer of each."""
    scored: dict[str, Scored] = {}
    layers: dict[str, int] = {}
    for layer, values in enumerate(vectors):
        found = table.score_vectors(f"layer {layer}", values)
        scored |= found
        layers |= dict.fromkeys(found, layer)
    order = sorted(scored, key=lambda name: name.endswith("cosine"))
    return {name: scored[name] for name in order}, layers
