"""One job: vectors of many RNAs into one zarr array, shard by shard.

A job lives in a folder beside the store that it makes, ``<store>.partial``::

    job.json     says that the folder is that of a job: nothing is deleted without it
    lock         held by the process that works on it
    recipe.json  what is computed and of what, with checksums of the plan; written last, so it says
                 that the plan is complete
    sums         the checksum of each shard, written when the shard is on the disk
    first.npy    int64 a row: the first row with the same sequence
    bounds.npy   int64: shard k belongs to the rows bounds[k] to bounds[k + 1]
    store        the AnnData in zarr format 3, its vectors missing until their shard is there

Every shard is one file that appears at once, depends on nothing but the plan, and is written by
whoever comes first: that is all that resuming and working in parallel need.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.io.checksums import digest_of
from rnaexplore.store.files import flush, write_safely

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model
    from rnaexplore.store.settings import Level

__all__ = ["Advance", "Job", "computed", "copy_repeats", "keep_products_few", "write"]

Array = NDArray[np.float32]
Rows = NDArray[np.int64]
Advance = Callable[[int], object]

PIECE = 32_768  #: residues that the model is given at a time, so that progress can be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is computed, and where; small enough to be sent to every worker.

    Attributes
    ----------
    folder
        The folder of the job.
    key
        Name of the array in ``obsm`` or ``uns["nucleotides"]``.
    level
        One vector a sequence, or one a nucleotide.
    layer
        0 to ``n_layers``.
    pooling
        How residues become one vector; of no meaning for nucleotides.
    window
        Residues a window, ``None`` to read RNAs whole.
    """

    folder: Path
    key: str
    level: Level
    layer: int
    pooling: Pooling
    window: int | None

    @property
    def store(self) -> Path:
        """The store while it is made."""
        return self.folder / "store"

    @property
    def array_path(self) -> str:
        """Where in the store the vectors lie."""
        place = "obsm" if self.level == "sequence" else f"uns/{_keys.NUCLEOTIDES}"
        return f"{place}/{self.key}"

    @property
    def n_shards(self) -> int:
        """Number of shards."""
        return len(self._bounds()) - 1

    def rows(self, shard: int) -> tuple[int, int]:
        """Return the first RNA of a shard, and the first that is not in it any more."""
        first, last = self._bounds()[shard : shard + 2]
        return int(first), int(last)

    def first(self, start: int, stop: int) -> Rows:
        """Return for some RNAs the first RNA with the same sequence."""
        return np.array(np.load(self.folder / "first.npy", mmap_mode="r")[start:stop])

    def own(self, shard: int) -> Rows:
        """Return the RNAs of a shard whose sequence did not come before."""
        start, stop = self.rows(shard)
        rows: Rows = np.arange(start, stop)
        own: Rows = rows[self.first(start, stop) == rows]
        return own

    def column(self, name: str, start: int, stop: int) -> NDArray[Any]:
        """Return a part of a column of ``obs``."""
        values: NDArray[Any] = self.open(f"obs/{name}")[start:stop]
        return values

    def open(self, path: str) -> Any:
        """Open an array of the store. Arrays that are all fill value are written, too."""
        import zarr

        return zarr.open_array(
            str(self.store), path=path, mode="r+", config={"write_empty_chunks": True}
        )

    def shard_file(self, shard: int) -> Path:
        """Return the file of a shard."""
        return self.store / self.array_path / "c" / str(shard) / "0"

    def sum_file(self, shard: int) -> Path:
        """Return the file that holds the checksum of a shard."""
        return self.folder / "sums" / str(shard)

    def done(self, shard: int) -> bool:
        """Return whether a shard has been written and flushed."""
        return self.sum_file(shard).is_file() and self.shard_file(shard).is_file()

    def seal(self, shard: int) -> None:
        """Flush a shard that was written, and note its checksum."""
        path = self.shard_file(shard)
        flush(path)
        flush(path.parent)
        self.sum_file(shard).parent.mkdir(exist_ok=True)
        write_safely(self.sum_file(shard), digest_of(path).encode())

    def drop_damaged(self) -> int:
        """Remove shards that are not as they were sealed; return how many had been sealed."""
        dropped = 0
        for shard in range(self.n_shards):
            path, note = self.shard_file(shard), self.sum_file(shard)
            sealed = note.read_bytes() if note.is_file() else b""
            if sealed and path.is_file() and digest_of(path).encode() == sealed:
                continue
            dropped += bool(note.is_file())
            note.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return dropped

    def missing(self) -> list[int]:
        """Return the shards that are still to be computed."""
        return [shard for shard in range(self.n_shards) if not self.done(shard)]

    def _bounds(self) -> Rows:
        bounds: Rows = np.load(self.folder / "bounds.npy")
        return bounds


