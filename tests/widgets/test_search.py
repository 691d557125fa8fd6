"""Motifs and structure patterns: found where brute force finds them."""

import itertools
import re

import anndata
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets import explore
from rnaexplore.widgets._patterns import motif_pattern, pattern_of, structure_pattern

IUPAC = {
    "A": "A", "C": "C", "G": "G", "U": "U", "T": "U", "R": "AG", "Y": "CU", "S": "CG", "W": "AU",
    "K": "GU", "M": "AC", "B": "CGU", "D": "AGU", "H": "ACU", "V": "ACG", "N": "ACGU",
}  # fmt: skip


def holds(motif, sequence):
    """Brute force: some window of which every letter stands for nothing else."""
    windows = range(len(sequence) - len(motif) + 1)
    fits = lambda a, b: set(IUPAC[b]) <= set(IUPAC[a])  # noqa: E731
    return any(all(map(fits, motif, sequence[k : k + len(motif)])) for k in windows)


@given(st.text("ACGUTRYSWKMBDHVN", min_size=1, max_size=4), st.text("ACGUTRYN", max_size=12))
def test_motifs_are_found_where_brute_force_finds_them(motif, sequence):
    found = re.search(motif_pattern(motif), sequence, re.IGNORECASE) is not None
    assert found == holds(motif, sequence)
    assert found == (re.search(motif_pattern(motif.lower()), sequence, re.IGNORECASE) is not None)


def test_repeats():
    pattern = re.compile(motif_pattern("GGN{3,5}CC"))
    hits = [n for n in range(9) if pattern.fullmatch("GG" + "A" * n + "CC")]
    assert hits == [3, 4, 5]
    hairpin = re.compile(structure_pattern("({3,}.{3,8}){3,}"))
    for stem, loop in itertools.product(range(1, 6), range(1, 10)):
        text = "(" * stem + "." * loop + ")" * stem
        assert (hairpin.search(text) is not None) == (stem >= 3 and 3 <= loop <= 8)


@pytest.mark.parametrize(
    ("kind", "query", "told"),
    [
        ("motif", "", "empty"),
        ("motif", "GNXA", "'X' at position 3"),
        ("motif", "A{5,3}", "smaller first"),
        ("motif", "A[CG]", "IUPAC"),
        ("structure", "((x))", "'x' at position 3"),
        ("regex", ".*", "'motif' or 'structure'"),
    ],
)
def test_patterns_written_wrongly(kind, query, told):
    with pytest.raises(InputError, match=re.escape(told)):
        pattern_of(kind, query)


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
