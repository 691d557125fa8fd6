"""ESM-shaped encoders: `mini` in the stock key layout, RNA-FM and mRNA-FM in their authors'."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import EsmConfig, EsmForMaskedLM

from rnaexplore.models.adapters.base import Request, State
from rnaexplore.models.adapters.calibrated import CalibratedSigmoid
from rnaexplore.models.adapters.hosted import TransformersAdapter
from rnaexplore.models.inference.int8 import Int8Linear
from rnaexplore.models.inference.linear import OneDnnLinear
from rnaexplore.models.spec import ModelSpec

__all__ = ["EsmAdapter", "RnaFmAdapter"]


class EsmAdapter(TransformersAdapter):
    """`transformers.EsmForMaskedLM` with weights under transformers' own names."""

    encoder = "esm"
    head = "lm_head"

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        settings: dict[str, Any] = {
            "vocab_size": len(spec.alphabet.tokens),
            "pad_token_id": spec.alphabet.pad_id,
            "mask_token_id": spec.alphabet.mask_id,
            "hidden_size": spec.dim,
            "num_hidden_layers": spec.n_layers,
            "num_attention_heads": spec.n_heads,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "token_dropout": False,
            "attn_implementation": "sdpa",
            **spec.config,
        }
        module: Any = EsmForMaskedLM(EsmConfig(**settings))
        if "contacts" not in spec.can:
            module.esm.contact_head = None
        else:
            module.esm.contact_head.activation = CalibratedSigmoid()
        for layer in module.esm.encoder.layer:
            layer.intermediate = _FusedIntermediate(layer.intermediate.dense)
        return cast("nn.Module", module)

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:  # noqa: ARG003
        return {key: value.float() for key, value in state.items()}

    @property
    def first_position(self) -> int:
        return self.spec.alphabet.pad_id + 1

    def contacts(self, ids: Tensor, mask: Tensor) -> Tensor:
        module: Any = self.module
        if module.esm.contact_head is None:
            return super().contacts(ids, mask)
        layers = tuple(range(self.spec.n_layers))
        maps = self.forward(ids, mask, Request(attentions=layers)).attentions
        probabilities: Tensor = module.esm.contact_head(
            ids, torch.stack([maps[k] for k in layers], dim=1)
        )
        return probabilities


class _FusedIntermediate(nn.Module):
    """The stock intermediate layer with its five-pass gelu (exact, erf) fused into the product."""

    def __init__(self, dense: nn.Linear) -> None:
        super().__init__()
        self.dense: nn.Module = dense

    def forward(self, hidden_states: Tensor) -> Tensor:
        if isinstance(self.dense, OneDnnLinear | Int8Linear):
            fused: Tensor = self.dense(hidden_states, "gelu")
            return fused
        return functional.gelu(self.dense(hidden_states))  # in training, or put there by it


class RnaFmAdapter(EsmAdapter):
    """RNA-FM and mRNA-FM checkpoints as their authors publish them.

    The authors' loader sets the ``<mask>`` row of the token embeddings to zero, then copies the
    file into a model whose embeddings and output matrix are one parameter. Where the file stores
    the two matrices separately, the second copy wins and brings its ``<mask>`` row back.
    """

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        renamed: dict[str, Tensor] = {}
        for key, value in state.items():
            name = _rnafm_name(key)
            if name is not None:
                renamed[name] = value.float()
        words, output = (renamed.get(name) for name in _TIED)
        if words is not None and output is not None:
            matrix = output.clone()
            is_whole = len(matrix) == len(spec.alphabet.tokens)
            if is_whole and words.data_ptr() == output.data_ptr():
                matrix[spec.alphabet.mask_id] = 0
            renamed |= dict.fromkeys(_TIED, matrix)
        return renamed


_TIED = ("esm.embeddings.word_embeddings.weight", "lm_head.decoder.weight")
_LAYER = {
    "self_attn.q_proj": "attention.self.query",
    "self_attn.k_proj": "attention.self.key",
    "self_attn.v_proj": "attention.self.value",
    "self_attn.out_proj": "attention.output.dense",
    "self_attn_layer_norm": "attention.LayerNorm",
    "fc1": "intermediate.dense",
    "fc2": "output.dense",
    "final_layer_norm": "LayerNorm",
}
_WHOLE = {
    "embed_tokens.weight": "esm.embeddings.word_embeddings.weight",
    "embed_positions.weight": "esm.embeddings.position_embeddings.weight",
    "lm_head.weight": "lm_head.decoder.weight",
}
_PREFIX = {
    "emb_layer_norm_before.": "esm.embeddings.layer_norm.",
    "emb_layer_norm_after.": "esm.encoder.emb_layer_norm_after.",
    "lm_head.": "lm_head.",
}


def _rnafm_name(key: str) -> str | None:
    """Return transformers' name of an official key, ``None`` for the untrained contact head."""
    key = key.removeprefix("encoder.").removeprefix("sentence_encoder.")
    if key.startswith("contact_head."):
        return None
    if key in _WHOLE:
        return _WHOLE[key]
    if key.startswith("layers."):
        _, index, rest = key.split(".", 2)
        part, _, leaf = rest.rpartition(".")
        return f"esm.encoder.layer.{index}.{_LAYER.get(part, part)}.{leaf}"
    for before, after in _PREFIX.items():
        if key.startswith(before):
            return after + key.removeprefix(before)
    return key
