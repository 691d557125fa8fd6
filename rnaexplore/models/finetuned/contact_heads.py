"""Heads for pairs of residues.

They take one RNA at a time, so that pads never enter a map: its residues' states (1, L, dim), or
its attention maps (1, layers x heads, L, L), to symmetric logits (1, L, L).
"""

from __future__ import annotations

from torch import Tensor, nn

from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.heads.rinalmo_structure import BLOCKS as RINALMO_BLOCKS
from rnaexplore.models.heads.rinalmo_structure import RinalmoStructureHead
from rnaexplore.models.heads.rnafm_structure import BLOCKS as RNAFM_BLOCKS
from rnaexplore.models.heads.rnafm_structure import RnaFmStructureHead
from rnaexplore.models.spec import ModelSpec

__all__ = ["Attention", "rinalmo", "rnafm"]

RARE = -4.0  #: logit of a pair at the start: most residues do not pair


class Attention(nn.Module):
    """A logistic regression on all attention maps, symmetrized and corrected (Rao et al. 2021).

    Here its gradient also reaches the attention, unless the language model is frozen. The maps are
    multiplied by `SCALE`, so that a step of the optimizer moves a probability.
    """

    SCALE = 8.0

    reads_attention = True

    def __init__(self, spec: ModelSpec, tuning: Tuning) -> None:
        super().__init__()
        del tuning
        self.out = nn.Linear(spec.n_layers * spec.n_heads, 1)
        nn.init.constant_(self.out.bias, RARE)

    def forward(self, maps: Tensor) -> Tensor:
        """Return logits, (1, L, L), of maps (1, layers x heads, L, L)."""
        both = maps + maps.transpose(-1, -2)
        rows, total = both.sum(-1, keepdim=True), both.sum((-1, -2), keepdim=True)
        corrected = both - rows * rows.transpose(-1, -2) / total
        logits: Tensor = self.out(corrected.permute(0, 2, 3, 1) * self.SCALE)
        return logits[..., 0]


def rinalmo(spec: ModelSpec, tuning: Tuning) -> nn.Module:
    """Return RiNALMo's structure head: two residual blocks over all pairs."""
    del tuning
    return RinalmoStructureHead(spec.dim, RINALMO_BLOCKS)


def rnafm(spec: ModelSpec, tuning: Tuning) -> nn.Module:
    """Return RNA-FM's structure head: 32 residual blocks over all pairs; slow without a GPU."""
    del tuning
    return RnaFmStructureHead(spec.dim, RNAFM_BLOCKS)
