"""Labels from a table into ``obs``, with an account of what did not match."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning, nearest
from rnaexplore.io.text import format_suffix

__all__ = ["JoinedLabels", "join_labels"]

SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
SHOWN = 3  #: names in a message


@dataclass(frozen=True, slots=True)
class JoinedLabels:
    """What `join_labels` wrote, and what did not match.

    Attributes
    ----------
    columns
        Columns of ``obs`` that were written.
    matched
        Names of the RNAs that have a row in the table.
    without_label
        Names of the RNAs that have none.
    unused
        Names in the table that no RNA has.
    """

    columns: tuple[str, ...]
    matched: tuple[str, ...]
    without_label: tuple[str, ...]
    unused: tuple[str, ...]

    def __str__(self) -> str:
        n = len(self.matched) + len(self.without_label)
        told = f"{', '.join(self.columns)}: {len(self.matched)} of {n} RNAs have a row"
        if self.without_label:
            told += f"; without one: {_few(self.without_label)}"
        if self.unused:
            told += f"; {len(self.unused)} rows match no RNA: {_few(self.unused)}"
        return told


def join_labels(
    adata: AnnData,
    table: str | os.PathLike[str] | pd.DataFrame,
    *,
    on: str | None = None,
    columns: Sequence[str] | None = None,
) -> JoinedLabels:
    """Join the columns of a table to ``obs`` by the names of the RNAs.

    Names have to be equal; white space around them does not count. A name of the table with further
    words is also looked for by its first word, as headers of FASTA files are named.

    Parameters
    ----------
    adata
        Changed: one ``obs`` column is added per column of the table. Texts become categories, and
        RNAs without a row get missing values.
    table
        A ``.csv``, ``.tsv`` or ``.txt`` (tabs) file, ``.gz`` or not, or a DataFrame.
    on
        Column with the names; by default the first. The index of a DataFrame does not count.
    columns
        Columns to join; all others by default.

    Returns
    -------
    JoinedLabels
        What was written, RNAs without a row, and rows without an RNA.

    Raises
    ------
    MissingKeyError
        If the table has no such column.
    InputError
        If no name matches, a name has several rows that differ, ``obs`` has such a column
        already, or the file is no table.

    Warns
    -----
    RnaExploreWarning
        If RNAs or rows did not match, with their number and the first names.
    """
    frame = _read(table)
    key = str(frame.columns[0]) if on is None else on
    chosen = [c for c in frame.columns if c != key] if columns is None else list(columns)
    _check(adata, frame, key, chosen)
    names = pd.Index(adata.obs_names.astype(str))
    rows = _by_name(frame, key, chosen, names)
    found = rows.reindex(names)
    for column in chosen:
        values = found[column].set_axis(adata.obs_names)
        is_text = not pd.api.types.is_numeric_dtype(values) or values.dtype == bool
        adata.obs[column] = values.astype("category") if is_text else values
    has = names.isin(rows.index)
    unused = rows.index[~rows.index.isin(names)]
    told = JoinedLabels(tuple(chosen), tuple(names[has]), tuple(names[~has]), tuple(unused))
    if told.without_label or told.unused:
        warnings.warn(str(told), RnaExploreWarning, stacklevel=2)
    return told


def _read(table: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        frame = table.copy()
    else:
        suffix = format_suffix(table)
        if suffix not in SEPARATORS:
            msg = f"a table ends in {', '.join(SEPARATORS)} (.gz may follow), got {str(table)!r}"
            raise InputError(msg)
        try:
            frame = pd.read_csv(table, sep=SEPARATORS[suffix], encoding="utf-8-sig")
        except (ValueError, UnicodeError) as error:
            msg = f"{Path(table).name} is no table: {error}"
            raise InputError(msg) from error
    frame.columns = [str(column).strip() for column in frame.columns]
    return frame


def _check(adata: AnnData, frame: pd.DataFrame, key: str, chosen: Sequence[str]) -> None:
    """Raise if a column is not there, or is in ``obs`` already."""
    for column in (key, *chosen):
        if column not in frame:
            msg = f"the table has no column {column!r}. {nearest(column, map(str, frame.columns))}"
            raise MissingKeyError(msg)
    if not chosen:
        msg = f"the table has no column but {key!r}, so there are no labels to join"
        raise InputError(msg)
    there = [column for column in chosen if column in adata.obs]
    if there:
        msg = (
            f"obs has {there[0]!r} already; rename the column of the table, leave it out with "
            f"columns=, or delete the old one: del adata.obs[{there[0]!r}]"
        )
        raise InputError(msg)


def _by_name(frame: pd.DataFrame, key: str, chosen: Sequence[str], names: pd.Index) -> pd.DataFrame:
    """Return the columns by name, each name once.

    Raises
    ------
    InputError
        If rows of one name differ, or no name is that of an RNA.
    """
    given = frame[key].astype(str).str.strip()
    first = given.str.split(n=1).str[0].fillna("")
    spelled = given.where(given.isin(names) | ~first.isin(names), first)
    rows = (
        frame[list(chosen)]
        .set_axis(pd.Index(spelled.to_numpy()))
        .loc[frame[key].notna().to_numpy()]
    )
    single = rows[~rows.reset_index().duplicated().to_numpy()]
    twice = single.index[single.index.duplicated()]
    if len(twice):
        msg = f"{twice[0]!r} has several rows in the table with different values; keep one of them"
        raise InputError(msg)
    if not np.isin(single.index, names).any():
        msg = (
            f"no name of column {key!r} is that of an RNA: the table has {_few(single.index)}, "
            f"adata.obs_names {_few(names)}; pass on= the column with the names"
        )
        raise InputError(msg)
    return single


def _few(names: Sequence[str] | pd.Index) -> str:
    shown = ", ".join(repr(str(name)) for name in names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
