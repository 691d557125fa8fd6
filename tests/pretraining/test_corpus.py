from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.models import ModelSpec, get_spec
from rnaexplore.pretraining.corpus import Corpus
from rnaexplore.pretraining.motifs import Motifs
from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.sample import Sample
from rnaexplore.structure import CANONICAL


def test_crop_keeps_whole_pairs_and_forgets_cut_ones() -> None:
    partner = np.array([9, 8, -1, -1, -1, -1, -1, -1, 1, 0])
    sample = Sample(np.arange(10), partner, 0)
    rng = np.random.default_rng(0)
    for _ in range(50):
        cropped = sample.crop(9, rng)
        assert cropped.partner is not None
        start = int(cropped.ids[0])
        for i, p in enumerate(cropped.partner):
            true = partner[start + i]
            if true < 0:
                assert p == -1
            elif start <= true < start + 9:
                assert p == true - start
            else:
                assert p == -100


def test_batches_are_consistent(spec: ModelSpec, hairpins: list[Record]) -> None:
    alphabet = spec.alphabet
    corpus = Corpus([*hairpins, Record("ACGU" * 40)], alphabet, max_length=60)
    complement = {5: 8, 6: 7, 7: 6, 8: 5}
    rng = np.random.default_rng(0)
    for batch in (corpus.draw(rng, tokens=1024) for _ in range(20)):
        assert batch.ids.shape == batch.mask.shape == batch.partner.shape
        assert batch.mask.sum() <= 1.5 * 1024
        assert (batch.ids[batch.mask == 0] == alphabet.pad_id).all()
        assert (batch.partner[batch.mask == 0] == -100).all()
        assert batch.mask.sum(1).max() <= 60 + 2
        rows, columns = np.nonzero(batch.partner > 0)
        partners = batch.partner[rows, columns]
        assert (batch.partner[rows, partners] == columns).all()
        pairs = zip(batch.ids[rows, columns], batch.ids[rows, partners], strict=True)
        assert all(complement[int(a)] == int(b) for a, b in pairs)
        known = batch.family[batch.family >= 0]
        assert (np.bincount(known)[np.unique(known)] >= 1).all()
        assert len(np.unique(known)) < len(known), "half of a batch are pairs of relatives"


def test_large_families_are_drawn_less_than_in_proportion(spec: ModelSpec) -> None:
    rng = np.random.default_rng(0)
    letters = list("ACGU")
    records = [
        Record("".join(rng.choice(letters, 30)), "." * 30, "RF1" if i < 900 else "RF2")
        for i in range(1000)
    ]
    corpus = Corpus(records, spec.alphabet, max_length=60, related=0.0)
    draws = np.random.default_rng(0)
    drawn = np.concatenate([corpus.draw(draws, tokens=512).family for _ in range(200)])
    assert 0.2 < np.mean(drawn == 1) < 0.3  # 0.1 in proportion, 0.25 by square roots


def test_artificial_relatives_keep_the_pairs_and_pair_canonically(
    spec: ModelSpec, hairpins: list[Record]
) -> None:
    rng = np.random.default_rng(0)
    corpus = Corpus(hairpins, spec.alphabet, max_length=60)
    letters = {number: letter for letter, number in spec.alphabet.ids.items() if letter in "ACGU"}
    sample = corpus.samples[0]
    varied = sample.resampled(1.0, spec.alphabet, rng)
    assert sample.partner is not None
    assert varied.partner is sample.partner
    assert not varied.natural
    assert varied.family == -1
    pairs = {
        letters[int(varied.ids[i])] + letters[int(varied.ids[j])]
        for i, j in enumerate(sample.partner)
        if j >= 0
    }
    assert pairs <= CANONICAL
    assert np.array_equal(sample.resampled(0.0, spec.alphabet, rng).ids, sample.ids)
    batch = corpus.draw_artificial(rng, tokens=512, max_length=16)
    assert not batch.natural.any()
    assert batch.mask.sum(1).max() <= 16 + 2


def test_motif_spans_point_at_the_motif_in_every_row(
    spec: ModelSpec, hairpins: list[Record]
) -> None:
    alphabet = spec.alphabet
    motifs = Motifs(("GAAAA",), ("(((((((.....)))))))",))
    corpus = Corpus(hairpins, alphabet, max_length=60, motifs=motifs)
    batch = corpus.draw(np.random.default_rng(0), tokens=512)
    loop = [alphabet.ids[c] for c in "GAAAA"]
    for row, spans in enumerate(batch.spans):
        lengths = (spans[:, 1] - spans[:, 0]).tolist()
        assert set(lengths) == {5, 19}
        for start, stop in spans:
            if stop - start == 5:
                assert batch.ids[row, start:stop].tolist() == loop
            else:
                assert batch.partner[row, start] == stop - 1


def test_types_follow_the_residues(hairpins: list[Record]) -> None:
    alphabet = get_spec("rnaernie").alphabet
    records = [Record("ACGUACGU", rna_type="Gene; tRNA"), Record("ACGUACGG", rna_type="what")]
    batch = Corpus(records, alphabet, max_length=60, types=True).draw(
        np.random.default_rng(0), tokens=64
    )
    for row, place in zip(range(len(batch.ids)), batch.type_position, strict=True):
        body = batch.ids[row, batch.residues[row]]
        after = batch.ids[row, batch.mask[row].astype(bool)][1 + len(body) :].tolist()
        typed = [alphabet.ids["[IND]"], alphabet.ids["tRNA"], alphabet.ids["[SEP]"]]
        assert after == (typed if place >= 0 else typed[2:])
        if place >= 0:
            assert batch.ids[row, place] == alphabet.ids["tRNA"]
    assert sorted(batch.type_position >= 0) == [False, True]


def test_codons_are_tokens_and_what_is_impossible_is_refused(hairpins: list[Record]) -> None:
    codons = get_spec("mrnafm").alphabet
    batch = Corpus([Record("AUGGCCUAA")], codons, max_length=60).draw(
        np.random.default_rng(0), tokens=64
    )
    assert batch.residues.sum() == 3 * len(batch.ids)
    with pytest.raises(InputError, match="reads codons"):
        Corpus([], codons, max_length=60, motifs=Motifs(("AUG",)))
    with pytest.raises(InputError, match="no tokens for types"):
        Corpus(hairpins, get_spec("mini").alphabet, max_length=60, types=True)
