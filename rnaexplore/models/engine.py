"""The engine: check, sort, batch, run, strip special tokens, pool. The same for every model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    SequenceTooLongError,
    UnknownTokensError,
)
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.spec import ModelSpec

__all__ = ["Batch", "Pooling", "batches", "check_sequences", "collate", "pool", "residues"]

Pooling = Literal["mean", "cls", "max"]

MAX_UNKNOWN = 0.05  #: largest tolerated share of residues that the vocabulary does not know
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


def check_sequences(spec: ModelSpec, sequences: Sequence[str], names: Sequence[str]) -> None:
    """Raise if the model cannot read one of the sequences.

    Raises
    ------
    InvalidSequenceError
        If a sequence is empty or out of frame.
    SequenceTooLongError
        If a sequence exceeds ``spec.max_length``.
    UnknownTokensError
        If more than 5 % of a sequence's residues are unknown to the vocabulary.
    """
    for name, sequence in zip(names, sequences, strict=True):
        try:
            unknown = spec.alphabet.unknown(sequence)
        except InvalidSequenceError as error:
            msg = f"record {name!r}: {error}"
            raise InvalidSequenceError(msg, record=name) from None
        n = spec.alphabet.n_residues(sequence)
        if spec.max_length is not None and n > spec.max_length:
            raise SequenceTooLongError(_too_long(spec, name, n))
        if len(unknown) > MAX_UNKNOWN * n:
            letters = ", ".join(sorted(set(unknown))[:8])
            msg = (
                f"record {name!r}: {len(unknown)} of {n} {spec.alphabet.unit}s "
                f"({len(unknown) / n:.0%}) are unknown to {spec.name!r}: {letters}; "
                f"at most {MAX_UNKNOWN:.0%} are tolerated. Replace them, or choose a model whose "
                "vocabulary has them (rx.list_models())"
            )
            raise UnknownTokensError(msg)


def _too_long(spec: ModelSpec, name: str, n: int) -> str:
    return (
        f"record {name!r} has {n} {spec.alphabet.unit}s, but {spec.name!r} reads at most "
        f"{spec.max_length}; pass window={spec.max_length} to read it in overlapping windows, "
        "or choose a model with a higher limit (rx.list_models())"
    )


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


def residues(batch: Batch, alphabet: Alphabet) -> Tensor:
    """Return which tokens are residues: not pads, not special tokens. Shape (batch, tokens), bool."""
    position = torch.arange(batch.ids.shape[1])[None, :]
    first = alphabet.n_prefix
    last = first + torch.from_numpy(batch.lengths)[:, None]
    return (position >= first) & (position < last)


def pool(hidden: Tensor, batch: Batch, alphabet: Alphabet, pooling: Pooling) -> Tensor:
    """Return one vector a sequence.

    Parameters
    ----------
    hidden
        (batch, tokens, dim).
    batch
        The batch that gave `hidden`.
    alphabet
        The model's vocabulary.
    pooling
        ``"mean"`` or ``"max"`` over residues alone, or ``"cls"``: the first special token.

    Returns
    -------
    Tensor
        (batch, dim) float32.

    Raises
    ------
    InputError
        If `pooling` is unknown, or ``"cls"`` is asked of a model without that token.
    """
    if pooling == "cls":
        if alphabet.cls is None:
            msg = "pooling='cls' needs a model with a leading special token; use 'mean' or 'max'"
            raise InputError(msg)
        return hidden[:, 0].float()
    keep = residues(batch, alphabet).to(hidden.device)[..., None]
    if pooling == "mean":
        return (hidden.float() * keep).sum(1) / keep.sum(1)
    if pooling == "max":
        return hidden.float().masked_fill(~keep, -torch.inf).amax(1)
    msg = f"pooling must be one of {', '.join(get_args(Pooling))}, got {pooling!r}"
    raise InputError(msg)
