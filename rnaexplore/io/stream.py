"""FASTA files of any size, read record by record after one look. The one reader of FASTA."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rnaexplore.errors import InputError
from rnaexplore.io.records import Record
from rnaexplore.io.text import digest, opened

__all__ = ["TextFile", "examine", "stream_fasta"]

_PIECE = 1 << 20  #: bytes read at a time
_SHOWN = 200  #: bytes of the start that an error may quote


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that was looked through from end to end.

    Attributes
    ----------
    path
        The file.
    encoding
        UTF-8 or, where it is not, Latin-1.
    sha256
        Of its bytes as they are, compressed or not.
    """

    path: Path
    encoding: str
    sha256: str


def examine(path: str | os.PathLike[str]) -> TextFile:
    """Look through a FASTA file, compressed with gzip or not, in memory that does not grow.

    Raises
    ------
    InputError
        If the file is damaged, not text, or not FASTA.
    """
    start = b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    with opened(path) as file:
        while piece := file.read(_PIECE):
            start = (start + piece).lstrip()[:_SHOWN] if len(start) < _SHOWN else start
            if b"\0" in piece:
                msg = f"{str(path)!r} is not a text file"
                raise InputError(msg)
            if encoding != "latin-1" and not _decodes(decoder, piece):
                encoding = "latin-1"
    if encoding != "latin-1" and not _decodes(decoder, b"", final=True):
        encoding = "latin-1"
    text = start.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(">"):
        raise InputError(_not_fasta(path, text))
    return TextFile(Path(path), encoding, digest(path))


def stream_fasta(file: TextFile) -> Iterator[Record]:
    """Yield the records of a FASTA file as they are spelled, one at a time.

    Lines end in a line feed, a carriage return, or both.
    """
    with (
        opened(file.path) as data,
        io.TextIOWrapper(data, encoding=file.encoding) as lines,
    ):
        yield from _parsed(lines)


def _parsed(lines: Iterable[str]) -> Iterator[Record]:
    title: str | None = None
    letters: list[str] = []
    for line in map(str.strip, lines):
        if not line.startswith(">"):
            letters.append(line)
            continue
        if title is not None:
            yield _record(title, letters)
        title, letters = line[1:], []
    if title is not None:
        yield _record(title, letters)


def _record(title: str, lines: list[str]) -> Record:
    """Return one RNA of its header, ``>`` left out, and its letters; space between is left out."""
    identifier, description = [*title.split(None, 1), "", ""][:2]
    return Record(
        identifier=identifier, sequence="".join("".join(lines).split()), description=description
    )


def _not_fasta(path: str | os.PathLike[str], text: str) -> str:
    """Return what is wrong with a file that starts with this text."""
    if not text:
        return f"{str(path)!r} is empty"
    if text.startswith("# STOCKHOLM"):
        return f"{str(path)!r} is a Stockholm file; read it with rx.read_stockholm"
    return (
        f"{str(path)!r} is not FASTA: it must start with '>', got {text[:20]!r}. For Stockholm "
        "there is rx.read_stockholm, for .dbn, .ct and .bpseq rx.read_structures"
    )


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final=final)
    except UnicodeDecodeError:
        return False
    return True
