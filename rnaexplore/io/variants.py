"""Variants of RNAs: VCF files and tables, read and written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from rnaexplore._library_errors import border
from rnaexplore.errors import InputError, RnaExploreWarning
from rnaexplore.io.report import OnInvalid, check_on_invalid
from rnaexplore.io.text import format_suffix, read_text, write_text

if TYPE_CHECKING:
    from rnaexplore.maps import MutationMap

__all__ = ["read_variants", "write_variants"]

Path = str | os.PathLike[str]

COLUMNS = ("name", "position", "id", "reference", "alternative")
_ALIASES = {
    "chrom": "name", "#chrom": "name", "pos": "position", "ref": "reference", "alt": "alternative",
}  # fmt: skip
_LETTERS = frozenset("ACGU")
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
FARTHEST = 1_000_000_000  #: position
_SHOWN = 5  #: variants in a message


def read_variants(table: Path | pd.DataFrame, *, on_invalid: OnInvalid = "raise") -> pd.DataFrame:
    """Read single-nucleotide variants.

    Positions and alleles are those of the RNA as it is given, not of a genome or its other strand.
    Alleles in lower case, and T for U, are understood. A VCF record with several alternatives
    becomes several rows.

    Parameters
    ----------
    table
        A VCF file (``.vcf``, ``.vcf.gz``), a table with a header (``.csv``, ``.tsv``, may be
        gzipped) or a DataFrame, with columns name, position, reference, alternative, and
        optionally id; VCF's own names (CHROM, POS, REF, ALT, ID) do as well.
    on_invalid
        ``"raise"`` if there is anything but a single-nucleotide substitution, or ``"drop"`` it
        with a warning.

    Returns
    -------
    DataFrame
        name (str), position (int64, 1-based), id (str, ``name:positionREF>ALT`` where none is
        given), reference and alternative (one of A C G U).

    Raises
    ------
    InputError
        If the file is of another kind, a column is missing, there is no variant, or one of them is
        no single-nucleotide substitution.
    """
    check_on_invalid(on_invalid)
    raw = table if isinstance(table, pd.DataFrame) else _read(table)
    frame = _normalised(raw)
    wrong = ~_substitutions(frame)
    if wrong.any() and on_invalid == "raise":
        msg = (
            f"{_listed(frame[wrong])}: only substitutions of one nucleotide by another are scored; "
            "on_invalid='drop' leaves other variants out"
        )
        raise InputError(msg)
    kept = frame[~wrong].reset_index(drop=True)
    if wrong.any():
        msg = f"{int(wrong.sum())} of {len(frame)} variants dropped ({_listed(frame[wrong])})"
        warnings.warn(msg, RnaExploreWarning, stacklevel=2)
    if kept.empty:
        msg = "there are no single-nucleotide variants"
        raise InputError(msg)
    return kept


def write_variants(mutations: Mapping[str, MutationMap], path: Path) -> None:
    """Write the scores of mutations as VCF 4.3, with the score as ``INFO/LLR`` in nats.

    Letters are those of DNA, as VCF demands: U is written as T. Deletions have the neighbouring
    letter in front of them (behind, for the first).

    Parameters
    ----------
    mutations
        Maps by the names of their RNAs, from `rnaexplore.tl.mutate`.
    path
        File to write, compressed if it ends in ``.gz``.
    """
    import vcfpy

    stream = StringIO()
    writer = vcfpy.Writer(stream, _header(mutations))
    for name, scores in mutations.items():
        frame = scores.to_frame()[["position", "alternative", "score"]]
        for position, alternative, score in frame.itertuples(index=False):
            place = _alleles(scores.sequence, int(position) - 1, str(alternative))
            writer.write_record(_record(name, *place, float(score)))
    write_text(path, stream.getvalue())


def _read(path: Path) -> pd.DataFrame:
    suffix = format_suffix(path)
    if suffix == ".vcf":
        return pd.DataFrame(_vcf_rows(read_text(path), path), columns=list(COLUMNS))
    if suffix not in _SEPARATORS:
        msg = f"variants are read from .vcf, .csv and .tsv files (.gz too), got {str(path)!r}"
        raise InputError(msg)
    text = StringIO(read_text(path))
    with border(path, problem="is not a readable table"):
        return pd.read_csv(text, sep=_SEPARATORS[suffix], dtype=str, keep_default_na=False)


def _vcf_rows(text: str, path: Path) -> Iterator[tuple[str, int, str, str, str]]:
    import vcfpy

    with border(path, problem="is not a readable VCF file") as here:
        stream: Any = StringIO(text)
        for record in vcfpy.Reader.from_stream(stream):
            here.record = f"{record.CHROM}:{record.POS}"
            for alternative in record.ALT:
                ids = ";".join(record.ID)
                yield record.CHROM, record.POS, ids, record.REF, alternative.serialize()


def _normalised(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the known columns under their names, alleles as RNA."""
    lower = {column: str(column).lower() for column in raw.columns}
    names = {column: _ALIASES.get(text, text) for column, text in lower.items()}
    frame = raw.rename(columns=names)
    twice = [c for c in COLUMNS if list(frame.columns).count(c) > 1]
    if twice:
        msg = f"variants have {twice[0]!r} in several columns; leave out all but one of them"
        raise InputError(msg)
    missing = [c for c in COLUMNS if c not in frame.columns and c != "id"]
    if missing:
        msg = f"variants need columns name, position, reference, alternative; no {missing[0]!r}"
        raise InputError(msg)
    alleles = {c: frame[c].astype(str).str.upper().str.replace("T", "U") for c in COLUMNS[-2:]}
    result = pd.DataFrame(
        {"name": frame["name"].astype(str), "position": _positions(frame["position"])} | alleles
    )
    result.insert(2, "id", _ids(result, frame.get("id")))
    return result.reset_index(drop=True)


