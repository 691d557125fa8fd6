"""Safe readers of checkpoint files: no path executes pickled code."""

from __future__ import annotations

import hashlib
import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from rnaexplore.errors import CheckpointError
from rnaexplore.models.pdparams import read_pdparams

__all__ = ["SUFFIXES", "read_state", "read_training", "sha256"]

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".pdparams")  #: files that `read_state` reads


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, on the CPU.

    Parameters
    ----------
    path
        A ``.safetensors`` file, a ``.pdparams`` file of Paddle, or a file written by
        ``torch.save`` (a state dict, or a dict whose ``"model"`` or ``"state_dict"`` is one).
        Plain numbers beside the tensors become tensors of no dimension.

    Raises
    ------
    CheckpointError
        If the file is damaged, holds code, or holds no tensors.
    """
    content = _content(path)
    for wrapper in ("model", "state_dict"):
        if isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    tensors = {str(key): _tensor(value) for key, value in content.items() if _is_number(value)}
    if not tensors:
        msg = f"{path} holds no tensors; expected a state dict"
        raise CheckpointError(msg)
    return tensors


def read_training(path: Path) -> dict[str, Any]:
    """Return what a checkpoint of `rnaexplore.pretrain` says of its training.

    Parameters
    ----------
    path
        A checkpoint that `read_state` reads.

    Returns
    -------
    dict
        Empty if it says nothing, as the checkpoints of others.
    """
    if path.suffix != ".safetensors":
        return {}
    with safe_open(path, framework="pt") as file:
        text = (file.metadata() or {}).get("training", "{}")
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _content(path: Path) -> Mapping[str, Any]:
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix == ".pdparams":
        return read_pdparams(path)
    return _read_torch(path)


def _is_number(value: object) -> bool:
    return isinstance(value, Tensor | int | float) and not isinstance(value, bool)


def _tensor(value: Tensor | float) -> Tensor:
    return value if isinstance(value, Tensor) else torch.tensor(value)


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
    except (
        UnpicklingError, RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError,
        AttributeError, ImportError, AssertionError,
    ) as error:  # fmt: skip
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
