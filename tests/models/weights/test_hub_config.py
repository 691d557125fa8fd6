"""Configurations beside a checkpoint, as nobody should write them."""

from __future__ import annotations

import json

import pytest

from rnaexplore.errors import CheckpointError
from rnaexplore.models import get_spec
from rnaexplore.models.weights.hub_config import read_config, refine


@pytest.mark.parametrize(
    "text", ["", "{not json", "[]", "null", "7", '"x"', "[" * 100_000, "\ud800", "1" * 5000]
)
def test_what_is_no_object_is_told(text, tmp_path):
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        read_config(tmp_path / "model.bin")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hidden_size", "512"), ("hidden_size", [512]), ("hidden_size", None),
        ("hidden_size", 512.0),
        ("intermediate_size", "x"), ("intermediate_size", {}), ("intermediate_size", True),
        ("intermediate_size", 10**30), ("intermediate_size", -1),
    ],
)  # fmt: skip
def test_settings_of_another_kind_are_told(key, value):
    spec = get_spec("splicebert")
    assert refine(spec, {"intermediate_size": spec.config["intermediate_size"]}) == spec
    with pytest.raises(CheckpointError, match=f"{key}"):
        refine(spec, json.loads(json.dumps({key: value})))
