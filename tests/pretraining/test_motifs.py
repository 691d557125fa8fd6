from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.pretraining.motifs import Motifs, frequent_words, read_motifs


def test_list_is_read_with_comments_and_both_notations(tmp_path: Path) -> None:
    path = tmp_path / "motifs.txt"
    path.write_text("# RBPs\nTgTANAtA  PUM2\n\nURUAY # one\n((((....))))\nURUAY\n")
    assert read_motifs(path) == Motifs(("UGUANAUA", "URUAY"), ("((((....))))",))


@pytest.mark.parametrize("motif", ["ACGX", "(((..))", ")(", "....", "-"])
def test_what_is_no_motif_is_refused_by_name(motif: str) -> None:
    with pytest.raises(InputError, match="is not a motif"):
        Motifs.parse([motif])


def test_spans_equal_brute_force() -> None:
    rng = np.random.default_rng(0)
    codes = {"A": "A", "R": "AG", "N": "ACGU", "U": "U", "C": "C"}
    motif = "ARNU"
    for _ in range(50):
        sequence = "".join(rng.choice(list("ACGU"), 40))
        expected = [
            (i, i + 4)
            for i in range(37)
            if all(sequence[i + k] in codes[c] for k, c in enumerate(motif))
        ]
        found = Motifs((motif,)).spans(sequence, "?" * 40)
        assert [tuple(span) for span in found.tolist()] == expected


def test_structure_is_searched_in_known_structures_only() -> None:
    motifs = Motifs((), ("((..))",))
    assert motifs.spans("GGAACCGG", ".((..)).").tolist() == [[1, 7]]
    assert motifs.spans("GGAACCGG", "????????").tolist() == []


def test_longest_motif_wins_at_a_place() -> None:
    assert Motifs(("GGA", "GGACC")).spans("GGACCGGA", "?" * 8).tolist() == [[0, 5], [5, 8]]


def test_planted_words_are_the_most_frequent() -> None:
    rng = np.random.default_rng(1)
    sequences = []
    for _ in range(400):
        letters = rng.choice(list("ACGU"), 80)
        for word in ("GAUUACA", "CUGAC"):
            start = int(rng.integers(80 - len(word)))
            letters[start : start + len(word)] = list(word)
        sequences.append("".join(letters))
    assert frequent_words(sequences, lengths=(5,), n=1).sequence == ("CUGAC",)
    assert frequent_words(sequences, lengths=(7,), n=1).sequence == ("GAUUACA",)
    # in a shuffled text nothing stands out nearly as much, but the number of words is kept
    assert len(frequent_words(sequences, n=8).sequence) <= 5 * 8
