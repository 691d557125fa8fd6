"""SpliceBERT, RNAErnie2 and RNABERT: stock BERT, and the published weights of RNABERT."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from rnaexplore.models import get_spec
from rnaexplore.models.registry import adapter_class, load_model
from rnaexplore.models.weights.checkpoints import read_state

SEQUENCES = ["GGGAAACUUCGGUUUCCCAUACGU", "ggcautcgaTTnacg", "RYKMACGUN", "G"]
STOCK = ["splicebert", "splicebert-510nt", "splicebert-human-510nt", "rnaernie2"]


def stock_bert(spec, randomise):
    settings = BertConfig(
        vocab_size=len(spec.alphabet.tokens), hidden_size=spec.dim, num_hidden_layers=spec.n_layers,
        num_attention_heads=spec.n_heads, intermediate_size=spec.config["intermediate_size"],
        hidden_act="gelu", layer_norm_eps=1e-12, pad_token_id=0,
        max_position_embeddings=spec.config["max_position_embeddings"],
        attn_implementation="eager",
    )  # fmt: skip
    return randomise(BertForMaskedLM(settings))


def official_state(name, module):
    """Return the tensors that are in the authors' files."""
    state = dict(module.state_dict())
    if name == "rnaernie2":
        del state["cls.predictions.decoder.bias"]
    else:
        positions = module.config.max_position_embeddings
        state["bert.embeddings.position_ids"] = torch.arange(positions)[None]
    return state


def ids_by_hand(name, sequences):
    """Return padded ids from the vocabularies as models.md prints them, and the mask."""
    letters = {"N": 5, "A": 6, "C": 7, "G": 8, "U": 9}
    first, last = 2, 3
    if name == "rnaernie2":
        letters = {"A": 6, "U": 7, "C": 8, "G": 9, "N": 10}
    rows = [
        [first, *(letters.get(c, 1) for c in s.upper().replace("T", "U")), last] for s in sequences
    ]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    return ids, (torch.arange(width) < torch.tensor([[len(row)] for row in rows])).long()


@pytest.mark.parametrize("name", STOCK)
def test_every_output_equals_stock_bert(  # noqa: PLR0917
    name, shrink, randomise, tmp_path, forward, agree, agree_maps
):
    spec = shrink(name)
    theirs = stock_bert(spec, randomise)
    path = tmp_path / "model.bin"
    torch.save(official_state(name, theirs), path)
    ours = adapter_class(spec).load(spec, read_state(path))
    batch, output = forward(ours, SEQUENCES)
    ids, mask = ids_by_hand(name, SEQUENCES)
    assert torch.equal(batch.ids, ids)
    assert torch.equal(batch.mask, mask)
    with torch.inference_mode():
        result = theirs(
            input_ids=ids, attention_mask=mask, output_hidden_states=True, output_attentions=True
        )
    for layer in range(spec.n_layers + 1):
        agree(output.hidden[layer], result.hidden_states[layer], mask)
    agree(output.logits, result.logits, mask)
    for layer in range(spec.n_layers):
        agree_maps(output.attentions[layer], result.attentions[layer], mask)


def test_a_separate_output_matrix_is_not_lost(shrink, randomise):
    """An output matrix that differs from the embeddings must not overwrite them."""
    spec = shrink("splicebert", layers=1)
    state = official_state("splicebert", stock_bert(spec, randomise))
    state["cls.predictions.decoder.weight"] = 2 * state["bert.embeddings.word_embeddings.weight"]
    loaded = adapter_class(spec).load(spec, state).module.state_dict()
    for key in ("bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"):
        assert torch.equal(loaded[key], state[key])


def rnabert_by_hand(state, ids, mask):
    """Return hidden states and attention maps of RNABERT, written from its published facts."""

    def norm(x, place):
        gain, shift = state[f"{place}.LayerNorm.gamma"], state[f"{place}.LayerNorm.beta"]
        centred = x - x.mean(-1, keepdim=True)
        return centred / torch.sqrt(centred.pow(2).mean(-1, keepdim=True) + 1e-12) * gain + shift

    def linear(x, place):
        return x @ state[f"{place}.weight"].T + state[f"{place}.bias"]

    def heads(x):
        return x.view(*x.shape[:2], 12, 10).transpose(1, 2)

    words = state["bert.embeddings.word_embeddings.weight"][ids]
    positions = state["bert.embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = norm(
        words + positions + state["bert.embeddings.token_type_embeddings.weight"][0],
        "bert.embeddings",
    )
    hidden, maps = [x], []
    for i in range(6):
        place = f"bert.encoder.layer.{i}"
        q, k, v = (
            heads(linear(x, f"{place}.attention.selfattn.{part}"))
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(10)
        scores = scores.masked_fill(mask[:, None, None] == 0, -torch.inf)
        maps.append(scores.softmax(-1))
        mixed = (maps[-1] @ v).transpose(1, 2).reshape(x.shape)
        x = norm(x + linear(mixed, f"{place}.attention.output.dense"), f"{place}.attention.output")
        inner = functional.gelu(linear(x, f"{place}.intermediate.dense"))
        x = norm(x + linear(inner, f"{place}.output.dense"), f"{place}.output")
        hidden.append(x)
    return hidden, maps


RNABERT_IDS = {"A": 2, "U": 3, "G": 4, "C": 5}


def test_published_rnabert_weights(test_data, forward, agree, agree_maps):
    path = test_data / "weights" / "rnabert_RNABERT.pth"
    if not path.is_file():
        pytest.skip(f"no RNABERT weights at {path}")
    state = torch.load(path, weights_only=True, map_location="cpu")
    spec = get_spec("rnabert")
    ours = adapter_class(spec).load(spec, read_state(path))
    assert sum(value.numel() for value in state.values()) == 509_896
    sequences = ["GGGAAACUUCGGUUUCCC", "ggcautcgaTT", "a"]
    batch, output = forward(ours, sequences)
    for row, sequence in zip(batch.ids, sequences, strict=True):
        by_hand = [RNABERT_IDS[c] for c in sequence.upper().replace("T", "U")]
        assert row[: len(by_hand)].tolist() == by_hand
        assert not row[len(by_hand) :].any()
    hidden, maps = rnabert_by_hand(state, batch.ids, batch.mask)
    for layer in range(7):
        agree(output.hidden[layer], hidden[layer], batch.mask)
    for layer in range(6):
        agree_maps(output.attentions[layer], maps[layer], batch.mask)


def test_rnabert_through_the_public_call(test_data):
    path = test_data / "weights" / "rnabert_RNABERT.pth"
    if not path.is_file():
        pytest.skip(f"no RNABERT weights at {path}")
    model = load_model("rnabert", weights=path, device="cpu")
    states = model.hidden_states("GGGAAACUUCGGUUUCCC")
    assert states.shape == (7, 18, 120)
    np.testing.assert_allclose(
        model.embed(["GGGAAACUUCGGUUUCCC"])[0], states[-1].mean(0), atol=1e-5
    )
    assert "logits" not in model.spec.can  # the published head predicts the same everywhere
