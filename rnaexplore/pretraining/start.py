"""Where a run begins: with random weights, published ones, or those of a file."""

from __future__ import annotations

import torch

from rnaexplore.models import get_spec, load_model
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.registry import adapter_class

__all__ = ["PUBLISHED", "RANDOM", "begin"]

RANDOM, PUBLISHED = "random", "published"


def begin(name: str, start: str, *, seed: int) -> Adapter:
    """Return a model to train.

    Parameters
    ----------
    name
        A model of the catalog.
    start
        ``"random"``, ``"published"`` (the weights that `rnaexplore.load_model` finds), or the path
        of a checkpoint.
    seed
        Seed of random weights.

    Raises
    ------
    UnknownModelError, WeightsNotFoundError, CheckpointError
        As `rnaexplore.load_model` does.
    """
    spec = get_spec(name)
    if start != RANDOM:
        path = None if start == PUBLISHED else start
        return load_model(name, weights=path, device="cpu").adapter
    torch.manual_seed(seed)
    cls = adapter_class(spec)
    return cls(spec, cls.build(spec))
