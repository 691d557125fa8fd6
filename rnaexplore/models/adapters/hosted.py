"""Architectures that a stock class of transformers hosts: one forward pass for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from rnaexplore.errors import CapabilityError
from rnaexplore.models.adapters.base import Adapter, Output, Request, Visit
from rnaexplore.models.inference.attention import PACKED, head_maps, implementation, register
from rnaexplore.models.inference.packing import positions
from rnaexplore.models.spec import ModelSpec

__all__ = ["TransformersAdapter", "flash_is_possible"]


class TransformersAdapter(Adapter):
    """An architecture that a stock transformers class with a masked-language head hosts."""

    encoder: str  #: attribute of the module that is the encoder without the head
    head: str  #: attribute of the module that is the masked-language head

    @classmethod
    def empty(cls, spec: ModelSpec) -> nn.Module:
        from transformers.initialization import no_init_weights

        with no_init_weights():  # drawing 100 million numbers takes longer than reading them
            return cls.build(spec)

    def use_flash_attention(self) -> None:
        module: Any = self.module
        weight = next(module.parameters())
        if flash_is_possible(weight.device.type, weight.dtype):
            module.set_attn_implementation("flash_attention_2")

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        module: Any = self.module
        name = "eager" if request.attentions else module.config._attn_implementation  # noqa: SLF001
        with implementation(module, name):
            result = getattr(module, self.encoder)(
                input_ids=ids,
                attention_mask=mask,
                output_hidden_states=self._wants_states(request),
                output_attentions=bool(request.attentions),
            )
        if request.attentions and len(result.attentions or ()) != self.spec.n_layers:
            msg = f"{self.spec.name!r} returned no attention maps; no other result is made up"
            raise CapabilityError(msg)
        output = self._output(result, request)
        output.attentions = {k: result.attentions[k] for k in request.attentions}
        return output

    def forward_packed(self, ids: Tensor, lengths: Sequence[int], request: Request) -> Output:
        wanted = self._wants_states(request)
        result = self._packed(ids, lengths, output_hidden_states=wanted)
        output = self._output(result, request)
        return Output(
            hidden={k: states[0] for k, states in output.hidden.items()},
            logits=None if output.logits is None else output.logits[0],
        )

    def attend(self, ids: Tensor, visit: Visit) -> None:
        layers = count()

        def watch(q: Tensor, k: Tensor, scale: float) -> None:
            visit(next(layers), head_maps(q, k, scale))

        self._packed(ids, (len(ids),), watch=watch)
        if next(layers) != self.spec.n_layers:
            msg = f"{self.spec.name!r} showed no attention maps; no other result is made up"
            raise CapabilityError(msg)

    def _packed(self, ids: Tensor, lengths: Sequence[int], **asked: Any) -> Any:
        module: Any = self.module
        register()
        with implementation(module, PACKED):
            return getattr(module, self.encoder)(
                input_ids=ids[None],
                position_ids=positions(lengths, ids.device)[None] + self.first_position,
                lengths=tuple(lengths),
                **asked,
            )

    @property
    def first_position(self) -> int:
        """Row of the table of positions that belongs to the first token."""
        return 0

    def _wants_states(self, request: Request) -> bool:
        return any(k != self.spec.n_layers for k in request.hidden)

    def _output(self, result: Any, request: Request) -> Output:
        last = result.last_hidden_state
        return Output(
            hidden={
                k: last if k == self.spec.n_layers else result.hidden_states[k]
                for k in request.hidden
            },
            logits=getattr(self.module, self.head)(last) if request.logits else None,
        )


def flash_is_possible(device: str, dtype: torch.dtype) -> bool:
    """Return whether FlashAttention 2 can run: its package, a GPU, and half precision."""
    half = dtype in {torch.float16, torch.bfloat16}
    return device == "cuda" and half and find_spec("flash_attn") is not None
