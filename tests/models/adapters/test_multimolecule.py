"""Models hosted by the multimolecule library, and the library as a reference for native models."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from rnaexplore.errors import CheckpointError, MissingDependencyError, WeightsNotFoundError
from rnaexplore.models import load_model
from rnaexplore.models.adapters.base import Request, load_strictly
from rnaexplore.models.registry import adapter_class

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
FAMILIES = {
    "rnafm": {}, "mrnafm": {"codon": True, "vocab_size": 131}, "rnamsm": {}, "utrlm": {},
    "ernierna": {}, "calm": {}, "utrbert": {"nmers": 3, "vocab_size": 131}, "rnabert": {},
    "splicebert": {}, "rinalmo": {"intermediate_size": 128},
}  # fmt: skip
SEQUENCES = ["GGGAAACUUCGGUUUCCC", "ggcautcgaTTA", "AUGGCC"]

needed = pytest.mark.skipif(
    find_spec("multimolecule") is None, reason="the optional multimolecule library is not installed"
)
quiet = pytest.mark.filterwarnings("default")


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "multimolecule", None)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "utrlm"}))
    save_file({"a": torch.ones(1)}, tmp_path / "model.safetensors")
    with pytest.raises(MissingDependencyError, match=r"rnaexplore\[multimolecule\]"):
        load_model("multimolecule:utrlm-te_el", weights=tmp_path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"folder without model\.safetensors"):
        load_model("multimolecule:utrlm-te_el", weights=tmp_path)
    save_file({"a": torch.ones(1)}, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        load_model("multimolecule:utrlm-te_el", weights=tmp_path)


@pytest.fixture
def library():
    return pytest.importorskip("multimolecule")


@pytest.fixture(params=FAMILIES)
def saved(request, library, tmp_path):
    """Return a random model of the library and the folder into which it was saved."""
    from transformers import AutoConfig, AutoModelForPreTraining

    family = request.param
    kind = "rnafm" if family == "mrnafm" else family
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **{**SIZES, **FAMILIES[family]})
    module = AutoModelForPreTraining.from_config(config).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    module.save_pretrained(tmp_path)
    codon = bool(getattr(config, "codon", False))
    tokenizer = library.RnaTokenizer(
        codon=codon, nmers=1 if codon else getattr(config, "nmers", None) or 1
    )
    tokenizer.save_pretrained(tmp_path)
    return module, tokenizer, tmp_path


@needed
@quiet
def test_every_output_equals_the_library(saved, agree, agree_maps):
    module, tokenizer, folder = saved
    model = load_model("multimolecule:tiny", weights=folder, device="cpu")
    assert model.spec.weights.licence == "AGPL-3.0"
    assert "AGPL" in model.spec.citation
    from rnaexplore.models.inference import batching

    batch = batching.collate(model.spec.alphabet, SEQUENCES, np.arange(3))
    tokens = tokenizer(SEQUENCES, return_tensors="pt", padding=True)
    assert torch.equal(batch.ids, tokens["input_ids"])
    layers = (0, 1, 2)
    with torch.inference_mode():
        output = model._adapter.forward(
            batch.ids, batch.mask, Request(hidden=layers, attentions=(0, 1), logits=True)
        )
        theirs = module.model(
            batch.ids, attention_mask=batch.mask, output_hidden_states=True, output_attentions=True
        )
        logits = module.lm_head(theirs).logits
    maps = theirs.get("attentions") or theirs.get("row_attentions")
    for layer in (0, 1):
        states = theirs.hidden_states[layer]
        states = states[:, 0] if states.ndim == 4 else states  # RNA-MSM: an alignment of one
        agree(output.hidden[layer], states, batch.mask)
        agree_maps(output.attentions[layer], maps[layer], batch.mask)
    agree(output.hidden[2], theirs.last_hidden_state, batch.mask)
    agree(output.logits, logits, batch.mask)


@needed
@quiet
def test_invariants_hold(saved):
    _, _, folder = saved
    model = load_model("multimolecule:tiny", weights=folder, device="cpu")
    rna = "AUGGCCAAAGGGUUUUAA"
    n = model.spec.alphabet.n_residues(rna)
    assert model.hidden_states(rna).shape == (3, n, 32)
    together = model.embed([rna, rna[:9]])
    np.testing.assert_allclose(together[1], model.embed([rna[:9]])[0], atol=1e-5)
    np.testing.assert_allclose(model.embed([rna.replace("U", "t")])[0], together[0], atol=1e-6)
    alphabet, limit = model.spec.alphabet, model.spec.max_length
    longest = ("ACG" * limit)[: (limit - 1) * alphabet.step + alphabet.width]
    assert alphabet.n_residues(longest) == limit
    assert np.isfinite(model.embed([longest])).all()


@needed
@quiet
def test_an_incomplete_file_is_refused(saved):
    _, _, folder = saved
    from safetensors.torch import load_file

    state = load_file(folder / "model.safetensors")
    key = next(k for k in state if k.startswith("model.encoder.layer"))
    del state[key]
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=f"missing.*{key}"):
        load_model("multimolecule:tiny", weights=folder, device="cpu")


@needed
@quiet
def test_older_prefixes_are_read(saved):
    module, _, folder = saved
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    family = module.config.model_type
    state = {k.replace("model.", f"{family}.", 1): v for k, v in load_file(path).items()}
    before = load_model("multimolecule:tiny", weights=folder, device="cpu").embed([SEQUENCES[0]])
    save_file(state, path)
    after = load_model("multimolecule:tiny", weights=folder, device="cpu").embed([SEQUENCES[0]])
    np.testing.assert_array_equal(before, after)


def to_library(name, state, layers):
    """Return a native state under multimolecule's names, as its converters map them."""
    out = {}
    for i in range(layers):
        ours, theirs = f"transformer.blocks.{i}.", f"model.encoder.layer.{i}."
        for part, matrix in zip(
            ("query", "key", "value"), state[f"{ours}mh_attn.Wqkv.weight"].chunk(3), strict=True
        ):
            out[f"{theirs}attention.self.{part}.weight"] = matrix
        names = {
            "attn_layer_norm": "attention.layer_norm", "out_layer_norm": "layer_norm",
            "mh_attn.out_proj": "attention.output.dense", "transition.2": "output.dense",
            "transition.0.linear": "intermediate.linear",
            "transition.0.linear_gate": "intermediate.linear_gate",
        }  # fmt: skip
        for before, after in names.items():
            for leaf in ("weight", "bias"):
                if f"{ours}{before}.{leaf}" in state:
                    out[f"{theirs}{after}.{leaf}"] = state[f"{ours}{before}.{leaf}"]
        out[f"{theirs}intermediate.bias"] = state[f"{ours}transition.0.beta"]
    return out


