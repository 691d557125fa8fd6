from __future__ import annotations

import re

import numpy as np
import pytest

from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    InvalidStructureError,
    MissingKeyError,
    RnaExploreWarning,
)
from rnaexplore.io import from_sequences, read_structures, write_structures
from rnaexplore.io.bpseq import format_bpseq, parse_bpseq
from rnaexplore.io.records import clean
from rnaexplore.structure import Structure, pairs_from_dot_bracket

N_RANDOM = 1000


def random_structure(rng):
    """A sequence and random stems on it, which cross each other freely."""
    length = int(rng.integers(1, 90))
    free = np.ones(length, dtype=bool)
    pairs = []
    for _ in range(int(rng.integers(0, 12))):
        i, j, height = (int(x) for x in rng.integers(0, [length, length, 7]))
        stem = [(i + k, j - k) for k in range(height) if i + k < j - k]
        columns = np.array(stem, dtype=int).ravel()
        if len(columns) and free[columns].all():
            free[columns] = False
            pairs += stem
    sequence = "".join(rng.choice(list("ACGUN"), size=length, p=[0.24] * 4 + [0.04]))
    return Structure(sequence, np.array(pairs, dtype=np.int64).reshape(-1, 2))


@pytest.fixture(scope="module")
def structures():
    rng = np.random.default_rng(0)
    return [random_structure(rng) for _ in range(N_RANDOM)]


def as_adata(structures):
    import pandas as pd

    return from_sequences(
        pd.DataFrame(
            {
                "sequence": [s.sequence for s in structures],
                "structure": [s.dot_bracket for s in structures],
                "description": [f"number {k}" if k % 2 else "" for k in range(len(structures))],
            },
            index=[f"r{k}" for k in range(len(structures))],
        )
    )


@pytest.fixture(scope="module")
def adata(structures):
    return as_adata(structures)


def test_the_random_structures_have_pseudoknots(structures):
    assert sum("[" in s.dot_bracket for s in structures) > N_RANDOM / 10
    assert sum("{" in s.dot_bracket for s in structures) > 10


@pytest.mark.parametrize("name", ["a.dbn", "a.ct"])
def test_many_round_trips(adata, tmp_path, name):
    write_structures(adata, tmp_path / name)
    back = read_structures(tmp_path / name)
    columns = ["sequence", "structure", "description", "identifier", "length"]
    assert back.obs[columns].equals(adata.obs[columns])


def test_compressed_files_have_the_same_bytes_each_time(adata, tmp_path):
    few = adata[:20].copy()
    for name in ("a.dbn.gz", "b.CT.gz"):
        path = tmp_path / name
        write_structures(few, path)
        first = path.read_bytes()
        back = read_structures(path)
        assert back.obs["structure"].to_list() == few.obs["structure"].to_list()
        write_structures(back, path)
        assert path.read_bytes() == first


def test_bpseq_round_trips(structures, adata, tmp_path):
    for k, structure in enumerate(structures):
        text = format_bpseq(f"r{k}", "some words", structure)
        (record,) = parse_bpseq(text, "a.bpseq")
        assert (record.identifier, record.description) == (f"r{k}", "some words")
        assert Structure.from_dot_bracket(record.sequence, clean(record).structure) == structure
    write_structures(adata[1].copy(), tmp_path / "a.bpseq")
    back = read_structures(tmp_path / "a.bpseq")
    assert back.obs["structure"].to_list() == [structures[1].dot_bracket]
    assert back.obs["description"].to_list() == ["number 1"]


def test_tables_hold_the_pairs_of_the_dot_bracket(structures, adata, tmp_path):
    write_structures(adata[:50].copy(), tmp_path / "a.ct")
    rows = [line.split() for line in (tmp_path / "a.ct").read_text().splitlines()]
    k = 0
    for structure in structures[:50]:
        assert int(rows[k][0]) == len(structure)
        table = rows[k + 1 : k + 1 + len(structure)]
        found = [[int(row[0]) - 1, int(row[4]) - 1] for row in table if int(row[4]) > int(row[0])]
        assert found == structure.pairs.tolist()
        assert [int(row[3]) for row in table] == [*range(2, len(structure) + 1), 0]
        k += 1 + len(structure)
    assert k == len(rows)


