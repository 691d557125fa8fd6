"""Packs: sequences laid end to end, so that no pad is ever computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.inference.batching import Pooling, check_pooling

__all__ = [
    "PACK_TOKENS",
    "Pack",
    "halves",
    "pack",
    "pack_tokens",
    "packs",
    "parts",
    "pool",
    "positions",
    "residues",
]

PACK_TOKENS = 4096  #: most tokens a pack
WIDEST_BYTES = 31 * 2**20  #: most of one result on a CPU; see `pack_tokens`


@dataclass(frozen=True, slots=True)
class Pack:
    """Token ids of some sequences, one after the other.

    Attributes
    ----------
    rows
        Position of each sequence in the caller's list, shape (sequences,).
    ids
        Token ids, special tokens included, shape (tokens,).
    lengths
        Tokens of each sequence, special tokens included.
    """

    rows: NDArray[np.int64]
    ids: Tensor
    lengths: tuple[int, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """Index of the first token of each sequence."""
        return (0, *accumulate(self.lengths[:-1]))


def pack_tokens(widest: int, device: torch.device) -> int:
    """Return how many tokens a pack should have.

    On a CPU the widest result of a layer stays below 32 MiB: the C library gives larger blocks
    back to the system at once, and each page that is asked for anew costs more than its product.

    Parameters
    ----------
    widest
        Numbers a token in the widest result of a layer.
    device
        Where the network runs.
    """
    if device.type != "cpu":
        return PACK_TOKENS
    return max(1, min(PACK_TOKENS, WIDEST_BYTES // (4 * widest)))


def pack(alphabet: Alphabet, sequences: Sequence[str], rows: NDArray[np.int64]) -> Pack:
    """Return the token ids of ``sequences[row]`` for each row, end to end."""
    encoded = [alphabet.encode(sequences[row]) for row in rows]
    ids = torch.from_numpy(np.concatenate(encoded))
    return Pack(rows, ids, tuple(len(tokens) for tokens in encoded))


def packs(alphabet: Alphabet, sequences: Sequence[str], *, max_tokens: int) -> Iterator[Pack]:
    """Yield packs of about equally many tokens, longest sequences first.

    Sequences of equal length become neighbours, so that attention reads them as one batch.

    Parameters
    ----------
    alphabet
        The model's vocabulary.
    sequences
        Checked sequences, any order.
    max_tokens
        Most tokens in a pack; a longer sequence is a pack alone.
    """
    tokens = np.array([alphabet.n_residues(s) for s in sequences], dtype=np.int64)
    tokens += alphabet.n_special
    order = np.argsort(-tokens, kind="stable")
    for start, stop in _cuts(tokens[order], max_tokens):
        yield pack(alphabet, sequences, order[start:stop])


def _cuts(tokens: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges whose tokens stay within the limit, none of them a small rest."""
    start, left = 0, int(tokens.sum())
    while start < len(tokens):
        share = left / -(-left // limit)
        filled = np.cumsum(tokens[start:])
        within = int(np.searchsorted(filled, limit, side="right"))
        enough = int(np.searchsorted(filled, share)) + 1
        stop = start + max(1, min(within, enough))
        left -= int(filled[stop - start - 1])
        yield start, stop
        start = stop


def parts(whole: Pack) -> tuple[Tensor, ...]:
    """Return the token ids of each sequence, views of the pack's."""
    return torch.split(whole.ids, list(whole.lengths))


def halves(whole: Pack) -> tuple[Pack, Pack]:
    """Return a pack of at least two sequences as two."""
    middle = len(whole.rows) // 2
    cut = whole.starts[middle]
    return (
        Pack(whole.rows[:middle], whole.ids[:cut], whole.lengths[:middle]),
        Pack(whole.rows[middle:], whole.ids[cut:], whole.lengths[middle:]),
    )


def positions(lengths: Sequence[int], device: torch.device) -> Tensor:
    """Return the index of each token in its own sequence, shape (tokens,)."""
    return torch.cat([torch.arange(n, device=device) for n in lengths])


def residues(packed: Pack, alphabet: Alphabet) -> list[slice]:
    """Return where the residues of each sequence lie, special tokens left out."""
    first, rest = alphabet.n_prefix, alphabet.n_special - alphabet.n_prefix
    return [
        slice(start + first, start + n - rest)
        for start, n in zip(packed.starts, packed.lengths, strict=True)
    ]


def pool(hidden: Tensor, packed: Pack, alphabet: Alphabet, pooling: Pooling) -> Tensor:
    """Return one vector a sequence.

    Parameters
    ----------
    hidden
        (tokens, dim).
    packed
        The pack that gave `hidden`.
    alphabet
        The model's vocabulary.
    pooling
        ``"mean"`` or ``"max"`` over residues alone, or ``"cls"``: the first special token.

    Returns
    -------
    Tensor
        (sequences, dim) float32.
    """
    check_pooling(pooling, alphabet)
    if pooling == "cls":
        return hidden[torch.tensor(packed.starts, device=hidden.device)].float()
    inside = residues(packed, alphabet)
    kept = torch.cat([hidden[place] for place in inside]).float()
    lengths = torch.tensor([place.stop - place.start for place in inside], device=hidden.device)
    return torch.segment_reduce(kept, pooling, lengths=lengths, axis=0)
