"""What a ``config.json`` beside a checkpoint says about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnaexplore.errors import CheckpointError
from rnaexplore.models.spec import ModelSpec

__all__ = ["read_config", "refine"]

_SIZES = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}


def read_config(checkpoint: Path) -> dict[str, Any] | None:
    """Return the settings beside a checkpoint, ``None`` if there are none.

    Raises
    ------
    CheckpointError
        If the file is not JSON.
    """
    path = checkpoint.with_name("config.json")
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        msg = f"{path} is damaged: {error}"
        raise CheckpointError(msg) from error
    return content


def refine(spec: ModelSpec, settings: dict[str, Any]) -> ModelSpec:
    """Return the facts with a published configuration in place of assumed settings.

    Raises
    ------
    CheckpointError
        If it describes another model.
    """
    wrong = [
        f"{key} {settings[key]} instead of {getattr(spec, ours)}"
        for key, ours in _SIZES.items()
        if settings.get(key, getattr(spec, ours)) != getattr(spec, ours)
    ]
    if wrong:
        msg = f"config.json beside the checkpoint is not that of {spec.name!r}: {', '.join(wrong)}"
        raise CheckpointError(msg)
    known = {key: settings[key] for key in spec.config if key in settings}
    rows = known.get("max_position_embeddings")
    limit = spec.max_length if rows is None else rows - spec.alphabet.n_special
    return replace(spec, config={**spec.config, **known}, max_length=limit)
