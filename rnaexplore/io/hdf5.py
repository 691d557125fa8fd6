"""HDF5 files over which the library beneath would compute for ever.

Texts of variable length lie in global heaps: collections of objects, one behind the other, each
with its size. HDF5 (2.0 and before) follows the sizes, and an unused object of size 0 leads it back
to where it is. The collections are followed here first.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from rnaexplore.errors import InputError

__all__ = ["check_hdf5"]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HEAP = b"GCOL\x01\0\0\0"
_OBJECT = struct.Struct("<HHIQ")  #: number (0 for unused room), references, reserved, size
_WIDTH = 8  #: bytes of a size, as h5py writes them
_WIDTH_AT = {0: 14, 1: 14, 2: 10, 3: 10}  #: where the file says so, by version of its beginning


def check_hdf5(path: Path) -> None:
    """Raise `InputError` if a file is not HDF5, or is damaged so that reading would not end."""
    with path.open("rb") as file:
        start = file.read(len(SIGNATURE) + 8)
        if not start.startswith(SIGNATURE):
            msg = f"{str(path)!r} is no .h5ad file: it must be HDF5, and starts with {start[:8]!r}"
            raise InputError(msg)
        version = start[8] if len(start) > len(SIGNATURE) else -1
        if start[_WIDTH_AT.get(version, 0) :][:1] != bytes([_WIDTH]):
            msg = f"{str(path)!r} is HDF5 of a kind that AnnData is not written in, or is damaged"
            raise InputError(msg)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.find(_HEAP)
            while at >= 0:
                if _is_endless(data, at):
                    msg = f"{str(path)!r} is damaged: the texts at byte {at} have no end"
                    raise InputError(msg)
                at = data.find(_HEAP, at + 1)


def _is_endless(data: mmap.mmap, start: int) -> bool:
    """Return whether following the objects of a collection of texts stays at one of them."""
    at = start + len(_HEAP) + _WIDTH
    if at > len(data):
        return False
    (size,) = struct.unpack_from("<Q", data, at - _WIDTH)
    end = min(start + size, len(data))
    while at + _OBJECT.size <= end:
        number, _, _, length = _OBJECT.unpack_from(data, at)
        step = length if number == 0 else _OBJECT.size + -(-length // _WIDTH) * _WIDTH
        if step == 0:
            return True
        at += step
    return False
