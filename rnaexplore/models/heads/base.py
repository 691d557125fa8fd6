"""A language model with a trained head: one module, one checkpoint, one adapter."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnaexplore.models.adapters.base import Adapter, Output, Request, State, Visit
from rnaexplore.models.spec import ModelSpec

__all__ = ["HeadedAdapter", "greedy_pairs", "pairwise", "prefixed"]


class HeadedAdapter(Adapter):
    """A language model whose checkpoint also holds a head.

    Subclasses say which adapter reads the language model, under which prefixes the file keeps the
    two, and what the head is; they override `contacts` and `pairs`, or `predict`.
    """

    backbone: ClassVar[type[Adapter]]
    lm_prefix: ClassVar[str]
    head_prefix: ClassVar[str]

    def __init__(self, spec: ModelSpec, module: nn.Module) -> None:
        super().__init__(spec, module)
        parts: Any = module
        self.lm = self.backbone(_bare(spec), parts["lm"])
        self.head: nn.Module = parts["head"]

    @classmethod
    @abstractmethod
    def build_head(cls, spec: ModelSpec) -> nn.Module:
        """Return the head with weights not yet loaded."""

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        lm = cls.backbone.build(_bare(spec))
        return nn.ModuleDict({"lm": lm, "head": cls.build_head(spec)})

    @classmethod
    def empty(cls, spec: ModelSpec) -> nn.Module:
        lm = cls.backbone.empty(_bare(spec))
        return nn.ModuleDict({"lm": lm, "head": cls.build_head(spec)})

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        lm, rest = _split(state, cls.lm_prefix)
        head, rest = _split(rest, cls.head_prefix)
        return {
            **prefixed(cls.backbone.convert(_bare(spec), lm), "lm."),
            **prefixed({key: _float(value) for key, value in head.items()}, "head."),
            **rest,
        }

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        return self.lm.forward(ids, mask, request)

    def forward_packed(self, ids: Tensor, lengths: Sequence[int], request: Request) -> Output:
        return self.lm.forward_packed(ids, lengths, request)

    def attend(self, ids: Tensor, visit: Visit) -> None:
        self.lm.attend(ids, visit)

    def use_flash_attention(self) -> None:
        self.lm.use_flash_attention()

    def last(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last hidden states, shape (batch, tokens, dim)."""
        n = self.spec.n_layers
        return self.lm.forward(ids, mask, Request(hidden=(n,))).hidden[n]


def _bare(spec: ModelSpec) -> ModelSpec:
    """Return the facts of the language model alone."""
    return replace(spec, can=spec.can - {"contacts", "predict"})


def _float(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _split(state: State, prefix: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    inside = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    return inside, {k: v for k, v in state.items() if not k.startswith(prefix)}


def prefixed(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return a state with a prefix before each name."""
    return {prefix + key: value for key, value in state.items()}


def pairwise(states: Tensor) -> Tensor:
    """Return the states of both residues of each pair side by side.

    Parameters
    ----------
    states
        (batch, L, dim).

    Returns
    -------
    Tensor
        (batch, L, L, 2 dim): ``[:, i, j]`` is state i followed by state j.
    """
    n, length, dim = states.shape
    rows = states[:, :, None].expand(n, length, length, dim)
    return torch.cat((rows, rows.transpose(1, 2)), dim=-1)


def greedy_pairs(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], threshold: float
) -> NDArray[np.int64]:
    """Return base pairs, taken in the order of their probability, each base at most once.

    Parameters
    ----------
    probabilities
        (L, L) symmetric.
    allowed
        (L, L) symmetric: which pairs may be taken.
    threshold
        Pairs must be more probable than this.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        0-based, i < j, sorted by i.
    """
    i, j = np.nonzero(np.triu(allowed & (probabilities > threshold), 1))
    order = np.argsort(-probabilities[i, j], kind="stable")
    free = np.ones(len(probabilities), dtype=bool)
    pairs = []
    for a, b in zip(i[order].tolist(), j[order].tolist(), strict=True):
        if free[a] and free[b]:
            pairs.append((a, b))
            free[[a, b]] = False
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
