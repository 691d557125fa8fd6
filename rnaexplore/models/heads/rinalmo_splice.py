"""RiNALMo's splice-site heads: a donor (acceptor) in the middle of 400 nucleotides, or none.

Penić et al. 2025, arXiv:2403.00043.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from rnaexplore.models.adapters.rinalmo import RinalmoAdapter
from rnaexplore.models.heads.base import HeadedAdapter
from rnaexplore.models.spec import ModelSpec

__all__ = ["RinalmoSequenceAdapter", "RinalmoSpliceAdapter"]


class RinalmoSequenceAdapter(HeadedAdapter):
    """RiNALMo with two layers over the first special token."""

    backbone = RinalmoAdapter
    lm_prefix = "rinalmo."
    head_prefix = "pred_head."
    width: ClassVar[int]

    @classmethod
    def build_head(cls, spec: ModelSpec) -> nn.Module:
        layers = nn.Sequential(
            nn.Linear(spec.dim, cls.width), nn.GELU(), nn.Linear(cls.width, len(spec.outputs))
        )
        return nn.ModuleDict({"classifier": layers})

    def scores(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the head's logits, shape (batch, outputs)."""
        head: nn.ModuleDict = self.head  # type: ignore[assignment]
        logits: Tensor = head["classifier"](self.last(ids, mask)[:, 0])
        return logits


class RinalmoSpliceAdapter(RinalmoSequenceAdapter):
    """The probability of a splice site."""

    width = 128

    def predict(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.scores(ids, mask).sigmoid()
