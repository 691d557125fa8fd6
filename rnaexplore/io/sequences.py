"""Sequences that are in memory already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import OnInvalid, Report

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["from_sequences"]

_OWN = frozenset(
    {
        _keys.SEQUENCE,
        _keys.LENGTH,
        _keys.IDENTIFIER,
        _keys.DESCRIPTION,
        _keys.FAMILY,
        _keys.ACCESSION,
        _keys.STRUCTURE,
    }
)


def from_sequences(
    sequences: Mapping[str, str] | Iterable[str] | pd.Series | pd.DataFrame,
    *,
    on_invalid: OnInvalid = "raise",
) -> AnnData:
    """Make an AnnData of sequences.

    Parameters
    ----------
    sequences
        - a mapping of names to sequences;
        - sequences without names, which become ``rna-1``, ``rna-2`` …;
        - a Series, named by its index;
        - a DataFrame with a column ``"sequence"``, named by its column ``"identifier"`` if there
          is one, else by its index. Columns ``"description"``, ``"family"``, ``"accession"`` and
          ``"structure"`` (dot-bracket) are understood, ``"length"`` is computed anew, all others
          are kept as they are.

        A default index (0, 1, 2 …) is no name.
    on_invalid
        What to do with a sequence that is empty or has letters that are not IUPAC nucleotides, or
        a structure that does not fit its sequence: ``"raise"`` an error, or ``"drop"`` and report.

    Returns
    -------
    AnnData
        As from `rnaexplore.io.read_fasta`.

    Raises
    ------
    InvalidSequenceError
        Naming record, position and letter.
    InvalidStructureError
        Naming the record.
    MissingKeyError
        If a DataFrame has no column ``"sequence"``.
    InputError
        If there is no valid sequence, or `sequences` is one string.

    Warns
    -----
    RnaExploreWarning
        Once, with the counts of what was dropped, renamed or normalised.

    Examples
    --------
    >>> from_sequences({"hairpin": "GGGAAACCC"}).obs["length"].to_list()
    [9]
    """
    report = Report(source=type(sequences).__name__, reader="from_sequences")
    frame = _frame(sequences)
    adata = to_anndata(_records(frame), report, on_invalid)
    extra = [column for column in frame if column not in _OWN]
    if extra:
        kept = frame.iloc[report.kept]
        adata.obs[extra] = kept[extra].set_axis(adata.obs_names)
    return adata


def _frame(sequences: Mapping[str, str] | Iterable[str] | pd.Series | pd.DataFrame) -> pd.DataFrame:
    if isinstance(sequences, pd.DataFrame):
        if _keys.SEQUENCE not in sequences:
            known = nearest(_keys.SEQUENCE, map(str, sequences.columns))
            msg = f"the DataFrame has no column {_keys.SEQUENCE!r}. {known} Rename it first"
            raise MissingKeyError(msg)
        return sequences
    if isinstance(sequences, pd.Series):
        return sequences.to_frame(_keys.SEQUENCE)
    if isinstance(sequences, str):
        msg = f"expected several sequences, got the text {sequences[:20]!r}; pass a list or a dict"
        raise InputError(msg)
    if isinstance(sequences, Mapping):
        return pd.DataFrame({_keys.SEQUENCE: list(sequences.values())}, index=list(sequences))
    return pd.DataFrame({_keys.SEQUENCE: list(sequences)}, dtype=object)


def _identifiers(frame: pd.DataFrame) -> list[str]:
    if _keys.IDENTIFIER in frame:
        return _texts(frame, _keys.IDENTIFIER)
    if isinstance(frame.index, pd.RangeIndex):
        return [f"rna-{position}" for position in range(1, len(frame) + 1)]
    return [str(name) for name in frame.index]


def _texts(frame: pd.DataFrame, key: str) -> list[str]:
    """Return a column as text, empty where a value is missing or the column is."""
    if key not in frame:
        return [""] * len(frame)
    column = frame[key]
    return ["" if gone else str(v) for v, gone in zip(column, column.isna(), strict=True)]


def _records(frame: pd.DataFrame) -> Iterator[Record]:
    """Yield a record a row."""
    columns = zip(
        _identifiers(frame),
        frame[_keys.SEQUENCE],
        *(_texts(frame, key) for key in (_keys.DESCRIPTION, _keys.FAMILY, _keys.ACCESSION)),
        _texts(frame, _keys.STRUCTURE),
        strict=True,
    )
    for identifier, sequence, description, family, accession, structure in columns:
        yield Record(
            identifier=identifier,
            sequence=sequence,
            description=description,
            family=family or None,
            accession=accession or None,
            dot_bracket=structure or None,
        )
