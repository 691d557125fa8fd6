"""Pickles looked at without executing them: their opcodes, names and nesting."""

from __future__ import annotations

import mmap
import pickletools
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any, cast

__all__ = ["MOST_OPCODES", "check", "mapped", "opcodes"]

MOST_OPCODES = 2_000_000  #: of a pickle; a checkpoint has some dozens a tensor
DEEPEST = 100  #: containers in containers; hashing deeper tuples would overflow C's stack

Bytes = BytesIO | mmap.mmap


@contextmanager
def mapped(path: Path) -> Iterator[Bytes]:
    """Open a file so that a length in it, however large, never reserves memory."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            yield BytesIO()
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def opcodes(data: Bytes) -> Iterator[tuple[str, Any]]:
    """Yield name and argument of each opcode of the pickle that begins here, the last is STOP.

    Raises
    ------
    UnpicklingError
        If there are too many of them.
    """
    for n, (opcode, argument, _) in enumerate(pickletools.genops(cast("IO[bytes]", data))):
        if n >= MOST_OPCODES:
            msg = f"it has more than {MOST_OPCODES:,} opcodes"
            raise UnpicklingError(msg)
        yield opcode.name, argument


def check(data: Bytes, allowed: frozenset[str]) -> None:
    """Check the pickle that begins here before anything unpickles it; `data` ends up behind it.

    Parameters
    ----------
    data
        A file at the first byte of a pickle as ``torch.save`` writes it (protocol 2).
    allowed
        Names that it may ask for, as ``module.name``.

    Raises
    ------
    UnpicklingError
        If it asks for another name, has opcodes that ``torch.save`` does not write, or nests
        containers too deeply.
    """
    nesting = _Nesting()
    for name, argument in opcodes(data):
        if name == "GLOBAL" and (asked := str(argument).replace(" ", ".")) not in allowed:
            msg = f"it asks for {asked}, which is no part of plain tensors"
            raise UnpicklingError(msg)
        nesting.step(name, argument)


class _Nesting:
    """The depth of what lies on the stack of an unpickler; nothing is made."""

    def __init__(self) -> None:
        self._stack: list[int] = []
        self._marks: list[int] = []
        self._memo: dict[int, int] = {}

    def step(self, name: str, argument: Any) -> None:
        """Follow one opcode.

        Raises
        ------
        UnpicklingError
            If the result would be nested too deeply, or the opcode does not fit.
        """
        try:
            self._follow(name, argument)
        except LookupError as error:
            msg = f"its {name} takes what is not there"
            raise UnpicklingError(msg) from error

    def _follow(self, name: str, argument: Any) -> None:
        if name in _PLAIN:
            self._stack.append(0)
        elif name == "MARK":
            self._marks.append(len(self._stack))
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self._memo[argument] = self._stack[-1]
        elif name in {"BINGET", "LONG_BINGET"}:
            self._stack.append(self._memo[argument])
        elif name not in {"PROTO", "STOP"}:
            n, into = _TAKEN[name]
            self._join(self._marks.pop() if n == _FROM_MARK else len(self._stack) - n, into=into)

    def _join(self, start: int, *, into: bool) -> None:
        """Make one value of those from `start` on; `into` the container that lies before them."""
        first = start - into
        if not 0 <= first <= len(self._stack):
            raise IndexError
        depth = 1 + max(self._stack[start:], default=0)
        self._stack[first:] = [max(depth, self._stack[first]) if into else depth]
        if depth > DEEPEST:
            msg = f"it nests containers more than {DEEPEST} deep"
            raise UnpicklingError(msg)


_PLAIN = {
    "GLOBAL", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "BINUNICODE", "SHORT_BINSTRING", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_SET",
}  # fmt: skip
_FROM_MARK = -1
#: How many values an opcode takes, and whether it puts them into the value before.
_TAKEN = {
    "TUPLE": (_FROM_MARK, False), "TUPLE1": (1, False), "TUPLE2": (2, False), "TUPLE3": (3, False),
    "APPEND": (1, True), "APPENDS": (_FROM_MARK, True), "SETITEM": (2, True), "BUILD": (1, True),
    "SETITEMS": (_FROM_MARK, True), "REDUCE": (2, False), "NEWOBJ": (2, False),
    "BINPERSID": (1, False),
}  # fmt: skip
