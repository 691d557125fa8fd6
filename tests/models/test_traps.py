"""Traps that no other test names: special tokens, letters, and configurations beside files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

import rnaexplore
from rnaexplore.errors import CheckpointError
from rnaexplore.models import get_spec, load_model, registry
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.inference import batching
from rnaexplore.models.weights.hub_config import refine

SPECIALS = {  # tokens before and after the residues
    "rnafm": ("<cls>", "<eos>"), "mrnafm": ("<cls>", "<eos>"), "rinalmo-giga": ("<cls>", "<eos>"),
    "rnaernie": ("[CLS]", "[SEP]"), "rnaernie2": ("[CLS]", "[EOS]"), "rnabert": (),
    "splicebert": ("[CLS]", "[SEP]"), "rnaernie-multimolecule": ("<cls>", "<eos>"),
    "mini": ("<cls>", "<eos>"),
}  # fmt: skip
KNOWN = {  # letters beyond A C G U that are tokens of their own; the rest is unknown to the model
    "rnafm": "RYKMSWBDHVN-", "rinalmo-giga": "IRYKMSWBDHVN-", "rnaernie": "", "rnaernie2": "N",
    "splicebert": "N", "rnabert": "", "rnaernie-multimolecule": "RYKMSWBDHVNI-",
}  # fmt: skip
RNA = "AUGGCCAAAGGGUUUUAA"


@pytest.mark.parametrize("name", SPECIALS)
def test_special_tokens_are_added_and_stripped(name, shrink, random_model):
    model = random_model(shrink(name, layers=2))
    alphabet = model.spec.alphabet
    ids = alphabet.encode(RNA)
    around = [alphabet.ids[token] for token in SPECIALS[name]]
    assert list(ids[[0, -1]] if around else []) == around
    batch = batching.collate(alphabet, [RNA], np.arange(1))
    request = Request(hidden=(0, 1, 2), attentions=(0, 1))
    with torch.inference_mode():
        raw = model.adapter.forward(batch.ids, batch.mask, request)
    inside = slice(1, -1) if around else slice(None)
    for layer, states in enumerate(model.hidden_states(RNA)):
        np.testing.assert_allclose(states, raw.hidden[layer][0, inside], atol=1e-6)
    for layer, maps in enumerate(model.attentions(RNA)):
        np.testing.assert_allclose(maps, raw.attentions[layer][0][:, inside, inside], atol=1e-6)


@pytest.mark.parametrize("name", KNOWN)
def test_letters_beyond_the_four(name):
    alphabet = get_spec(name).alphabet
    own = {c for c in "RYKMSWBDHVNI-" if not alphabet.unknown(c)}
    assert own == set(KNOWN[name])
    assert len({alphabet.ids[c] for c in [*"ACGU", *own]}) == 4 + len(own)


@pytest.mark.parametrize(
    ("name", "order"),
    [("rnaernie", "AUCG"), ("rnaernie2", "AUCG"), ("rnabert", "AUGC"), ("rnafm", "ACGU"),
     ("rinalmo-giga", "ACGU"), ("splicebert", "ACGU"), ("rnaernie-multimolecule", "ACGU")],
)  # fmt: skip
def test_the_order_of_nucleotides(name, order):
    ids = get_spec(name).alphabet.ids
    assert "".join(sorted("ACGU", key=ids.__getitem__)) == order
    assert max(ids[c] for c in "ACGU") - min(ids[c] for c in "ACGU") == 3


def test_logits_are_in_the_order_a_c_g_u_whatever_the_vocabulary(shrink, random_model):
    model = random_model(shrink("rnaernie2", layers=1))
    bias = model.adapter.module.cls.predictions.decoder.bias
    before = model.logits("ACGU")
    for i, letter in enumerate("ACGU"):
        bias.zero_()
        bias[model.spec.alphabet.ids[letter]] = 7
        np.testing.assert_allclose((model.logits("ACGU") - before)[:, i], 7, atol=1e-4)


# config.json beside the checkpoint --------------------------------------------------------------
@pytest.fixture
def rnaernie2(tmp_path, shrink, monkeypatch):
    """Save a stock model with other settings than assumed, as the hub would have it."""
    spec = shrink("rnaernie2", layers=2)
    settings = BertConfig(
        vocab_size=11, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, hidden_act="relu", layer_norm_eps=1e-5, max_position_embeddings=300,
    )  # fmt: skip
    torch.manual_seed(0)
    stock = BertForMaskedLM(settings).eval()
    stock.save_pretrained(tmp_path)
    monkeypatch.setitem(registry._registry(), spec.name, spec)
    return stock, tmp_path


def test_the_published_configuration_decides(rnaernie2):
    stock, folder = rnaernie2
    model = load_model("rnaernie2", weights=folder / "model.safetensors", device="cpu")
    assert model.spec.max_length == 298
    ids = torch.from_numpy(model.spec.alphabet.encode(RNA))[None]
    with torch.inference_mode():
        expected = stock(input_ids=ids, output_hidden_states=True)
    ours = model.hidden_states(RNA)
    for layer, states in enumerate(expected.hidden_states):
        np.testing.assert_allclose(ours[layer], states[0, 1:-1], atol=1e-5)


def test_a_configuration_of_another_model_is_refused(rnaernie2):
    _, folder = rnaernie2
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 4}))
    with pytest.raises(CheckpointError, match="num_hidden_layers 4 instead of 2"):
        load_model("rnaernie2", weights=folder, device="cpu")
    (folder / "config.json").write_text("{not json")
    with pytest.raises(CheckpointError, match=r"config\.json' is damaged"):
        load_model("rnaernie2", weights=folder, device="cpu")


def test_settings_that_are_not_known_do_not_enter():
    spec = refine(get_spec("rnaernie2"), {"hidden_act": "gelu_new", "torch_dtype": "float16"})
    assert spec.config["hidden_act"] == "gelu_new"
    assert "torch_dtype" not in spec.config
    assert spec.max_length == get_spec("rnaernie2").max_length


def test_one_file_alone_imports_multimolecule():
    package = Path(rnaexplore.__file__).parent
    importing = [
        path.name
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) multimolecule\b", path.read_text(), flags=re.MULTILINE)
    ]
    assert importing == ["multimolecule.py"]


def test_truncated_weights_through_the_public_call(tmp_path):
    save_file({"a": torch.ones(100)}, path := tmp_path / "mini.safetensors")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CheckpointError, match="not a readable safetensors"):
        load_model("mini", weights=path, device="cpu")
