"""Long RNAs in chunks, and types of RNA: means of logits, as brute force makes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnaexplore.errors import CapabilityError, InputError, SequenceTooLongError
from rnaexplore.finetuning.batches import Collator
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.objective import Objective
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.rows import chunks
from rnaexplore.models.finetuned.tuning import Tuning
from tests.finetuning.conftest import planted


def test_chunks_cover_the_rna_in_order(tiny):
    alphabet = tiny.spec.alphabet
    assert chunks(alphabet, "ACGUACGUAC", 4, None) == ["ACGU", "ACGU", "AC"]
    assert chunks(alphabet, "ACGUACGUAC", 4, 2) == ["ACGU", "ACGU"]
    assert chunks(alphabet, "ACGU", 4, None) == ["ACGU"]
    assert chunks(alphabet, "ACGUACGUAC", None, None) == ["ACGUACGUAC"]


def test_predictions_average_the_logits_of_chunks(rnas, tuned, tmp_path):
    result = tuned(rnas, "kind", tmp_path / "run", chunk=9)
    model = result.model(device="cpu")
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGU"), n)) for n in (5, 9, 10, 31, 2000)]
    found = model.predict(sequences)
    for sequence, row in zip(sequences, found, strict=True):
        pieces = [sequence[k : k + 9] for k in range(0, len(sequence), 9)]
        logits = np.mean([np.log(model.predict([p])[0]) for p in pieces], axis=0)
        expected = np.exp(logits) / np.exp(logits).sum()
        assert np.allclose(row, expected, atol=1e-5)


def test_no_more_chunks_than_allowed(rnas, tuned, tmp_path):
    model = tuned(rnas, "kind", tmp_path / "run", chunk=9, max_chunks=2).model(device="cpu")
    head = "GGCAUUCGAUCGGAUCGC"
    assert np.array_equal(model.predict([head]), model.predict([head + "AAAAAAAA"]))


def test_the_loss_of_a_batch_is_that_of_averaged_logits(tiny, rnas):
    examples = examples_of(rnas, "kind", task="sequence", partner=None, alphabet=tiny.spec.alphabet)
    tuning = Tuning(task="sequence", head="linear", target="kind", labels=examples.labels, chunk=7)
    torch.manual_seed(0)
    objective = Objective(Network(tiny.adapter, tuning), None).eval()
    collator = Collator.of(examples, tiny.spec.alphabet, tuning, lambda rows: rows)
    positions = [3, 8, 21, 40]
    with torch.no_grad():
        together = objective(**collator(positions))["loss"]
        alone = [objective(**collator([k]))["loss"] for k in positions]
    assert torch.allclose(together, torch.stack(alone).mean(), atol=1e-5)
    assert len(collator(positions)["ids"]) > len(positions)


def test_an_rna_too_long_without_chunks_stops_before_training(rnas, tuned, tmp_path):
    rnas.obs["sequence"] = rnas.obs["sequence"].astype(object)
    rnas.obs.loc["rna7", "sequence"] = "ACGU" * 400
    with pytest.raises(SequenceTooLongError, match="rna7"):
        tuned(rnas, "kind", tmp_path / "run")
    assert not (tmp_path / "run").exists()
    result = tuned(rnas, "kind", tmp_path / "run", chunk=500, epochs=1)
    assert result.predictions.loc["rna7", "predicted"] in {"rich", "poor"}


def test_chunks_belong_to_sequences(rnas, tuned, tmp_path):
    with pytest.raises(InputError, match="sequence task"):
        tuned(rnas, "purine", tmp_path / "run", task="residue", chunk=9)
    with pytest.raises(InputError, match="exceeds"):
        tuned(rnas, "kind", tmp_path / "run", chunk=5000)


def test_types_are_guessed_and_weighted(tiny_ernie, tuned, tmp_path):
    """Two stages by hand: guess the slot behind [IND], append, weigh."""
    rnas = planted(30)
    result = tuned(rnas, "kind", tmp_path / "run", model=tiny_ernie, types=3, epochs=1)
    model = result.model(device="cpu")
    alphabet, network = model.spec.alphabet, model.adapter.network
    before, after = tiny_ernie.adapter.module, network.lm
    sequence = rnas.obs["sequence"].iloc[0]
    body = alphabet.encode(sequence)[:-1].tolist()
    indicator, end = alphabet.ids["[IND]"], alphabet.ids["[SEP]"]
    types = [alphabet.ids[name] for name in alphabet.rna_types]
    with torch.no_grad():
        empty = torch.tensor([[*body, indicator, alphabet.pad_id, end]])
        seen = (empty != alphabet.pad_id).long()
        logits = before(input_ids=empty, attention_mask=seen).logits[0, len(body) + 1, types]
        best = torch.topk(logits.softmax(-1), 3)
        total = torch.zeros(2)
        for chance, k in zip(best.values / best.values.sum(), best.indices.tolist(), strict=True):
            ids = torch.tensor([[*body, indicator, types[k], end]])
            states = after.bert(input_ids=ids, attention_mask=torch.ones_like(ids))[0]
            total += chance * network.head.out(states[0, 1 : len(sequence) + 1].mean(0))
    assert np.allclose(model.predict([sequence])[0], total.softmax(-1), atol=1e-5)


def test_the_first_stage_is_the_model_before_fine_tuning(tiny_ernie, tuned, tmp_path):
    result = tuned(planted(30), "kind", tmp_path / "run", model=tiny_ernie, types=2, epochs=1)
    network = result.model(device="cpu").adapter.network
    kept, moved = network.first.state_dict(), network.lm.state_dict()
    own = tiny_ernie.adapter.module.state_dict()
    assert all(torch.equal(kept[k], own[k]) for k in own)
    assert any(not torch.equal(moved[k], own[k]) for k in own)


def test_types_need_a_model_that_has_them(tiny, tiny_ernie, rnas, tuned, tmp_path):
    with pytest.raises(CapabilityError, match="rnaernie"):
        tuned(rnas, "kind", tmp_path / "run", types=3)
    with pytest.raises(InputError, match="types must be"):
        tuned(rnas, "kind", tmp_path / "run", model=tiny_ernie, types=99)
    assert replace(tiny.spec).alphabet.rna_types == ()
