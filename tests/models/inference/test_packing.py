"""Packs: the same numbers as one by one and as padded, for every architecture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.errors import InputError, SequenceTooLongError
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.inference import batching, packing
from rnaexplore.models.inference.attention import packed_attention
from rnaexplore.models.inference.linear import OneDnnLinear, linear, onednn_is_possible, use_onednn
from rnaexplore.models.inference.runner import Runner

MODELS = ["mini", "rnafm", "mrnafm", "rnaernie", "splicebert", "rnabert", "rinalmo-micro"]
RNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUC"
RNAS = [RNA[:12], RNA, RNA[:3], RNA[6:36], RNA[1:13], RNA[::-1], RNA[:9]]


@pytest.fixture(params=MODELS)
def model(request, shrink, random_model):
    return random_model(shrink(request.param, layers=2))


def pooled(hidden, kept, pooling):
    """Pool padded states, (batch, tokens, dim), over the tokens that are kept."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "mean":
        return (hidden * kept).sum(1) / kept.sum(1)
    return hidden.masked_fill(~kept, -torch.inf).amax(1)


@pytest.mark.parametrize("pooling", ["mean", "max", "cls"])
def test_packed_vectors_are_those_of_the_padded_network(model, pooling):
    if pooling == "cls" and model.spec.alphabet.cls is None:
        pytest.skip("the model has no leading special token")
    alphabet = model.spec.alphabet
    batch = batching.collate(alphabet, RNAS, np.arange(len(RNAS)))
    n = model.spec.n_layers
    with torch.inference_mode():
        output = model.adapter.forward(batch.ids, batch.mask, Request(hidden=tuple(range(n + 1))))
    kept = batching.residues(batch, alphabet)[..., None]
    padded = [pooled(output.hidden[k], kept, pooling).numpy() for k in range(n + 1)]
    np.testing.assert_allclose(
        model.embed_layers(RNAS, pooling=pooling), np.stack(padded), atol=1e-5
    )


def test_packed_states_and_logits_are_those_of_one_sequence_alone(model):
    alphabet, n = model.spec.alphabet, model.spec.n_layers
    request = Request(hidden=(0, n), logits="logits" in model.spec.can)
    whole = packing.pack(alphabet, RNAS, np.arange(len(RNAS)))
    with torch.inference_mode():
        together = model.adapter.forward_packed(whole.ids, whole.lengths, request).per_residue()
        for ids, start in zip(packing.parts(whole), whole.starts, strict=True):
            alone = model.adapter.forward(ids[None], torch.ones_like(ids)[None], request)
            for a, b in zip(together, alone.per_residue(), strict=True):
                here = a[start : start + len(ids)]
                torch.testing.assert_close(here, b[0], atol=1e-5, rtol=1e-4)


def test_masks_are_written_into_the_right_sequence_of_a_pack(shrink, random_model):
    model = random_model(shrink("rnafm", layers=2))
    masks = [(0,), (), (2,), (1, 5), (11,), (3,), ()]
    found = dict(model.stream_logits(RNAS, masks=masks))
    ids = model.spec.alphabet.residue_ids
    for row, (rna, mask) in enumerate(zip(RNAS, masks, strict=True)):
        np.testing.assert_allclose(found[row][:, ids], model.logits(rna, mask=mask), atol=1e-5)


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=30), most=st.integers(3, 100))
def test_packs_hold_each_sequence_once_within_the_budget(lengths, most):
    alphabet = get_spec("rnafm").alphabet
    found = list(packing.packs(alphabet, ["A" * n for n in lengths], max_tokens=most))
    assert sorted(row for p in found for row in p.rows) == list(range(len(lengths)))
    for p in found:
        assert p.lengths == tuple(lengths[row] + 2 for row in p.rows)
        assert len(p.ids) == sum(p.lengths)
        assert len(p.ids) <= most or len(p.rows) == 1
    sizes = [n for p in found for n in p.lengths]
    assert sizes == sorted(sizes, reverse=True)


def test_packs_are_of_even_size():
    """A last pack of a few tokens would leave the processor idle."""
    alphabet = get_spec("rnafm").alphabet
    found = [len(p.ids) for p in packing.packs(alphabet, ["A" * 98] * 42, max_tokens=2000)]
    assert found == [1400] * 3


def test_halves_make_the_whole():
    alphabet = get_spec("rnafm").alphabet
    whole = packing.pack(alphabet, RNAS, np.arange(len(RNAS)))
    parts = packing.halves(whole)
    assert torch.equal(torch.cat([p.ids for p in parts]), whole.ids)
    assert parts[0].lengths + parts[1].lengths == whole.lengths
    assert np.concatenate([p.rows for p in parts]).tolist() == whole.rows.tolist()


def test_packed_attention_is_attention_within_each_sequence():
    lengths = (5, 5, 3, 1, 7, 7, 7)
    q, k, v = torch.randn(3, sum(lengths), 2, 4)
    mixed = packed_attention(q, k, v, lengths, scale=0.3)
    start = 0
    for n in lengths:
        here = slice(start, start + n)
        scores = torch.einsum("ihd,jhd->hij", q[here], k[here]) * 0.3
        expected = torch.einsum("hij,jhd->ihd", scores.softmax(-1), v[here])
        torch.testing.assert_close(mixed[here], expected, atol=1e-5, rtol=1e-4)
        start += n


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_the_kernel_for_variable_lengths_gives_the_same():
    lengths = (5, 5, 3, 17, 7)
    q, k, v = torch.randn(3, sum(lengths), 2, 32)
    there = [x.cuda().bfloat16() for x in (q, k, v)]
    fast = packed_attention(*there, lengths, scale=0.2).float().cpu()
    torch.testing.assert_close(
        fast, packed_attention(q, k, v, lengths, scale=0.2), atol=3e-2, rtol=3e-2
    )


