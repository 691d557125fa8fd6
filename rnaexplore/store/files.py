"""Files of a job that survive a power cut: written aside, flushed, renamed; with checksums."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rnaexplore.io.checksums import digest_of

__all__ = ["NEW", "flush", "flush_all", "read_sealed", "sums", "write_safely", "write_sealed"]

NEW = ".new"  #: how files end that are being written


def write_safely(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole, or as it was before, whatever happens meanwhile."""
    aside = path.with_name(path.name + NEW)
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # some file systems know no flush of a folder
        if not path.is_dir():
            raise
    finally:
        os.close(handle)


def flush_all(folder: Path) -> None:
    """Wait until everything in a folder is on the disk."""
    for path in sorted(folder.rglob("*")):
        flush(path)
    flush(folder)


def sums(folder: Path, without: Iterable[Path] = ()) -> dict[str, str]:
    """Return the checksum of each file in a folder by its relative path.

    Parameters
    ----------
    folder
        Where to look.
    without
        Files and folders that are left out.
    """
    left_out = set(without)
    return {
        path.relative_to(folder).as_posix(): digest_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not left_out.intersection([path, *path.parents])
    }


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON with a checksum of its own."""
    text = json.dumps(content, indent=1, sort_keys=True)
    seal = blake2b(text.encode(), digest_size=16).hexdigest()
    write_safely(path, json.dumps({"seal": seal, "content": content}, indent=1).encode())


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return what `write_sealed` wrote, ``None`` if it is not there or damaged."""
    try:
        found = json.loads(path.read_bytes())
        content = found["content"]
        text = json.dumps(content, indent=1, sort_keys=True)
        whole = found["seal"] == blake2b(text.encode(), digest_size=16).hexdigest()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return content if whole and isinstance(content, dict) else None
