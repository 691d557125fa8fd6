"""Motifs and structure patterns: found where brute force finds them."""

import itertools
import re
import time

import anndata
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets import explore
from rnaexplore.widgets.explorer import matching
from rnaexplore.widgets.explorer.matching import holding
from rnaexplore.widgets.explorer.patterns import steps_of

IUPAC = {
    "A": "A", "C": "C", "G": "G", "U": "U", "T": "U", "R": "AG", "Y": "CU", "S": "CG", "W": "AU",
    "K": "GU", "M": "AC", "B": "CGU", "D": "AGU", "H": "ACU", "V": "ACG", "N": "ACGU",
}  # fmt: skip


def holds(motif, sequence):
    """Brute force: some window of which every letter stands for nothing else."""
    windows = range(len(sequence) - len(motif) + 1)
    fits = lambda a, b: set(IUPAC[b]) <= set(IUPAC[a])  # noqa: E731
    return any(all(map(fits, motif, sequence[k : k + len(motif)])) for k in windows)


def found(kind, query, texts):
    return holding(steps_of(kind, query), texts, ignore_case=kind == "motif").tolist()


def expression(kind, query):
    """The same pattern as a regular expression, which is slow but beyond doubt."""
    parts = [
        (f"[{re.escape(letters)}]" if letters else ".")
        + f"{{{least},{'' if most is None else most}}}"
        for letters, least, most in steps_of(kind, query)
    ]
    return re.compile("".join(parts), re.IGNORECASE if kind == "motif" else 0)


@given(st.text("ACGUTRYSWKMBDHVN", min_size=1, max_size=4), st.text("ACGUTRYN", max_size=12))
def test_motifs_are_found_where_brute_force_finds_them(motif, sequence):
    expected = [holds(motif, sequence)] * 2
    assert found("motif", motif, [sequence, sequence.lower()]) == expected
    assert found("motif", motif.lower(), [sequence, sequence.lower()]) == expected


REPEATS = st.sampled_from(["", "{0}", "{2}", "{0,}", "{1,}", "{0,1}", "{1,3}", "{2,4}"])


@given(
    st.lists(st.tuples(st.sampled_from("ACGUN"), REPEATS), min_size=1, max_size=5),
    st.lists(st.text("ACGUn\n", max_size=12), max_size=4),
)
def test_repeats_are_those_of_regular_expressions(parts, texts):
    query = "".join(letter + repeat for letter, repeat in parts)
    sought = expression("motif", query)
    assert found("motif", query, texts) == [sought.search(text) is not None for text in texts]


@given(
    st.lists(st.tuples(st.sampled_from(".()[?"), REPEATS), min_size=1, max_size=5),
    st.lists(st.text(".()[\n", max_size=12), max_size=4),
)
def test_structure_patterns_are_those_of_regular_expressions(parts, texts):
    query = "".join(letter + repeat for letter, repeat in parts)
    sought = expression("structure", query)
    assert found("structure", query, texts) == [sought.search(text) is not None for text in texts]


def test_texts_are_searched_by_chunks_and_apart(monkeypatch):
    monkeypatch.setattr(matching, "CHUNK", 10)
    texts = ["GGG", "AAACC", None, "", "GGGAAACC", "ß" * 7 + "GGAC", "GGG", "AC", 1.0]
    assert [k for k, hit in enumerate(found("motif", "GGA{1,3}C", texts)) if hit] == [4, 5]
    assert found("motif", "A", []) == []


def test_repeats():
    texts = ["GG" + "A" * n + "CC" for n in range(9)]
    assert [n for n, hit in enumerate(found("motif", "GGN{3,5}CC", texts)) if hit] == [3, 4, 5]
    for stem, loop in itertools.product(range(1, 6), range(1, 10)):
        text = "(" * stem + "." * loop + ")" * stem
        (hit,) = found("structure", "({3,}.{3,8}){3,}", [text])
        assert hit == (stem >= 3 and 3 <= loop <= 8)


def test_no_pattern_takes_long():
    """Regular expressions would try 10^60 ways to share out the letters."""
    texts = ["A" * 2000] * 50
    begun = time.process_time()
    assert not any(found("motif", "N{1,}" * 49 + "C", texts))
    assert all(found("structure", "?{0,}" * 50, texts))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("kind", "query", "told"),
    [
        ("motif", "", "empty"),
        ("motif", "GNXA", "'X' at position 3"),
        ("motif", "A{5,3}", "smaller first"),
        ("motif", "A[CG]", "IUPAC"),
        ("structure", "((x))", "'x' at position 3"),
        ("regex", ".*", "'motif' or 'structure'"),
        ("motif", "A{1,}" * 51, "51 of them with a range"),
        ("structure", "." * 1001, "1,001 letters"),
    ],
)
def test_patterns_written_wrongly(kind, query, told):
    with pytest.raises(InputError, match=re.escape(told)):
        steps_of(kind, query)


@pytest.fixture
def varied(adata):
    adata = adata.copy()
    adata.obs["sequence"] = adata.obs["sequence"].astype(object)
    adata.obs.loc["rna3", "sequence"] = "GCUUCGGCAAAAAAAAAA"
    adata.obs.loc["rna9", "sequence"] = "GCTTCGGCAAAAAAAAAA"
    adata.obs.loc["rna9", "structure"] = "((....))" + "." * 10
    adata.obs.loc["rna5", "sequence"] = None
    return adata


def test_find(varied):
    view = explore(varied)
    assert view.find(motif="UUCG") == ("rna3", "rna9")
    assert view.find(motif="uucg", structure="((....))") == ("rna9",)
    view.selection = view.find(structure="((....))")
    assert view.selection == ("rna9",)
    with pytest.raises(InputError, match="motif="):
        view.find()


def test_the_view_asks_and_hears(varied):
    view = explore(varied)
    view.set_state({"_request": {"what": "find", "turn": 4, "kind": "motif", "query": "UUCG"}})
    assert view._found["count"] == 2
    assert view._found["data"][:2] == bytes([0b1000, 0b10])
    assert view._notice == {"turn": 4, "text": "", "problem": False}
    view.set_state({"_request": {"what": "find", "turn": 5, "kind": "motif", "query": "E"}})
    assert view._notice["problem"]
    assert "IUPAC" in view._notice["text"]
    assert view._found["query"] == "UUCG"


def test_without_sequences_or_structures():
    bare = anndata.AnnData(obs=pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"]))
    view = explore(bare)
    with pytest.raises(MissingKeyError, match=r"rx\.read_fasta"):
        view.find(motif="A")
    with pytest.raises(MissingKeyError, match=r"rx\.read_stockholm"):
        view.find(structure="(")
