"""From examples to the tensors of one optimiser step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.finetuned.rows import Row, padded, rows_of
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.structure.decoding import MIN_LOOP

__all__ = ["Collator", "Positions"]


class Positions(Dataset[int]):
    """Positions of the examples of one part; the collator makes tensors of them."""

    def __init__(self, positions: Sequence[int]) -> None:
        self.positions = [int(k) for k in positions]

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, k: int) -> int:
        return self.positions[k]


class Collator:
    """Makes the tensors of one step of positions of examples.

    Parameters
    ----------
    examples
        All examples.
    alphabet
        Vocabulary of the language model.
    tuning
        Task and its settings.
    guess
        Appends types of RNA to rows; identity where none are used.
    """

    def __init__(
        self, examples: Examples, alphabet: Alphabet, tuning: Tuning, rows: list[list[Row]]
    ) -> None:
        self.examples = examples
        self.alphabet = alphabet
        self.tuning = tuning
        self._rows = rows

    @classmethod
    def of(cls, examples: Examples, alphabet: Alphabet, tuning: Tuning, guess: Any) -> Collator:
        """Return a collator, every RNA cut and encoded once."""
        options = {"chunk": tuning.chunk, "max_chunks": tuning.max_chunks}
        rows: list[list[Row]] = [[] for _ in examples.sequences]
        for row in guess(rows_of(alphabet, examples.sequences, **options)):
            rows[row.owner].append(row)
        if examples.seconds is not None:
            for k, row in enumerate(rows_of(alphabet, examples.seconds, **options)):
                rows[k].append(row)
        return cls(examples, alphabet, tuning, rows)

    def __call__(self, positions: Sequence[int]) -> dict[str, Tensor]:
        """Return ``labels`` first, then what the network reads."""
        rows = self._of_batch(positions)
        batch = padded(self.alphabet, rows)
        return {
            "labels": self._labels(positions, int(batch.lengths.max())),
            "ids": batch.ids,
            "mask": batch.mask,
            "lengths": batch.lengths,
            "owner": batch.owner,
            "share": batch.share,
        }

    def _of_batch(self, positions: Sequence[int]) -> list[Row]:
        owned = [
            Row(r.ids, r.length, place, r.share)
            for place, k in enumerate(positions)
            for r in self._rows[k]
        ]
        if self.examples.seconds is None:
            return owned
        return owned[::2] + owned[1::2]  # all first RNAs, then all second ones

    def _labels(self, positions: Sequence[int], longest: int) -> Tensor:
        targets = [self.examples.targets[k] for k in positions]
        task = self.examples.task
        if task == "residue":
            labels = torch.full((len(targets), longest), IGNORED)
            for i, codes in enumerate(targets):
                labels[i, : len(codes)] = torch.from_numpy(codes)
            return labels
        if task == "contact":
            return self._maps(positions, targets, longest)
        if self.tuning.labels:
            return torch.tensor(targets)
        scaled = (np.array(targets) - self.tuning.mean) / self.tuning.std
        return torch.tensor(scaled, dtype=torch.float32)[:, None]

    def _maps(self, positions: Sequence[int], targets: Sequence[Any], longest: int) -> Tensor:
        """Return 1 for pairs, 0 for others that could pair, once each, ``IGNORED`` elsewhere."""
        maps = torch.full((len(targets), longest, longest), float(IGNORED))
        for i, (k, pairs) in enumerate(zip(positions, targets, strict=True)):
            n = len(self.examples.sequences[k])
            upper = torch.triu(torch.ones(n, n, dtype=torch.bool), MIN_LOOP + 1)
            maps[i, :n, :n][upper] = 0.0
            maps[i][tuple(torch.from_numpy(pairs.copy()).T)] = 1.0
        return maps
