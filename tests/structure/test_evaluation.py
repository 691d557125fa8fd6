"""Tables over RNAs: means by hand, intervals by family, paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import Structure, difference_table, score, score_table
from rnaexplore.structure.evaluation import ALL, CANONICAL_REFERENCE, FAMILIES

HAIRPIN = ("GGGGAAAACCCC", "((((....))))")
FORKED = ("GGGAGGGAAACCCAGGGAAACCCACCC", "(((.(((...))).(((...))).)))")
STRANGE = ("GAAGAAAACCAC", "((((....))))")


def known(*rnas) -> list[Structure]:
    return [Structure.from_dot_bracket(*rna) for rna in rnas]


def without(structures: list[Structure], n: int) -> list[Structure]:
    """Return structures without their first `n` pairs."""
    return [Structure(s.sequence, s.pairs[n:]) for s in structures]


@pytest.fixture
def rnas():
    return known(HAIRPIN, FORKED, HAIRPIN, STRANGE)


FAMILY = ["a", "b", "a", "c"]


def test_rows_are_means_over_the_rnas_of_their_kind(rnas) -> None:
    found = without(rnas, 2)
    table = score_table(rnas, {"m": found}, families=FAMILY, classes=FAMILY).loc["m"]
    f1 = np.array([score(p, r)["f1"] for p, r in zip(found, rnas, strict=True)])
    expected = {
        ALL: f1.mean(),
        FAMILIES: np.mean([f1[[0, 2]].mean(), f1[1], f1[3]]),
        "a": f1[[0, 2]].mean(),
        "shape: hairpins": f1[[0, 2, 3]].mean(),
        "shape: branched": f1[1],
        "non-canonical pairs: yes": f1[3],
        "length: below 50": f1.mean(),
    }
    for name, value in expected.items():
        assert table.loc[name, "f1"] == pytest.approx(value), name
    assert table.loc["shape: hairpins", ["n", "n_families"]].tolist() == [3, 2]
    assert table.loc[ALL, "f1_low"] <= table.loc[ALL, "f1"] <= table.loc[ALL, "f1_high"]
    assert np.isnan(table.loc["shape: branched", "f1_low"])  # of one family


def test_strange_pairs_of_the_reference_can_be_left_out(rnas) -> None:
    last = rnas[3]
    canonical = Structure.from_dot_bracket(last.sequence, "(..(....)..)")
    table = score_table([last], {"m": [canonical]}).loc["m"]
    assert table.loc[ALL, "recall"] == pytest.approx(2 / 4)
    assert table.loc[CANONICAL_REFERENCE, "f1"] == 1


def test_seen_rnas_stand_apart(rnas) -> None:
    found = [*rnas[:2], *without(rnas[2:], 4)]
    table = score_table(rnas, {"m": found}, seen=[True, True, False, False]).loc["m"]
    assert table.loc["relatives in training: yes", "f1"] == 1
    assert table.loc["relatives in training: no", "f1"] == 0


def test_intervals_are_wider_where_relatives_are_counted_as_one() -> None:
    rnas = known(*[HAIRPIN] * 40)
    found = [*rnas[:20], *without(rnas[20:], 4)]
    clans = ["a"] * 10 + ["b"] * 10 + ["c"] * 10 + ["d"] * 10
    free = score_table(rnas, {"m": found}).loc[("m", ALL)]
    clustered = score_table(rnas, {"m": found}, families=clans).loc[("m", ALL)]
    width = [row["f1_high"] - row["f1_low"] for row in (free, clustered)]
    assert width[1] > 1.5 * width[0]
    assert (free["n_families"], clustered["n_families"]) == (40, 4)


def test_differences_are_paired() -> None:
    """Two methods that are good on the same RNAs: their difference is sure, their means are not."""
    rng = np.random.default_rng(0)
    rnas = known(*[FORKED] * 30)
    cut = rng.integers(1, 8, 30)
    worse = [without([r], int(k) + 1)[0] for r, k in zip(rnas, cut, strict=True)]
    better = [without([r], int(k))[0] for r, k in zip(rnas, cut, strict=True)]
    table = difference_table(rnas, better, worse)
    row = table.loc[ALL]
    one, other = (score_table(rnas, {"m": s}).loc[("m", ALL)] for s in (better, worse))
    assert row["f1"] == pytest.approx(one["f1"] - other["f1"])
    assert row["f1_low"] > 0
    assert row["f1_high"] - row["f1_low"] < 0.5 * (one["f1_high"] - one["f1_low"])
    assert {CANONICAL_REFERENCE, "shape: branched"} <= set(table.index)
    reverse = difference_table(rnas, worse, better).loc[ALL]
    assert reverse["f1_low"] == pytest.approx(-row["f1_high"], abs=1e-9)


def test_lists_must_fit(rnas) -> None:
    with pytest.raises(InputError, match="'m' has 3 entries, but there are 4 references"):
        score_table(rnas, {"m": rnas[:3]})
    with pytest.raises(InputError, match="'families' has 1 entries"):
        score_table(rnas, {"m": rnas}, families=["a"])
    with pytest.raises(InputError, match="no RNAs"):
        difference_table([], [], [])
