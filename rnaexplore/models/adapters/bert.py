"""BERT-shaped encoders: SpliceBERT, RNAErnie in three editions, and RNABERT.

All are hosted by `transformers.BertForMaskedLM`; the adapters differ in the names, and for Paddle
in the orientation, under which a checkpoint stores the same tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from torch import Tensor, nn
from transformers import BertConfig, BertForMaskedLM

from rnaexplore.models.adapters.base import State
from rnaexplore.models.adapters.hosted import TransformersAdapter
from rnaexplore.models.spec import ModelSpec

__all__ = [
    "BertAdapter",
    "RnaBertAdapter",
    "RnaErnie2Adapter",
    "RnaErnieAdapter",
    "SpliceBertAdapter",
    "renamed",
    "without",
]

WORDS = "bert.embeddings.word_embeddings.weight"
DECODER = "cls.predictions.decoder"
BIAS = "cls.predictions.bias"


class BertAdapter(TransformersAdapter):
    """`transformers.BertForMaskedLM` with weights under transformers' own names."""

    encoder = "bert"
    head = "cls"

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        settings: dict[str, Any] = {
            "vocab_size": len(spec.alphabet.tokens),
            "pad_token_id": spec.alphabet.pad_id,
            "hidden_size": spec.dim,
            "num_hidden_layers": spec.n_layers,
            "num_attention_heads": spec.n_heads,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "attn_implementation": "sdpa",
            "tie_word_embeddings": False,  # each matrix is loaded under its own name
            **spec.config,
        }
        return cast("nn.Module", BertForMaskedLM(BertConfig(**settings)))

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:  # noqa: ARG003
        return _tied({key: value.float() for key, value in state.items()})


class SpliceBertAdapter(BertAdapter):
    """SpliceBERT as its authors publish it: a stock BERT, with a table of positions to drop."""

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        return super().convert(spec, without(state, ["bert.embeddings.position_ids"]))


class RnaErnie2Adapter(BertAdapter):
    """RNAErnie2 as its authors publish it: a stock BERT without the parameters that are tied."""


class RnaBertAdapter(BertAdapter):
    """RNABERT as its authors publish it.

    Layer norms call their parameters gamma and beta, and attention is called ``selfattn``. The
    pooler and the heads for structure classes and alignments belong to its training and are left
    out; the masked-language head is loaded, though it predicts the same for every residue.
    """

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        rules = [
            (r"\.gamma$", ".weight"),
            (r"\.beta$", ".bias"),
            (r"\.selfattn\.", ".self."),
            (r"^module\.", ""),
        ]
        names = renamed(state, rules)
        unused = ("bert.pooler.", "cls.predictions_ss.", "cls.seq_relationship.")
        return super().convert(spec, without(names, unused))


class RnaErnieAdapter(BertAdapter):
    """RNAErnie as its authors publish it: names of Paddle, and matrices stored (in, out).

    Every matrix but the embeddings is transposed on the way, the square ones too, where a mistake
    changes no shape. The pooler is not part of the host.
    """

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        turned = {key: _turned(key, value) for key, value in state.items()}
        names = renamed(turned, _PADDLE)
        return super().convert(spec, without(names, ["bert.pooler."]))


_PADDLE = [
    (r"^ernie\.", "bert."),
    (r"^bert\.embeddings\.layer_norm\.", "bert.embeddings.LayerNorm."),
    (r"^bert\.encoder\.layers\.", "bert.encoder.layer."),
    (r"\.self_attn\.q_proj\.", ".attention.self.query."),
    (r"\.self_attn\.k_proj\.", ".attention.self.key."),
    (r"\.self_attn\.v_proj\.", ".attention.self.value."),
    (r"\.self_attn\.out_proj\.", ".attention.output.dense."),
    (r"\.norm1\.", ".attention.output.LayerNorm."),
    (r"\.linear1\.", ".intermediate.dense."),
    (r"\.linear2\.", ".output.dense."),
    (r"\.norm2\.", ".output.LayerNorm."),
    (r"^cls\.predictions\.transform\.(weight|bias)$", r"cls.predictions.transform.dense.\1"),
    (r"^cls\.predictions\.layer_norm\.", "cls.predictions.transform.LayerNorm."),
    (r"^cls\.predictions\.decoder_weight$", f"{DECODER}.weight"),
    (r"^cls\.predictions\.decoder_bias$", BIAS),
]


def _turned(key: str, value: Tensor) -> Tensor:
    is_embedding = "embeddings" in key or key.endswith("decoder_weight")
    return value if is_embedding or value.ndim != 2 else value.T.contiguous()  # noqa: PLR2004


def renamed(state: State, rules: Iterable[tuple[str, str]]) -> dict[str, Tensor]:
    """Return a state under names changed by regular expressions, applied in order."""
    names = {}
    for key, value in state.items():
        name = key
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        names[name] = value
    return names


def _tied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a state in which shared tensors stand under all their names.

    BERT's output matrix is its embedding matrix, and its output bias has two names; files carry
    one of each, or both.
    """
    shared = dict(state)
    for present, absent in (
        (WORDS, f"{DECODER}.weight"),
        (BIAS, f"{DECODER}.bias"),
        (f"{DECODER}.bias", BIAS),
    ):
        if present in shared:
            shared.setdefault(absent, shared[present])
    return shared


def without(state: State, prefixes: Iterable[str]) -> dict[str, Tensor]:
    """Return a state less the parameters of parts that the host does not have."""
    unused = tuple(prefixes)
    return {key: value for key, value in state.items() if not key.startswith(unused)}
