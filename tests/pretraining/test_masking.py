from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.models import get_spec
from rnaexplore.pretraining.corpus import Corpus, TrainingBatch
from rnaexplore.pretraining.masking import Levels, Masking
from rnaexplore.pretraining.motifs import Motifs
from rnaexplore.pretraining.records import Record

ALPHABET = get_spec("mini").alphabet
WORD = "GAUUACA"


def batch_of(n: int, *, seed: int = 0) -> TrainingBatch:
    """Return rows of 100 residues with a word planted twice."""
    rng = np.random.default_rng(seed)
    records = []
    for _ in range(n):
        letters = rng.choice(list("CGU"), 100)
        for start in (10, 60):
            letters[start : start + 7] = list(WORD)
        records.append(Record("".join(letters) + "N"))
    corpus = Corpus(records, ALPHABET, max_length=120, motifs=Motifs((WORD,)))
    return corpus._collate(corpus.samples)


def runs(chosen: np.ndarray) -> list[int]:
    return [len(list(group)) for hidden, group in groupby(chosen.tolist()) if hidden]


def test_the_asked_share_is_hidden_and_nothing_but_residues() -> None:
    batch = batch_of(400)
    rng = np.random.default_rng(0)
    for levels in (Levels(), Levels(0, 1, 0), Levels(0, 0, 1)):
        ids, labels = Masking(rate=0.2, first=levels, last=levels).hide(batch, ALPHABET, 0.5, rng)
        chosen = labels != -100
        assert not chosen[~batch.residues].any()
        assert not chosen[batch.ids == ALPHABET.ids["N"]].any()
        assert np.array_equal(labels[chosen], batch.ids[chosen])
        assert np.array_equal(ids[~chosen], batch.ids[~chosen])
        untouched = ~chosen.any(1)
        assert untouched.mean() == pytest.approx(0.25, abs=0.06)
        assert chosen[~untouched].sum(1).mean() == pytest.approx(0.2 * 101, rel=0.03)
        assert (ids[chosen] == ALPHABET.mask_id).mean() == pytest.approx(0.8, abs=0.02)
        kept = (ids[chosen] == batch.ids[chosen]).mean()
        assert kept == pytest.approx(0.1 + 0.1 / 4, abs=0.02)  # a random residue may be the true


def test_levels_hide_single_residues_stretches_and_motifs() -> None:
    batch = batch_of(300)
    rng = np.random.default_rng(0)
    word = np.zeros(batch.ids.shape, dtype=bool)
    for row, spans in enumerate(batch.spans):
        for start, stop in spans:
            word[row, start:stop] = True
    shares, longest = {}, {}
    for name, levels in (
        ("base", Levels()), ("subsequence", Levels(0, 1, 0)), ("motif", Levels(0, 0, 1)),
    ):  # fmt: skip
        chosen = Masking(first=levels, last=levels).choose(batch, 0.0, rng)
        shares[name] = chosen[word].sum() / chosen.sum()
        longest[name] = np.mean([max(runs(row)) for row in chosen if row.any()])
    assert shares["base"] == pytest.approx(14 / 101, abs=0.02)
    assert shares["motif"] > 0.7
    assert longest["base"] < 4 < longest["subsequence"] < 9
    assert longest["motif"] >= 7


def test_motifs_are_hidden_whole() -> None:
    batch = batch_of(200)
    levels = Levels(0, 0, 1)
    chosen = Masking(rate=0.15, first=levels, last=levels).choose(
        batch, 0.0, np.random.default_rng(2)
    )
    hidden = [
        [chosen[row, start:stop].mean() for start, stop in spans]
        for row, spans in enumerate(batch.spans)
        if chosen[row].any()
    ]
    assert all(max(shares) == 1 for shares in hidden)
    assert np.mean(np.array(hidden) == 1) > 0.8  # 15 residues a row hold two words of seven


def test_shares_move_evenly_from_first_to_last() -> None:
    masking = Masking(first=Levels(1, 0, 0), last=Levels(0.2, 0.3, 0.5))
    assert masking.shares(0.0).tolist() == [1, 0, 0]
    assert masking.shares(0.5) == pytest.approx([0.6, 0.15, 0.25])
    assert masking.shares(1.0) == pytest.approx([0.2, 0.3, 0.5])


@pytest.mark.parametrize("shares", [(0.5, 0.2, 0.2), (1.2, -0.2, 0.0)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="add up to 1"):
        Levels(*shares)


def test_artificial_rows_are_left_whole() -> None:
    rng = np.random.default_rng(0)
    records = [Record("GGGGAAAACCCC" * 3, "((((....))))" * 3) for _ in range(30)]
    corpus = Corpus(records, ALPHABET, max_length=60, artificial=1.0)
    batch = corpus.draw(rng, tokens=800)
    assert not batch.natural.any()
    assert not Masking().choose(batch, 0.0, rng).any()


def test_types_are_hidden_like_residues() -> None:
    alphabet = get_spec("rnaernie").alphabet
    records = [Record("ACGU" * 10, rna_type="tRNA") for _ in range(1)]
    corpus = Corpus(records, alphabet, max_length=60, types=True)
    batch = corpus._collate(corpus.samples * 2000)
    _, labels = Masking(rate=0.3).hide(batch, alphabet, 0.0, np.random.default_rng(0))
    asked = labels[np.arange(2000), batch.type_position]
    assert set(asked.tolist()) == {-100, alphabet.ids["tRNA"]}
    assert (asked >= 0).mean() == pytest.approx(0.75 * 0.3, abs=0.03)
