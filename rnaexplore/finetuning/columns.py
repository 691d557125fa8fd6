"""What a probe reads from a frozen language model: the columns that the head reads, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import Examples
from rnaexplore.models.finetuned.rows import chunks
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.model import Model
from rnaexplore.tl.evaluation.linear import Features

__all__ = ["of_both", "of_rnas", "scattered"]

Ints = NDArray[np.int64]
Array = NDArray[np.float32]


def of_rnas(model: Model, examples: Examples, rows: Ints, tuning: Tuning) -> Features:
    """Return columns of RNAs, or of pairs of RNAs; those not in `rows` have zeros.

    The mean over residues (of RNAs cut into chunks, the mean over the chunks that the head reads);
    for head ``"middle"`` the three residues around the middle, side by side; for pairs both means
    and their product.
    """
    first = [examples.sequences[k] for k in rows]
    if tuning.head == "middle":
        return Features(scattered(_around_the_middle(model, first), rows, len(examples.rows)))
    means = _means(model, first, tuning)
    if examples.seconds is not None:
        others = _means(model, [examples.seconds[k] for k in rows], tuning)
        means = np.concatenate([means, others, means * others], axis=1)
    return Features(scattered(means, rows, len(examples.rows)))


def of_both(examples: Examples, rows: Ints, describe: Callable[[Sequence[str]], Array]) -> Array:
    """Return what needs no model of the RNAs, or of both RNAs of pairs side by side."""
    sides = [examples.sequences] + ([] if examples.seconds is None else [examples.seconds])
    found = np.concatenate([describe([side[k] for k in rows]) for side in sides], axis=1)
    return scattered(found, rows, len(examples.rows))


def scattered(values: Array, rows: Ints, n: int) -> Array:
    """Return rows of values at their positions among `n`, zeros elsewhere."""
    whole = np.zeros((n, values.shape[1]), dtype=np.float32)
    whole[rows] = values
    return whole


def _means(model: Model, sequences: Sequence[str], tuning: Tuning) -> Array:
    """Return the mean state of each RNA, (n, dim), every chunk of an RNA counting alike."""
    alphabet = model.spec.alphabet
    pieces = [chunks(alphabet, s, tuning.chunk, tuning.max_chunks) for s in sequences]
    vectors = model.embed([piece for some in pieces for piece in some])
    ends = np.cumsum([len(some) for some in pieces])[:-1]
    return np.array([part.mean(0) for part in np.split(vectors, ends)], dtype=np.float32)


def _around_the_middle(model: Model, sequences: Sequence[str]) -> Array:
    """Return the last states of the three residues around the middle, (n, 3 * dim)."""
    found = np.empty((len(sequences), 3 * model.spec.dim), dtype=np.float32)
    for k, states in model.stream_hidden_states(sequences):
        n = states.shape[1]
        places = np.clip(n // 2 + np.arange(-1, 2), 0, n - 1)
        found[k] = states[0, places].ravel()
    return found
