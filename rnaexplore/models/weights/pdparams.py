"""A reader of Paddle's ``.pdparams`` files without Paddle, and without unpickling them.

The file is a pickle of parameter names and NumPy arrays. The opcodes that Paddle writes are
followed here one by one; they can make numbers, texts, containers and arrays of literal numeric
types, and nothing else. No function that the file names is ever called: `_CALLS` holds ours, which
check what they are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NoReturn, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError
from rnaexplore.models.weights.pickles import Bytes, mapped, opcodes

__all__ = ["read_pdparams"]

TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
MOST_AXES = 8
PAIR = 2  #: entries may be (name of the variable, array)


def read_pdparams(path: Path) -> dict[str, Tensor]:
    """Return the arrays of a ``.pdparams`` file as tensors, by name.

    Entries in which Paddle keeps its books (names that end in ``@@``) are left out. Names that
    share an array in the file share a tensor.

    Raises
    ------
    CheckpointError
        If the file is damaged, or holds anything beyond arrays.
    """
    problem = "is damaged, or holds more than arrays and was not loaded"
    with border(path, CheckpointError, problem=problem) as here:
        with mapped(path) as data:
            content = _Reader().read(data)
        if not isinstance(content, dict):
            _refuse(f"it holds a {type(content).__name__}; expected names and arrays")
        made: dict[int, Tensor] = {}
        tensors = {}
        for name, value in content.items():
            if not name.endswith("@@"):
                here.record = name
                tensors[name] = _tensor(name, value, made)
        return tensors


def _tensor(name: str, value: object, made: dict[int, Tensor]) -> Tensor:
    if isinstance(value, tuple) and len(value) == PAIR:
        value = value[1]
    if not isinstance(value, _Array) or value.values is None:
        _refuse(f"{name!r} is not an array of numbers")
    if id(value) not in made:
        made[id(value)] = torch.from_numpy(np.array(value.values, order="C"))
    return made[id(value)]


def _refuse(told: str) -> NoReturn:
    raise UnpicklingError(told)


def _said(value: object) -> str:
    """Return a text of the file; nothing else is shown, for it may be endless."""
    return repr(value[:40]) if isinstance(value, str) else type(value).__name__


class _Name(Enum):
    """What a file may name; protocols before 4 and NumPy before 2 spell some differently."""

    TUPLE = ("builtins", "tuple"), ("__builtin__", "tuple")
    ORDERED = (("collections", "OrderedDict"),)
    BYTES = ("builtins", "bytes"), ("__builtin__", "bytes")
    ENCODE = (("_codecs", "encode"),)
    NDARRAY = (("numpy", "ndarray"),)
    DTYPE = (("numpy", "dtype"),)
    RECONSTRUCT = (
        ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
    )  # fmt: skip
    SCALAR = ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar")
    BUFFER = ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer")


_NAMES = {place: name for name in _Name for place in name.value}


@dataclass(slots=True)
class _Type:
    """A literal numeric type."""

    code: str
    order: str = "="

    def build(self, state: object) -> None:
        """Take in the byte order, as ``dtype.__setstate__`` does; there may be nothing else."""
        match state:
            case (int(), "<" | ">" | "|" | "=" as order, None, None, None, -1, -1, 0):
                self.order = order
            case _:
                _refuse("a type of numbers has fields, a shape or flags")

    def array(self, data: object, shape: object, order: str = "C") -> NDArray[Any]:
        """Return numbers in this machine's byte order."""
        if not isinstance(data, bytes | bytearray) or not _is_shape(shape):
            _refuse("an array has no bytes, or no shape")
        found = np.dtype(f"{self.order}{self.code}" if self.code != "b1" else "u1")
        if math.prod(shape) * found.itemsize != len(data):
            _refuse(f"{len(data):,} bytes do not make an array of shape {shape} and type {found}")
        values = np.frombuffer(data, found).reshape(shape, order="F" if order == "F" else "C")
        return (
            values != 0 if self.code == "b1" else values.astype(found.newbyteorder("="), copy=False)
        )


def _is_shape(shape: object) -> TypeGuard[tuple[int, ...]]:
    if not isinstance(shape, tuple) or len(shape) > MOST_AXES:
        return False
    return all(type(n) is int and 0 <= n < 1 << 48 for n in shape)


@dataclass(slots=True)
class _Array:
    """An array, empty until its state is built."""

    values: NDArray[Any] | None = None

    def build(self, state: object) -> None:
        """Take in shape, type and bytes, as ``ndarray.__setstate__`` does."""
        match state:
            case (int(), tuple() as shape, _Type() as kind, bool() | 0 | 1 as fortran, data):
                self.values = kind.array(data, shape, "F" if fortran else "C")
            case _:
                _refuse("an array was not written by NumPy")


