"""Permuted weights: the same numbers in other places, and another model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnaexplore as rx
from rnaexplore.models.catalog import CATALOG

RNAS = ["GGGAUUCCCAAA", "ACGUACGUACGUACGUAGGAC"]
ADAPTERS = {spec.adapter: spec.name for spec in CATALOG}.values()


@pytest.fixture(params=ADAPTERS)
def model(request, shrink, randomise, random_model):
    found = random_model(shrink(request.param, layers=2))
    randomise(found.adapter.module)
    return found


def tensors(model):
    return {name: value.clone() for name, value in model.adapter.module.state_dict().items()}


def test_each_tensor_keeps_its_values_and_loses_their_places(model):
    before, after = tensors(model), tensors(model.permuted(seed=3))
    trained = {name for name, _ in model.adapter.module.named_parameters()}
    assert before.keys() == after.keys()
    moved = 0
    for name, values in before.items():
        assert torch.equal(values.flatten().sort()[0], after[name].flatten().sort()[0]), name
        if name in trained:
            moved += not torch.equal(values, after[name])
        else:
            tied = any(values.shape == before[t].shape and values.equal(before[t]) for t in trained)
            assert tied or torch.equal(values, after[name]), f"{name} is no trained tensor"
    assert moved > 0.8 * sum(before[name].unique().numel() > 1 for name in trained)


def test_the_model_itself_stays_and_seeds_decide(model):
    before, vectors = tensors(model), model.embed(RNAS)
    first, again, other = (model.permuted(seed=seed).embed(RNAS) for seed in (0, 0, 1))
    for name, values in tensors(model).items():
        assert torch.equal(values, before[name])
    np.testing.assert_array_equal(model.embed(RNAS), vectors)
    np.testing.assert_array_equal(first, again)
    scale = np.abs(vectors).mean()
    assert np.abs(first - vectors).mean() > 0.05 * scale
    assert np.abs(first - other).mean() > 0.05 * scale


def test_the_record_says_what_it_is_and_precision_is_kept():
    rounded = rx.load_model("mini", dtype="int8")
    null = rounded.permuted(seed=4)
    assert (null.source, null.weights_sha256) == ("weights permuted within tensors, seed 4", "")
    assert null.dtype is torch.int8
    own, other = (m.adapter.module.state_dict() for m in (rounded, null))
    name = next(key for key, value in own.items() if value.dtype is torch.int8)
    assert not torch.equal(own[name], other[name])
    assert torch.equal(own[name].flatten().sort()[0], other[name].flatten().sort()[0])
    assert np.isfinite(null.embed(RNAS)).all()


def test_nothing_that_was_learned_is_left():
    model = rx.load_model("mini")
    sample = rx.datasets.rfam_sample()
    rnas = list(sample.obs["sequence"][:20])
    own, null = model.embed(rnas), model.permuted(seed=0).embed(rnas)
    centered = [v - v.mean(0) for v in (own, null)]
    overlap = np.abs(np.corrcoef(centered[0].ravel(), centered[1].ravel())[0, 1])
    assert overlap < 0.2
