"""Files from a browser: taken in pieces, measured, and read by `rnaexplore.io`."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from rnaexplore import _keys
from rnaexplore.app.limits import Limits
from rnaexplore.errors import InputError, RnaExploreWarning

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Incoming", "Received", "receive"]

STOCKHOLM = (".sto", ".stk", ".stockholm")
STRUCTURES = (".dbn", ".ct")
FASTA = (".fa", ".fasta", ".fna", ".fas", ".ffn", ".txt", "")
GZIP = b"\x1f\x8b"
PIECE = 1 << 20
LONGEST = 100  #: letters of a file name


@dataclass(slots=True)
class Incoming:
    """An upload on its way.

    Parameters
    ----------
    name
        File name as the browser has it.
    limits
        What is allowed.
    """

    name: str
    limits: Limits
    content: bytearray

    @classmethod
    def announce(cls, name: str, size: int, limits: Limits) -> Incoming:
        """Return an upload that may begin.

        Raises
        ------
        InputError
            If it would be too large.
        """
        if size > limits.bytes:
            raise InputError(_too_large(name, size, limits))
        return cls(_file_name(name), limits, bytearray())

    def add(self, piece: bytes) -> None:
        """Append a piece.

        Raises
        ------
        InputError
            If there is more than the limit, whatever the browser had announced.
        """
        if len(self.content) + len(piece) > self.limits.bytes:
            raise InputError(_too_large(self.name, len(self.content) + len(piece), self.limits))
        self.content += piece


def _file_name(name: str) -> str:
    """Return a name that stays within its folder, whatever the browser says."""
    last = PureWindowsPath(name).name.replace("\0", "").lstrip(".")
    return last[-LONGEST:] or "upload"


def _too_large(name: str, size: int, limits: Limits) -> str:
    return (
        f"{name!r} has {size / 1e6:,.1f} MB, and this server takes {limits.megabytes:,} MB; send "
        "fewer RNAs, or run rnaexplore app --max-megabytes on your own machine"
    )


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that was read.

    Attributes
    ----------
    adata
        The RNAs.
    notes
        What was changed while they were read.
    """

    adata: AnnData
    notes: tuple[str, ...]


def receive(upload: Incoming) -> Received:
    """Read an upload: FASTA, Stockholm, ``.dbn`` or ``.ct``, compressed with gzip or not.

    Raises
    ------
    InputError
        If it is too large unpacked, has too many RNAs, or is not what its name says; the errors
        of the readers name record, position and letter.
    """
    content = bytes(upload.content)
    if content.startswith(GZIP):
        _measure(upload.name, content, upload.limits)
    with TemporaryDirectory(prefix="rnaexplore-") as folder, catch_warnings(record=True) as caught:
        simplefilter("always", RnaExploreWarning)
        path = Path(folder) / upload.name
        path.write_bytes(content)
        try:
            adata = _reader(upload.name)(path)
        except InputError as error:
            raise _without(folder, error) from None
    _count(adata, upload.limits)
    return Received(adata, tuple(str(warning.message) for warning in caught))


def _without(folder: str, error: InputError) -> InputError:
    """Return an error that does not name the server's folders."""
    return InputError(str(error).replace(f"{folder}/", ""))


def _measure(name: str, content: bytes, limits: Limits) -> None:
    """Unpack without keeping anything, so that a small file cannot become a huge one."""
    unpacker, size, rest = zlib.decompressobj(wbits=31), 0, content
    while rest and not unpacker.eof:
        try:
            size += len(unpacker.decompress(rest, PIECE))
        except zlib.error:
            return  # the reader says what is wrong with it
        rest = unpacker.unconsumed_tail
        if size > limits.bytes:
            msg = f"{name!r} has more than {limits.megabytes:,} MB when unpacked; send fewer RNAs"
            raise InputError(msg)


def _reader(name: str) -> Callable[[Path], AnnData]:
    from rnaexplore.io import read_fasta, read_stockholm, read_structures
    from rnaexplore.io.text import format_suffix

    suffix = format_suffix(name)
    if suffix in STOCKHOLM:
        return read_stockholm
    if suffix in STRUCTURES:
        return read_structures
    if suffix in FASTA:
        return read_fasta
    allowed = ", ".join((*FASTA[:3], *STOCKHOLM[:2], *STRUCTURES))
    msg = f"{name!r} must end in one of {allowed}, with .gz after it if it is compressed"
    raise InputError(msg)


def _count(adata: AnnData, limits: Limits) -> None:
    if adata.n_obs > limits.rnas:
        msg = (
            f"there are {adata.n_obs:,} RNAs, and this server takes {limits.rnas:,}; send fewer, "
            "or run rnaexplore app --max-rnas on your own machine"
        )
        raise InputError(msg)
    total = int(adata.obs[_keys.LENGTH].sum())
    if total > limits.nucleotides:
        msg = f"there are {total:,} nucleotides, and this server takes {limits.nucleotides:,}"
        raise InputError(msg)