def _encoded(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        _refuse(f"it has bytes encoded as {_said(encoding)}")
    return text.encode("latin1")


def _typed(code: object, *rest: object) -> _Type:
    if code not in TYPES or rest not in ((), (False, True)):
        _refuse(f"{_said(code)} is not a type of numbers; allowed are {', '.join(TYPES)}")
    return _Type(str(code))


def _begun(kind: object, shape: object, code: object) -> _Array:
    if kind is not _Name.NDARRAY or shape != (0,) or code not in (b"b", "b"):
        _refuse("an array was not written by NumPy")
    return _Array()


def _single(kind: object, data: object) -> _Array:
    if not isinstance(kind, _Type):
        _refuse("a number has no type")
    return _Array(kind.array(data, ()))


def _buffered(
    data: object, kind: object, shape: object, order: object = "C", axes: object = None
) -> _Array:
    if not isinstance(kind, _Type) or not isinstance(order, str) or order not in "CFK":
        _refuse("an array was not written by NumPy")
    values = kind.array(data, shape, order)
    return _Array(values.transpose(axes) if _is_shape(axes) else values)


def _no_bytes() -> bytes:
    return b""


def _ordered() -> dict[str, object]:
    return {}


def _tuple(values: object = ()) -> tuple[object, ...]:
    if not isinstance(values, tuple | list):
        _refuse("a tuple is made of what is none")
    return tuple(values)


_CALLS: dict[_Name, Callable[..., object]] = {
    _Name.TUPLE: _tuple,
    _Name.ORDERED: _ordered,
    _Name.BYTES: _no_bytes,
    _Name.ENCODE: _encoded,
    _Name.DTYPE: _typed,
    _Name.RECONSTRUCT: _begun,
    _Name.SCALAR: _single,
    _Name.BUFFER: _buffered,
}


class _Reader:
    """Follows the opcodes of one pickle."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def read(self, data: Bytes) -> object:
        """Return what the pickle holds."""
        for name, argument in opcodes(data):
            if name in _VALUES:
                self._stack.append(argument)
            elif name in _MADE:
                self._stack.append(_MADE[name]())
            elif name not in {"PROTO", "FRAME", "STOP"}:
                step = getattr(self, f"_{name.lower()}", None)
                if step is None:
                    _refuse(f"Paddle does not write the opcode {name}")
                step(argument)
        return self._stack.pop()

    def _since_mark(self) -> list[Any]:
        start = self._marks.pop()
        values = self._stack[start:]
        del self._stack[start:]
        return values

    def _mark(self, _: None) -> None:
        self._marks.append(len(self._stack))

    def _tuple(self, _: None) -> None:
        self._stack.append(tuple(self._since_mark()))

    def _last(self, n: int) -> None:
        values = tuple(self._stack.pop() for _ in range(n))
        self._stack.append(values[::-1])

    def _tuple1(self, _: None) -> None:
        self._last(1)

    def _tuple2(self, _: None) -> None:
        self._last(2)

    def _tuple3(self, _: None) -> None:
        self._last(3)

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._name(module, name)

    def _stack_global(self, _: None) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._name(module, name)

    def _name(self, module: object, name: object) -> None:
        texts = isinstance(module, str) and isinstance(name, str)
        found = _NAMES.get((module, name)) if texts else None
        if found is None:
            asked = f"{module}.{name}"[:80] if texts else "what has no name"
            _refuse(f"it asks for {asked}, which is no part of a NumPy array")
        self._stack.append(found)

    def _reduce(self, _: None) -> None:
        arguments, name = self._stack.pop(), self._stack.pop()
        if not isinstance(name, _Name) or name not in _CALLS or not isinstance(arguments, tuple):
            _refuse("it calls what is no part of a NumPy array")
        self._stack.append(_CALLS[name](*arguments))

    def _build(self, _: None) -> None:
        state, value = self._stack.pop(), self._stack[-1]
        if not isinstance(value, _Type | _Array):
            _refuse("it sets the state of what is neither an array nor a type")
        value.build(state)

    def _put(self, key: int) -> None:
        self._memo[key] = self._stack[-1]

    def _memoize(self, _: None) -> None:
        self._put(len(self._memo))

    def _get(self, key: int) -> None:
        self._stack.append(self._memo[key])

    _binput = _long_binput = _put
    _binget = _long_binget = _get

    def _append(self, _: None) -> None:
        value = self._stack.pop()
        self._list().append(value)

    def _appends(self, _: None) -> None:
        values = self._since_mark()
        self._list().extend(values)

    def _list(self) -> list[Any]:
        if not isinstance(self._stack[-1], list):
            _refuse("it appends to what is no list")
        found: list[Any] = self._stack[-1]
        return found

    def _setitem(self, _: None) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set([key, value])

    def _setitems(self, _: None) -> None:
        self._set(self._since_mark())

    def _set(self, pairs: list[Any]) -> None:
        keys, values = pairs[::2], pairs[1::2]
        if not isinstance(self._stack[-1], dict) or not all(isinstance(k, str) for k in keys):
            _refuse("a name is not text")
        self._stack[-1].update(zip(keys, values, strict=True))


_VALUES = {
    "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE",
    "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
}  # fmt: skip
_MADE: dict[str, Callable[[], object]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple,
}  # fmt: skip
