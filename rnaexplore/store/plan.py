"""The plan of a job: RNAs checked and written, equal sequences found, shards laid out."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import noted
from rnaexplore.errors import StoreError
from rnaexplore.io.checksums import ROOT, digest_of
from rnaexplore.models.alphabet import Alphabet, normalise
from rnaexplore.store.files import (
    NEW,
    flush_all,
    read_sealed,
    sums,
    write_safely,
    write_sealed,
)
from rnaexplore.store.job import Job
from rnaexplore.store.sources import BLOCK, Block, Rnas, column

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["Record", "aliased", "claim", "clear", "is_begun", "plan", "planned"]

Rows = NDArray[np.int64]
Record = dict[str, Any]

SEQUENCES = (256, 1024)  #: sequences a chunk and a shard
NUCLEOTIDES = (1024, 16_384)  #: nucleotides a chunk and a shard, more if an RNA is longer
LOCK = "lock"
_RECIPE, _MARK = "recipe.json", "job.json"
_FOLDERS = ("store", "sums")
_FILES = (
    _RECIPE, _RECIPE + NEW, _MARK + NEW, "first.npy", "bounds.npy", "scratch.sqlite",
    "scratch.sqlite-journal",
)  # fmt: skip


def planned(job: Job) -> Record | None:
    """Return the recipe of a job whose plan is complete, and as it was written."""
    found = read_sealed(job.folder / _RECIPE)
    if found is None:
        return None
    write_safely(job.store / ROOT, found["root"].encode())  # finishing changes it
    parts = found["files"].items()
    whole = all(
        (job.folder / name).is_file() and digest_of(job.folder / name) == digest
        for name, digest in parts
    )
    recipe: Record = found["recipe"]
    return recipe if whole else None


def is_begun(folder: Path) -> bool:
    """Return whether a plan was complete once, whatever became of it."""
    return (folder / _RECIPE).exists()


def claim(folder: Path) -> None:
    """Make the folder of a job, or take the one that is there.

    Raises
    ------
    StoreError
        If there is something in it that no job wrote.
    """
    mark = folder / _MARK
    if folder.exists() and not mark.is_file() and any(folder.iterdir()):
        msg = (
            f"{str(folder)!r} exists and is not from here; it was left as it is. Move it, or "
            "choose another store"
        )
        raise StoreError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    if not mark.is_file():
        write_safely(mark, b'{"folder": "a job of rnaexplore embed"}\n')


def clear(folder: Path) -> None:
    """Remove a job, and nothing that is not of it."""
    if (folder / _MARK).is_file():
        _empty(folder)
        for name in (LOCK, _MARK):
            (folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # somebody put something of theirs into it
            folder.rmdir()


def plan(
    job: Job, rnas: Rnas, model: Model, recipe: Mapping[str, object], *, progress: bool
) -> None:
    """Write everything but the vectors; whatever an unfinished plan left is removed first.

    Raises
    ------
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If the model cannot read an RNA, before anything is computed.
    """
    import zarr

    _empty(job.folder)
    group = zarr.open_group(str(job.store), mode="w", zarr_format=3)
    bar = tqdm(desc="reading", unit="RNA", disable=not progress)
    with bar, _scratch(job.folder) as database:
        blocks = _told(bar, rnas.write(group, database))
        counts, first, n_distinct = _taken_in(job, blocks, model, database)
    _save(job.folder / "first.npy", first)
    n_rows, chunk, shard = _laid_out(job, model.spec.alphabet, group, first)
    _create_vectors(job, group, (n_rows, model.spec.dim), chunk, shard)
    record = {**recipe, "n_distinct": n_distinct, "read": dict(counts)}
    _write_provenance(job, group, record, len(first))
    flush_all(job.folder)
    beside = [job.folder / name for name in (LOCK, _MARK)]
    root = job.store / ROOT
    files = sums(job.folder, without=[*beside, root])
    content = {"recipe": recipe, "root": root.read_text(encoding="utf-8"), "files": files}
    write_sealed(job.folder / _RECIPE, content)


def aliased(alphabet: Alphabet, sequences: Sequence[str]) -> int:
    """Count the residues that reach the model as another one, for example R as N."""
    residues = (residue for sequence in sequences for residue in alphabet.split(sequence))
    return sum(residue in alphabet.aliases for residue in residues)


def _empty(folder: Path) -> None:
    """Remove what a job writes into its folder, but its mark and its lock."""
    for name in _FOLDERS:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _scratch(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for what has to be looked up while the plan is made."""
    path = folder / "scratch.sqlite"
    uri = f"{path.absolute().as_uri()}?nolock=1"  # network file systems may know no locks
    database = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        yield database
    finally:
        database.close()
        path.unlink(missing_ok=True)


