"""Tables on structure: settings chosen on development families, both sides decoded alike."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from benchmarks import structure, structure_tables
from benchmarks.structure_tables import Rnas, Setting, best, read_rnas, report, scan, settings
from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import CANONICAL, DEFAULT, Structure, score

FORKED = ("GGGAGGGAAACCCAGGGAAACCCACCC", "(((.(((...))).(((...))).)))")
HAIRPIN = ("GGGGGGAAAACCCCCCAAAUUUAAAUU", "((((((....))))))...........")


def rnas(n: int) -> Rnas:
    known = [Structure.from_dot_bracket(*(FORKED, HAIRPIN)[k % 2]) for k in range(n)]
    return Rnas([f"r{k}" for k in range(n)], known, [f"F{k // 2}" for k in range(n)])


def planted(given: Rnas, *, right: float, wrong: float, kind: str = "probability", seed: int = 0):
    """Return maps in which true pairs have one value, and canonical pairs elsewhere another."""
    rng = np.random.default_rng(seed)
    maps = []
    for known in given.references:
        n = len(known)
        values = np.zeros((n, n), dtype=np.float32)
        free = np.flatnonzero(known.partners < 0)
        for i, j in rng.permutation(list(combinations(free.tolist(), 2))):
            if j - i > 3 and known.sequence[i] + known.sequence[j] in CANONICAL:
                values[i, j] = wrong
        values[tuple(known.pairs.T)] = right
        maps.append(ContactMap(values + values.T, known.sequence, "x", "planted", kind=kind))
    return maps


def test_a_scan_finds_the_planted_threshold() -> None:
    given = rnas(8)
    table = scan(given, planted(given, right=0.35, wrong=0.22))
    assert table.loc[best(table), "families"] == 1
    for decoder in ("greedy", "nussinov", "threshold"):
        assert 0.22 < best(table, decoder).threshold <= 0.35
    low = Setting("greedy", canonical=True, threshold=0.01)
    assert table.loc[low, "families"] < 1
    maps = planted(given, right=0.35, wrong=0.22)
    f1 = [score(low.decode(m), r)["f1"] for m, r in zip(maps, given.references, strict=True)]
    assert table.loc[low, "RNAs"] == pytest.approx(np.mean(f1))
    assert table.loc[low, "hairpins"] == pytest.approx(np.mean(f1[1::2]))
    assert {s.decoder for s in table.index} == {
        "mea",
        "nussinov",
        "greedy",
        "matching",
        "threshold",
    }
    assert best(table, "mea").decoder == "mea"


def test_each_family_counts_once_in_a_scan() -> None:
    given = rnas(6)
    lopsided = Rnas(given.names, given.references, ["A", "B", "B", "B", "B", "B"])
    maps = planted(given, right=0.3, wrong=0.0)
    maps[0] = planted(given, right=0.05, wrong=0.0)[0]
    row = scan(lopsided, maps).loc[Setting("greedy", canonical=True, threshold=0.2)]
    assert row["families"] == pytest.approx(0.5)
    assert row["RNAs"] == pytest.approx(5 / 6)


def test_scores_are_scanned_by_rank() -> None:
    tried = list(settings("score"))
    assert all(s.threshold is None and s.pairs_per_residue for s in tried)
    assert not any(s.decoder == "mea" for s in tried)
    given = rnas(4)
    table = scan(given, planted(given, right=0.9, wrong=0.5, kind="score"))
    assert table["families"].iloc[0] == 1


@pytest.fixture(scope="module")
def told():
    development, test = rnas(6), rnas(10)
    seen = Rnas(test.names, test.references, test.families, [k < 4 for k in range(10)])
    maps = {
        name: (planted(development, **values), planted(seen, seed=1, **values))
        for name, values in {
            "mini": {"right": 0.35, "wrong": 0.22},
            "mini, heads": {"right": 0.9, "wrong": 0.8, "kind": "score"},
            "ViennaRNA": {"right": 0.6, "wrong": 0.1},
        }.items()
    }
    folded = [Structure(r.sequence, r.pairs[1:]) for r in test.references]
    return report(development, seen, maps, {structure_tables.MFE: folded}, n_boot=50)


def test_the_default_stands_beside_the_best_and_each_decoder_on_both_sides(told) -> None:
    table = told["settings"]
    for name in ("mini", "ViennaRNA"):
        labels = set(table.xs(name).index.get_level_values("setting"))
        assert {
            "default",
            "best on development families",
            "best of mea",
            "best of greedy",
        } <= labels
    default = table.xs(("mini", "default"), level=(0, 1)).iloc[0]
    chosen = table.xs(("mini", "best on development families"), level=(0, 1)).iloc[0]
    assert chosen["F1"] == 1
    assert default["F1"] < 1  # 0.1 lets the planted wrong pairs in
    assert (table["low"] <= table["F1"]).all()
    assert (table["F1"] <= table["high"]).all()
    how = table.xs(("mini", "default"), level=(0, 1)).index[0]
    assert how.startswith(f"{DEFAULT.decoder}, ≥ {DEFAULT.threshold:g}")


def test_settings_are_chosen_without_the_test_rnas() -> None:
    """Planted: on the test RNAs another threshold is best; it must not be found."""
    development, test = rnas(6), rnas(6)
    maps = {"m": (planted(development, right=0.35, wrong=0.22), planted(test, right=0.12, wrong=0))}
    table = report(development, test, maps, {}, n_boot=20)["settings"]
    assert table.xs(("m", "best on development families"), level=(0, 1))["F1"].iloc[0] == 0


def test_kinds_and_exposure_stand_apart(told) -> None:
    table = told["kinds"].xs(("mini", "default"), level=(0, 1))
    assert {
        "all RNAs", "mean of families", "shape: hairpins", "shape: branched", "length: below 50",
        "relatives in training: yes", "relatives in training: no", "canonical reference pairs",
    } <= set(table.index)  # fmt: skip
    assert table.loc["relatives in training: yes", "n"] == 4
    methods = set(told["kinds"].index.droplevel("group"))
    assert (structure_tables.MFE, "as published") in methods


def test_methods_are_compared_with_every_baseline_pair_by_pair(told) -> None:
    table = told["differences"]
    against = set(table.index.get_level_values("less"))
    assert against == {
        f"{structure_tables.MFE}, as published",
        "ViennaRNA, default",
        "ViennaRNA, best on development families",
    }
    pair = ("mini, best on development families", f"{structure_tables.MFE}, as published")
    row = table.xs(pair, level=(0, 1))
    assert row.loc["all RNAs", "f1_low"] > 0
    assert not any(name.startswith("ViennaRNA") for name, *_ in table.index)


def test_reliability_is_told_of_probabilities_alone(told) -> None:
    names = set(told["reliability"].index.get_level_values("method"))
    assert names == {"mini", "ViennaRNA"}
    assert told["reliability"]["ECE"].between(0, 1).all()


@pytest.fixture
def table(tmp_path):
    given = rnas(8)
    rows = pd.DataFrame(
        {
            "id": given.names,
            "sequence": [r.sequence for r in given.references],
            "structure": [r.dot_bracket for r in given.references],
            "family": given.families,
            "part": ["development"] * 6 + ["test"] * 2,
            "seen": ["1", "0"] * 4,
        }
    )
    path = tmp_path / "rnas.tsv"
    rows.to_csv(path, sep="\t", index=False)
    return path


def test_parts_are_read_apart(table) -> None:
    development, test = (read_rnas(table, part) for part in ("development", "test"))
    assert (len(development), len(test)) == (6, 2)
    assert not set(development.families) & set(test.families)
    assert test.seen == [True, False]
    with pytest.raises(InputError, match="no RNA with base pairs in the part 'train'"):
        read_rnas(table, "train")


def test_defaults_are_chosen_by_a_command(table, capsys) -> None:
    pytest.importorskip("RNA")
    structure.choose_defaults(table, ["mini"])
    printed = capsys.readouterr().out
    assert "6 development RNAs of 3 families" in printed
    assert f"default {structure_tables.default('probability')}" in printed
    for title in ("## mini: best", "## mini, 3 best heads: best", "## ViennaRNA: best"):
        assert title in printed


def test_a_table_without_parts_is_refused_with_what_writes_them(tmp_path) -> None:
    (tmp_path / "rnas.tsv").write_text("sequence\tdotbracket\nGAAAC\t(...)\n")
    with pytest.raises(InputError, match=r"no column 'structure', 'family', 'part'.*split"):
        structure_tables.read_rnas(tmp_path / "rnas.tsv", "test")


def test_a_divided_table_needs_no_names(tmp_path) -> None:
    rows = "sequence\tstructure\tfamily\tpart\nGAAAC\t(...)\tA\ttest\nGAAAC\t(...)\tB\ttrain\n"
    (tmp_path / "rnas.tsv").write_text(rows)
    found = structure_tables.read_rnas(tmp_path / "rnas.tsv", "test")
    assert (found.names, found.families) == (["0"], ["A"])
