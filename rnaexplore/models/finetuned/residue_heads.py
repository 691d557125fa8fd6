"""Heads for a class of each residue: (rows, tokens, dim) to logits (rows, tokens, outputs)."""

from __future__ import annotations

from torch import Tensor, nn

from rnaexplore.models.finetuned.sequence_heads import DROPOUT
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.spec import ModelSpec

__all__ = ["Convolution", "Linear"]

CHANNELS, WIDTH = 64, 9


class Linear(nn.Module):
    """One linear layer on each state, as in SpliceBERT's labelling of branch points."""

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.dropout = nn.Dropout(DROPOUT)
        self.out = nn.Linear(spec.dim, tuning.n_outputs)

    def forward(self, states: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        del inside
        logits: Tensor = self.out(self.dropout(states))
        return logits


class Convolution(nn.Module):
    """A convolution over nine residues, then a linear layer; ends of RNAs are seen as zeros."""

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.dropout = nn.Dropout(DROPOUT)
        self.mix = nn.Conv1d(spec.dim, CHANNELS, WIDTH, padding="same")
        self.out = nn.Linear(CHANNELS, tuning.n_outputs)

    def forward(self, states: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        kept = self.dropout(states) * inside[..., None].to(states.dtype)
        logits: Tensor = self.out(self.mix(kept.transpose(1, 2)).relu().transpose(1, 2))
        return logits
