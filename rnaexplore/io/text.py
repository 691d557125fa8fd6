"""Text files, compressed or not: reading with errors that teach, and writing."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from pathlib import Path

from rnaexplore.errors import InputError

__all__ = ["damaged", "digest", "format_suffix", "is_gzip", "read_text", "write_text"]

_GZIP = b"\x1f\x8b"


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file, decompressed if it starts as gzip does.

    The text is read as UTF-8 or, where it is not, as Latin-1, in which Rfam writes.

    Raises
    ------
    InputError
        If the file is a damaged gzip file, or not text.
    """
    data = Path(path).read_bytes()
    if is_gzip(data):
        data = _decompress(data, path)
    if b"\0" in data:
        msg = f"{str(path)!r} is not a text file"
        raise InputError(msg)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def digest(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file, of its bytes as they are, compressed or not."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decompress(data: bytes, path: str | os.PathLike[str]) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise damaged(path, error) from error


def is_gzip(data: bytes) -> bool:
    """Return whether bytes start as gzip does."""
    return data.startswith(_GZIP)


def damaged(path: str | os.PathLike[str], error: Exception) -> InputError:
    """Return the error that a gzip file cannot be decompressed."""
    return InputError(f"{str(path)!r} is a damaged or incomplete gzip file ({error}); get it again")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file as UTF-8, compressed (the same bytes each time) if its name ends in .gz."""
    data = text.encode()
    Path(path).write_bytes(gzip.compress(data, mtime=0) if Path(path).suffix == ".gz" else data)


def format_suffix(path: str | os.PathLike[str]) -> str:
    """Return the last suffix of a file name in lower case, ``.gz`` left out."""
    name = Path(path)
    stem = Path(name.stem) if name.suffix.lower() == ".gz" else name
    return stem.suffix.lower()
