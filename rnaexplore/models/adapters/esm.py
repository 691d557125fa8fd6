"""ESM-shaped encoders: RNA-FM and mRNA-FM in their authors' key layout, and `mini` in the stock one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import EsmConfig, EsmForMaskedLM

from rnaexplore.models.adapters.base import Request, State, TransformersAdapter
from rnaexplore.models.spec import ModelSpec

__all__ = ["EsmAdapter", "RnaFmAdapter"]


class EsmAdapter(TransformersAdapter):
    """`transformers.EsmForMaskedLM` with weights under transformers' own names."""

    encoder = "esm"
    head = "lm_head"

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        alphabet = spec.alphabet
        with torch.device("cpu"):
            module = EsmForMaskedLM(
                EsmConfig(
                    vocab_size=len(alphabet.tokens),
                    pad_token_id=alphabet.pad_id,
                    mask_token_id=alphabet.mask_id,
                    hidden_size=spec.dim,
                    num_hidden_layers=spec.n_layers,
                    num_attention_heads=spec.n_heads,
                    hidden_dropout_prob=0.0,
                    attention_probs_dropout_prob=0.0,
                    token_dropout=False,
                    attn_implementation="sdpa",
                    **spec.config,
                )
            )
        if "contacts" not in spec.can:
            module.esm.contact_head = None
        for layer in module.esm.encoder.layer:
            layer.intermediate = _FusedIntermediate(layer.intermediate.dense)
        return module

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        return {key: value.float() for key, value in state.items()}

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
    """The stock intermediate layer with its five-pass gelu (exact, erf) as one kernel."""

    def __init__(self, dense: nn.Linear) -> None:
        super().__init__()
        self.dense = dense

    def forward(self, hidden_states: Tensor) -> Tensor:
        return functional.gelu(self.dense(hidden_states))


class RnaFmAdapter(EsmAdapter):
    """RNA-FM and mRNA-FM checkpoints as their authors publish them."""

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        renamed: dict[str, Tensor] = {}
        for key, value in state.items():
            name = _rnafm_name(key)
            if name is not None:
                renamed[name] = value.float()
        tied = renamed.get("esm.embeddings.word_embeddings.weight")
        if tied is not None and "lm_head.decoder.weight" in renamed:
            renamed["lm_head.decoder.weight"] = tied
        return renamed


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
