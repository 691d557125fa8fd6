"""Safe readers of checkpoint files: no path executes pickled code."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from rnaexplore.errors import CheckpointError

__all__ = ["read_state", "sha256"]


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, on the CPU.

    Parameters
    ----------
    path
        A ``.safetensors`` file, or a file written by ``torch.save`` (a state dict, or a dict whose
        ``"model"`` or ``"state_dict"`` is one).

    Raises
    ------
    CheckpointError
        If the file is damaged, holds code, or holds no tensors.
    """
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    for wrapper in ("model", "state_dict"):
        if isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    tensors = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
    if not tensors:
        msg = f"{path} holds no tensors; expected a state dict"
        raise CheckpointError(msg)
    return tensors


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError, ValueError) as error:
        msg = f"{path} is not a readable safetensors file: {error}"
        raise CheckpointError(msg) from error


def _read_torch(path: Path) -> Mapping[str, Any]:
    try:
        with torch.serialization.safe_globals([Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = f"{path} is damaged, or holds more than tensors and was not loaded: {reason}"
        raise CheckpointError(msg) from error
    if not isinstance(content, Mapping):
        msg = f"{path} holds a {type(content).__name__}; expected a state dict"
        raise CheckpointError(msg)
    return content


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