# -- products --------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["none", "gelu", "relu"])
@pytest.mark.parametrize("shape", [(7, 5), (1, 7, 5), (2, 3, 5), (0, 5)])
@pytest.mark.parametrize("bias", [True, False])
def test_products_of_onednn_are_the_stock_ones(activation, shape, bias):
    x, layer = torch.randn(shape), torch.nn.Linear(5, 4, bias=bias)
    stock = layer(x)
    expected = {
        "none": stock, "gelu": torch.nn.functional.gelu(stock), "relu": stock.relu()
    }[activation]  # fmt: skip
    with torch.inference_mode():
        found = linear(x, layer.weight, layer.bias, activation)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_a_gradient_is_never_lost_to_a_faster_product():
    layer = torch.nn.Sequential(torch.nn.Linear(5, 4))
    use_onednn(layer)
    assert isinstance(layer[0], OneDnnLinear)
    layer(torch.randn(3, 5)).sum().backward()
    assert layer[0].weight.grad.abs().sum() > 0


def test_other_precisions_are_left_to_pytorch():
    x = torch.randn(3, 5)
    with torch.inference_mode():
        assert not onednn_is_possible(x.bfloat16(), x.bfloat16())
        assert not onednn_is_possible(x.double(), x.double())


# -- streams ---------------------------------------------------------------------------------------


def test_a_stream_holds_the_vectors_of_embed(model, monkeypatch):
    monkeypatch.setattr(packing, "PACK_TOKENS", 40)
    expected = model.embed(RNAS)
    seen = []
    for rows, vectors in model.stream_embeddings(RNAS):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(vectors, expected[rows], atol=1e-5)
        seen += rows.tolist()
    assert sorted(seen) == list(range(len(RNAS)))


def test_a_stream_reads_long_sequences_in_windows(shrink, random_model):
    model = random_model(shrink("rnafm", layers=2))
    expected = model.embed(RNAS, window=20)
    found = np.empty_like(expected)
    for rows, vectors in model.stream_embeddings(RNAS, window=20):
        found[rows] = vectors
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_stream_of_states_holds_what_hidden_states_returns(shrink, random_model):
    model = random_model(shrink("rnafm", layers=2))
    order = [2, 0]
    seen = []
    for row, states in model.stream_hidden_states(RNAS, layers=order, window=20):
        expected = model.hidden_states(RNAS[row], window=20)[order]
        np.testing.assert_allclose(states, expected, atol=1e-5)
        seen.append(row)
    assert sorted(seen) == list(range(len(RNAS)))


def test_packs_are_as_large_as_the_widest_result_allows():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert packing.pack_tokens(1024, cpu) == packing.PACK_TOKENS
    assert packing.pack_tokens(5120, cpu) * 5120 * 4 < 2**25
    assert packing.pack_tokens(10**9, cpu) == 1
    assert packing.pack_tokens(10**9, gpu) == packing.PACK_TOKENS


def test_no_result_of_a_layer_is_wider_than_told(model):
    seen = []

    def watch(part, given, result):
        if isinstance(result, torch.Tensor):
            seen.append(result.shape[-1])

    for part in model.adapter.layers().modules():
        part.register_forward_hook(watch)
    model.embed(RNAS)
    assert model.spec.dim < max(seen) <= model.adapter.widest()


def test_a_stream_checks_everything_before_its_first_step(shrink, random_model):
    model = random_model(shrink("rnafm", layers=2))
    with pytest.raises(SequenceTooLongError):
        model.stream_embeddings([RNA, "A" * 1023])
    with pytest.raises(InputError, match="layer"):
        model.stream_embeddings([RNA], layer=7)


def test_the_progress_bar_tells_the_rate(shrink, random_model, capsys):
    random_model(shrink("rnafm", layers=2)).embed(RNAS, progress=True)
    told = capsys.readouterr().err
    assert "7/7 sequences" in told
    assert "/s" in told
    assert "100%" in told


# -- memory ----------------------------------------------------------------------------------------


class Small:
    """An adapter on a device with room for few tokens."""

    def __init__(self, adapter, room):
        self.spec, self._adapter, self._room = adapter.spec, adapter, room
        self.tried = []

    def widest(self):
        return self._adapter.widest()

    def forward_packed(self, ids, lengths, request):
        self.tried.append(len(ids))
        if len(ids) > self._room:
            msg = "CUDA out of memory (simulated)"
            raise torch.OutOfMemoryError(msg)
        return self._adapter.forward_packed(ids, lengths, request)


def test_a_batch_that_does_not_fit_is_halved_and_the_job_goes_on(shrink, random_model, monkeypatch):
    monkeypatch.setattr(packing, "PACK_TOKENS", 100)
    model = random_model(shrink("rnafm", layers=2))
    expected = model.embed(RNAS * 4)
    small = Small(model.adapter, room=60)
    found = np.empty_like(expected)
    for rows, vectors in Runner(small, torch.device("cpu")).vectors(RNAS * 4, (2,), "mean"):
        found[rows] = vectors[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert sum(n > 60 for n in small.tried) == 1  # what follows is split beforehand


def test_one_sequence_that_does_not_fit_is_an_error(shrink, random_model):
    model = random_model(shrink("rnafm", layers=2))
    runner = Runner(Small(model.adapter, room=20), torch.device("cpu"))
    with pytest.raises(torch.OutOfMemoryError):
        list(runner.vectors(RNAS, (2,), "mean"))
