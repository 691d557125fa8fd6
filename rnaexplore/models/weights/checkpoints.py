"""Safe readers of checkpoint files: no path executes pickled code."""

from __future__ import annotations

import hashlib
import json
from argparse import Namespace
from collections.abc import Mapping
from io import BufferedReader, BytesIO, FileIO, UnsupportedOperation
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import ZipFile

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError
from rnaexplore.models.weights.pdparams import read_pdparams
from rnaexplore.models.weights.pickles import check, mapped

__all__ = ["SUFFIXES", "read_state", "read_training", "sha256"]

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".pdparams")  #: files that `read_state` reads

_ZIP = b"PK\x03\x04"
_PICKLES = 5  #: of the old format
_STORAGES = (
    "Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool",
    "ComplexDouble", "ComplexFloat", "Untyped",
)  # fmt: skip
_TYPES = (
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
    "uint16", "uint32", "uint64", "complex64", "complex128",
)  # fmt: skip
#: What plain tensors and the settings beside them are made of.
_ALLOWED = frozenset({
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
    "torch.nn.parameter.Parameter", "torch.Size", "torch.device", "torch.Tensor",
    "torch.storage.UntypedStorage", "torch.storage.TypedStorage",
    "collections.OrderedDict", "argparse.Namespace", "_codecs.encode",
    *(f"torch.{kind}Storage" for kind in _STORAGES), *(f"torch.{kind}" for kind in _TYPES),
})  # fmt: skip


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
    with border(path, CheckpointError, problem="holds what is not a plain tensor") as here:
        tensors = {}
        for key, value in content.items():
            if isinstance(key, str | int) and _is_number(value):
                here.record = str(key)
                tensors[str(key)] = _tensor(value)
    if not tensors:
        msg = f"{path} holds no tensors; expected a state dict"
        raise CheckpointError(msg)
    return tensors


def read_training(path: Path) -> dict[str, Any]:
    """Return what a checkpoint of `rnaexplore.pretraining` says of its training.

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
    with border(path, CheckpointError), safe_open(path, framework="pt") as file:
        text = (file.metadata() or {}).get("training", "{}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # written by others, perhaps in bad faith
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
    """Return a tensor of numbers in memory, or a number as one."""
    if not isinstance(value, Tensor):
        return torch.tensor(value)
    plain = value.layout is torch.strided and value.device.type == "cpu"
    if not plain or value.is_quantized or value.is_nested:
        msg = f"{value.layout}, {value.device}, {value.dtype}"
        raise UnpicklingError(msg)
    return value


def _read_safetensors(path: Path) -> dict[str, Any]:
    with border(path, CheckpointError, problem="is not a readable safetensors file"):
        return dict(load_file(path))


def _read_torch(path: Path) -> Mapping[str, Any]:
    problem = "is damaged, or holds more than tensors and was not loaded"
    with border(path, CheckpointError, problem=problem), path.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            _check_archive(path)
            content = _load(path)
        else:
            _check_pickles(path)
            with BufferedReader(_Opaque(path)) as opaque:
                content = _load(opaque)
    if not isinstance(content, Mapping):
        msg = f"{path} holds a {type(content).__name__}; expected a state dict"
        raise CheckpointError(msg)
    return content


def _load(source: Any) -> object:
    with torch.serialization.safe_globals([Namespace]):
        return torch.load(source, map_location="cpu", weights_only=True)


class _Opaque(FileIO):
    """A file that hides what it is on disk, for which PyTorch would try tar archives."""

    def fileno(self) -> int:
        """Refuse."""
        raise UnsupportedOperation


def _check_archive(path: Path) -> None:
    """Check the pickle of an archive, through the reader that will unpickle it."""
    with ZipFile(path) as archive:
        packed = [entry.filename for entry in archive.infolist() if entry.compress_type]
    if packed:
        msg = f"its entry {packed[0]!r} is compressed, which torch.save never does"
        raise UnpicklingError(msg)
    reader = torch._C.PyTorchFileReader(str(path))  # noqa: SLF001 - two readers may disagree
    check(BytesIO(reader.get_record("data.pkl")), _ALLOWED)


def _check_pickles(path: Path) -> None:
    """Check the pickles of the format before archives: number, protocol, system, state, keys."""
    with mapped(path) as data:
        for _ in range(_PICKLES):
            check(data, _ALLOWED)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
