"""References: which residues belong together, by hand and against independent definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError, InvalidStructureError, UnknownNameError
from rnaexplore.structure import Structure
from rnaexplore.tl.heads.pair_scores import Matched, candidates, diagonal_sums, upper
from rnaexplore.tl.heads.references import references

DOTS = "((((..((....))..[[..))))...]]"


def adata_of(*annotations: str) -> AnnData:
    rng = np.random.default_rng(0)
    rows = [("".join(rng.choice(list("ACGU"), len(a))), a) for a in annotations]
    index = pd.Index([f"r{k}" for k in range(len(rows))])
    return AnnData(obs=pd.DataFrame(rows, columns=["sequence", "mark"], index=index))


def pairs_of(adata: AnnData, reference="mark", **options) -> list[set[tuple[int, int]]]:
    found = references(adata, reference, n_max=None, rng=np.random.default_rng(0), **options)
    result = []
    for sequence, truth in zip(found.sequences, found.truths, strict=True):
        rows, columns = candidates(len(sequence))
        result.append(set(zip(rows[truth].tolist(), columns[truth].tolist(), strict=True)))
    return result


def test_pairs_are_base_pairs() -> None:
    expected = {(0, 23), (1, 22), (2, 21), (3, 20), (6, 13), (7, 12), (16, 28), (17, 27)}
    assert pairs_of(adata_of(DOTS, DOTS)) == [expected] * 2


def test_stems_are_all_residues_of_facing_strands() -> None:
    expected = {(i, j) for i in range(4) for j in range(20, 24)}
    expected |= {(i, j) for i in (6, 7) for j in (12, 13)}
    expected |= {(i, j) for i in (16, 17) for j in (27, 28)}
    assert pairs_of(adata_of(DOTS, DOTS), relation="stems") == [expected] * 2


def test_loops_are_unpaired_residues_that_face_one_loop() -> None:
    interior = [4, 5, 14, 15, 18, 19]
    expected = {(i, j) for i in interior for j in interior if j - i >= 4}
    assert pairs_of(adata_of(DOTS, DOTS), relation="loops") == [expected] * 2
    hairpin = "(" + "." * 6 + ")"
    assert pairs_of(adata_of(hairpin, hairpin), relation="loops")[0] == {(1, 5), (1, 6), (2, 6)}


def test_loops_of_random_structures_are_reachable_without_crossing(make_random) -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        structure = make_random(rng)
        annotations = [structure.dot_bracket, "(" + "." * 6 + ")"]
        expected = set()
        unpaired = np.flatnonzero(structure.partners < 0)
        for i in unpaired:
            for j in unpaired[unpaired >= i + 4]:
                around = [(a, b) for a, b in structure.pairs if a < i < b]
                if around == [(a, b) for a, b in structure.pairs if a < j < b] and around:
                    expected.add((int(i), int(j)))
        if expected:
            assert pairs_of(adata_of(*annotations), relation="loops")[0] == expected


@pytest.fixture
def make_random():
    def make(rng: np.random.Generator) -> Structure:
        pairs, stack = [], []
        for k in range(30):
            move = rng.random()
            if move < 0.3:
                stack.append(k)
            elif move < 0.6 and stack and k - stack[-1] > 3:
                pairs.append((stack.pop(), k))
        return Structure("A" * 30, np.array(pairs, dtype=int).reshape(-1, 2))

    return make


def test_sites_are_any_marks() -> None:
    assert pairs_of(adata_of("D....A..D", ".D......A"), relation="sites") == [
        {(0, 5), (0, 8)},
        {(1, 8)},
    ]
    broken = adata_of("D....A..D", ".D......A")
    broken.obs["mark"] = ["D....A", ".D......A"]
    with pytest.raises(InputError, match="6 characters, the sequence 9"):
        pairs_of(broken, relation="sites")


def test_own_pairs_are_taken_as_given() -> None:
    adata = adata_of("." * 10, "." * 12, "." * 9)
    own = {"r0": [(0, 5), (9, 0)], "r1": np.array([[3, 11]]), "r2": [(0, 2)]}
    assert pairs_of(adata, own) == [{(0, 5), (0, 9)}, {(3, 11)}]
    with pytest.raises(UnknownNameError, match="no RNA is named 'r9'"):
        pairs_of(adata, {"r9": [(0, 5)]})
    with pytest.raises(InputError, match="reach from 0 to 12; it has 12 residues"):
        pairs_of(adata, own | {"r1": [(0, 12)]})
    with pytest.raises(InputError, match="0 RNAs have base pairs in reference"):
        pairs_of(adata, {})


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError, match="one of pairs, stems, loops, sites, got 'helices'"):
        pairs_of(adata_of(DOTS, DOTS), relation="helices")
    with pytest.raises(InvalidStructureError, match="no partner"):
        pairs_of(adata_of("(....", "(...)"))


def test_the_background_is_matched_in_distance() -> None:
    rng = np.random.default_rng(0)
    n = 12
    rows, columns = candidates(n)
    truth = rng.random(len(rows)) < 0.2
    truth[(columns - rows) == 11] = True  # the only pair at its distance has no background
    matched = Matched.of(columns - rows, truth)
    everything = Matched.of(columns - rows, np.ones(len(rows), dtype=bool))
    for _ in range(3):
        symmetric = upper(rng.random((n, n)))
        values, sums = symmetric[rows, columns], diagonal_sums(symmetric)
        own, others = [], []
        for p in np.flatnonzero(truth):
            same = ((columns - rows) == columns[p] - rows[p]) & ~truth
            if same.any():
                own.append(values[p])
                others.append(values[same].mean())
        np.testing.assert_allclose(matched.means(values, sums), [np.mean(own), np.mean(others)])
        assert everything.means(values, sums) == (0, 0)


@pytest.mark.parametrize("n", [5, 12, 127, 128, 129, 300])
def test_the_upper_part_is_symmetrised_and_summed_by_distance(n) -> None:
    attention = np.random.default_rng(n).random((n, n), dtype=np.float32)
    expected = np.triu((attention + attention.T) / 2, 4)
    found = upper(attention)
    np.testing.assert_allclose(found, expected, atol=1e-7)
    sums = [np.trace(expected, k, dtype=np.float64) for k in range(4, n)]
    np.testing.assert_allclose(diagonal_sums(found), sums, rtol=1e-6)


def test_every_relation_scores_heads(hairpins, tiny) -> None:
    loops = hairpins.copy()
    loops.obs["structure"] = ["(((......)))"] * 3
    for relation in ("pairs", "stems", "loops", "sites"):
        table = rx.tl.score_heads(loops, tiny, relation=relation, n_random=1, progress=False)
        assert np.isfinite(table["enrichment"]).all()
        assert table.attrs["n_rnas"] == 3
    own = {name: [(0, 11), (2, 9)] for name in hairpins.obs_names}
    assert len(rx.tl.score_heads(hairpins, tiny, reference=own, n_random=1, progress=False)) == 8
