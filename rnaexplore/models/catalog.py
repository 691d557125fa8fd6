"""The models that rnaexplore knows: data only. A new checkpoint of a known architecture is one entry."""

from __future__ import annotations

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.spec import ModelSpec, Weights

__all__ = ["CATALOG"]

_AMBIGUOUS = "RYKMSWBDHV"

MINI_ALPHABET = Alphabet(
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "A", "C", "G", "U", "N"),
    aliases=dict.fromkeys(_AMBIGUOUS, "N"),
)

RNAFM_ALPHABET = Alphabet(
    tokens=(
        "<cls>", "<pad>", "<eos>", "<unk>", *"ACGURYKMSWBDHVN-",
        "<null_1>", "<null_2>", "<null_3>", "<null_4>", "<mask>",
    ),
)  # fmt: skip

_MINI = ModelSpec(
    name="mini",
    family="rnaexplore mini",
    adapter="rnaexplore.models.adapters.esm:EsmAdapter",
    alphabet=MINI_ALPHABET,
    n_layers=6,
    n_heads=8,
    dim=256,
    max_length=1022,
    config={
        "intermediate_size": 768,
        "position_embedding_type": "rotary",
        "max_position_embeddings": 1026,
        "emb_layer_norm_before": False,
        "layer_norm_eps": 1e-5,
    },
    weights=Weights(file="mini.safetensors", licence="CC0-1.0", bundled=True),
    can=frozenset({"embed", "attention", "logits", "contacts"}),
    trained_on="Rfam, miRBase and RNAcentral sequences with structures; see the model card",
    citation="this package; assets/mini-card.md",
)

_RNAFM = ModelSpec(
    name="rnafm",
    family="RNA-FM",
    adapter="rnaexplore.models.adapters.esm:RnaFmAdapter",
    alphabet=RNAFM_ALPHABET,
    n_layers=12,
    n_heads=20,
    dim=640,
    max_length=1022,
    config={
        "intermediate_size": 5120,
        "position_embedding_type": "absolute",
        "max_position_embeddings": 1026,
        "emb_layer_norm_before": True,
        "layer_norm_eps": 1e-5,
    },
    weights=Weights(
        file="RNA-FM_pretrained.pth",
        licence="MIT",
        hub="cuhkaih/rnafm",
        hub_file="RNA-FM_pretrained.pth",
    ),
    can=frozenset({"embed", "attention", "logits"}),
    trained_on="23.7 million non-coding RNA sequences of RNAcentral",
    citation="Chen et al. 2022, arXiv:2204.00300; https://github.com/ml4bio/RNA-FM",
)

CATALOG: tuple[ModelSpec, ...] = (_MINI, _RNAFM)
