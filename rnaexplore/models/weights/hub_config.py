"""What a ``config.json`` beside a checkpoint says about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError
from rnaexplore.models.spec import ModelSpec

__all__ = ["read_config", "refine"]

LARGEST = 10_000_000  #: of any number in a configuration
_SIZES = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}


def read_config(checkpoint: Path) -> dict[str, Any] | None:
    """Return the settings beside a checkpoint, ``None`` if there are none.

    Raises
    ------
    CheckpointError
        If the file is not a JSON object.
    """
    path = checkpoint.with_name("config.json")
    if not path.is_file():
        return None
    with border(path, CheckpointError, problem="is damaged"):
        content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        msg = f"{path} holds a {type(content).__name__}; expected an object of settings"
        raise CheckpointError(msg)
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
        if not _is_same(settings.get(key, getattr(spec, ours)), getattr(spec, ours))
    ]
    if wrong:
        msg = f"config.json beside the checkpoint is not that of {spec.name!r}: {', '.join(wrong)}"
        raise CheckpointError(msg)
    known = {key: settings[key] for key in spec.config if key in settings}
    for key, value in known.items():
        _check_kind(spec, key, value)
    rows = known.get("max_position_embeddings")
    limit = spec.max_length if rows is None else rows - spec.alphabet.n_special
    return replace(spec, config={**spec.config, **known}, max_length=limit)


def _is_same(value: object, ours: object) -> bool:
    return type(value) is type(ours) and value == ours


def _check_kind(spec: ModelSpec, key: str, value: object) -> None:
    """Raise if a setting is of another kind than the one that it replaces, or no size at all."""
    ours = spec.config[key]
    numbers = isinstance(ours, float) and type(value) in {int, float}
    if ours is not None and not numbers and type(value) is not type(ours):
        msg = f"config.json: {key} must be of type {type(ours).__name__}, got {value!r:.60}"
        raise CheckpointError(msg)
    if type(value) is int and not 0 <= value <= LARGEST:
        msg = f"config.json: {key} must be in [0, {LARGEST:,}], got {value:.6g}"
        raise CheckpointError(msg)