def keep_products_few() -> None:
    """Let oneDNN and PyTorch forget compiled products: they have one for each number of tokens.

    Works if the process has not multiplied yet; the memory that they take ends at some hundred MB
    in any case.
    """
    for cache in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(cache, "16")


def computed(job: Job, model: Model, shard: int, advance: Advance) -> tuple[int, Array]:
    """Return the first row of a shard in the array, and its vectors.

    Rows whose sequence came first in another shard are NaN until `copy_repeats`.

    Parameters
    ----------
    job, model, shard
        What to compute.
    advance
        Called with the number of RNAs whenever some are done.
    """
    of = _of_sequences if job.level == "sequence" else _of_nucleotides
    return of(job, model, shard, advance)


def write(job: Job, shard: int, start: int, values: Array) -> None:
    """Write a shard, unless another worker was faster."""
    if not job.done(shard):
        job.open(job.array_path)[start : start + len(values)] = values
        if job.shard_file(shard).is_file():  # zarr leaves out shards of NaN: all rows are repeats
            job.seal(shard)


def copy_repeats(job: Job, shard: int) -> None:
    """Copy the vectors of sequences that came before, and were computed there, into a shard.

    Of nucleotides nothing is copied: RNAs with the same sequence point to the same rows.
    """
    start, stop = job.rows(shard)
    first = job.first(start, stop)
    repeated = first < start
    if job.level != "sequence" or not repeated.any():
        return
    array = job.open(job.array_path)
    wanted, place = np.unique(first[repeated], return_inverse=True)
    values = array[start:stop]
    values[repeated] = array.oindex[wanted, slice(None)][place]
    array[start:stop] = values
    job.seal(shard)


def _of_sequences(job: Job, model: Model, shard: int, advance: Advance) -> tuple[int, Array]:
    start, stop = job.rows(shard)
    own = job.own(shard)
    sequences = job.column(_keys.SEQUENCE, start, stop)
    values = np.full((stop - start, model.spec.dim), np.nan, dtype=np.float32)
    for rows in _pieces(own, [len(sequences[row - start]) for row in own]):
        given = [str(sequences[row - start]) for row in rows]
        values[rows - start] = model.embed(
            given, layer=job.layer, pooling=job.pooling, window=job.window
        )
        advance(len(rows))
    first = job.first(start, stop)
    inside = first >= start
    values[inside] = values[first[inside] - start]
    return start, values


def _of_nucleotides(job: Job, model: Model, shard: int, advance: Advance) -> tuple[int, Array]:
    array = job.open(job.array_path)
    size = array.shards[0]
    base = shard * size
    start, stop = job.rows(shard)
    sequences = job.column(_keys.SEQUENCE, start, stop)
    places = job.column(_keys.nucleotide_rows_keys(job.key)[0], start, stop) - base
    n = min(size, array.shape[0] - base)
    values = np.full((n, model.spec.dim), np.nan, dtype=np.float32)
    own = job.own(shard) - start
    given = [str(sequences[row]) for row in own]
    for k, states in model.stream_hidden_states(given, layers=[job.layer], window=job.window):
        place = places[own[k]]
        values[place : place + states.shape[1]] = states[0]
        advance(1)
    return base, values


def _pieces(rows: Rows, lengths: Sequence[int]) -> Iterator[Rows]:
    """Yield rows with similar lengths, longest first, some residues at a time."""
    order = np.argsort(-np.array(lengths, dtype=np.int64), kind="stable")
    piece = np.cumsum(np.array(lengths, dtype=np.int64)[order]) // PIECE
    for number in np.unique(piece):
        yield rows[order[piece == number]]
