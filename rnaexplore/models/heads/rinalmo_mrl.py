"""RiNALMo's head for the mean ribosome load of a 5' untranslated region.

Penić et al. 2025, arXiv:2403.00043. The authors normalise over the padded length of a batch, so
their numbers depend on what else is in it; here pads take no part, which gives their numbers for
a batch of one length.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.models.adapters.base import State
from rnaexplore.models.adapters.rinalmo import RinalmoAdapter
from rnaexplore.models.heads.base import HeadedAdapter, prefixed
from rnaexplore.models.spec import ModelSpec

__all__ = ["MrlHead", "RinalmoMrlAdapter"]

CHANNELS, BLOCKS = 32, 6
EPS = 1e-5


class RinalmoMrlAdapter(HeadedAdapter):
    """Ribosomes on a transcript, on average; never below 0."""

    backbone = RinalmoAdapter
    lm_prefix = "lm."
    head_prefix = "pred_head."

    @classmethod
    def build_head(cls, spec: ModelSpec) -> nn.Module:
        return MrlHead(spec.dim, spec.config.get("head_blocks", BLOCKS))

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        names = {"scaler._mean": "mean", "scaler._std": "std"}
        scaler = {names[key]: value.float() for key, value in state.items() if key in names}
        rest = {key: value for key, value in state.items() if key not in names}
        return {**super().convert(spec, rest), **prefixed(scaler, "head.")}

    def predict(self, ids: Tensor, mask: Tensor) -> Tensor:
        load: Tensor = self.head(self.last(ids, mask), mask)
        return load


class MrlHead(nn.Module):
    """Convolutions over the states of all tokens, then a mean over those that are no pads."""

    mean: Tensor
    std: Tensor

    def __init__(self, dim: int, blocks: int) -> None:
        super().__init__()
        self.linear_in = nn.Linear(dim, CHANNELS)
        self.resnet = nn.ModuleDict({"blocks": nn.ModuleList(_Block() for _ in range(blocks))})
        self.linear_out = nn.Linear(CHANNELS, 1)
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("std", torch.ones(1))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the load, (batch, 1), of states (batch, tokens, dim)."""
        return (self.scaled(states, mask) * self.std + self.mean).clamp(min=0)

    def scaled(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the load in standard deviations from the mean, (batch, 1)."""
        keep = mask[:, None].to(states.dtype)
        x = self.linear_in(states).transpose(1, 2) * keep
        for block in cast("nn.ModuleList", self.resnet["blocks"]):
            x = block(x, keep)
        pooled = x.sum(-1) / keep.sum(-1)
        scaled: Tensor = self.linear_out(pooled)
        return scaled


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = {
            name: nn.Conv1d(CHANNELS, CHANNELS, 3, padding="same", bias=False)
            for name in ("0", "3")  # where the authors' sequence of layers has its convolutions
        }
        self.conv_net = nn.ModuleDict(layers)

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        inner = x
        for convolution in self.conv_net.values():
            inner = functional.elu(_normalised(convolution(inner), keep)) * keep
        return x + inner


def _normalised(x: Tensor, keep: Tensor) -> Tensor:
    """Return each channel with mean 0 and variance 1 over the tokens that are no pads."""
    n = keep.sum(-1, keepdim=True)
    centred = (x - (x * keep).sum(-1, keepdim=True) / n) * keep
    return centred / (centred.square().sum(-1, keepdim=True) / n + EPS).sqrt()
