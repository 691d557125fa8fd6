"""Heads for a class or a number of each RNA.

Each takes the last hidden states (rows, tokens, dim), the mask of tokens (rows, tokens), and which
tokens are residues (rows, tokens), and returns logits (rows, outputs).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.heads.rinalmo_mrl import BLOCKS, MrlHead
from rnaexplore.models.heads.rinalmo_ncrna import RinalmoNcRnaAdapter
from rnaexplore.models.heads.rinalmo_splice import RinalmoSpliceAdapter
from rnaexplore.models.spec import ModelSpec

__all__ = ["Linear", "Load", "Middle", "Mlp", "Pooler", "rinalmo_ncrna", "rinalmo_splice"]

DROPOUT = 0.1
HIDDEN = 128


class Linear(nn.Module):
    """One linear layer on the mean over residues."""

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.dropout = nn.Dropout(DROPOUT)
        self.out = nn.Linear(spec.dim, tuning.n_outputs)

    def forward(self, states: Tensor, mask: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        del mask
        logits: Tensor = self.out(self.dropout(mean(states, inside)))
        return logits


class Mlp(Linear):
    """One hidden layer of 128 on the mean over residues."""

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__(spec, tuning)
        self.out = nn.Sequential(  # type: ignore[assignment]
            nn.Linear(spec.dim, HIDDEN),
            nn.GELU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, tuning.n_outputs),
        )


class Middle(nn.Module):
    """One linear layer on the states of the three residues around the middle, side by side.

    For windows centred on a site: residues L // 2 - 1, L // 2 and L // 2 + 1, where both of a
    donor's or an acceptor's letters lie.
    """

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.n_prefix = spec.alphabet.n_prefix
        self.out = nn.Linear(3 * spec.dim, tuning.n_outputs)

    def forward(self, states: Tensor, mask: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        del mask
        n = inside.sum(1)
        rows = torch.arange(len(states), device=states.device)
        around = (n // 2)[:, None] + torch.arange(-1, 2, device=states.device)
        place = around.clamp(min=0).minimum(n[:, None] - 1) + self.n_prefix
        logits: Tensor = self.out(states[rows[:, None], place].flatten(1))
        return logits


class Pooler(nn.Module):
    """BERT's: the first token through a square layer and tanh, then a linear layer.

    RNAErnie's classifier of non-coding RNA (Wang et al. 2024) and SpliceBERT's of splice sites
    (Chen et al. 2024); both take the pooler from their own checkpoints, here it is new.
    """

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        self.pooler = nn.Linear(spec.dim, spec.dim)
        self.dropout = nn.Dropout(DROPOUT)
        self.out = nn.Linear(spec.dim, tuning.n_outputs)

    def forward(self, states: Tensor, mask: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        del mask, inside
        logits: Tensor = self.out(self.dropout(self.pooler(states[:, 0]).tanh()))
        return logits


class First(nn.Module):
    """RiNALMo's: two layers on the first token."""

    def __init__(self, dim: int, width: int, n_outputs: int) -> None:
        super().__init__()
        self.classifier = nn.Sequential(
            nn.Linear(dim, width), nn.GELU(), nn.Linear(width, n_outputs)
        )

    def forward(self, states: Tensor, mask: Tensor, inside: Tensor) -> Tensor:
        """Return logits."""
        del mask, inside
        logits: Tensor = self.classifier(states[:, 0])
        return logits


def rinalmo_ncrna(spec: ModelSpec, tuning: Tuning) -> nn.Module:
    """Return RiNALMo's classifier of families, 256 wide."""
    return First(spec.dim, RinalmoNcRnaAdapter.width, tuning.n_outputs)


def rinalmo_splice(spec: ModelSpec, tuning: Tuning) -> nn.Module:
    """Return RiNALMo's classifier of splice sites, 128 wide.

    Theirs has one logit for two classes; here each class has one.
    """
    return First(spec.dim, RinalmoSpliceAdapter.width, tuning.n_outputs)


class Load(nn.Module):
    """RiNALMo's head for ribosome load: convolutions, mean over tokens, for numbers."""

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        del tuning
        self.load = MrlHead(spec.dim, BLOCKS)

    def forward(self, states: Tensor, mask: Tensor, inside: Tensor) -> Tensor:
        """Return one number in standard deviations from the mean, (rows, 1)."""
        del inside
        return self.load.scaled(states, mask)


def mean(states: Tensor, inside: Tensor) -> Tensor:
    """Return the mean state of the residues of each row, (rows, dim)."""
    keep = inside[..., None].to(states.dtype)
    return (states * keep).sum(1) / keep.sum(1)
