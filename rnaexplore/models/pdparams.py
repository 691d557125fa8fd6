"""A reader of Paddle's ``.pdparams`` files without Paddle, and without executing what they say.

The file is a pickle of parameter names and NumPy arrays. This unpickler resolves the few names
that rebuild such arrays and refuses all others, so nothing that a file brings along can run.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core.multiarray import _reconstruct, scalar
from numpy._core.numeric import _frombuffer  # type: ignore[attr-defined]
from torch import Tensor

from rnaexplore.errors import CheckpointError

__all__ = ["read_pdparams"]


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    """Stand in for ``_codecs.encode``, which early pickle protocols use to write bytes."""
    if encoding not in {"latin1", "latin-1"}:
        msg = f"bytes encoded as {encoding!r}"
        raise pickle.UnpicklingError(msg)
    return text.encode("latin1")


_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("builtins", "tuple"): tuple,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _latin1,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    **{
        (f"numpy.{core}.{module}", name): value
        for core in ("core", "_core")
        for module, name, value in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", scalar),
            ("numeric", "_frombuffer", _frombuffer),
        )
    },
}


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that knows NumPy arrays and containers of them."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return an allowed constructor."""
        try:
            return _ALLOWED[module, name]
        except KeyError:
            msg = f"it asks for {module}.{name}, which is no part of a NumPy array"
            raise pickle.UnpicklingError(msg) from None


def read_pdparams(path: Path) -> dict[str, Tensor]:
    """Return the arrays of a ``.pdparams`` file as tensors, by name.

    Entries in which Paddle keeps its books (names that end in ``@@``) are left out.

    Raises
    ------
    CheckpointError
        If the file is damaged, or holds anything beyond arrays.
    """
    try:
        with path.open("rb") as file:
            content = _ArraysOnly(file).load()
    except (
        pickle.UnpicklingError, OSError, EOFError, ValueError, TypeError, LookupError,
        AttributeError, OverflowError, MemoryError,
    ) as error:  # fmt: skip
        msg = f"{path} is damaged, or holds more than arrays and was not loaded: {error}"
        raise CheckpointError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path} holds a {type(content).__name__}; expected names and arrays"
        raise CheckpointError(msg)
    return {
        str(name): _tensor(path, str(name), value)
        for name, value in content.items()
        if not str(name).endswith("@@")
    }


def _tensor(path: Path, name: str, value: object) -> Tensor:
    if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004 - (variable name, array)
        value = value[1]
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        msg = f"{path}: {name!r} is not an array of numbers"
        raise CheckpointError(msg)
    return torch.from_numpy(np.array(value))
