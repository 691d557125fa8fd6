"""One vector a sequence: whole sequences in packs, long ones in windows that are joined."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore.models.adapters.base import Request
from rnaexplore.models.inference import batching, inputs, windows
from rnaexplore.models.inference.batching import Pooling
from rnaexplore.models.inference.runner import Hide, Runner
from rnaexplore.models.spec import ModelSpec

__all__ = ["Job", "collect", "joined", "states", "stream"]

Array = NDArray[np.float32]
Rows = NDArray[np.int64]

_BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be embedded, checked.

    Attributes
    ----------
    runner
        The network.
    spec
        Its facts.
    sequences
        RNA sequences.
    layers
        Layers whose pooled states are wanted.
    pooling
        How residues become one vector.
    window, overlap
        How long sequences are read; see `windows`.
    """

    runner: Runner
    spec: ModelSpec
    sequences: Sequence[str]
    layers: tuple[int, ...]
    pooling: Pooling
    window: int | None
    overlap: int | None


def collect(job: Job, *, progress: bool) -> Array:
    """Return all vectors, shape (layers, sequences, dim), each written once, where it stays."""
    vectors = np.empty((len(job.layers), len(job.sequences), job.spec.dim), dtype=np.float32)
    for rows, found in stream(job, progress=progress):
        vectors[:, rows] = found
    return vectors


def stream(job: Job, *, progress: bool) -> Iterator[tuple[Rows, Array]]:
    """Yield rows and their vectors, shape (layers, rows, dim)."""
    sizes = np.array([job.spec.alphabet.n_residues(s) for s in job.sequences], dtype=np.int64)
    if not progress:
        yield from _vectors(job)
        return
    # residues, not sequences, make the time left come true when the longest are read first
    with tqdm(total=int(sizes.sum()), desc=job.spec.name, bar_format=_BAR) as bar:
        start, done = time.perf_counter(), 0
        for rows, vectors in _vectors(job):
            done += len(rows)
            rate = done / (time.perf_counter() - start)
            bar.set_postfix_str(f"{done}/{len(sizes)} sequences, {rate:.3g}/s", refresh=False)
            bar.update(int(sizes[rows].sum()))
            yield rows, vectors


def _vectors(job: Job) -> Iterator[tuple[Rows, Array]]:
    whole, long = _by_windows(job)
    short = [job.sequences[i] for i in whole]
    for rows, vectors in job.runner.vectors(short, job.layers, job.pooling):
        yield whole[rows], vectors
    for row in long:
        values = _in_windows(job, int(row), Request(hidden=job.layers))
        yield np.array([row]), batching.pool_residues(values, job.pooling)[:, None]


def _by_windows(job: Job) -> tuple[Rows, Rows]:
    """Return the rows that are read whole, and those that are read in several windows."""
    counts = np.array(
        [
            inputs.n_windows(job.spec, s, window=job.window, overlap=job.overlap)
            for s in job.sequences
        ]
    )
    return np.flatnonzero(counts == 1), np.flatnonzero(counts > 1)


def _in_windows(job: Job, row: int, request: Request) -> Array:
    sequence = job.sequences[row]
    places = windows.cut(job.spec.alphabet, sequence, window=job.window, overlap=job.overlap)
    return joined(job.runner, sequence, request, places)


def states(job: Job) -> Iterator[tuple[int, Array]]:
    """Yield each row and the hidden states of its residues, shape (layers, residues, dim)."""
    kept = sorted(set(job.layers))
    order = [kept.index(layer) for layer in job.layers]
    request = Request(hidden=tuple(kept))
    whole, long = _by_windows(job)
    for row, found in job.runner.residues([job.sequences[i] for i in whole], request):
        yield int(whole[row]), found[order]
    for row in long:
        yield int(row), _in_windows(job, int(row), request)[order]


def joined(
    runner: Runner,
    sequence: str,
    request: Request,
    places: Sequence[tuple[int, int]],
    *,
    hide: Hide | None = None,
) -> Array:
    """Return what is asked for of each residue, windows joined, shape (outputs, residues, …)."""
    pieces = [runner.alphabet.slice(sequence, start, stop) for start, stop in places]
    parts = dict(runner.residues(pieces, request, hide))
    return windows.stitch(
        [parts[k] for k in range(len(places))], places, runner.alphabet.n_residues(sequence)
    )
