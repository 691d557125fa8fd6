"""What moves: everything, low-rank updates, or the head alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rnaexplore.finetuning.lora import merge, prepare
from rnaexplore.finetuning.settings import Settings
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.rows import padded, rows_of
from rnaexplore.models.finetuned.tuning import Tuning
from tests.finetuning.conftest import random_model, shrunk

TUNING = Tuning(task="sequence", head="linear", target="kind", labels=("a", "b", "c"))


def network(method, *, name="mini", rank=4):
    made = Network(random_model(shrunk(name)).adapter, TUNING)
    torch.manual_seed(1)
    prepare(made, method, Settings(rank=rank))
    return made


def moving(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


HEAD = 32 * 3 + 3


def test_frozen_moves_the_head_alone():
    assert moving(network("frozen")) == HEAD


def test_full_moves_all_that_reaches_the_last_states():
    made = network("full")
    lm = made.lm
    tied = lm.lm_head.decoder.weight is lm.esm.embeddings.word_embeddings.weight
    unread = (
        sum(p.numel() for p in lm.lm_head.parameters()) - tied * lm.lm_head.decoder.weight.numel()
    )
    unread += sum(p.numel() for p in lm.esm.contact_head.parameters())
    everything = sum(p.numel() for p in lm.parameters())
    assert moving(made) == everything - unread + HEAD


@pytest.mark.parametrize(("name", "shapes"), [
    ("mini", [(32, 32)] * 4 + [(32, 64), (64, 32)]),
    ("rinalmo-micro", [(32, 96), (32, 32), (32, 64), (32, 64), (64, 32)]),
])  # fmt: skip
def test_lora_moves_rank_times_both_sides_of_every_linear_layer(name, shapes):
    expected = 2 * sum(4 * (a + b) for a, b in shapes)
    assert moving(network("lora", name=name)) == expected + HEAD
    assert moving(network("lora", name=name, rank=8)) == 2 * expected + HEAD


def test_lora_starts_as_the_language_model_and_merges_into_it():
    sequences = ["GGGGAAAACCCC", "ACGUACGUAC"]
    plain, made = network("frozen").eval(), network("lora").eval()
    rows = padded(
        made.spec.alphabet, rows_of(made.spec.alphabet, sequences, chunk=None, max_chunks=None)
    )
    with torch.no_grad():
        torch.testing.assert_close(made.states(rows), plain.states(rows), atol=1e-6, rtol=0)
        for parameter in made.lm.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
        before = made(rows)
        assert (made.states(rows) - plain.states(rows)).abs().max() > 1e-3
        merge(made)
        torch.testing.assert_close(made(rows), before, atol=1e-5, rtol=1e-5)
    assert made.state_dict().keys() == plain.state_dict().keys()
    assert not any("lora" in name for name, _ in made.named_modules())
    assert isinstance(made.lm.esm.encoder.layer[0].attention.self.query, nn.Linear)


def test_a_frozen_language_model_is_unchanged_bit_by_bit(tiny, rnas, tuned, tmp_path):
    before = {k: v.clone() for k, v in tiny.adapter.module.state_dict().items()}
    result = tuned(rnas, "kind", tmp_path / "run", method="frozen")
    after = result.model(device="cpu").adapter.network.lm.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[k], after[k]) for k in before)
    assert "logits" in result.model(device="cpu").spec.can


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_given_model_is_left_alone_and_the_new_one_differs(tiny, rnas, tuned, tmp_path, method):
    before = {k: v.clone() for k, v in tiny.adapter.module.state_dict().items()}
    result = tuned(rnas, "kind", tmp_path / "run", method=method, probe_first=False)
    assert result.kept_epoch > 0
    own = tiny.adapter.module.state_dict()
    assert own.keys() == before.keys()
    assert all(torch.equal(before[k], own[k]) for k in before)
    model = result.model(device="cpu")
    after = model.adapter.network.lm.state_dict()
    changed = {k for k in before if not torch.equal(before[k], after[k])}
    assert any("query" in k for k in changed)
    assert not any(k.startswith("lm_head.dense") for k in changed)
    assert "logits" not in model.spec.can
