"""Linear layers in 8-bit integers: nearly the same vectors, exactly the same in any batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnaexplore.errors import InputError
from rnaexplore.models import load_model
from rnaexplore.models.inference.int8 import Int8Linear, use_int8

MODELS = ["mini", "rnafm", "mrnafm", "rnaernie", "splicebert", "rinalmo-micro"]
RNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUC"
RNAS = [RNA, RNA[:12], RNA[6:36], RNA[::-1]]


@pytest.fixture(params=MODELS)
def pair(request, shrink, random_model):
    """Return a model in float32, and the same one in int8."""
    spec = shrink(request.param, layers=2, dim=64)
    rounded = random_model(spec)
    use_int8(rounded.adapter.layers(), rounded.device)
    return random_model(spec), rounded


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_vectors_are_nearly_those_of_float32(pair):
    exact, rounded = (model.embed(RNAS) for model in pair)
    assert rounded.dtype == np.float32
    assert cosines(exact, rounded).min() >= 0.995
    assert not np.array_equal(exact, rounded)


def test_a_vector_depends_on_no_other_sequence_of_its_batch(pair):
    rounded = pair[1]
    alone = np.concatenate([rounded.embed([rna]) for rna in RNAS])
    np.testing.assert_allclose(rounded.embed(RNAS), alone, atol=1e-5)


def test_weights_are_let_go(pair):
    def size(model):
        tensors = model.adapter.layers().state_dict().values()
        return sum(t.numel() * t.element_size() for t in tensors)

    exact, rounded = pair
    assert size(rounded) < 0.4 * size(exact)
    assert not any(isinstance(m, torch.nn.Linear) for m in rounded.adapter.layers().modules())


def test_maps_and_logits_work_and_the_precision_is_told(pair):
    exact, rounded = pair
    assert (exact.dtype, rounded.dtype) == (torch.float32, torch.int8)
    assert rounded.randomised(seed=1).dtype is torch.int8
    np.testing.assert_allclose(rounded.attentions(RNA), exact.attentions(RNA), atol=0.05)


@pytest.mark.parametrize("activation", ["none", "gelu", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_is_its_rounded_product(activation, bias):
    layer, x = torch.nn.Linear(40, 24, bias=bias), torch.randn(2, 300, 40)
    expected = layer(x)
    functions = {"gelu": torch.nn.functional.gelu, "relu": torch.relu}
    expected = functions.get(activation, lambda t: t)(expected)
    with torch.inference_mode():
        found = Int8Linear(layer)(x, activation)
    error = (found - expected).norm() / expected.norm()
    assert 0 < error < 0.02


def test_zeros_stay_zeros():
    layer = torch.nn.Linear(8, 4, bias=False)
    with torch.inference_mode():
        assert not Int8Linear(layer)(torch.zeros(3, 8)).any()


def test_the_bundled_model_through_the_public_call():
    exact, rounded = load_model("mini"), load_model("mini", dtype="int8")
    assert cosines(exact.embed(RNAS), rounded.embed(RNAS)).min() >= 0.995
    report = rounded.verify()
    assert report.strict_load
    assert report.batch <= 1e-5


def test_a_gpu_and_an_unknown_precision_are_refused():
    with pytest.raises(InputError, match="bfloat16"):
        use_int8(torch.nn.ModuleList(), torch.device("cuda"))
    with pytest.raises(InputError, match="int8"):
        load_model("mini", dtype="int4")
