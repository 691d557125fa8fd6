"""Files from a browser: taken in pieces, measured, and read by `rnaexplore.io`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from rnaexplore._library_errors import border
from rnaexplore.app.limits import Limits
from rnaexplore.errors import InputError, RnaExploreWarning
from rnaexplore.io.records import GAPS, Record
from rnaexplore.io.report import Report
from rnaexplore.io.text import format_suffix, unpacks_to_more

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Incoming", "Received", "receive"]

STOCKHOLM = (".sto", ".stk", ".stockholm")
STRUCTURES = (".dbn", ".ct")
FASTA = (".fa", ".fasta", ".fna", ".fas", ".ffn", ".txt", "")
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
    with TemporaryDirectory(prefix="rnaexplore-") as folder, catch_warnings(record=True) as caught:
        simplefilter("always", RnaExploreWarning)
        path = Path(folder) / upload.name
        path.write_bytes(upload.content)
        try:
            adata = _read(path, upload.limits)
        except InputError as error:
            raise _without(folder, error) from None
    return Received(adata, tuple(str(warning.message) for warning in caught))


def _read(path: Path, limits: Limits) -> AnnData:
    from rnaexplore.io.build import to_anndata

    if unpacks_to_more(path, limits.bytes):
        msg = f"{path.name!r} has more than {limits.megabytes:,} MB when unpacked; send fewer RNAs"
        raise InputError(msg)
    records, report = _records(path, limits)
    with border(path.name, problem="cannot be read"):
        return to_anndata(_counted(records, limits), report, "raise")


def _without(folder: str, error: InputError) -> InputError:
    """Return an error that does not name the server's folders."""
    return InputError(str(error).replace(f"{folder}/", ""))


def _records(path: Path, limits: Limits) -> tuple[Iterator[Record], Report]:
    from rnaexplore.io.fasta import fasta_records
    from rnaexplore.io.stockholm import stockholm_records
    from rnaexplore.io.structures import structure_records

    suffix = format_suffix(path.name)
    if suffix in STOCKHOLM:
        return stockholm_records(path, most=limits.rnas)
    if suffix in STRUCTURES:
        return structure_records(path)
    if suffix in FASTA:
        return fasta_records(path)
    allowed = ", ".join((*FASTA[:3], *STOCKHOLM[:2], *STRUCTURES))
    msg = f"{path.name!r} must end in one of {allowed}, with .gz after it if it is compressed"
    raise InputError(msg)


def _counted(records: Iterable[Record], limits: Limits) -> Iterator[Record]:
    """Yield records until there are too many, or too many nucleotides in them."""
    total = 0
    for n, record in enumerate(records, start=1):
        if n > limits.rnas:
            msg = (
                f"there are more than {limits.rnas:,} RNAs, the limit of this server; send fewer, "
                "or run rnaexplore app --max-rnas on your own machine"
            )
            raise InputError(msg)
        total += len(record.sequence) - sum(map(record.sequence.count, GAPS))
        if total > limits.nucleotides:
            msg = (
                f"there are more than {limits.nucleotides:,} nucleotides, the limit of this server"
            )
            raise InputError(msg)
        yield record