@needed
@quiet
def test_native_rinalmo_equals_the_library(library, shrink, agree, agree_maps, randomise):
    """RiNALMo is the one architecture of our own: the library is a third opinion on it."""
    layers = 2
    spec = shrink("rinalmo-giga", layers=layers, heads=4, dim=32, intermediate_size=85)
    cls = adapter_class(spec)
    module = randomise(cls.build(spec))
    native = cls(spec, module)
    config = library.RiNALMoConfig(
        vocab_size=28, hidden_size=32, num_hidden_layers=layers, num_attention_heads=4,
        intermediate_size=128, hidden_dropout=0.0, attention_dropout=0.0,
    )  # fmt: skip
    theirs = library.RiNALMoModel(config, add_pooling_layer=False).eval()
    state = {
        k.removeprefix("model."): v
        for k, v in to_library("rinalmo", module.state_dict(), layers).items()
    }
    for leaf in ("weight", "bias"):
        state[f"encoder.layer_norm.{leaf}"] = module.state_dict()[
            f"transformer.final_layer_norm.{leaf}"
        ]
    tokenizer = library.RnaTokenizer()
    names = {"<cls>": "<cls>", "<pad>": "<pad>", "<eos>": "<eos>", "<mask>": "<mask>"}
    names |= {c: c for c in "ACGUN"}
    words = torch.zeros(28, 32)
    for ours, other in names.items():
        words[tokenizer.get_vocab()[other]] = module.embedding.weight[spec.alphabet.ids[ours]]
    state["embeddings.word_embeddings.weight"] = words
    load_strictly(theirs, state, "multimolecule's RiNALMo")
    from rnaexplore.models.inference import batching

    batch = batching.collate(spec.alphabet, SEQUENCES, np.arange(3))
    tokens = tokenizer(SEQUENCES, return_tensors="pt", padding=True)
    with torch.inference_mode():
        output = native.forward(batch.ids, batch.mask, Request(hidden=(0, 1, 2), attentions=(0, 1)))
        result = theirs(
            tokens["input_ids"], attention_mask=tokens["attention_mask"],
            output_hidden_states=True, output_attentions=True,
        )  # fmt: skip
    for layer in (0, 1, 2):
        agree(output.hidden[layer], result.hidden_states[layer], batch.mask)
    for layer in (0, 1):
        agree_maps(output.attentions[layer], result.attentions[layer], batch.mask)
