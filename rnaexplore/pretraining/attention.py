"""Attention of chosen heads, caught on the way, with its gradient.

Stock transformers modules use the plain product of matrices for it: in bfloat16 on a CPU that is
several times faster than the fused kernel.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.adapters.hosted import TransformersAdapter

__all__ = ["PairingHeads"]

_NAME = "rnaexplore_pairing"


class PairingHeads:
    """The heads that learn base pairs: the leading ones of the last layers.

    Parameters
    ----------
    adapter
        The model.
    layers
        How many of the last layers (all if there are fewer).
    heads
        How many leading heads of each.
    """

    def __init__(self, adapter: Adapter, *, layers: int, heads: int) -> None:
        n = adapter.spec.n_layers
        self.layers = tuple(range(max(0, n - layers), n)) if heads else ()
        self.heads = heads
        self.maps: dict[int, Tensor] = {}
        self._stock = isinstance(adapter, TransformersAdapter)
        if self._stock:
            self._register(adapter.module)

    def request(self, n_layers: int) -> Request:
        """Return what to ask of a forward pass: states of the last layer, logits, and maps."""
        asked = () if self._stock else self.layers
        return Request(hidden=(n_layers,), attentions=asked, logits=True)

    def take(self, returned: dict[int, Tensor]) -> list[Tensor]:
        """Return the last pass's maps, (batch, tokens, tokens) a head, and forget them."""
        maps = {k: m[:, : self.heads] for k, m in returned.items()} or self.maps
        self.maps = {}
        return [head for layer in self.layers for head in maps[layer].unbind(1)]

    def _register(self, module: Any) -> None:
        from transformers import AttentionInterface, AttentionMaskInterface
        from transformers.masking_utils import sdpa_mask

        places = [m for m in module.modules() if type(m).__name__.endswith("SelfAttention")]
        self._index = {id(place): i for i, place in enumerate(places)}
        AttentionInterface.register(_NAME, self._attend)
        AttentionMaskInterface.register(_NAME, sdpa_mask)
        module.set_attn_implementation(_NAME)

    def _attend(
        self,
        module: nn.Module,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        **rest: Any,
    ) -> tuple[Tensor, None]:
        scale = rest.get("scaling")
        scores = (query @ key.transpose(2, 3)) * (
            query.shape[-1] ** -0.5 if scale is None else scale
        )
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = scores.softmax(-1)
        layer = self._index[id(module)]
        if layer in self.layers:
            self.maps[layer] = weights[:, : self.heads].float()
        weights = functional.dropout(
            weights.to(value.dtype), rest.get("dropout", 0.0), training=module.training
        )
        return (weights @ value).transpose(1, 2), None
