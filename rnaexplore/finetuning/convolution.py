"""A small convolutional network on one-hot letters: the baseline where order matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise

__all__ = ["Convolution"]

Ints = NDArray[np.int64]

CHANNELS, WIDTH = 32, 9
DILATIONS = (1, 2, 4)  #: a residue sees 28 residues on either side
DROPOUT = 0.2
STEPS, BATCH = 400, 32
RATE, DECAY = 3e-3, 0.01
LONGEST = 512  #: residues from the 5' end that are read


class _Network(nn.Module):
    """Three convolutions; the mean, the maximum and the middle of the residues, then one layer."""

    def __init__(self, n_outputs: int, n_sides: int, *, by_residue: bool) -> None:
        super().__init__()
        widths = [len(NUCLEOTIDES)] + [CHANNELS] * len(DILATIONS)
        self.layers = nn.ModuleList(
            nn.Conv1d(widths[k], CHANNELS, WIDTH, padding="same", dilation=d)
            for k, d in enumerate(DILATIONS)
        )
        self.dropout = nn.Dropout(DROPOUT)
        self.by_residue = by_residue
        self.out = nn.Linear(CHANNELS if by_residue else 3 * n_sides * CHANNELS, n_outputs)

    def forward(self, sides: Sequence[Tensor]) -> Tensor:
        """Return logits, (rows, outputs) or (rows, L, outputs), of letters (rows, 4, L)."""
        states = [self._states(side) for side in sides]
        if self.by_residue:
            seen = states[0].transpose(1, 2)
        else:
            pooled = [_pooled(x, side) for x, side in zip(states, sides, strict=True)]
            seen = torch.cat(pooled, dim=1)
        logits: Tensor = self.out(self.dropout(seen))
        return logits

    def _states(self, letters: Tensor) -> Tensor:
        """Return states (rows, channels, L), zero beyond the ends."""
        inside = _inside(letters)
        x = letters
        for k, layer in enumerate(self.layers):
            new = layer(x).relu() * inside
            x = new if k == 0 else x + new
        return x


def _inside(letters: Tensor) -> Tensor:
    """Return 1 from the first to the last known letter of each row, (rows, 1, L)."""
    known = letters.sum(1, keepdim=True)
    return known.flip(-1).cummax(-1).values.flip(-1)


def _pooled(states: Tensor, letters: Tensor) -> Tensor:
    """Return mean, maximum and middle of each row's states, (rows, 3 * channels)."""
    lengths = _inside(letters).sum((1, 2)).clamp(min=1)
    place = (lengths // 2).long().clamp(max=letters.shape[2] - 1)
    middle = states[torch.arange(len(states)), :, place]
    return torch.cat([states.sum(-1) / lengths[:, None], states.amax(-1), middle], dim=1)


@dataclass(frozen=True, slots=True)
class Convolution:
    """Trains the network on some examples, and asks it about others.

    Attributes
    ----------
    examples
        All examples: classes or numbers of RNAs or pairs, or classes of residues.
    seed
        Seed of the weights and of the order of examples.
    class_weight
        Weight of each class in the loss.
    """

    examples: Examples
    seed: int
    class_weight: dict[int, float] | None = None

    def tell(self, learn: Ints, asked: Ints) -> list[object]:
        """Return what is predicted of each example asked about, spelled as its target."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            network = self._trained(learn)
        network.eval()
        found: list[object] = []
        with torch.inference_mode():
            for start in range(0, len(asked), BATCH):
                some = asked[start : start + BATCH]
                logits = network(self._letters(some)).numpy()
                found += [self._spelled(x, k, learn) for x, k in zip(logits, some, strict=True)]
        return found

    def _spelled(self, logits: NDArray[np.float32], k: int, learn: Ints) -> object:
        labels = self.examples.labels
        if not labels:
            mean, std = self._moments(learn)
            return float(logits[0]) * std + mean
        if self.examples.task == "residue":
            codes = logits[: len(self.examples.targets[k])].argmax(1)
            return "".join(labels[code] for code in codes)
        return labels[int(logits.argmax())]

    def _trained(self, learn: Ints) -> _Network:
        known = self.examples
        by_residue = known.task == "residue"
        n_sides = 1 if known.seconds is None else 2
        network = _Network(max(1, len(known.labels)), n_sides, by_residue=by_residue)
        optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
        rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
        order = np.random.default_rng(self.seed)
        mixed = np.empty(0, dtype=np.int64)
        for _ in range(STEPS):
            if not len(mixed):
                mixed = order.permutation(learn)
            some, mixed = mixed[:BATCH], mixed[BATCH:]
            optimizer.zero_grad()
            self._loss(network(self._letters(some)), some, learn).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            rates.step()
        return network

    def _letters(self, rows: Ints) -> list[Tensor]:
        """Return the letters of one side, or of both, as 0 and 1, (rows, 4, L) each."""
        known = self.examples
        sides = [known.sequences] + ([] if known.seconds is None else [known.seconds])
        return [_hot([side[k] for k in rows], by_all=known.task == "residue") for side in sides]

    def _loss(self, logits: Tensor, rows: Ints, learn: Ints) -> Tensor:
        targets = [self.examples.targets[k] for k in rows]
        if not self.examples.labels:
            mean, std = self._moments(learn)
            scaled = (torch.tensor(targets, dtype=torch.float32) - mean) / std
            return functional.mse_loss(logits[:, 0], scaled)
        if self.examples.task == "residue":
            codes = torch.full(logits.shape[:2], IGNORED)
            for row, some in zip(codes, targets, strict=True):
                row[: len(some)] = torch.from_numpy(some)
        else:
            codes = torch.tensor(targets)
        if bool((codes == IGNORED).all()):
            return logits.sum() * 0
        given = self.class_weight
        weight = None if given is None else torch.tensor([given[k] for k in sorted(given)])
        return functional.cross_entropy(
            logits.flatten(0, -2), codes.flatten(), weight=weight, ignore_index=IGNORED
        )

    def _moments(self, learn: Ints) -> tuple[float, float]:
        """Return mean and standard deviation of the numbers learned from."""
        numbers = np.array([self.examples.targets[k] for k in learn], dtype=float)
        return float(numbers.mean()), float(numbers.std()) or 1.0


def _hot(sequences: Sequence[str], *, by_all: bool) -> Tensor:
    """Return letters as 0 and 1, (rows, 4, L); cut at 512 residues unless all are asked about."""
    texts = [normalise(s) if by_all else normalise(s)[:LONGEST] for s in sequences]
    hot = torch.zeros(len(texts), len(NUCLEOTIDES), max(map(len, texts)))
    for row, text in zip(hot, texts, strict=True):
        codes = np.array([NUCLEOTIDES.find(c) for c in text])
        known = np.flatnonzero(codes >= 0)
        row[codes[known], known] = 1
    return hot
