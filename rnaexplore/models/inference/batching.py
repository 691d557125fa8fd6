"""Padded batches, which of their tokens are residues, and the ways to pool: one for all models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import Alphabet

__all__ = [
    "Batch",
    "Pooling",
    "batches",
    "check_pooling",
    "collate",
    "pool_residues",
    "residues",
    "same_length",
]

Pooling = Literal["mean", "cls", "max"]

BATCH_TOKENS = 4096  #: tokens a batch, pads included


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded token ids of some sequences.

    Attributes
    ----------
    rows
        Position of each sequence in the caller's list, shape (batch,).
    ids
        Token ids, shape (batch, tokens).
    mask
        1 for tokens (special tokens too), 0 for pads, shape (batch, tokens).
    lengths
        Residues of each sequence, shape (batch,).
    """

    rows: NDArray[np.int64]
    ids: Tensor
    mask: Tensor
    lengths: NDArray[np.int64]


def collate(alphabet: Alphabet, sequences: Sequence[str], rows: NDArray[np.int64]) -> Batch:
    """Return the padded token ids of ``sequences[row]`` for each row."""
    encoded = [alphabet.encode(sequences[row]) for row in rows]
    width = max(len(ids) for ids in encoded)
    ids = np.full((len(encoded), width), alphabet.pad_id, dtype=np.int64)
    mask = np.zeros((len(encoded), width), dtype=np.int64)
    for i, tokens in enumerate(encoded):
        ids[i, : len(tokens)] = tokens
        mask[i, : len(tokens)] = 1
    lengths = mask.sum(1) - alphabet.n_special
    return Batch(rows, torch.from_numpy(ids), torch.from_numpy(mask), lengths)


def batches(
    alphabet: Alphabet, sequences: Sequence[str], *, max_tokens: int = BATCH_TOKENS
) -> Iterator[Batch]:
    """Yield batches of similar lengths, longest first, within a budget of padded tokens.

    Parameters
    ----------
    alphabet
        The model's vocabulary.
    sequences
        Checked sequences, any order.
    max_tokens
        Most tokens in a batch, pads included; one sequence longer than that is a batch alone.
    """
    lengths = np.array([alphabet.n_residues(s) for s in sequences], dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        width = int(lengths[order[start]]) + alphabet.n_special
        stop = start + max(1, max_tokens // width)
        yield collate(alphabet, sequences, order[start:stop])
        start = stop


def same_length(alphabet: Alphabet, sequences: Sequence[str], *, max_pairs: int) -> Iterator[Batch]:
    """Yield batches of sequences with equally many residues, longest first: there are no pads.

    Parameters
    ----------
    alphabet
        The model's vocabulary.
    sequences
        Checked sequences, any order.
    max_pairs
        Most pairs of tokens in a batch; one sequence with more is a batch alone.
    """
    lengths = np.array([alphabet.n_residues(s) for s in sequences], dtype=np.int64)
    for length in np.unique(lengths)[::-1]:
        rows = np.flatnonzero(lengths == length)
        size = max(1, max_pairs // int(length + alphabet.n_special) ** 2)
        for start in range(0, len(rows), size):
            yield collate(alphabet, sequences, rows[start : start + size])


def residues(batch: Batch, alphabet: Alphabet) -> Tensor:
    """Return which tokens are residues, neither pads nor specials. (batch, tokens), bool."""
    position = torch.arange(batch.ids.shape[1])[None, :]
    first = alphabet.n_prefix
    last = first + torch.from_numpy(batch.lengths)[:, None]
    return (position >= first) & (position < last)


def check_pooling(pooling: Pooling, alphabet: Alphabet) -> None:
    """Raise if a model cannot pool in this way.

    Raises
    ------
    InputError
        If `pooling` is unknown, or ``"cls"`` is asked of a model without that token.
    """
    if pooling not in get_args(Pooling):
        msg = f"pooling must be one of {', '.join(get_args(Pooling))}, got {pooling!r}"
        raise InputError(msg)
    if pooling == "cls" and alphabet.cls is None:
        msg = "pooling='cls' needs a model with a leading special token; use 'mean' or 'max'"
        raise InputError(msg)


def pool_residues(states: NDArray[np.float32], pooling: Pooling) -> NDArray[np.float32]:
    """Return one vector a layer from the joined windows of a long sequence.

    Parameters
    ----------
    states
        (layers, residues, dim).
    pooling
        ``"mean"`` or ``"max"``.

    Returns
    -------
    ndarray of float32, shape (layers, dim)

    Raises
    ------
    InputError
        If `pooling` is ``"cls"``: each window has a special token of its own.
    """
    if pooling == "cls":
        msg = (
            "pooling='cls' has no meaning for a sequence that is read in several windows, each "
            "with its own special token; use pooling='mean' or 'max'"
        )
        raise InputError(msg)
    pooled: NDArray[np.float32] = states.mean(1) if pooling == "mean" else states.max(1)
    return pooled
