"""What holds for every architecture: padding, order, letters, special tokens, limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnaexplore.errors import (
    CapabilityError,
    InputError,
    InvalidSequenceError,
    SequenceTooLongError,
    UnknownTokensError,
)
from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.inference import batching, windows

SHORT, MIDDLE, LONG = (
    "GGGAUUCCC",
    "ACGUACGUACGUACGUAGG" + "AC",
    "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAG" + "AUCUG",
)

#: one entry for each architecture and vocabulary
KINDS = [
    spec.name
    for i, spec in enumerate(CATALOG)
    if (spec.adapter, spec.alphabet) not in [(s.adapter, s.alphabet) for s in CATALOG[:i]]
]


@pytest.fixture(params=KINDS)
def model(request, shrink, random_model):
    return random_model(shrink(request.param, layers=2))


def close(a, b, atol=1e-5):
    np.testing.assert_allclose(a, b, atol=atol, rtol=1e-4)


@pytest.mark.parametrize("pooling", ["mean", "max", "cls"])
def test_a_vector_is_the_same_alone_and_in_any_batch(model, pooling):
    if pooling == "cls" and model.spec.alphabet.cls is None:
        with pytest.raises(InputError, match="leading special token"):
            model.embed([SHORT], pooling=pooling)
        return
    together = model.embed([SHORT, LONG, MIDDLE], pooling=pooling)
    assert together.dtype == np.float32
    for vector, sequence in zip(together, [SHORT, LONG, MIDDLE], strict=True):
        close(vector, model.embed([sequence], pooling=pooling)[0])
    close(together[::-1], model.embed([MIDDLE, LONG, SHORT], pooling=pooling))


def test_letters_u_t_upper_and_lower_case_are_one(model):
    spellings = [LONG, LONG.lower(), LONG.replace("U", "T"), LONG.replace("U", "t").lower()]
    vectors = model.embed(spellings)
    for vector in vectors[1:]:
        close(vector, vectors[0], atol=1e-6)


def test_special_tokens_never_show(model):
    n = model.spec.alphabet.n_residues(LONG)
    assert model.hidden_states(LONG).shape == (3, n, model.spec.dim)
    maps = model.attentions(LONG)
    assert maps.shape == (2, model.spec.n_heads, n, n)
    inside = maps.sum(-1)
    if model.spec.alphabet.n_special:
        assert (inside < 1).all()
    else:
        close(inside, np.ones_like(inside))


def test_mean_pooling_is_the_mean_over_residues_alone(model):
    states = model.hidden_states(LONG)
    close(model.embed([LONG, SHORT])[0], states[-1].mean(0))
    close(model.embed([SHORT, LONG], layer=1, pooling="max")[1], states[1].max(0))
    close(model.embed_layers([SHORT, LONG])[:, 1], states.mean(1))


def test_pads_do_not_reach_residues(model):
    """The ids of pads may be anything: the mask alone decides."""
    alphabet = model.spec.alphabet
    batch = batching.collate(alphabet, [SHORT, LONG], np.arange(2))
    assert (batch.ids[0] == alphabet.pad_id).sum() == alphabet.n_residues(LONG) - (
        alphabet.n_residues(SHORT)
    )
    kept = batching.residues(batch, alphabet)
    assert kept.sum(1).tolist() == [alphabet.n_residues(SHORT), alphabet.n_residues(LONG)]
    body = batch.ids[0][kept[0]].tolist()
    assert body == [alphabet.ids[r] for r in alphabet.split(SHORT)]


def test_maps_are_there_and_the_implementation_is_restored(model):
    from rnaexplore.models.adapters.base import Request

    adapter = model._adapter
    ids = torch.from_numpy(model.spec.alphabet.encode(LONG))[None]
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        fast = adapter.forward(ids, mask, Request(hidden=(2,)))
        slow = adapter.forward(ids, mask, Request(hidden=(2,), attentions=(0, 1)))
        again = adapter.forward(ids, mask, Request(hidden=(2,)))
    assert set(slow.attentions) == {0, 1}
    for attention in slow.attentions.values():
        torch.testing.assert_close(attention.sum(-1), torch.ones_like(attention.sum(-1)))
    torch.testing.assert_close(fast.hidden[2], slow.hidden[2], atol=1e-5, rtol=1e-4)
    assert torch.equal(fast.hidden[2], again.hidden[2])


def test_masking_hides_the_residue(model):
    if "logits" not in model.spec.can:
        with pytest.raises(CapabilityError, match="no trained logits"):
            model.logits(LONG)
        return
    other = ("CCC" if model.spec.alphabet.unit == "codon" else "C") + LONG[
        model.spec.alphabet.width :
    ]
    close(model.logits(LONG, mask=0), model.logits(other, mask=[0]))
    assert np.abs(model.logits(LONG) - model.logits(other)).max() > 1e-4
    n = model.spec.alphabet.n_residues(LONG)
    with pytest.raises(InputError, match="position must be in"):
        model.logits(LONG, mask=n)


def test_streamed_logits_are_those_of_each_sequence_alone(model):
    if "logits" not in model.spec.can:
        with pytest.raises(CapabilityError, match="no trained logits"):
            model.stream_logits([LONG])
        return
    sequences, masks = [SHORT, LONG, LONG, MIDDLE], [[], [0], [1, -1], [2]]
    columns = model.spec.alphabet.residue_ids
    found = dict(model.stream_logits(sequences, masks=masks))
    assert sorted(found) == [0, 1, 2, 3]
    for row, (sequence, mask) in enumerate(zip(sequences, masks, strict=True)):
        assert found[row].shape[1] == len(model.spec.alphabet.tokens)
        close(found[row][:, columns], model.logits(sequence, mask=mask))
    close(next(model.stream_logits([SHORT]))[1][:, columns], model.logits(SHORT))
    with pytest.raises(InputError, match="position must be in"):
        model.stream_logits([SHORT], masks=[[99]])


def test_unknown_letters_are_counted_and_limited(model):
    alphabet = model.spec.alphabet
    clean = "ACG" * 40
    mostly = "NNN" * 3 + "ACG" * 37
    assert len(alphabet.unknown(clean)) == 0
    if "N" in alphabet.ids:
        assert model.embed([mostly]).shape == (1, model.spec.dim)
        return
    with pytest.raises(UnknownTokensError, match="are unknown to"):
        model.embed([clean, mostly], names=["good", "bad"])
    few = "N" + clean[1:]
    report = model.inspect([few, few.lower().replace("g", "t")])
    assert report.unknown_residues == 2
    assert (report.sequences, report.lower_case, report.with_t) == (2, 1, 1)


def test_bad_sequences_name_the_record(model):
    with pytest.raises(InvalidSequenceError, match=r"'second'.*empty") as caught:
        model.embed([LONG, ""], names=["first", "second"])
    assert caught.value.record == "second"
    with pytest.raises(InvalidSequenceError, match="position 4: 'e'") as caught:
        model.embed(["ACGeCG" + "ACG" * 30])
    assert (caught.value.position, caught.value.letter) == (4, "e")
    with pytest.raises(InputError, match="list of strings"):
        model.embed(LONG)


def test_limits(model):
    limit = model.spec.max_length
    if limit is None:
        return
    width = model.spec.alphabet.width
    exact = "ACG" * limit
    exact = exact[: limit * width]
    assert model.spec.alphabet.n_residues(exact) == limit
    assert np.isfinite(model.embed([exact])).all()
    with pytest.raises(SequenceTooLongError, match=f"window={limit}"):
        model.embed([exact + "ACG"], names=["x"])
    with pytest.raises(SequenceTooLongError, match="exceeds"):
        model.embed([SHORT], window=limit + 1)


def test_windows_are_joined_before_pooling(model):
    alphabet = model.spec.alphabet
    n = alphabet.n_residues(LONG)
    window, overlap = 6, 2
    places = windows.spans(n, window, overlap)
    assert len(places) > 1
    parts = [model.hidden_states(alphabet.slice(LONG, a, b)) for a, b in places]
    expected = windows.stitch(parts, places, n)
    close(model.hidden_states(LONG, window=window, overlap=overlap), expected)
    vectors = model.embed([SHORT, LONG, MIDDLE], window=window, overlap=overlap)
    close(vectors[1], expected[-1].mean(0))
    close(
        model.embed([LONG], window=window, overlap=overlap, pooling="max")[0], expected[-1].max(0)
    )
    with pytest.raises(InputError, match=r"several windows|leading special token"):
        model.embed([LONG], window=window, pooling="cls")
    report = model.inspect([SHORT, LONG], window=window, overlap=overlap)
    assert (report.windowed, report.windows) == (
        (1, 1 + len(places)) if alphabet.n_residues(SHORT) <= window else (2, 2 + len(places))
    )


def test_a_window_as_long_as_the_sequence_changes_nothing(model):
    n = model.spec.alphabet.n_residues(LONG)
    close(model.embed([LONG], window=n), model.embed([LONG]), atol=1e-6)


def test_windows_with_masks(model):
    if "logits" not in model.spec.can:
        return
    alphabet = model.spec.alphabet
    n = alphabet.n_residues(LONG)
    mask = (0, n // 2, n - 1)
    places = windows.spans(n, 6, 3)
    parts = [
        model.logits(
            alphabet.slice(LONG, a, b), mask=[k - a for k in mask if a <= k < b]
        )
        for a, b in places
    ]  # fmt: skip
    close(model.logits(LONG, mask=mask, window=6), windows.stitch(parts, places, n))


def test_batches_respect_the_budget_and_lose_nothing(model):
    alphabet = model.spec.alphabet
    sequences = ["ACG" * n for n in (1, 9, 4, 30, 2, 2, 17)]
    seen = []
    for batch in batching.batches(alphabet, sequences, max_tokens=40):
        assert batch.ids.numel() <= 40 or len(batch.rows) == 1
        seen.extend(batch.rows.tolist())
    assert sorted(seen) == list(range(len(sequences)))


def test_layers_and_heads_out_of_range(model):
    with pytest.raises(InputError, match=r"layer must be in \[-3, 2\]"):
        model.embed([LONG], layer=3)
    with pytest.raises(InputError, match="head must be in"):
        model.attentions(LONG, heads=[4])
    close(model.attentions(LONG, layers=[-1], heads=[1]), model.attentions(LONG)[1:, 1:2])


def test_frame_of_codons(shrink, random_model):
    model = random_model(shrink("mrnafm", layers=1))
    with pytest.raises(InvalidSequenceError, match="2 too many"):
        model.embed(["AUGGC"])


def test_an_untrained_head_cannot_be_called(shrink, random_model):
    model = random_model(shrink("rnafm", layers=1))
    with pytest.raises(CapabilityError, match="no trained contacts"):
        model.contacts(LONG)
    spec = replace(shrink("rnafm", layers=1), can=frozenset({"embed"}))
    with pytest.raises(CapabilityError, match="no trained attention"):
        random_model(spec).attentions(LONG)
