"""The curve of a contact head: its twin in numpy, and checkpoints with and without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import rnaexplore as rx
from rnaexplore.errors import CheckpointError
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.calibrated import N_KNOTS, CalibratedSigmoid
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.weights.checkpoints import read_training
from rnaexplore.pretraining.readout import export
from rnaexplore.structure import CalibrationCurve, calibration
from rnaexplore.structure.calibration import sigmoid

BENT = (
    (-7.0, -6.0, -5.5, -4.0, -2.0, 0.0, 2.0, 4.0),
    (-9.0, -7.0, -4.0, -3.0, -2.0, -1.0, 0.5, 3.0),
)


def bent() -> CalibratedSigmoid:
    found = CalibratedSigmoid()
    found.knots.copy_(torch.tensor(BENT))
    return found


def test_both_curves_have_as_many_knots() -> None:
    assert N_KNOTS == calibration.N_KNOTS == len(BENT[0])


def test_the_curve_is_that_of_numpy() -> None:
    z = np.linspace(-20, 20, 301).reshape(7, 43)
    expected = sigmoid(CalibrationCurve(*BENT)(z))
    found = bent()(torch.from_numpy(z).float())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-7)


def test_without_a_fit_it_is_a_sigmoid() -> None:
    z = torch.linspace(-20, 20, 301)
    torch.testing.assert_close(CalibratedSigmoid()(z), z.sigmoid())
    half = CalibratedSigmoid().half()
    assert torch.equal(half.knots.float(), CalibratedSigmoid().knots)


@pytest.fixture(scope="module")
def small():
    mini = get_spec("mini")
    config = {**mini.config, "intermediate_size": 32}
    return replace(mini, n_layers=1, n_heads=2, dim=16, config=config)


def test_checkpoints_without_a_curve_open_as_they_were(small, tmp_path) -> None:
    module = EsmAdapter.build(small).eval()
    state = {k: v for k, v in module.state_dict().items() if not k.endswith("knots")}
    assert len(state) == len(module.state_dict()) - 1
    adapter = EsmAdapter.load(small, state)
    assert torch.equal(adapter.module.esm.contact_head.activation.knots, CalibratedSigmoid().knots)
    module.load_state_dict(state, strict=True)
    with pytest.raises(CheckpointError, match="1 missing"):
        EsmAdapter.load(small, {k: v for k, v in state.items() if k != "lm_head.bias"})


def test_a_curve_is_kept_with_the_weights(small, tmp_path) -> None:
    module = EsmAdapter.build(small).eval()
    module.esm.contact_head.activation = bent()
    path = tmp_path / "model.safetensors"
    export(module, path, {"trained": {"families": ["F1"]}})
    adapter = EsmAdapter.load(small, load_file(path))
    np.testing.assert_allclose(adapter.module.esm.contact_head.activation.knots, BENT, rtol=1e-3)
    assert read_training(path) == {"trained": {"families": ["F1"]}}


def test_contacts_are_those_of_the_curve() -> None:
    model = rx.load_model("mini")
    sequence = "GGGGAAAACCCC"
    model.adapter.module.esm.contact_head.activation = CalibratedSigmoid()
    before = model.contacts(sequence)
    model.adapter.module.esm.contact_head.activation = bent()
    after = model.contacts(sequence)
    off = ~np.eye(12, dtype=bool)
    logits = np.log(before[off].astype(float)) - np.log1p(-before[off].astype(float))
    np.testing.assert_allclose(after[off], sigmoid(CalibrationCurve(*BENT)(logits)), rtol=1e-3)


def test_weights_that_say_nothing_of_their_training(tmp_path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    assert read_training(path) == {}
    save_file({"a": torch.zeros(1)}, path, metadata={"training": "no JSON"})
    assert read_training(path) == {}
    assert read_training(tmp_path / "x.pth") == {}
    assert rx.load_model("mini").training
    assert rx.load_model("mini").randomised(seed=0).training == {}
