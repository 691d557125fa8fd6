"""RNA-FM and mRNA-FM against the authors' package, from a checkpoint in the authors' layout."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import pytest
import torch

from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import read_state

fm = pytest.importorskip("fm")

SEQUENCES = {
    "rnafm": ["GGGAAACUUCGGUUUCCCAUACGU", "ggcautcgaTTnacg", "RYKMSWBDHVN-ACGU", "G"],
    "mrnafm": ["AUGGCCAAAGGGUUUUAA", "atgGCTaaaTAG", "AUGNCCUAA", "AUG"],
}
THEME = {"rnafm": "rna", "mrnafm": "rna-3mer"}
DIM, LAYERS, HEADS, FFN = 32, 3, 4, 64


def official_checkpoint(name, randomise, *, shared_output=True):
    """Return what the authors' torch.save wrote: arguments, and a state with fairseq's prefixes."""
    alphabet = fm.Alphabet.from_architecture("roberta_large", THEME[name])
    settings = Namespace(
        arch="roberta_large", layers=LAYERS, embed_dim=DIM, ffn_embed_dim=FFN,
        attention_heads=HEADS, max_positions=1024, emb_layer_norm_before=name == "rnafm",
    )  # fmt: skip
    state = randomise(fm.BioBertModel(settings, alphabet)).state_dict()
    for key in ("embed_tokens.weight", "embed_positions.weight"):
        state[key] *= 0.02  # so small that the epsilon of the layer norms shows
    renamed = {}
    for key, value in state.items():
        if key.startswith("contact_head"):
            continue
        place = "encoder." if key.startswith("lm_head") else "encoder.sentence_encoder."
        renamed[place + key] = value
    if not shared_output:
        renamed["encoder.lm_head.weight"] = renamed["encoder.lm_head.weight"].clone()
    args = Namespace(
        arch="roberta_large",
        **{
            f"encoder_{k}": v
            for k, v in vars(settings).items()
            if k not in {"arch", "emb_layer_norm_before"}
        },
    )
    return {"args": args, "model": renamed}


@pytest.fixture(params=["rnafm", "mrnafm"])
def name(request):
    return request.param


@pytest.fixture
def both(name, tmp_path, randomise, shrink):
    """Return a function that loads one file with the authors' package and with ours."""

    def load(*, shared_output=True):
        path = tmp_path / "official.pth"
        torch.save(official_checkpoint(name, randomise, shared_output=shared_output), path)
        data = torch.load(path, weights_only=False)
        with pytest.warns(UserWarning, match="Regression weights not found"):
            theirs, alphabet = fm.pretrained.load_model_and_alphabet_core(
                name, data, None, THEME[name]
            )
        spec = shrink(name, layers=LAYERS, heads=HEADS, dim=DIM, intermediate_size=FFN)
        ours = adapter_class(spec).load(spec, read_state(path))
        return ours, theirs.eval(), alphabet

    return load


def run_theirs(theirs, ids):
    with torch.inference_mode():
        return theirs(ids, repr_layers=list(range(LAYERS + 1)), need_head_weights=True)


def test_vocabulary_is_the_authors(name):
    theirs = fm.Alphabet.from_architecture("roberta_large", THEME[name])
    assert list(get_spec(name).alphabet.tokens) == theirs.all_toks


def test_every_output_equals_the_authors(name, both, forward, agree, agree_maps):
    ours, theirs, alphabet = both()
    batch, output = forward(ours, SEQUENCES[name])
    normal = [("", s.upper().replace("T", "U")) for s in SEQUENCES[name]]
    _, _, ids = alphabet.get_batch_converter()(normal)
    assert torch.equal(ids, batch.ids)
    result = run_theirs(theirs, ids)
    for layer in range(LAYERS + 1):
        agree(output.hidden[layer], result["representations"][layer], batch.mask)
    agree(output.logits, result["logits"], batch.mask)
    for layer in range(LAYERS):
        agree_maps(output.attentions[layer], result["attentions"][:, layer], batch.mask)


@pytest.mark.parametrize("shared_output", [True, False])
def test_mask_token_is_the_authors(name, both, agree, shared_output):
    """The authors' loader zeroes the mask row, and a separate output matrix brings it back."""
    ours, theirs, _ = both(shared_output=shared_output)
    spec = ours.spec
    ids = torch.from_numpy(spec.alphabet.encode(SEQUENCES[name][0]))[None].clone()
    ids[0, 3] = spec.alphabet.mask_id
    mask = torch.ones_like(ids)
    row = ours.module.esm.embeddings.word_embeddings.weight[spec.alphabet.mask_id]
    assert bool(row.any()) is not shared_output
    with torch.inference_mode():
        output = ours.forward(ids, mask, Request(hidden=(LAYERS,), logits=True))
    result = run_theirs(theirs, ids)
    agree(output.hidden[LAYERS], result["representations"][LAYERS], mask)
    agree(output.logits, result["logits"], mask)


def test_stock_norm_epsilon_would_be_wrong(both, forward, name):
    """Transformers' default epsilon for ESM is 1e-12; RNA-FM was trained with 1e-5."""
    ours, theirs, _ = both()
    spec = replace(ours.spec, config={**ours.spec.config, "layer_norm_eps": 1e-12})
    module = adapter_class(spec).build(spec).eval()
    module.load_state_dict(ours.module.state_dict())
    batch, wrong = forward(adapter_class(spec)(spec, module), SEQUENCES[name])
    right = run_theirs(theirs, batch.ids)["representations"][LAYERS]
    assert (wrong.hidden[LAYERS] - right)[batch.mask.bool()].abs().max() > 1e-4


def test_codon_axes(random_model, shrink):
    model = random_model(shrink("mrnafm"))
    sequence = "AUGGCCAAAGGGUUUUAA"
    codons = len(sequence) // 3
    assert model.hidden_states(sequence).shape == (4, codons, 32)
    assert model.attentions(sequence).shape == (3, 4, codons, codons)
    assert model.logits(sequence).shape == (codons, 64)
