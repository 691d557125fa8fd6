"""Where the RNAs of a job come from: a FASTA file of any size, or an AnnData."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import islice
from typing import Any, Protocol

import numpy as np
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._adata import sequences_of
from rnaexplore.errors import InputError, InvalidSequenceError
from rnaexplore.io.records import Record, clean
from rnaexplore.io.report import OnInvalid, Report
from rnaexplore.io.stream import TextFile, stream_fasta
from rnaexplore.io.unique_names import UniqueNames

__all__ = ["BLOCK", "AnnDataRnas", "Block", "FastaRnas", "Rnas", "column"]

BLOCK = 4096  #: RNAs held in memory at a time; rows of a chunk of an obs column

Block = tuple[list[str], list[str]]  #: names and sequences
_TEXT = {"encoding-type": "string-array", "encoding-version": "0.2.0"}
_NUMBER = {"encoding-type": "array", "encoding-version": "0.2.0"}
_INDEX = "_index"


class Rnas(Protocol):
    """RNAs that can be written into a store block by block."""

    @property
    def sha256(self) -> str:
        """Digest of everything that is read."""

    def write(self, group: Any, scratch: sqlite3.Connection) -> Iterator[Block]:
        """Write all of the AnnData but vectors, yielding each block of RNAs once."""

    def summary(self) -> str:
        """Return what was changed on the way, empty if nothing."""


class AnnDataRnas:
    """The RNAs of an AnnData: its ``obs`` and provenance are taken over.

    Parameters
    ----------
    adata
        With ``obs["sequence"]``.
    """

    def __init__(self, adata: AnnData) -> None:
        self._adata = adata
        self._sequences = sequences_of(adata)
        self.sha256 = hashlib.sha256(adata.obs.to_csv(sep="\t").encode()).hexdigest()

    def write(self, group: Any, scratch: sqlite3.Connection) -> Iterator[Block]:  # noqa: ARG002
        """See `Rnas`."""
        if self._adata.n_obs == 0:
            msg = "the AnnData holds no RNAs"
            raise InputError(msg)
        kept = {k: v for k, v in self._adata.uns.items() if k == _keys.PROVENANCE}
        _write_anndata(group, AnnData(obs=self._adata.obs.copy(), uns=kept))
        names = list(map(str, self._adata.obs_names))
        for start in range(0, len(names), BLOCK):
            yield names[start : start + BLOCK], self._sequences[start : start + BLOCK]

    def summary(self) -> str:
        """See `Rnas`."""
        return ""


class FastaRnas:
    """The RNAs of a FASTA file, read as `rnaexplore.read_fasta` reads them.

    Parameters
    ----------
    file
        The file, looked through.
    on_invalid
        What to do with a record that is not a nucleotide sequence.
    """

    def __init__(self, file: TextFile, on_invalid: OnInvalid) -> None:
        self._file = file
        self._on_invalid = on_invalid
        self._report = Report(
            source=file.path.name, reader="read_fasta", sha256=file.sha256, on_invalid=on_invalid
        )
        self.sha256 = file.sha256

    def write(self, group: Any, scratch: sqlite3.Connection) -> Iterator[Block]:
        """See `Rnas`."""
        _write_anndata(group, AnnData(obs=None, shape=(0, 0)))
        obs, names, n = _empty_obs(group), UniqueNames(scratch), 0
        for rows in _blocks(self._cleaned()):
            given = [record.identifier for record, _ in rows]
            sequences = [sequence for _, sequence in rows]
            names.add(given)
            obs[_INDEX].append(_texts(given))
            obs[_keys.SEQUENCE].append(_texts(sequences))
            obs[_keys.LENGTH].append(np.array(list(map(len, sequences)), dtype=np.int64))
            obs[_keys.IDENTIFIER].append(_texts(given))
            obs[_keys.DESCRIPTION].append(_texts([record.description for record, _ in rows]))
            n += len(rows)
            yield given, sequences
        if n == 0:
            reason = f"; the first: {r[0]}" if (r := self._report.dropped_reasons) else ""
            msg = f"{self._report.source}: there is no valid record{reason}"
            raise InputError(msg)
        _rename(obs[_INDEX], names, self._report)
        _write_input(group, self._report)

    def summary(self) -> str:
        """See `Rnas`."""
        return self._report.summary()

    def _cleaned(self) -> Iterator[tuple[Record, str]]:
        for record in stream_fasta(self._file):
            try:
                cleaned = clean(record)
            except InvalidSequenceError as error:
                if self._on_invalid == "raise":
                    raise
                self._report.drop(record, error)
                continue
            self._report.count(cleaned)
            yield record, cleaned.sequence


def column(obs: Any, name: str, *, text: bool) -> Any:
    """Create an empty column of ``obs``, to be appended to."""
    return obs.create_array(
        name,
        shape=(0,),
        chunks=(BLOCK,),
        dtype="string" if text else "int64",
        attributes=_TEXT if text else _NUMBER,
    )


def _empty_obs(group: Any) -> dict[str, Any]:
    obs = group["obs"]
    del obs[_INDEX]
    kinds = {
        _INDEX: True,
        _keys.SEQUENCE: True,
        _keys.LENGTH: False,
        _keys.IDENTIFIER: True,
        _keys.DESCRIPTION: True,
    }
    obs.update_attributes({"column-order": [name for name in kinds if name != _INDEX]})
    return {name: column(obs, name, text=text) for name, text in kinds.items()}


def _rename(index: Any, names: UniqueNames, report: Report) -> None:
    """Write the names that had to change, block by block."""
    block: dict[int, str] = {}
    for row, name in names.renamed():
        if block and row // BLOCK != next(iter(block)) // BLOCK:
            _overwrite(index, block)
            block = {}
        block[row] = name
        report.renamed.append(name)
    if block:
        _overwrite(index, block)


def _overwrite(index: Any, names: dict[int, str]) -> None:
    start = next(iter(names)) // BLOCK * BLOCK
    values = index[start : start + BLOCK]
    for row, name in names.items():
        values[row - start] = name
    index[start : start + len(values)] = values


def _write_anndata(group: Any, adata: AnnData) -> None:
    import anndata as ad

    with ad.settings.override(zarr_write_format=3, auto_shard_zarr_v3=False):
        ad.io.write_elem(group, "/", adata)


def _write_input(group: Any, report: Report) -> None:
    import anndata as ad

    record = {_keys.INPUT: report.provenance() | {"rnaexplore": version("rnaexplore")}}
    with ad.settings.override(zarr_write_format=3, auto_shard_zarr_v3=False):
        ad.io.write_elem(group, f"uns/{_keys.PROVENANCE}", record)


def _blocks(rows: Iterable[tuple[Record, str]]) -> Iterator[list[tuple[Record, str]]]:
    iterator = iter(rows)
    while block := list(islice(iterator, BLOCK)):
        yield block


def _texts(values: list[str]) -> Any:
    return np.array(values, dtype=object)
