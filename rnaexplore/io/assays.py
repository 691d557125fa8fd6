"""Mutational scans: variants of an RNA with a measurement each, as RNAGym keeps them."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnaexplore._library_errors import border, shown
from rnaexplore.errors import InputError, RnaExploreWarning
from rnaexplore.io.mutations import MutationError, parse_changes
from rnaexplore.io.report import OnInvalid, check_on_invalid
from rnaexplore.io.text import format_suffix, read_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURED", "MUTANT", "VARIANT", "Assay", "read_assay", "read_assays", "read_table"]

MUTANT, VARIANT, MEASURED = "mutant", "sequence", "DMS_score"  #: columns of an assay
ALIASES = {"mutated_sequence": VARIANT, "variant": MUTANT, "mutation": MUTANT}
SHEET = "reference_sheet"  #: how the name of a table of all assays starts
UNKNOWN_TYPE = "unknown"
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_ENOUGH = 2000  #: rows from which the wild type is recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """One mutational scan.

    Attributes
    ----------
    name
        ``DMS_ID``, or the name of the file.
    rna_type
        ``RNA_TYPE`` of the reference sheet, ``"unknown"`` if there is none.
    wild_type
        The sequence that variants are compared with: upper case, with U; it may have N.
    variants
        One row per variant: ``mutant`` (str, empty for the wild type), ``sequence`` (str), or one
        of the two if the file has no other; ``DMS_score`` (float64, higher is fitter, NaN if it is
        no number), and the other columns of the file as they are.
    notes
        What had to be decided while reading, one sentence each.
    """

    name: str
    rna_type: str
    wild_type: str
    variants: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        n = len(self.variants)
        return f"<Assay {self.name} ({self.rna_type}), {n} variants of {len(self.wild_type)} nt>"


def read_assay(
    path: str | os.PathLike[str],
    wild_type: str | None = None,
    *,
    name: str | None = None,
    rna_type: str = UNKNOWN_TYPE,
) -> Assay:
    """Read the variants and measurements of one assay.

    The layout is that of RNAGym (github.com/MarksLab-DasLab/RNAGym) and NABench: columns
    ``mutant`` (``C10A,U56C``, 1-based), ``DMS_score`` and ``sequence``; ProteinGym's ``mutant``
    (``C10A:U56C``) and ``mutated_sequence`` are read, too.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv`` or ``.txt`` (tabs), gzipped or not.
    wild_type
        The wild type. Without it, or if most variants disagree with it, it is recovered by undoing
        the mutations of the variants that have a sequence.
    name
        Name of the assay; that of the file by default.
    rna_type
        Type of the RNA, for averages.

    Returns
    -------
    Assay
        Rows that make no sense stay in, for `rnaexplore.tl.fitness` to count.

    Raises
    ------
    InputError
        If the file is no such table, or the wild type is neither given nor can be recovered.
    """
    table = read_table(path)
    if MEASURED not in table:
        have = ", ".join(map(str, table.columns))
        msg = f"{str(path)!r} has no column {MEASURED!r}; it has {have}"
        raise InputError(msg)
    known, notes = _wild_type(table, wild_type, str(path))
    table, unread = _measured(table)
    if unread:
        notes += (f"{unread} of {len(table)} measurements are no numbers",)
    return Assay(
        name=name or Path(path).name.split(".")[0],
        rna_type=rna_type,
        wild_type=known,
        variants=table,
        notes=notes,
    )


def read_assays(
    folder: str | os.PathLike[str], *, on_invalid: OnInvalid = "raise"
) -> dict[str, Assay]:
    """Read a folder of assays with their reference sheet, as RNAGym publishes them.

    Parameters
    ----------
    folder
        Holds ``<DMS_ID>.csv`` files, itself or in ``assays/``, and a ``reference_sheet*.csv`` with
        columns DMS_ID, RNA_TYPE and RAW_CONSTRUCT_SEQ, there or beside. Of several sheets the last
        by name is taken. Without a sheet, wild types are recovered and types unknown.
    on_invalid
        What to do with a file that is no assay: ``"raise"``, or ``"drop"`` it with a warning.

    Returns
    -------
    dict of str to Assay
        By name, in alphabetical order.

    Raises
    ------
    InputError
        If there is no assay, or a file is none.
    """
    check_on_invalid(on_invalid)
    root = Path(folder)
    files = sorted(f for f in _tables(root) if not f.name.startswith(SHEET))
    sheet = _sheet(root)
    found: dict[str, Assay] = {}
    for file in files:
        name = file.name.split(".")[0]
        row = sheet.get(name, {})
        kind = str(row.get("RNA_TYPE", "")).strip() or UNKNOWN_TYPE
        construct = str(row.get("RAW_CONSTRUCT_SEQ", "")).strip() or None
        try:
            found[name] = read_assay(file, construct, name=name, rna_type=kind)
        except InputError as error:
            if on_invalid == "raise":
                raise
            warnings.warn(f"left out: {error}", RnaExploreWarning, stacklevel=2)
    if not found:
        msg = f"{str(root)!r} has no assay: a .csv with {MUTANT}, {MEASURED} and {VARIANT}"
        raise InputError(msg)
    return found


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Return a table of variants with its columns under their names, all as text.

    Raises
    ------
    InputError
        If it is no table, or has neither mutations nor sequences.
    """
    import pandas as pd

    suffix = format_suffix(path)
    if suffix not in _SEPARATORS:
        kinds = ", ".join(_SEPARATORS)
        msg = f"variants are read from {kinds} files (.gz too), got {str(path)!r}"
        raise InputError(msg)
    text = StringIO(read_text(path))
    with border(path, problem="is not a readable table"):
        raw = pd.read_csv(text, sep=_SEPARATORS[suffix], dtype=str, keep_default_na=False)
    table = raw.rename(columns=lambda name: ALIASES.get(str(name).strip(), str(name).strip()))
    for column in (MUTANT, VARIANT):
        if list(table.columns).count(column) > 1:
            msg = f"{str(path)!r} has {column!r} in several columns; leave out all but one"
            raise InputError(msg)
    if not {MUTANT, VARIANT} & set(table.columns):
        have = shown(", ".join(map(str, raw.columns)))
        msg = f"{str(path)!r} needs a column {MUTANT!r} or {VARIANT!r}; it has {have}"
        raise InputError(msg)
    return table


