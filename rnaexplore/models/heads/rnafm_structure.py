"""RNA-FM's secondary-structure head: a residual network over all pairs of residues.

Chen et al. 2022, arXiv:2204.00300. The authors publish it trained on PDB structures and on bpRNA,
each with its own threshold, and decode greedily without a folding model.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnaexplore.models.adapters.esm import RnaFmAdapter
from rnaexplore.models.heads.base import HeadedAdapter, greedy_pairs, pairwise
from rnaexplore.models.spec import ModelSpec

__all__ = ["RnaFmStructureAdapter", "RnaFmStructureHead"]

REDUCED, CHANNELS, BLOCKS = 128, 64, 32


class RnaFmStructureAdapter(HeadedAdapter):
    """RNA-FM with its structure head, in the layout of the authors' files."""

    backbone = RnaFmAdapter
    lm_prefix = "backbone."
    head_prefix = "downstream_modules.pc-resnet_1_sym_first:r-ss."

    @classmethod
    def build_head(cls, spec: ModelSpec) -> nn.Module:
        return RnaFmStructureHead(spec.dim, spec.config.get("head_blocks", BLOCKS))

    def contacts(self, ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = self.head(self.last(ids, mask)[:, 1:-1])
        return logits.sigmoid()

    def pairs(self, probabilities: NDArray[np.float32], sequence: str) -> NDArray[np.int64]:
        distance = np.abs(np.subtract.outer(np.arange(len(sequence)), np.arange(len(sequence))))
        return greedy_pairs(probabilities, distance > 1, self.spec.config["threshold"])


class RnaFmStructureHead(nn.Module):
    """A residual network over all pairs; symmetric."""

    def __init__(self, dim: int, blocks: int) -> None:
        super().__init__()
        self.pre_reduction = nn.Linear(dim, REDUCED)
        self.proj = nn.ModuleDict(
            {
                "first": nn.Sequential(nn.Conv2d(2 * REDUCED, CHANNELS, 1)),
                "resnet": nn.Sequential(*(_Block(2 ** (i % 3)) for i in range(blocks))),
                "final": nn.Conv2d(CHANNELS, 1, 3, padding=1),
            }
        )

    def forward(self, states: Tensor) -> Tensor:
        """Return the logits of all pairs, (batch, L, L), of states (batch, L, dim)."""
        pairs = pairwise(self.pre_reduction(states)).permute(0, 3, 1, 2)
        logits = self.proj["final"](self.proj["resnet"](self.proj["first"](pairs)))[:, 0]
        upper = torch.triu(logits)
        return upper + torch.triu(logits, 1).transpose(1, 2)


class _Block(nn.Module):
    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(CHANNELS)
        self.conv1 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(
            CHANNELS, CHANNELS, 3, padding=dilation, dilation=dilation, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv2(self.conv1(self.bn1(x).relu()).relu())
        return x + inner