def _told(bar: tqdm, blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        bar.update(len(block[0]))


def _save(path: Path, values: Rows) -> None:
    buffer = BytesIO()
    np.save(buffer, values)
    path.write_bytes(buffer.getvalue())  # np.save does not notice that a disk is full


def _taken_in(
    job: Job, blocks: Iterable[Block], model: Model, database: sqlite3.Connection
) -> tuple[Counter[str], Rows, int]:
    """Check the RNAs; return what the model reads differently, and first occurrences."""
    from rnaexplore.models.inference.inputs import check_sequences

    counts: Counter[str] = Counter()
    first: list[Rows] = []
    distinct = _Distinct(database)
    for names, sequences in blocks:
        check_sequences(model.spec, sequences, names, window=job.window)
        counts.update(asdict(model.inspect(sequences, window=job.window)))
        counts["aliased_residues"] += aliased(model.spec.alphabet, sequences)
        first.append(distinct.add(sequences))
    return counts, np.concatenate(first), distinct.n


class _Distinct:
    """Finds equal sequences; case, and T instead of U, make no difference."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.n = 0  #: distinct sequences
        self._row = 0
        self._database = database
        database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, row INT) WITHOUT ROWID")

    def add(self, sequences: Sequence[str]) -> Rows:
        """Return where the sequences of the next rows came first."""
        return np.array([self._first(s) for s in sequences], dtype=np.int64)

    def _first(self, sequence: str) -> int:
        digest = blake2b(normalise(sequence).encode(), digest_size=16).digest()
        row, self._row = self._row, self._row + 1
        new = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", [digest, row])
        if new.rowcount:
            self.n += 1
            return row
        found = self._database.execute("SELECT row FROM seen WHERE digest = ?", [digest])
        return int(found.fetchone()[0])


def _laid_out(job: Job, alphabet: Alphabet, group: Any, first: Rows) -> tuple[int, int, int]:
    """Write which RNAs belong to which shard; return the rows of vectors, of a chunk and a shard.

    Nucleotides of one RNA lie in one shard. Where the next RNA does not fit any more, rows are
    left over, and stay NaN.
    """
    if job.level == "sequence":
        chunk, shard = SEQUENCES
        bounds = np.append(np.arange(0, len(first), shard), len(first))
        _save(job.folder / "bounds.npy", bounds)
        return len(first), chunk, shard
    chunk, shard = NUCLEOTIDES
    lengths = np.concatenate(list(_residues(alphabet, group)))
    shard = max(shard, -(-int(lengths.max()) // chunk) * chunk)
    starts, n_rows = _packed(lengths, first, shard)
    own = np.flatnonzero(first == np.arange(len(first)))
    edges = np.searchsorted(starts[own], np.arange(shard, n_rows, shard))
    _save(job.folder / "bounds.npy", np.concatenate([[0], own[edges], [len(first)]]))
    columns = zip(_keys.nucleotide_rows_keys(job.key), (starts, starts + lengths), strict=True)
    for key, values in columns:
        written = column(group["obs"], key, text=False)
        for row in range(0, len(values), BLOCK):
            written.append(values[row : row + BLOCK])
        order = group["obs"].attrs["column-order"]
        group["obs"].update_attributes({"column-order": [*order, key]})
    return n_rows, chunk, shard


def _residues(alphabet: Alphabet, group: Any) -> Iterator[Rows]:
    """Yield the lengths of the RNAs in residues, block by block."""
    sequences = group[f"obs/{_keys.SEQUENCE}"]
    for row in range(0, sequences.shape[0], BLOCK):
        block = sequences[row : row + BLOCK]
        yield np.array([alphabet.n_residues(str(s)) for s in block], dtype=np.int64)


def _packed(lengths: Rows, first: Rows, shard: int) -> tuple[Rows, int]:
    """Return where each RNA starts, none across the edge of a shard, and the rows in all."""
    starts = np.empty(len(first), dtype=np.int64)
    stop = 0
    for row, length in enumerate(lengths):
        if first[row] < row:
            starts[row] = starts[first[row]]
            continue
        fits = stop % shard + length <= shard
        starts[row] = stop if fits else -(-stop // shard) * shard
        stop = int(starts[row] + length)
    return starts, stop


def _create_vectors(job: Job, group: Any, shape: tuple[int, int], chunk: int, shard: int) -> None:
    """Create the array, every shard of which is one file, every chunk with a checksum."""
    from zarr.codecs import Crc32cCodec, ZstdCodec

    place, _, name = job.array_path.rpartition("/")
    if place not in group:
        import anndata as ad

        ad.io.write_elem(group, place, {})
    group[place].create_array(
        name,
        shape=shape,
        chunks=(chunk, shape[1]),
        shards=(shard, shape[1]),
        dtype="float32",
        compressors=(ZstdCodec(level=0), Crc32cCodec()),
        fill_value=np.nan,
        attributes={"encoding-type": "array", "encoding-version": "0.2.0"},
    )


def _write_provenance(job: Job, group: Any, record: Record, n_obs: int) -> None:
    import anndata as ad

    made = group.get(f"uns/{_keys.PROVENANCE}")
    known = {} if made is None else ad.io.read_elem(made)
    with ad.settings.override(zarr_write_format=3, auto_shard_zarr_v3=False):
        ad.io.write_elem(group, f"uns/{_keys.PROVENANCE}/{job.key}", noted(record, known, n_obs))
