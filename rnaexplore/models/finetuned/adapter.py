"""The adapter of fine-tuned models: their own key layout, nothing converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnaexplore.errors import CapabilityError
from rnaexplore.models.adapters.base import Adapter, Output, Request, State, Visit
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.rows import Rows
from rnaexplore.models.finetuned.tuning import Tuning, base_of, tuning_of
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.spec import ModelSpec
from rnaexplore.structure import decode

__all__ = ["TunedAdapter", "needs_first", "plain"]


class TunedAdapter(Adapter):
    """A language model with a head that `rnaexplore.finetune` trained.

    Parameters
    ----------
    spec
        From `rnaexplore.models.finetuned.tuning.tuned_spec`.
    module
        A `Network`.
    """

    def __init__(self, spec: ModelSpec, module: nn.Module) -> None:
        super().__init__(spec, module)
        assert isinstance(module, Network)
        self.network = module

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        return cls._network(spec, is_empty=False)

    @classmethod
    def empty(cls, spec: ModelSpec) -> nn.Module:
        with torch.random.fork_rng(devices=[]):  # opening a file draws from nobody's generator
            return cls._network(spec, is_empty=True)

    @classmethod
    def _network(cls, spec: ModelSpec, *, is_empty: bool) -> Network:
        base, tuning = base_of(spec), tuning_of(spec)
        kind = adapter_class(base)
        make = kind.empty if is_empty else kind.build
        first = kind(base, make(base)) if needs_first(tuning) else None
        return Network(kind(base, make(base)), tuning, first)

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        del spec
        return dict(state)

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        return self.network.adapter.forward(ids, mask, request)

    def forward_packed(self, ids: Tensor, lengths: Sequence[int], request: Request) -> Output:
        return self.network.adapter.forward_packed(ids, lengths, request)

    def attend(self, ids: Tensor, visit: Visit) -> None:
        self.network.adapter.attend(ids, visit)

    def use_flash_attention(self) -> None:
        self.network.adapter.use_flash_attention()

    def contacts(self, ids: Tensor, mask: Tensor) -> Tensor:
        if tuning_of(self.spec).task != "contact":
            msg = f"{self.spec.name!r} was not fine-tuned on contacts"
            raise CapabilityError(msg)
        lengths = mask.sum(1) - self.spec.alphabet.n_special
        whole = Rows(ids, mask, lengths, lengths * 0, lengths * 0.0 + 1)
        logits: Tensor = self.network(whole)
        return logits.sigmoid()

    def pairs(self, probabilities: NDArray[np.float32], sequence: str) -> NDArray[np.int64]:
        """Return pairs taken greedily above the threshold that was best on validation RNAs."""
        threshold = tuning_of(self.spec).threshold
        return decode(
            probabilities, sequence, method="greedy", threshold=threshold, canonical=True
        ).pairs


def needs_first(tuning: Tuning) -> bool:
    """Return whether the language model is needed as it was before fine-tuning, too."""
    return tuning.n_types > 0 and tuning.method != "frozen"


def plain(spec: ModelSpec, adapter: Adapter) -> ModelSpec:
    """Return the facts of a bare language model, to be built again by its adapter's class.

    Parameters
    ----------
    spec
        Its facts, perhaps with heads.
    adapter
        The language model's own adapter.
    """
    kind = type(adapter)
    path = f"{kind.__module__}:{kind.__qualname__}"
    return replace(spec, adapter=path, can=spec.can - {"predict"}, outputs=())
