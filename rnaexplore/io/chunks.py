"""Chunks of zarr stores that a library would read beyond their end.

Blosc notes in each chunk how long it is, and NumPy's codecs believe it: what lies behind a chunk
that was cut off is then taken from the memory of the process, another time something else.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from rnaexplore.errors import InputError

__all__ = ["check_chunks"]

_HEADER = struct.Struct("<4B3I")  #: version, version, flags, size of a number; bytes, block, length
_METADATA = frozenset({".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json"})


def check_chunks(group: Any, store: Path) -> None:
    """Raise if a chunk that is compressed with Blosc is not as long as it says.

    Parameters
    ----------
    group
        The store, opened with zarr.
    store
        Where it is.

    Raises
    ------
    InputError
        Naming the chunk; or the array, if its chunks are compressed so that they cannot be checked.
    """
    import zarr

    for name, member in group.members(max_depth=None):
        codecs = _codecs(member.metadata) if isinstance(member, zarr.Array) else []
        if "blosc" not in codecs:
            continue
        if codecs.index("blosc") != len(codecs) - 1:
            msg = f"{str(store)!r}, array {name!r}: Blosc within shards or filters is not read"
            raise InputError(msg)
        for path in sorted((store / name).rglob("*")):
            if path.is_file() and path.name not in _METADATA and not _is_whole(path):
                msg = f"{str(store)!r} is damaged: chunk {path.relative_to(store)} was cut off"
                raise InputError(msg)


def _codecs(metadata: Any) -> list[str]:
    """Return the names of an array's codecs, the one that wrote the bytes last."""
    if hasattr(metadata, "codecs"):
        found = [_name(inner) for codec in metadata.codecs for inner in (codec, *_inside(codec))]
    else:
        found = [_name(codec) for codec in (*(metadata.filters or ()), metadata.compressor)]
    return [name for name in found if name]


def _inside(codec: Any) -> list[Any]:
    """Return the codecs of the chunks within shards, and that the shard comes last."""
    inner = getattr(codec, "codecs", None)
    return [] if inner is None else [*inner, codec]


def _name(codec: Any) -> str:
    """Return ``"blosc"``, another name, or nothing where there is no codec."""
    kind = "" if codec is None else type(codec).__name__.lower()
    return "blosc" if "blosc" in kind else kind


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_HEADER.size)
    return len(start) == _HEADER.size and _HEADER.unpack(start)[-1] == path.stat().st_size
