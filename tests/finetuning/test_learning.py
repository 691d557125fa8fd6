"""What was planted is learned; what was shuffled is not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.finetuning.conftest import planted

SETTINGS = {"epochs": 12, "patience": 12, "learning_rate": 3e-3, "head_rate": 1e-2}


def ours(result, score):
    return result.metrics.loc[result.metrics["kind"] == "fine-tuned", score].item()


@pytest.mark.parametrize("method", ["lora", "full"])
def test_classes(rnas, tuned, tmp_path, method):
    rng = np.random.default_rng(0)
    rnas.obs["mixed"] = rng.permutation(rnas.obs["kind"])
    assert ours(tuned(rnas, "kind", tmp_path / "a", method=method, **SETTINGS), "macro_f1") >= 0.9
    short = SETTINGS | {"epochs": 4}
    assert ours(tuned(rnas, "mixed", tmp_path / "b", method=method, **short), "macro_f1") < 0.8


def test_numbers_in_their_own_unit(rnas, tuned, tmp_path):
    rnas.obs["gc"] = 1000 + 50 * rnas.obs["gc"]
    result = tuned(rnas, "gc", tmp_path / "run", **SETTINGS)
    assert ours(result, "r2") > 0.8
    told = result.predictions["predicted"]
    assert told.dtype == float
    assert told.between(980, 1070).all()
    assert np.allclose(rnas.obs["predicted_gc"], told)


def test_residues(rnas, tuned, tmp_path):
    rng = np.random.default_rng(0)
    rnas.obs["mixed"] = ["".join(rng.permutation(list(s))) for s in rnas.obs["purine"]]
    result = tuned(rnas, "purine", tmp_path / "a", task="residue", **SETTINGS)
    assert ours(result, "macro_f1") > 0.97
    sequence = rnas.obs["sequence"].iloc[0]
    found = result.model(device="cpu").predict_residues(sequence)
    assert found.shape == (len(sequence), 2)
    assert np.allclose(found.sum(1), 1, atol=1e-6)
    short = SETTINGS | {"epochs": 3}
    shuffled = tuned(rnas, "mixed", tmp_path / "b", task="residue", **short)
    assert ours(shuffled, "macro_f1") < 0.65


def test_residues_of_unknown_class_do_not_count(rnas, tuned, tmp_path):
    rnas.obs["partly"] = [s[:5] + "?" * (len(s) - 5) for s in rnas.obs["purine"]]
    result = tuned(rnas, "partly", tmp_path / "run", task="residue", **SETTINGS)
    assert result.model(device="cpu").labels == ("R", "Y")
    assert ours(result, "macro_f1") > 0.9
    assert result.predictions["true"].str.count(r"\?").sum() > 0
    assert not result.predictions["predicted"].str.contains(r"\?").any()


def test_pairs_of_rnas(tuned, tmp_path):
    rnas = planted(120)
    settings = SETTINGS | {"epochs": 15}
    result = tuned(rnas, "richer", tmp_path / "a", task="pair", partner="second", **settings)
    assert ours(result, "macro_f1") > 0.85
    model = result.model(device="cpu")
    there = model.predict_pairs(["GGGGCCCCGGGG"], ["AAAAUUUUAAAA"])
    back = model.predict_pairs(["AAAAUUUUAAAA"], ["GGGGCCCCGGGG"])
    assert model.labels[there.argmax()] == "first"
    assert model.labels[back.argmax()] == "second"
    rnas.obs["mixed"] = np.random.default_rng(0).permutation(rnas.obs["richer"])
    short = SETTINGS | {"epochs": 3}
    shuffled = tuned(rnas, "mixed", tmp_path / "b", task="pair", partner="second", **short)
    assert ours(shuffled, "macro_f1") < 0.75


def test_the_interaction_head_is_independent_of_the_batch(tuned, tmp_path):
    rnas = planted(60)
    result = tuned(
        rnas, "richer", tmp_path / "a", task="pair", partner="second", head="rnaernie-rri", epochs=1
    )
    model = result.model(device="cpu")
    first, second = rnas.obs["sequence"].tolist(), rnas.obs["second"].tolist()
    together = model.predict_pairs(first, second)
    pairs = zip(first, second, strict=True)
    alone = np.concatenate([model.predict_pairs([a], [b]) for a, b in pairs])
    assert np.allclose(together, alone, atol=1e-5)
    with pytest.raises(ValueError, match="at most"):
        model.predict_pairs(["A" * 100], ["GGGAAACCC"])
    with pytest.raises(ValueError, match="as many"):
        model.predict_pairs(["GGGAAACCC"], [])


@pytest.mark.parametrize("head", ["rinalmo-ss", "attention"])
def test_contacts(rnas, tuned, tmp_path, head):
    settings = SETTINGS | {"epochs": 10 if head == "rinalmo-ss" else 2, "learning_rate": 1e-3}
    result = tuned(rnas, "structure", tmp_path / "run", task="contact", head=head, **settings)
    model = result.model(device="cpu")
    sequence = rnas.obs["sequence"].iloc[0]
    probabilities = model.contacts(sequence)
    assert probabilities.shape == (len(sequence),) * 2
    assert np.array_equal(probabilities, probabilities.T)
    assert not probabilities.diagonal().any()
    assert len(model.structure(sequence).dot_bracket) == len(sequence)
    if head == "rinalmo-ss":
        assert ours(result, "f1") > 0.8
    null = result.metrics.loc["random canonical pairs", "f1"]
    assert ours(result, "f1") > null or head == "attention"