def test_dbn_as_rnafold_writes_it(write):
    text = ">a first\nGGGAAACCC\n(((...))) ( -1.20)\n>b\nGGGA\nAACCC\n(((.\n..)))\n"
    obs = read_structures(write("a.dbn", text)).obs
    assert obs["structure"].to_list() == ["(((...)))"] * 2
    assert obs["description"].to_list() == ["first ( -1.20)", ""]


def test_dbn_as_bprna_writes_it_and_without_a_header(write):
    named = "#Name: x_1\n#Length: 9\nGGGAAACCC\n(((...)))\n"
    assert list(read_structures(write("a.dbn", named)).obs_names) == ["x_1"]
    bare = read_structures(write("stem.dbn", "GGGAAACCC\n(((...)))\n"))
    assert list(bare.obs_names) == ["stem"]


def test_ct_titles(write):
    body = "1 G 0 2 2 1\n2 C 1 0 1 2\n"
    titles = ["2 dG = -17.50 [initially -18.0] a b c", "2 ENERGY = -3.4  a b", "2 a", "2"]
    text = "# comment\n" + "".join(f"{title}\n{body}" for title in titles)
    with pytest.warns(RnaExploreWarning, match="1 names made unique"):
        obs = read_structures(write("f.ct", text.replace("2 a\n", "2 z\n"))).obs
    assert obs["identifier"].to_list() == ["a", "a", "z", "f"]
    assert obs["description"].to_list() == [
        "b c dG = -17.50 [initially -18.0]",
        "b ENERGY = -3.4",
        "",
        "",
    ]
    assert obs["structure"].to_list() == ["()"] * 4


def test_bpseq_as_the_comparative_rna_web_site_writes_it(write):
    text = (
        "Filename: d.5.e.E.coli.bpseq\nOrganism: Escherichia coli\nAccession Number: V00336\n\n"
        "1 G 3\n2 a 0\n3 T 1\n"
    )
    with pytest.warns(RnaExploreWarning, match="1 T read as U, 1 letters made upper case"):
        obs = read_structures(write("x.bpseq", text)).obs
    assert obs.index.to_list() == ["d.5.e.E.coli.bpseq"]
    assert obs["sequence"].to_list() == ["GAU"]
    assert obs["structure"].to_list() == ["(.)"]
    assert obs["description"].to_list() == ["Organism: Escherichia coli; Accession Number: V00336"]


@pytest.mark.parametrize(
    ("name", "text", "error", "what"),
    [
        ("a.txt", "x", InputError, "not known from its suffix '.txt'"),
        ("a.dbn", "", InputError, "no records"),
        ("a.dbn", ">a\nACGU\n", InputError, "record 'a': there is no line with a structure"),
        ("a.dbn", ">a\nGGAACC\n((..))\n((..))\n", InputError, "follows a complete structure"),
        ("a.dbn", ">a\nGGAACC\n((..)\n", InvalidStructureError, "6 residues"),
        ("a.dbn", ">a\nGGAACC\n((..).\n", InvalidStructureError, "'a'"),
        ("a.dbn", ">a\nGGXACC\n((..))\n", InvalidSequenceError, "'X' at position 3"),
        ("a.ct", "3 a\n1 G 0 2 0 1\n", InputError, "the file ends after 1 of 3 residues"),
        ("a.ct", "1 a\n2 G 0 2 0 1\n", InputError, "a.ct, line 2: expected residue 1, got 2"),
        ("a.ct", "1 a\n1 G 0 2\n", InputError, "at least 5 columns"),
        ("a.ct", "x a\n1 G 0 2 0 1\n", InputError, "expected a whole number, got 'x'"),
        ("a.ct", "2 a\n1 G 0 2 2 1\n2 C 1 0 0 2\n", InvalidStructureError, "residue 1 has the"),
        ("a.ct", "1 a\n1 G 0 2 1 1\n", InvalidStructureError, "residue 1 has the partner 1"),
        ("a.ct", "1 a\n1 G 0 2 7 1\n", InvalidStructureError, "residue 1 has the partner 7"),
        ("a.ct", "1 a\n1 G 0 2 -4 1\n", InvalidStructureError, "residue 1 has the partner -4"),
        ("a.bpseq", "1 G 0\n1 G 0\n", InputError, "a second record begins"),
        ("a.bpseq", "1 G\n", InputError, "expected index, letter and partner"),
        ("a.bpseq", "1 GG 0\n", InputError, "expected one letter"),
        ("a.bpseq", "1 G 0\nwhat\n", InputError, "line 2: expected index, letter"),
        ("a.bpseq", "# nothing\n", InputError, "no records"),
    ],
)
def test_broken_files(write, name, text, error, what):
    with pytest.raises(error, match=re.escape(what)):
        read_structures(write(name, text))


