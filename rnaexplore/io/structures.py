"""Structure files: the format follows from the suffix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anndata import AnnData

from rnaexplore import _keys
from rnaexplore.errors import InputError, InvalidStructureError, MissingKeyError, nearest
from rnaexplore.io.bpseq import format_bpseq, parse_bpseq
from rnaexplore.io.build import to_anndata
from rnaexplore.io.ct import format_ct, parse_ct
from rnaexplore.io.dbn import format_dbn, parse_dbn
from rnaexplore.io.records import Record
from rnaexplore.io.report import OnInvalid, Report
from rnaexplore.io.text import digest, format_suffix, read_text, write_text
from rnaexplore.structure import Structure

__all__ = ["read_structures", "structure_records", "write_structures"]


@dataclass(frozen=True, slots=True)
class _Format:
    """How a format is read and written.

    Attributes
    ----------
    parse
        Text and name of a file to records.
    dump
        Name, description and structure to the text of one record.
    many
        Whether a file holds several records.
    """

    parse: Callable[[str, str], Iterator[Record]]
    dump: Callable[[str, str, Structure], str]
    many: bool = True


_FORMATS = {
    ".dbn": _Format(parse_dbn, format_dbn),
    ".ct": _Format(parse_ct, format_ct),
    ".bpseq": _Format(parse_bpseq, format_bpseq, many=False),
}


def _format(path: str | os.PathLike[str]) -> _Format:
    suffix = format_suffix(path)
    if suffix not in _FORMATS:
        msg = (
            f"the format of {str(path)!r} is not known from its suffix {suffix!r}; rename the file "
            f"to one of {', '.join(_FORMATS)} (.gz may follow)"
        )
        raise InputError(msg)
    return _FORMATS[suffix]


def read_structures(path: str | os.PathLike[str], *, on_invalid: OnInvalid = "raise") -> AnnData:
    """Read a file of secondary structures, compressed with gzip or not.

    Parameters
    ----------
    path
        A file that ends in ``.dbn`` (dot-bracket, as RNAfold writes it), ``.ct`` (connectivity
        table) or ``.bpseq``; ``.gz`` may follow. The first two may hold several records.
    on_invalid
        What to do with a sequence that is empty or has letters that are not IUPAC nucleotides, or
        a dot-bracket that is not balanced: ``"raise"`` an error, or ``"drop"`` and report it. A
        damaged table is always an error.

    Returns
    -------
    AnnData
        As from `rnaexplore.io.read_fasta`, and ``obs["structure"]``: dot-bracket, pseudoknots in
        further orders of brackets.

    Raises
    ------
    InvalidSequenceError
        Naming record, position and letter.
    InvalidStructureError
        If brackets are not balanced, or two residues do not name each other as partners.
    InputError
        If the suffix is unknown, or the file is not what its suffix says.

    Warns
    -----
    RnaExploreWarning
        Once, with the counts of what was dropped, renamed or normalised.
    """
    return to_anndata(*structure_records(path), on_invalid)


def structure_records(path: str | os.PathLike[str]) -> tuple[Iterator[Record], Report]:
    """Return the records of a structure file, read as they are asked for, and an empty report."""
    chosen = _format(path)
    report = Report(source=Path(path).name, reader="read_structures", sha256=digest(path))
    return chosen.parse(read_text(path), report.source), report


def write_structures(
    adata: AnnData, path: str | os.PathLike[str], key: str = _keys.STRUCTURE
) -> None:
    """Write the secondary structures of all RNAs to a file.

    Parameters
    ----------
    adata
        With ``obs["sequence"]`` and the structures. Records are named by ``obs_names`` and
        described by ``obs["description"]``, if there is one, in which white space becomes single
        spaces and what cannot be printed is left out.
    path
        A file that ends in ``.dbn``, ``.ct`` or ``.bpseq`` (one RNA only); with ``.gz`` after
        that it is compressed. An existing file is replaced.
    key
        Column of ``obs`` with dot-bracket strings.

    Raises
    ------
    MissingKeyError
        If there is no such column.
    InvalidStructureError
        If an RNA has no structure, or one that does not fit its sequence, naming it.
    InputError
        If the suffix is unknown, a name has white space, or there are several RNAs for a
        ``.bpseq`` file.
    """
    chosen = _format(path)
    if not chosen.many and adata.n_obs != 1:
        msg = (
            f"a {format_suffix(path)} file holds one RNA, got {adata.n_obs}; write them one by "
            "one, or to a .dbn or .ct file"
        )
        raise InputError(msg)
    sequences = _column(adata, _keys.SEQUENCE, "rx.read_fasta and rx.from_sequences make it")
    brackets = _column(adata, key, "rx.tl.fold predicts structures, rx.read_structures reads them")
    described = _keys.DESCRIPTION in adata.obs
    descriptions = _column(adata, _keys.DESCRIPTION, "") if described else [""] * adata.n_obs
    rows = zip(map(str, adata.obs_names), descriptions, sequences, brackets, strict=True)
    write_text(
        path,
        "".join(
            chosen.dump(_name(name), _described(description), _structure(name, *rna))
            for name, description, *rna in rows
        ),
    )


def _column(adata: AnnData, key: str, remedy: str) -> list[str]:
    if key not in adata.obs:
        msg = f"adata.obs has no {key!r}. {nearest(key, map(str, adata.obs.columns))} {remedy}"
        raise MissingKeyError(msg)
    column = adata.obs[key]
    return ["" if gone else str(v) for v, gone in zip(column, column.isna(), strict=True)]


def _name(name: str) -> str:
    if not name or name.split() != [name] or not name.isprintable():
        msg = (
            f"the name {name!r} is empty, has white space or characters that cannot be printed, "
            "and would be read as another one; change adata.obs_names first"
        )
        raise InputError(msg)
    return name


def _described(description: str) -> str:
    """Return a description on one line, without what cannot be printed."""
    words = (word for word in description.split() if word)
    return "".join(c for c in " ".join(words) if c.isprintable())


def _structure(name: str, sequence: str, dot_bracket: str) -> Structure:
    if not dot_bracket:
        msg = f"RNA {name!r} has no structure; leave such RNAs out before writing"
        raise InvalidStructureError(msg)
    try:
        return Structure.from_dot_bracket(sequence, dot_bracket)
    except InvalidStructureError as error:
        msg = f"RNA {name!r}: {error}"
        raise InvalidStructureError(msg) from error
