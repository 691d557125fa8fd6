"""Settings of an embedding, checked before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model

__all__ = ["Level", "layer_index", "pooling_of"]

Level = Literal["sequence", "nucleotide"]


def layer_index(model: Model, layer: int) -> int:
    """Return the number of a layer, 0 to ``n_layers``.

    Raises
    ------
    InputError
        If there is no such layer.
    """
    n = model.spec.n_layers + 1
    if not -n <= layer < n:
        msg = f"layer must be in [{-n}, {n - 1}] for {model.spec.name!r}, got {layer}"
        raise InputError(msg)
    return layer % n


def pooling_of(model: Model, level: Level, pooling: Pooling | None) -> Pooling:
    """Return how residues become one vector, the mean if nothing was said.

    Raises
    ------
    InputError
        If the model cannot pool like this, or nothing is to be pooled.
    """
    from rnaexplore.models.inference.batching import check_pooling

    if level not in get_args(Level):
        msg = f"level must be 'sequence' or 'nucleotide', got {level!r}"
        raise InputError(msg)
    if level == "nucleotide" and pooling is not None:
        msg = f"level='nucleotide' has a vector for each residue; leave out pooling={pooling!r}"
        raise InputError(msg)
    check_pooling(pooling or "mean", model.spec.alphabet)
    return pooling or "mean"
