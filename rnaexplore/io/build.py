"""Records to AnnData."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from importlib.metadata import version

import pandas as pd
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    InvalidStructureError,
    RnaExploreWarning,
)
from rnaexplore.io.records import Clean, Record, clean
from rnaexplore.io.report import OnInvalid, Report, check_on_invalid

__all__ = ["to_anndata", "unique"]

Row = tuple[Record, Clean]


def to_anndata(records: Iterable[Record], report: Report, on_invalid: OnInvalid) -> AnnData:
    """Return records as an AnnData without ``X``; warn once about what was changed.

    To be called by a public function directly, so that the warning points to that one's caller.

    Parameters
    ----------
    records
        The RNAs as the file spells them.
    report
        Where to count what is changed.
    on_invalid
        ``"raise"`` on the first invalid record, or ``"drop"`` it and go on.

    Raises
    ------
    InvalidSequenceError, InvalidStructureError
        If a record is invalid.
    InputError
        If there is no record, or none is valid.
    """
    check_on_invalid(on_invalid)
    report.on_invalid = on_invalid
    rows = _checked(records, report, on_invalid)
    names = unique([record.identifier for record, _ in rows])
    spelled = [record.identifier for record, _ in rows]
    report.renamed += [new for old, new in zip(spelled, names, strict=True) if old != new]
    adata = AnnData(obs=_obs(rows, names))
    adata.uns[_keys.PROVENANCE] = {
        _keys.INPUT: report.provenance() | {"rnaexplore": version("rnaexplore")}
    }
    if summary := report.summary():
        warnings.warn(summary, RnaExploreWarning, stacklevel=3)
    return adata


def _checked(records: Iterable[Record], report: Report, on_invalid: OnInvalid) -> list[Row]:
    rows: list[Row] = []
    for record in records:
        try:
            cleaned = clean(record)
        except (InvalidSequenceError, InvalidStructureError) as error:
            if on_invalid == "raise":
                raise
            report.drop(record, error)
            continue
        report.count(cleaned)
        rows.append((record, cleaned))
    if not rows:
        raise InputError(_nothing(report))
    return rows


def _nothing(report: Report) -> str:
    if report.dropped:
        return (
            f"{report.source}: none of the {len(report.dropped)} records is valid; the first: "
            f"{report.dropped_reasons[0]}"
        )
    return f"{report.source}: there are no records"


def _obs(rows: Sequence[Row], names: list[str]) -> pd.DataFrame:
    columns: dict[str, object] = {
        _keys.SEQUENCE: [cleaned.sequence for _, cleaned in rows],
        _keys.LENGTH: pd.array([len(cleaned.sequence) for _, cleaned in rows], dtype="int64"),
        _keys.IDENTIFIER: [record.identifier for record, _ in rows],
        _keys.DESCRIPTION: [record.description for record, _ in rows],
    }
    for key, values in (
        (_keys.FAMILY, [record.family for record, _ in rows]),
        (_keys.ACCESSION, [record.accession for record, _ in rows]),
    ):
        if any(value is not None for value in values):
            columns[key] = pd.Categorical(values)
    if any(record.has_structure for record, _ in rows):
        columns[_keys.STRUCTURE] = [cleaned.structure for _, cleaned in rows]
    return pd.DataFrame(columns, index=pd.Index(names, dtype=object))


def unique(names: Sequence[str]) -> list[str]:
    """Return names with ``-1``, ``-2`` … appended to those that came before; none stays empty.

    Examples
    --------
    >>> unique(["a", "b", "a", "a-1"])
    ['a', 'b', 'a-2', 'a-1']
    """
    taken, seen = set(names), set()
    last: dict[str, int] = {}
    made: list[str] = []
    for position, name in enumerate(names, start=1):
        base = name or f"rna-{position}"
        new = base
        while new in seen or (new != name and new in taken):
            last[base] = last.get(base, 0) + 1
            new = f"{base}-{last[base]}"
        seen.add(new)
        made.append(new)
    return made
