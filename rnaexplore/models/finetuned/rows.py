"""From RNAs to the rows that a network reads: chunks, types of RNA, pads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.models.alphabet import Alphabet

__all__ = ["Row", "Rows", "chunks", "padded", "rows_of", "with_type"]

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of one RNA, as the network reads it.

    Attributes
    ----------
    ids
        Token ids, special tokens included.
    length
        Residues.
    owner
        Position of the RNA in its batch or list.
    share
        Weight of this row in the RNA's mean; those of one RNA sum to 1.
    """

    ids: Ids
    length: int
    owner: int
    share: float


@dataclass(frozen=True, slots=True)
class Rows:
    """Padded rows as tensors: ids and mask (rows, tokens), the others (rows,)."""

    ids: Tensor
    mask: Tensor
    lengths: Tensor
    owner: Tensor
    share: Tensor

    def to(self, device: torch.device) -> Rows:
        """Return the rows on a device."""
        parts = (self.ids, self.mask, self.lengths, self.owner, self.share)
        return Rows(*(part.to(device) for part in parts))


def chunks(alphabet: Alphabet, sequence: str, chunk: int | None, most: int | None) -> list[str]:
    """Return a sequence cut into chunks, from the 5' end; the last may be shorter."""
    n = alphabet.n_residues(sequence)
    if chunk is None or n <= chunk:
        return [sequence]
    starts = range(0, n, chunk)[:most]
    return [alphabet.slice(sequence, k, min(k + chunk, n)) for k in starts]


def rows_of(
    alphabet: Alphabet, sequences: Sequence[str], *, chunk: int | None, max_chunks: int | None
) -> list[Row]:
    """Return one row for each chunk of each sequence, equal shares."""
    rows = []
    for owner, sequence in enumerate(sequences):
        pieces = chunks(alphabet, sequence, chunk, max_chunks)
        for piece in pieces:
            ids = alphabet.encode(piece)
            rows.append(Row(ids, len(ids) - alphabet.n_special, owner, 1 / len(pieces)))
    return rows


def with_type(alphabet: Alphabet, row: Row, type_id: int, share: float) -> Row:
    """Return a row with a type of RNA behind its residues, and a share of its weight.

    Parameters
    ----------
    alphabet
        One with an indicator, behind which the type stands.
    row
        A row without a type.
    type_id
        Token of the type.
    share
        0 to 1.
    """
    body, last = row.ids[:-1], row.ids[-1:]
    indicator = alphabet.ids[alphabet.indicator or ""]
    ids = np.concatenate([body, [indicator, type_id], last]).astype(np.int64)
    return Row(ids, row.length, row.owner, row.share * share)


def padded(alphabet: Alphabet, rows: Iterable[Row]) -> Rows:
    """Return rows as tensors, pads behind the shorter ones."""
    given = list(rows)
    width = max(len(row.ids) for row in given)
    ids = torch.full((len(given), width), alphabet.pad_id)
    mask = torch.zeros((len(given), width), dtype=torch.long)
    for i, row in enumerate(given):
        ids[i, : len(row.ids)] = torch.from_numpy(row.ids)
        mask[i, : len(row.ids)] = torch.from_numpy((row.ids != alphabet.pad_id).astype(np.int64))
    return Rows(
        ids,
        mask,
        torch.tensor([row.length for row in given]),
        torch.tensor([row.owner for row in given]),
        torch.tensor([row.share for row in given], dtype=torch.float32),
    )