def test_drop_covers_letters_and_brackets(write):
    text = ">a\nGGXACC\n((..))\n>b\nGGAACC\n((..).\n>c\nGGAACC\n((..))\n"
    with pytest.warns(RnaExploreWarning, match=r"2 invalid records dropped \(a, b\)"):
        assert list(read_structures(write("a.dbn", text), on_invalid="drop").obs_names) == ["c"]


def test_gaps_in_a_table(write):
    text = "6 a\n" + "".join(
        f"{i} {c} {i - 1} {(i + 1) % 7} {7 - i if i not in {3, 4} else 0} {i}\n"
        for i, c in enumerate("G-AAGC", start=1)
    )
    with pytest.warns(RnaExploreWarning, match="1 base pairs with a gap dropped"):
        obs = read_structures(write("a.ct", text)).obs
    assert obs["sequence"].to_list() == ["GAAGC"]
    assert pairs_from_dot_bracket(obs["structure"].to_list()[0]).tolist() == [[0, 4]]


@pytest.mark.parametrize("name", ["a\0b", "a\tb", "a\x1bb", "a\u202eb", "a\x85b", "\ud800"])
@pytest.mark.parametrize("suffix", [".dbn", ".ct"])
def test_names_that_would_come_back_as_others_are_refused(name, suffix, tmp_path):
    adata = from_sequences({name: "GGGAAACCC"})
    adata.obs["structure"] = ["(((...)))"]
    with pytest.raises(InputError, match="would be read as another one"):
        write_structures(adata, tmp_path / f"a{suffix}")
    adata.obs_names, adata.obs["description"] = ["a"], [f"of {name} words"]
    write_structures(adata, tmp_path / f"a{suffix}")
    assert list(read_structures(tmp_path / f"a{suffix}").obs_names) == ["a"]


@pytest.mark.parametrize("name", ["dG=1", "ENERGY=-3.2", "dG"])
def test_a_name_like_an_energy_is_not_written_as_ct(name, tmp_path):
    adata = from_sequences({name: "GGGAAACCC"})
    adata.obs["structure"], adata.obs["description"] = ["(((...)))"], ["= 5 words"]
    with pytest.raises(InputError, match=r"would be read as an energy.*write \.dbn"):
        write_structures(adata, tmp_path / "a.ct")
    write_structures(adata, tmp_path / "a.dbn")
    assert list(read_structures(tmp_path / "a.dbn").obs_names) == [name]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "\u0663", "1_0", "+1", "1e3", "0x1"])
def test_numbers_that_overflow_are_told(number, tmp_path):
    for suffix, text in ((".ct", f"1 a\n1 A 0 0 {number} 1\n"), (".bpseq", f"1 A {number}\n")):
        path = tmp_path / f"a{suffix}"
        path.write_text(text)
        with pytest.raises(InputError, match="expected a whole number"):
            read_structures(path)


def test_writing_refuses_what_it_cannot_write(structures, tmp_path):
    adata = as_adata(structures[:3])
    with pytest.raises(InputError, match=r"\.bpseq file holds one RNA, got 3"):
        write_structures(adata, tmp_path / "a.bpseq")
    with pytest.raises(MissingKeyError, match="Did you mean 'structure'"):
        write_structures(adata, tmp_path / "a.dbn", key="structures")
    with pytest.raises(InputError, match="suffix ''"):
        write_structures(adata, tmp_path / "a")
    missing = adata.copy()
    missing.obs["structure"] = ["", *missing.obs["structure"].to_list()[1:]]
    with pytest.raises(InvalidStructureError, match="'r0' has no structure"):
        write_structures(missing, tmp_path / "a.dbn")
    spaced = adata.copy()
    spaced.obs_names = ["r 0", "r1", "r2"]
    with pytest.raises(InputError, match="'r 0' is empty, has white space"):
        write_structures(spaced, tmp_path / "a.dbn")
    wrong = adata.copy()
    wrong.obs["structure"] = "(" * 200
    with pytest.raises(InvalidStructureError, match="RNA 'r0'"):
        write_structures(wrong, tmp_path / "a.dbn")
    assert list(tmp_path.iterdir()) == []
