"""Models that have learned nothing: random weights, and trained weights in random places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import sequences_of
from rnaexplore.errors import InputError
from rnaexplore.models.model import Model
from rnaexplore.tl.embedding.embed import distinct

__all__ = ["PERMUTED", "RANDOM", "control_vectors", "layer_of", "made_by", "untrained"]

RANDOM, PERMUTED = "random weights", "permuted weights"
Array = NDArray[np.float32]


def untrained(model: Model, seed: int) -> dict[str, Model]:
    """Return by name the same architecture with random and with permuted weights."""
    return {RANDOM: model.randomised(seed=seed), PERMUTED: model.permuted(seed=seed)}


def layer_of(adata: AnnData, key: str) -> int | None:
    """Return the layer that embeddings are of, ``None`` if it is not noted."""
    layer = adata.uns.get(_keys.PROVENANCE, {}).get(key, {}).get("layer")
    return None if layer is None else int(layer)


def made_by(adata: AnnData, model: Model, keys: Sequence[str]) -> list[str]:
    """Return the embeddings that a model made.

    Raises
    ------
    InputError
        If it made none of them.
    """
    made = adata.uns.get(_keys.PROVENANCE, {})
    known = {key: str(made.get(key, {}).get("model", "an unknown model")) for key in keys}
    own = [key for key, name in known.items() if name == model.spec.name]
    if not own:
        makers = ", ".join(f"{key} by {name}" for key, name in known.items())
        msg = f"model= must have made one of the embeddings, got {model.spec.name!r}: {makers}"
        raise InputError(msg)
    return own


def control_vectors(
    adata: AnnData, model: Model, keys: Sequence[str], seed: int
) -> Iterator[tuple[str, str, Array]]:
    """Yield key, control and its vectors for each of some embeddings that `model` made.

    Layer, pooling and window are those noted with the embeddings.
    """
    made = adata.uns[_keys.PROVENANCE]
    sequences = sequences_of(adata)
    first, inverse = distinct(sequences)
    unique = [sequences[i] for i in first]
    for name, control in untrained(model, seed).items():
        for key in keys:
            record = made[key]
            layer, window = int(record["layer"]), int(record["window"]) or None
            vectors = control.embed(unique, layer=layer, pooling=record["pooling"], window=window)
            yield key, name, vectors[inverse]