def _positions(column: pd.Series[Any]) -> pd.Series[int]:
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = ~((numbers >= 1) & (numbers <= FARTHEST)) | (numbers % 1 != 0)
    if wrong.any():
        msg = (
            f"positions must be whole numbers from 1 to {FARTHEST:,}, got {column[wrong].iloc[0]!r}"
        )
        raise InputError(msg)
    return numbers.astype("int64")


def _ids(frame: pd.DataFrame, given: pd.Series[Any] | None) -> list[str]:
    made = [
        f"{v.name}:{v.position}{v.reference}>{v.alternative}" for v in frame.itertuples(index=False)
    ]
    if given is None:
        return made
    known = ["" if pd.isna(x) or x in {"", "."} else str(x) for x in given]
    return [own or instead for own, instead in zip(known, made, strict=True)]


def _substitutions(frame: pd.DataFrame) -> pd.Series[bool]:
    both = frame["reference"].isin(_LETTERS) & frame["alternative"].isin(_LETTERS)
    return both & (frame["reference"] != frame["alternative"])


def _listed(frame: pd.DataFrame) -> str:
    shown = ", ".join(map(str, frame["id"][:_SHOWN]))
    rest = len(frame) - _SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


def _header(mutations: Mapping[str, MutationMap]) -> Any:
    import vcfpy

    info = {
        "ID": "LLR", "Number": 1, "Type": "Float",
        "Description": "log p(alternative) - log p(reference), natural logarithm",
    }  # fmt: skip
    lines: list[Any] = [vcfpy.HeaderLine("fileformat", "VCFv4.3")]
    lines += [vcfpy.HeaderLine("source", f"rnaexplore, {_models(mutations.values())}")]
    cautions = sorted({scores.caution for scores in mutations.values() if scores.caution})
    lines += [vcfpy.HeaderLine("caution", caution) for caution in cautions]
    lines += [vcfpy.InfoHeaderLine.from_mapping(info)]
    lines += [
        vcfpy.ContigHeaderLine.from_mapping({"ID": name, "length": len(scores.sequence)})
        for name, scores in mutations.items()
    ]
    return vcfpy.Header(lines=lines, samples=vcfpy.SamplesInfos([]))


def _models(mutations: Iterable[MutationMap]) -> str:
    return "; ".join(sorted({f"{scores.model} {scores.method}" for scores in mutations}))


def _alleles(sequence: str, i: int, alternative: str) -> tuple[int, str, str]:
    """Return 1-based position, REF and ALT in the letters of DNA."""
    if alternative != "-":
        found = i, sequence[i], alternative
    elif i > 0:
        found = i - 1, sequence[i - 1 : i + 1], sequence[i - 1]
    else:
        found = 0, sequence[:2], sequence[1:2]
    return found[0] + 1, found[1].replace("U", "T"), found[2].replace("U", "T")


def _record(name: str, position: int, reference: str, alternative: str, score: float) -> Any:
    import vcfpy

    allele = vcfpy.Substitution("SNV" if len(reference) == 1 else "DEL", alternative)
    return vcfpy.Record(
        name, position, [], reference, [allele], None, [], {"LLR": round(score, 4)}, [], []
    )
