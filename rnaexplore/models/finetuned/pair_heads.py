"""Heads for a class or a number of two RNAs.

They take the residues' states of the first and of the second RNA, (pairs, L, dim) each, zero beyond
their ends, the lengths, and the token ids of the residues, and return logits (pairs, outputs).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.models.finetuned.sequence_heads import DROPOUT, HIDDEN
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.spec import ModelSpec

__all__ = ["Interaction", "Linear", "Side"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two RNAs: states (pairs, L, dim), ids (pairs, L), lengths (pairs,)."""

    states: Tensor
    ids: Tensor
    lengths: Tensor

    def mean(self) -> Tensor:
        """Return the mean state of the residues, (pairs, dim)."""
        return self.states.sum(1) / self.lengths[:, None]


class Linear(nn.Module):
    """A linear layer on the two mean states and their product, and a hidden layer beside it.

    The hidden layer has no say at the start, so that the head can begin as a linear probe.
    """

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.out = nn.Linear(3 * spec.dim, tuning.n_outputs)
        last = nn.Linear(HIDDEN, tuning.n_outputs)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.hidden = nn.Sequential(
            nn.Linear(3 * spec.dim, HIDDEN), nn.GELU(), nn.Dropout(DROPOUT), last
        )

    def forward(self, first: Side, second: Side) -> Tensor:
        """Return logits."""
        a, b = first.mean(), second.mean()
        both = torch.cat([a, b, a * b], dim=1)
        logits: Tensor = self.out(both) + self.hidden(both)
        return logits


class Interaction(nn.Module):
    """RNAErnie's for miRNA and target (Wang et al. 2024).

    Letters (64 wide) and projected states (64) of both RNAs at fixed widths, one behind the other,
    through a convolution of 12, a maximum over 2, and a bidirectional LSTM.
    """

    PART, CHANNELS, KERNEL, MEMORY, LAST = 64, 320, 12, 32, 16

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        assert tuning.widths is not None
        self.widths = tuning.widths
        self.letters = nn.Embedding(len(spec.alphabet.tokens) + 1, self.PART, padding_idx=0)
        self.project = nn.Linear(spec.dim, self.PART)
        self.mix = nn.Conv1d(2 * self.PART, self.CHANNELS, self.KERNEL)
        self.memory = nn.LSTM(self.CHANNELS, self.MEMORY, batch_first=True, bidirectional=True)
        self.out = nn.Sequential(
            nn.Linear(2 * self.MEMORY, self.LAST),
            nn.ReLU(),
            nn.Linear(self.LAST, tuning.n_outputs),
        )

    def forward(self, first: Side, second: Side) -> Tensor:
        """Return logits."""
        sides = zip((first, second), self.widths, strict=True)
        features = torch.cat([self._features(side, width) for side, width in sides], dim=1)
        mixed = functional.max_pool1d(self.mix(features.transpose(1, 2)).relu(), 2)
        _, (ends, _) = self.memory(mixed.transpose(1, 2))
        logits: Tensor = self.out(torch.cat([ends[0], ends[1]], dim=1))
        return logits

    def _features(self, side: Side, width: int) -> Tensor:
        """Return letters and states of one RNA at its fixed width, (pairs, width, 128)."""
        place = torch.arange(side.ids.shape[1], device=side.ids.device)
        inside = place[None] < side.lengths[:, None]
        letters = self.letters((side.ids + 1) * inside)
        states = self.project(side.states) * inside[..., None].to(side.states.dtype)
        both = torch.cat([letters, states], dim=-1)[:, :width]
        return functional.pad(both, (0, 0, 0, width - both.shape[1]))
