"""RiNALMo's secondary-structure head, with the threshold that its checkpoint carries.

Penić et al. 2025, arXiv:2403.00043.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnaexplore.errors import CheckpointError
from rnaexplore.models.adapters.base import State
from rnaexplore.models.adapters.rinalmo import RinalmoAdapter
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.heads.base import HeadedAdapter, greedy_pairs, pairwise
from rnaexplore.models.spec import ModelSpec

__all__ = ["RinalmoStructureAdapter", "RinalmoStructureHead"]

CHANNELS, BLOCKS = 64, 2
SHORTEST = 4  #: residues that paired ones must lie apart
CANONICAL = frozenset({"AU", "UA", "GC", "CG", "GU", "UG"})


class RinalmoStructureAdapter(HeadedAdapter):
    """RiNALMo with its structure head, in the layout of the authors' files."""

    backbone = RinalmoAdapter
    lm_prefix = "lm."
    head_prefix = "pred_head."

    @classmethod
    def resolve(cls, spec: ModelSpec, state: State) -> ModelSpec:
        """Return the facts with the threshold of the checkpoint."""
        if "threshold" not in state or state["threshold"].numel() != 1:
            msg = f"the checkpoint is not a complete {spec.name!r}: 1 missing (threshold)"
            raise CheckpointError(msg)
        return replace(spec, config={**spec.config, "threshold": float(state["threshold"])})

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        return super().convert(spec, {k: v for k, v in state.items() if k != "threshold"})

    @classmethod
    def build_head(cls, spec: ModelSpec) -> nn.Module:
        return RinalmoStructureHead(spec.dim, spec.config.get("head_blocks", BLOCKS))

    def contacts(self, ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = self.head(self.last(ids, mask)[:, 1:-1])
        return logits.sigmoid()

    def pairs(self, probabilities: NDArray[np.float32], sequence: str) -> NDArray[np.int64]:
        return greedy_pairs(probabilities, _allowed(sequence), self.spec.config["threshold"])


def _allowed(sequence: str) -> NDArray[np.bool_]:
    letters = normalise(sequence)
    position = np.arange(len(letters))
    apart = np.abs(np.subtract.outer(position, position)) >= SHORTEST
    canonical = np.array([[a + b in CANONICAL for b in letters] for a in letters])
    both: NDArray[np.bool_] = apart & canonical
    return both


class RinalmoStructureHead(nn.Module):
    """Two residual blocks over all pairs; symmetric, nothing on the diagonal."""

    def __init__(self, dim: int, blocks: int) -> None:
        super().__init__()
        self.linear_in = nn.Linear(2 * dim, CHANNELS)
        self.resnet = nn.ModuleDict({"blocks": nn.Sequential(*(_Block() for _ in range(blocks)))})
        self.conv_out = nn.Conv2d(CHANNELS, 1, 3, padding="same")

    def forward(self, states: Tensor) -> Tensor:
        """Return the logits of all pairs, (batch, L, L), of states (batch, L, dim)."""
        x = self.linear_in(pairwise(states)).permute(0, 3, 1, 2)
        upper = torch.triu(self.conv_out(self.resnet["blocks"](x))[:, 0], 1)
        return upper + upper.transpose(1, 2)


class _Block(nn.Module):
    """Three convolutions (1, 3, 1), each normalised over the map of its channel."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for size in (1, 3, 1):
            layers += [
                nn.Conv2d(CHANNELS, CHANNELS, size, padding="same", bias=False),
                nn.InstanceNorm2d(CHANNELS),
                nn.ReLU(),
            ]
        self.conv_net = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv_net(x)
        return x + inner
