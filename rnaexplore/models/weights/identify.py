"""Which model a checkpoint file is, told from the names and shapes of its tensors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from rnaexplore.errors import CheckpointError
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.adapters.calibrated import with_curves
from rnaexplore.models.spec import ModelSpec
from rnaexplore.models.weights.checkpoints import read_state

__all__ = ["recognise"]


def recognise(path: Path, known: Iterable[tuple[ModelSpec, type[Adapter]]]) -> ModelSpec:
    """Return the model whose complete checkpoint a file is.

    Models that differ in nothing but their weights are told apart by the name of the file.

    Parameters
    ----------
    path
        A checkpoint.
    known
        The models it may be, with their adapters.

    Raises
    ------
    CheckpointError
        If the file is not safe and whole, or fits no model, or several.
    """
    state = {k: v if v.numel() == 1 else v.to("meta") for k, v in read_state(path).items()}
    fitting = [spec for spec, adapter in known if _fits(adapter, spec, state)]
    named = [spec for spec in fitting if Path(spec.weights.file).name == path.name]
    same_folder = [spec for spec in named if str(path).endswith(spec.weights.file)]
    for candidates in (fitting, named, same_folder):
        if len(candidates) == 1:
            return candidates[0]
    if not fitting:
        msg = f"{path} is the complete checkpoint of no known model (rx.list_models())"
        raise CheckpointError(msg)
    names = ", ".join(repr(spec.name) for spec in fitting)
    msg = f"{path} can be {names}: say which with rx.load_model(NAME, weights={str(path)!r})"
    raise CheckpointError(msg)


def _fits(adapter: type[Adapter], spec: ModelSpec, state: dict[str, Tensor]) -> bool:
    """Return whether a state has the names and shapes of a model; no weight is made or read."""
    try:
        spec = adapter.resolve(spec, state)
        given = adapter.convert(spec, state)
    except CheckpointError:
        return False
    with torch.device("meta"):
        module = adapter.build(spec)
    given, expected = with_curves(module, given), module.state_dict()
    return {k: v.shape for k, v in given.items()} == {k: v.shape for k, v in expected.items()}
