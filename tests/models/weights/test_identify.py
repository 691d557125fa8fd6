"""A checkpoint is recognised by its tensors, and by its name where tensors do not decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from rnaexplore.errors import CheckpointError, UnknownModelError
from rnaexplore.models import load_model, registry
from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.registry import adapter_class

SMALL = ["mini", "rnafm", "rinalmo-micro", "rinalmo-giga-mrl", "splicebert", "splicebert-510nt",
         "splicebert-human-510nt", "rnaernie2", "rnabert"]  # fmt: skip


@pytest.fixture(autouse=True)
def few_small_models(shrink, monkeypatch):
    """Register small editions of the catalog's models under their names."""
    specs = {}
    for i, name in enumerate(SMALL):
        spec = shrink(name, layers=1 + i % 2)
        specs[name] = replace(spec, config={**spec.config, "head_blocks": 1})
    monkeypatch.setattr(registry, "_registry", lambda: specs)
    return specs


def saved(spec, path):
    """Write random weights; for all models here the names in the module are those of the file."""
    torch.manual_seed(0)
    state = adapter_class(spec).build(spec).state_dict()
    if spec.name == "rinalmo-giga-mrl":
        names = {"head.mean": "scaler._mean", "head.std": "scaler._std"}
        state = {
            names.get(k, k.replace("head.", "pred_head.", 1) if k.startswith("head.") else k): v
            for k, v in state.items()
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state), path)
    return path


@pytest.mark.parametrize("name", ["mini", "rinalmo-micro", "rinalmo-giga-mrl", "splicebert"])
def test_tensors_decide(name, few_small_models, tmp_path):
    path = saved(few_small_models[name], tmp_path / "some-file.pt")
    assert load_model(str(path), device="cpu").spec.name == name


def test_the_name_of_the_file_decides_between_equals(few_small_models, tmp_path):
    for name in ("splicebert-510nt", "splicebert-human-510nt"):
        few_small_models[name] = replace(few_small_models[name], n_layers=2)
    one = few_small_models["splicebert-human-510nt"]
    path = saved(one, tmp_path / one.weights.file)
    assert load_model(str(path), device="cpu").spec.name == "splicebert-human-510nt"
    unnamed = saved(one, tmp_path / "plain.pt")
    with pytest.raises(CheckpointError, match="'splicebert-510nt', 'splicebert-human-510nt'"):
        load_model(str(unnamed), device="cpu")


def test_no_model_fits(tmp_path):
    torch.save({"a": torch.ones(3)}, path := tmp_path / "other.pt")
    with pytest.raises(CheckpointError, match="no known model"):
        load_model(str(path), device="cpu")


def test_a_path_that_is_not_there_is_an_unknown_name(tmp_path):
    with pytest.raises(UnknownModelError, match=r"rx\.list_models"):
        load_model(str(tmp_path / "nothing.pt"), device="cpu")


def test_published_rnabert_is_recognised_among_all(test_data, monkeypatch):
    path = test_data / "weights" / "rnabert_RNABERT.pth"
    if not path.is_file():
        pytest.skip(f"no RNABERT weights at {path}")
    monkeypatch.setattr(registry, "_registry", lambda: {spec.name: spec for spec in CATALOG})
    assert load_model(str(path), device="cpu").spec.name == "rnabert"
