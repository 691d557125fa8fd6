"""Attention: packed for batches, eager for maps, FlashAttention where it can run."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from rnaexplore.errors import CapabilityError
from rnaexplore.models.adapters import hosted as hosted_module
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.adapters.hosted import flash_is_possible
from rnaexplore.models.inference import runner
from rnaexplore.models.inference.attention import PACKED
from rnaexplore.models.inference.attention import implementation as implementation_of
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class

HOSTED = ["mini", "rnafm", "mrnafm", "rnaernie", "rnaernie2", "splicebert", "rnabert"]
ALL = [*HOSTED, "rinalmo-micro"]
RNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUG"
RNAS = [RNA, RNA[:12], RNA[6:36]]
cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


def implementation(model):
    return model.adapter.module.config._attn_implementation


@pytest.fixture(params=HOSTED)
def hosted(request, shrink, random_model):
    return random_model(shrink(request.param, layers=2))


@pytest.fixture(params=ALL)
def model(request, shrink, random_model):
    return random_model(shrink(request.param, layers=2, dim=64))


def one(model):
    """Return one RNA as a padded batch."""
    ids = torch.from_numpy(model.spec.alphabet.encode(RNA))[None]
    return ids, torch.ones_like(ids)


def test_packed_and_eager_attention_last_for_the_call_alone(hosted, monkeypatch):
    assert implementation(hosted) == "sdpa"
    seen = []
    encoder = getattr(hosted.adapter.module, hosted.adapter.encoder)
    original = encoder.forward

    def spy(*args, **kwargs):
        seen.append(implementation(hosted))
        return original(*args, **kwargs)

    monkeypatch.setattr(encoder, "forward", spy)
    hosted.embed([RNA])
    hosted.attentions(RNA)
    hosted.hidden_states(RNA)
    hosted.adapter.forward(*one(hosted), Request(attentions=(0,)))
    assert seen == [PACKED, PACKED, PACKED, "eager"]
    assert implementation(hosted) == "sdpa"


def test_the_implementation_is_restored_after_an_error(hosted, monkeypatch):
    encoder = getattr(hosted.adapter.module, hosted.adapter.encoder)

    def fail(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr(encoder, "forward", fail)
    with pytest.raises(MemoryError):
        hosted.attentions(RNA)
    assert implementation(hosted) == "sdpa"


def test_missing_maps_are_an_error_and_never_none(hosted, monkeypatch):
    """Transformers returns an empty tuple of maps under sdpa, with a mere log message."""
    monkeypatch.setattr(hosted_module, "implementation", lambda _module, _name: nullcontext())
    with pytest.raises(CapabilityError, match="no attention maps"):
        hosted.adapter.forward(*one(hosted), Request(attentions=(0,)))


def test_an_encoder_that_shows_no_maps_is_an_error(hosted, monkeypatch):
    encoder = getattr(hosted.adapter.module, hosted.adapter.encoder)
    original = encoder.forward

    def unwatched(*args, watch, **kwargs):
        return original(*args, **kwargs)

    monkeypatch.setattr(encoder, "forward", unwatched)
    with pytest.raises(CapabilityError, match="no attention maps"):
        hosted.attentions(RNA)


def test_streamed_maps_are_the_eager_ones(model):
    n, alphabet = model.spec.n_layers, model.spec.alphabet
    with torch.inference_mode():
        output = model.adapter.forward(*one(model), Request(attentions=tuple(range(n))))
    expected = torch.stack([output.attentions[k][0] for k in range(n)]).numpy()
    first, last = alphabet.n_prefix, len(one(model)[0][0]) - alphabet.n_special + alphabet.n_prefix
    expected = expected[:, :, first:last, first:last]
    np.testing.assert_allclose(model.attentions(RNA), expected, atol=1e-6)


def test_maps_are_shown_a_few_heads_at_a_time(model, monkeypatch):
    n = model.spec.alphabet.n_residues(RNA)
    monkeypatch.setattr(runner, "MAP_BYTES", 2 * 4 * (n + 2) ** 2)
    expected, seen = model.attentions(RNA), []

    def visit(layer, heads, maps):
        assert maps.shape == (len(heads), n, n)
        assert len(heads) <= 2
        np.testing.assert_allclose(maps, expected[layer, list(heads)], atol=1e-6)
        seen.extend((layer, head) for head in heads)

    model.visit_attentions(RNA, visit)
    assert seen == [(i, k) for i in range(model.spec.n_layers) for k in range(model.spec.n_heads)]
    seen.clear()
    model.visit_attentions(RNA, visit, layers=[-1], heads=[2, 0])
    assert seen == [(model.spec.n_layers - 1, 2), (model.spec.n_layers - 1, 0)]


def test_implementations_agree(hosted):
    n = hosted.spec.n_layers
    ids = torch.from_numpy(hosted.spec.alphabet.encode(RNA))[None]
    mask = torch.ones_like(ids)
    request = Request(hidden=tuple(range(n + 1)), logits="logits" in hosted.spec.can)
    results = {}
    for name in ("sdpa", "eager"):
        hosted.adapter.module.set_attn_implementation(name)
        with torch.inference_mode():
            results[name] = hosted.adapter.forward(ids, mask, request).per_residue()
    for a, b in zip(results["sdpa"], results["eager"], strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("device", "dtype", "installed", "expected"),
    [
        ("cuda", torch.bfloat16, True, True),
        ("cuda", torch.float16, True, True),
        ("cuda", torch.float32, True, False),
        ("cpu", torch.bfloat16, True, False),
        ("cuda", torch.bfloat16, False, False),
    ],
)
def test_when_flash_attention_is_used(device, dtype, installed, expected, monkeypatch):
    monkeypatch.setattr(hosted_module, "find_spec", lambda _name: object() if installed else None)
    assert flash_is_possible(device, dtype) is expected


def test_flash_attention_is_asked_for_and_left_for_maps(hosted, monkeypatch):
    """Without a GPU the switch itself is what can be tested: asked for once, never for maps."""
    asked = []
    module = hosted.adapter.module
    monkeypatch.setattr(hosted_module, "flash_is_possible", lambda *_: True)
    monkeypatch.setattr(module, "set_attn_implementation", asked.append)
    hosted.adapter.use_flash_attention()
    assert asked == ["flash_attention_2"]
    monkeypatch.setattr(module.config, "_attn_implementation_internal", "flash_attention_2")
    with implementation_of(module, "eager"):
        assert asked[-1] == "eager"
    assert asked[-1] == "flash_attention_2"


def cosine(a, b):
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def moved(model, device, dtype):
    cls = adapter_class(model.spec)
    module = cls.build(model.spec)
    module.load_state_dict(model.adapter.module.state_dict())
    adapter = cls(model.spec, module.eval().to(device=device, dtype=dtype))
    adapter.use_flash_attention()
    return Model(adapter, device=torch.device(device), weights_sha256="", source="random")


def test_half_precision_gives_the_same_vectors(model):
    half = moved(model, "cpu", torch.bfloat16)
    assert half.dtype is torch.bfloat16
    for a, b in zip(model.embed(RNAS), half.embed(RNAS), strict=True):
        assert a.dtype == b.dtype == np.float32
        assert cosine(a, b) >= 0.999
    assert np.isfinite(half.attentions(RNA)).all()


@cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_gpu_gives_the_same_vectors(model, dtype):
    fast = moved(model, "cuda", dtype)
    for a, b in zip(model.embed(RNAS), fast.embed(RNAS), strict=True):
        assert cosine(a, b) >= 0.999
    if dtype is torch.float32:
        np.testing.assert_allclose(fast.attentions(RNA), model.attentions(RNA), atol=1e-4)
