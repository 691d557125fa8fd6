"""The call: parts, baselines, what is written where, and what it refuses."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning
from rnaexplore.finetuning import FinetuneResult, Settings
from rnaexplore.finetuning.checks import weights_of
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.parts import parts_of
from rnaexplore.models.finetuned.heads import HEADS
from rnaexplore.tl.evaluation.baseline_features import BASELINES


def examples(adata, tiny, target="kind", **options):
    chosen = {"task": "sequence", "partner": None} | options
    return examples_of(adata, target, alphabet=tiny.spec.alphabet, **chosen)


def test_groups_are_never_in_two_parts(rnas, tiny):
    rnas.obs["clan"] = [f"c{i // 4}" for i in range(60)]
    known = examples(rnas, tiny)
    parts = parts_of(rnas, known, "kind", split="group", groups="clan", seed=0)
    named = {p: set(rnas.obs["clan"].iloc[getattr(parts, p)]) for p in ("train", "valid", "test")}
    assert all(named.values())
    assert not named["train"] & named["valid"]
    assert not named["train"] & named["test"]
    assert not named["valid"] & named["test"]
    assert sum(len(getattr(parts, p)) for p in named) == 60
    assert parts.described == "clan"


def test_families_are_held_out_by_default_and_identity_where_they_are_the_target(rnas, tiny):
    rnas.obs["family"] = [f"f{i % 6}" for i in range(60)]
    assert (
        parts_of(rnas, examples(rnas, tiny), "kind", split="group", groups=None, seed=0).described
        == "family"
    )
    known = examples(rnas, tiny, "family")
    parts = parts_of(rnas, known, "family", split="group", groups=None, seed=0)
    assert parts.described == "identity 0.6"


def test_a_column_names_the_parts_and_validation_is_never_the_test(rnas, tiny):
    rnas.obs["mine"] = ["train"] * 40 + ["test"] * 12 + [None] * 8
    known = examples(rnas, tiny)
    parts = parts_of(rnas, known, "kind", split="mine", groups="alone", seed=0)
    assert parts.test.tolist() == list(range(40, 52))
    assert len(parts.valid) > 0
    assert set(parts.valid) | set(parts.train) == set(range(40))
    rnas.obs.loc[rnas.obs_names[:5], "mine"] = "valid"
    parts = parts_of(rnas, known, "kind", split="mine", groups="alone", seed=0)
    assert parts.valid.tolist() == list(range(5))
    rnas.obs["mine"] = "train"
    with pytest.raises(InputError, match="no 'test'"):
        parts_of(rnas, known, "kind", split="mine", groups="alone", seed=0)


def test_a_class_that_cannot_be_learned_is_told(rnas, tiny):
    rnas.obs["kind"] = rnas.obs["kind"].astype(object)
    rnas.obs.loc[["rna4", "rna5"], "kind"] = "rare"
    rnas.obs["clan"] = [f"c{i}" if i not in {4, 5} else "one" for i in range(60)]
    rnas.obs["mine"] = ["test" if c == "one" or i > 50 else "train"
                        for i, c in enumerate(rnas.obs["clan"])]  # fmt: skip
    with pytest.warns(RnaExploreWarning, match=r"1 of 3 classes .*\(rare\)"):
        parts_of(rnas, examples(rnas, tiny), "kind", split="mine", groups="clan", seed=0)


def test_no_claim_without_enough_groups(rnas, tuned, tmp_path):
    rnas.obs["clan"] = [f"c{i % 6}" for i in range(60)]
    result = tuned(rnas, "purine", tmp_path / "run", task="residue", groups="clan", epochs=1)
    assert result.test_groups < 5
    assert "no claim" in result.verdict()


def test_many_classes_with_few_members_are_split_all_the_same(rnas, tiny):
    rnas.obs["kind"] = [f"k{i // 3}" for i in range(60)]
    known = examples(rnas, tiny)
    parts = parts_of(rnas, known, "kind", split="group", groups="alone", seed=0)
    assert len(parts.train) + len(parts.valid) + len(parts.test) == 60


def test_too_few_groups(rnas, tiny):
    rnas.obs["clan"] = ["a", "b"] * 30
    with pytest.raises(InputError, match="at least 3 groups"):
        parts_of(rnas, examples(rnas, tiny), "kind", split="group", groups="clan", seed=0)


def test_what_is_written_into_the_anndata(rnas, tuned, tmp_path):
    rnas.obs["kind"] = rnas.obs["kind"].astype(object)
    rnas.obs.loc[["rna0", "rna9"], "kind"] = None
    before = set(rnas.obs.columns)
    result = tuned(rnas, "kind", tmp_path / "run")
    assert isinstance(result, FinetuneResult)
    assert set(rnas.obs.columns) - before == {"predicted_kind", "part_kind"}
    assert set(rnas.obs["predicted_kind"]) <= {"rich", "poor"}  # those without a target, too
    assert rnas.obs["part_kind"].isna().sum() == 2
    assert rnas.obs["part_kind"].cat.categories.tolist() == ["train", "valid", "test"]
    made = rnas.uns["rnaexplore"]["predicted_kind"]
    assert made["model"] == "tiny-mini"
    assert made["groups"] == "alone"
    rnas.write_h5ad(tmp_path / "rnas.h5ad")
    again = anndata.read_h5ad(tmp_path / "rnas.h5ad")
    assert again.obs["predicted_kind"].tolist() == rnas.obs["predicted_kind"].tolist()


def test_an_rna_without_a_target_that_cannot_be_read_is_left_blank(rnas, tuned, tmp_path):
    rnas.obs["kind"] = rnas.obs["kind"].astype(object)
    rnas.obs["sequence"] = rnas.obs["sequence"].astype(object)
    rnas.obs.loc["rna5", "kind"] = None
    rnas.obs.loc["rna5", "sequence"] = "A" * 5000
    tuned(rnas, "kind", tmp_path / "run", epochs=1)
    assert rnas.obs["predicted_kind"].isna().sum() == 1
    assert pd.isna(rnas.obs.loc["rna5", "predicted_kind"])


def test_baselines_and_nulls_are_scored_on_the_same_rnas(rnas, tuned, tmp_path, monkeypatch):
    monkeypatch.setattr("rnaexplore.finetuning.rna_methods.BASELINES", BASELINES)
    result = tuned(rnas, "kind", tmp_path / "run")
    kinds = result.metrics["kind"]
    assert kinds.iloc[0] == "fine-tuned"
    kmers = {f"{k}-mers{how}" for k in (3, 4, 5, 6) for how in ("", " sqrt")}
    others = {"length", "one-hot", "nearest relative", "convolutional network"}
    assert set(kinds.index[kinds == "baseline"]) == kmers | others | {"most frequent class"}
    assert {"shuffled target", "random weights, probe"} <= set(kinds.index[kinds == "null"])
    assert {"tiny-mini, probe", "tiny-mini + 6-mers sqrt, probe"} == set(
        kinds.index[kinds == "probe"]
    )
    test = result.predictions.query("part == 'test'")
    accuracy = (test["true"] == test["predicted"]).mean()
    assert result.metrics["accuracy"].iloc[0] == pytest.approx(accuracy)
    low, high = result.metrics[["accuracy_low", "accuracy_high"]].iloc[0]
    assert low <= accuracy <= high
    assert result.confusion().to_numpy().sum() == len(test)
    assert "the best baseline" in result.verdict()
    assert "fine-tuned" in repr(result)


def test_class_weights(rnas, tiny):
    known = examples(rnas, tiny)
    parts = parts_of(rnas, known, "kind", split="group", groups="alone", seed=0)
    codes = np.array(known.targets)[parts.train]
    balanced = weights_of("balanced", known, parts)
    assert np.dot(balanced, np.bincount(codes)) == pytest.approx(len(codes))
    assert np.ptp(np.array(balanced) * np.bincount(codes)) == pytest.approx(0)
    assert weights_of({"rich": 2.0, "poor": 1.0}, known, parts) == [1.0, 2.0]
    assert weights_of(None, known, parts) is None
    with pytest.raises(InputError, match="'rich'"):
        weights_of({"rihc": 2.0, "poor": 1.0}, known, parts)
    with pytest.raises(InputError, match="no 'rich'"):
        weights_of({"poor": 1.0}, known, parts)
    with pytest.raises(InputError, match="balanced"):
        weights_of("heavy", known, parts)
    with pytest.raises(InputError, match="this target has none"):
        weights_of("balanced", examples(rnas, tiny, "gc"), parts)


def test_every_head_runs(rnas, tuned, tmp_path):
    targets = {"sequence": "kind", "residue": "purine", "contact": "structure", "pair": "richer"}
    slow = {"rnafm-ss"}
    for task, heads in HEADS.items():
        for head in set(heads) - slow:
            target = "gc" if head == "rinalmo-mrl" else targets[task]
            options = {"partner": "second"} if task == "pair" else {}
            result = tuned(
                rnas[:24].copy(), target, tmp_path / task / head, task=task, head=head, epochs=1,
                method="frozen", **options,
            )  # fmt: skip
            assert np.isfinite(result.history["valid_loss"]).all(), head


@pytest.mark.parametrize(("options", "error", "words"), [
    ({"target": "knid"}, MissingKeyError, "Did you mean 'kind'"),
    ({"task": "sentence"}, InputError, "task must be one of"),
    ({"method": "prayer"}, InputError, "method must be one of"),
    ({"head": "rinalmo-ncrn"}, InputError, "rinalmo-ncrna"),
    ({"head": "rinalmo-mrl"}, InputError, "predicts one number"),
    ({"partner": "second"}, InputError, "task='pair'"),
    ({"task": "pair"}, InputError, "task='pair'"),
    ({"task": "residue"}, InputError, "characters for"),
    ({"target": "same"}, InputError, "at least 2 classes"),
    ({"target": "endless"}, InputError, "finite numbers"),
    ({"split": "nowhere"}, MissingKeyError, "nowhere"),
])  # fmt: skip
def test_errors_teach_before_training(  # noqa: PLR0917 - fixtures and parameters
    rnas, tuned, tmp_path, options, error, words
):
    rnas.obs["same"], rnas.obs["endless"] = "one", np.inf
    target = options.pop("target", "kind")
    with pytest.raises(error, match=words):
        tuned(rnas, target, tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("wrong", [
    {"epochs": 0}, {"batch_size": 0}, {"chunk": 0}, {"max_chunks": 3}, {"types": -1}, {"rank": 0},
])  # fmt: skip
def test_settings_are_checked(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Settings(**wrong)


def test_structures_with_pseudoknots_survive(rnas, tiny):
    rnas.obs["structure"] = rnas.obs["structure"].astype(object)
    rnas.obs.loc["rna0", "sequence"] = "GGGAAACCCAAAUUU"
    rnas.obs.loc["rna0", "structure"] = "(((..[)))..]..."
    known = examples(rnas, tiny, "structure", task="contact")
    assert [5, 11] in known.targets[0].tolist()
    assert known.spelled(0) == "(((..[)))..]..."


def test_it_is_public():
    assert rx.finetune is rx.finetuning.finetune