def _measured(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the table with text and numbers in their columns, and how many are no numbers."""
    import pandas as pd

    numbers = pd.to_numeric(table[MEASURED], errors="coerce").astype("float64")
    numbers = numbers.where(numbers.abs() < float("inf"))
    table = table.assign(**{MEASURED: numbers})
    first = [c for c in (MUTANT, VARIANT, MEASURED) if c in table]
    rest = [c for c in table.columns if c not in first]
    return table[first + rest], int(numbers.isna().sum())


def _wild_type(table: pd.DataFrame, given: str | None, path: str) -> tuple[str, tuple[str, ...]]:
    """Return the wild type, and what there is to say about it."""
    sheet = None if given is None else _rna(given)
    candidates = _undone(table)
    if not candidates:
        if sheet is None:
            msg = (
                f"{path!r}: the wild type cannot be recovered, for no variant has both a mutation "
                "and a sequence that agree; pass wild_type="
            )
            raise InputError(msg)
        return sheet, ()
    (best, votes), total = candidates.most_common(1)[0], candidates.total()
    if sheet is None:
        return best, (f"wild type recovered from {votes} of {total} variants",)
    if best == sheet:
        return sheet, ()
    note = (
        f"the wild type given ({len(sheet)} nt) is not that of the variants; the one recovered "
        f"from {votes} of {total} variants ({len(best)} nt) was taken"
    )
    return best, (note,)


def _undone(table: pd.DataFrame) -> Counter[str]:
    """Return the wild types that the first variants imply, with their votes."""
    found: Counter[str] = Counter()
    if not {MUTANT, VARIANT} <= set(table.columns):
        return found
    for mutant, sequence in table[[MUTANT, VARIANT]].head(_ENOUGH).itertuples(index=False):
        if sequence and (before := _before(str(mutant), _rna(str(sequence)))):
            found[before] += 1
    return found


def _before(mutant: str, sequence: str) -> str | None:
    """Return a sequence without its substitutions, ``None`` if they do not fit it."""
    try:
        changes = parse_changes(mutant)
    except MutationError:
        return None
    letters = list(sequence) if changes else []
    for start, stop, old, new in changes:
        if len(old) != 1 or len(new) != 1 or sequence[max(start, 0) : stop] != new:
            return None
        letters[start] = old
    return "".join(letters) or None


def _rna(sequence: str) -> str:
    return "".join(sequence.split()).upper().replace("T", "U")


def _tables(root: Path) -> list[Path]:
    folder = root / "assays" if (root / "assays").is_dir() else root
    if not folder.is_dir():
        msg = f"{str(root)!r} is no folder"
        raise InputError(msg)
    return [f for f in folder.iterdir() if f.is_file() and format_suffix(f) in _SEPARATORS]


def _sheet(root: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of the reference sheet by ``DMS_ID``; none if there is no sheet."""
    import pandas as pd

    places = dict.fromkeys([root, root / "assays", root.resolve().parent])
    sheets = [f for place in places for f in sorted(place.glob(f"{SHEET}*.csv"), reverse=True)]
    if not sheets:
        return {}
    text = StringIO(read_text(sheets[0]))
    with border(sheets[0], problem="is not a readable table"):
        table = pd.read_csv(text, dtype=str, keep_default_na=False)
    if "DMS_ID" not in table:
        msg = f"{str(sheets[0])!r} has no column 'DMS_ID'"
        raise InputError(msg)
    return {str(row["DMS_ID"]).strip(): row for row in _records(table)}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
