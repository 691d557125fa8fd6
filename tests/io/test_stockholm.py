from __future__ import annotations

import gzip
import re
import warnings
from io import StringIO

import numpy as np
import pytest
from Bio import AlignIO

from rnaexplore import _keys
from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    InvalidStructureError,
    RnaExploreWarning,
)
from rnaexplore.io import read_stockholm
from rnaexplore.structure import pairs_from_dot_bracket

TWO = """\
# STOCKHOLM 1.0
#=GF ID   hairpin
#=GF AC   RF99999
#=GF DE   A hairpin with a long
#=GF DE   description
#=GS two  DE its own words

one           GGGG-AAA
two           GGGGgAAA
#=GR one SS   ........
#=GC SS_cons  <<<<....
#=GC RF       xxxx.xxx

one           CC-C
two           CC.C
#=GC SS_cons  >>>>
//
# STOCKHOLM 1.0
one  ACGN
//
"""


def report_of(adata):
    return adata.uns[_keys.PROVENANCE][_keys.INPUT]


def test_families_descriptions_and_projected_structures(write):
    with pytest.warns(RnaExploreWarning, match="1 names made unique") as caught:
        adata = read_stockholm(write("a.sto", TWO))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    obs = adata.obs
    assert list(adata.obs_names) == ["one", "two", "one-1"]
    assert obs["sequence"].to_list() == ["GGGGAAACCC", "GGGGGAAACCC", "ACGN"]
    assert obs["structure"].to_list() == ["(.((...)))", "(.((....)))", ""]
    assert obs["family"].isna().to_list() == [False, False, True]
    assert obs["family"].dtype == "category"
    assert obs["accession"].dtype == "category"
    assert obs["accession"].to_list()[0] == "RF99999"
    described = ["A hairpin with a long description", "its own words", ""]
    assert obs["description"].to_list() == described
    assert report_of(adata)["gaps_removed"] == 3
    assert report_of(adata)["pairs_dropped"] == 2
    assert report_of(adata)["letters_made_upper"] == 1


def test_gaps_and_inserts_of_an_alignment_are_counted_silently(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adata = read_stockholm(write("a.sto", "# STOCKHOLM 1.0\na  AC.g-U\n//\n"))
    assert report_of(adata)["gaps_removed"] == 2


def test_thymine_is_said(write):
    with pytest.warns(RnaExploreWarning, match="1 T read as U"):
        read_stockholm(write("a.sto", "# STOCKHOLM 1.0\na  ACGT\n//\n"))


def test_pseudoknot_letters_become_further_orders(write):
    text = "# STOCKHOLM 1.0\na  GGGGACCCCAUUGGU\n#=GC SS_cons <<<<A>>>>_BB_ba\n//\n"
    with pytest.raises(InvalidStructureError, match="SS_cons: 'B' at position 11"):
        read_stockholm(write("bad.sto", text))
    good = text.replace("<<<<A>>>>_BB_ba", "<<AA__>>_aa.___")
    assert read_stockholm(write("a.sto", good)).obs["structure"].to_list() == ["(([[..)).]]...."]


def random_alignment(rng, n_rows=6, width=40):
    """Rows, and random pairs of columns, pseudoknots included, in WUSS letters."""
    letters = np.array(list("ACGU-."))
    rows = rng.choice(letters, size=(n_rows, width), p=[0.2] * 4 + [0.1] * 2)
    rows[:, 0] = "A"
    columns = rng.permutation(np.arange(1, width))[: 2 * 8].reshape(-1, 2)
    pairs = np.sort(columns, axis=1)
    wuss = np.full(width, ".")
    for order, (i, j) in enumerate(pairs):
        wuss[i], wuss[j] = chr(ord("A") + order), chr(ord("a") + order)
    return ["".join(row) for row in rows], pairs, "".join(wuss)


def stockholm(rows, wuss, block):
    lines = ["# STOCKHOLM 1.0", ""]
    for start in range(0, len(wuss), block):
        lines += [f"r{k}  {row[start : start + block]}" for k, row in enumerate(rows)]
        lines += [f"#=GC SS_cons  {wuss[start : start + block]}", ""]
    return "\n".join([*lines, "//", ""])


def test_projection_equals_brute_force_and_rows_equal_biopython(write):
    rng = np.random.default_rng(0)
    for trial in range(40):
        rows, pairs, wuss = random_alignment(rng)
        text = stockholm(rows, wuss, block=int(rng.choice([7, 40])))
        adata = read_stockholm(write(f"{trial}.sto", text))
        reference = AlignIO.read(StringIO(text), "stockholm")
        sequences = [re.sub("[-.]", "", str(record.seq)) for record in reference]
        assert adata.obs["sequence"].to_list() == sequences
        n_dropped = 0
        for row, brackets in zip(rows, adata.obs["structure"], strict=True):
            expected = []
            for i, j in pairs:
                if row[i] in "-." or row[j] in "-.":
                    n_dropped += 1
                    continue
                expected.append([sum(c not in "-." for c in row[:k]) for k in (i, j)])
            assert pairs_from_dot_bracket(brackets).tolist() == sorted(expected)
        assert report_of(adata)["pairs_dropped"] == n_dropped


def test_gzip_and_latin_1(tmp_path):
    path = tmp_path / "a.stk.gz"
    text = TWO.replace("its own words", "Höchsmann")
    path.write_bytes(gzip.compress(text.encode("latin-1")))
    with pytest.warns(RnaExploreWarning):
        assert read_stockholm(path).obs["description"].to_list()[1] == "Höchsmann"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (">a\nACGU\n", "read FASTA with rx.read_fasta"),
        ("", "no records"),
        ("# STOCKHOLM 1.0\n//\n", "no records"),
        ("# STOCKHOLM 1.0\n#=GF ID x\na ACGU\n", "family 'x': the alignment has no '//'"),
        ("# STOCKHOLM 1.0\na ACGU\n# STOCKHOLM 1.0\nb ACGU\n//\n", "has no '//'"),
        ("# STOCKHOLM 1.0\na ACGU\nb ACGUA\nc ACGU\n//\n", "'b' has 5 columns, the other rows 4"),
        ("# STOCKHOLM 1.0\na ACGU\nb ACGU\na ACGU\n//\n", "'a' has more lines than other rows"),
        ("# STOCKHOLM 1.0\na ACGU\nb ACGU\n#=GC SS_cons <.>\n//\n", "'SS_cons' has 3 columns"),
        ("# STOCKHOLM 1.0\na AC GU\n//\n", "a row must be a name and its aligned letters"),
    ],
)
def test_broken_files(write, text, what):
    with pytest.raises(InputError, match=re.escape(what)):
        read_stockholm(write("a.sto", text))


def test_unbalanced_consensus_names_the_family(write):
    text = "# STOCKHOLM 1.0\n#=GF ID fam\na ACGU\n#=GC SS_cons <<.>\n//\n"
    with pytest.raises(InvalidStructureError, match=r"a\.sto, family 'fam': SS_cons: '<'"):
        read_stockholm(write("a.sto", text))


def test_invalid_letters_raise_or_drop(write):
    path = write("a.sto", "# STOCKHOLM 1.0\na A-xU\nb ACGU\nc ----\n//\n")
    with pytest.raises(InvalidSequenceError, match="'a': 'x' at position 3"):
        read_stockholm(path)
    with pytest.warns(RnaExploreWarning, match=r"2 invalid records dropped \(a, c\)"):
        adata = read_stockholm(path, on_invalid="drop")
    assert list(adata.obs_names) == ["b"]
