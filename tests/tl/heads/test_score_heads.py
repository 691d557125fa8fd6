"""score_heads: a planted head wins, random heads do not, metrics equal scikit-learn."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from torch import Tensor, nn

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.maps.coupling import average_product_correction
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Adapter, Output, Request
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure
from rnaexplore.structure import precision_at as structure_precision_at
from rnaexplore.tl.heads.pair_scores import average_precision, candidates, precision_at, ranked
from rnaexplore.tl.heads.references import References
from rnaexplore.tl.heads.score_heads import head_scores

PLANTED = (2, 5)


class Known(nn.Module):
    """Holds the partners of known token sequences: nothing if built without training."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(1))
        self.partners: dict[tuple[int, ...], list[tuple[int, int]]] = {}


class PlantedAdapter(Adapter):
    """Random attention, save for one head that attends to the partner in known sequences."""

    @classmethod
    def build(cls, spec):
        return Known()

    @classmethod
    def convert(cls, spec, state):
        return dict(state)

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        tokens = tuple(ids[0].tolist())
        seed = zlib.crc32(f"{tokens} {self.module.weight.item()}".encode())
        generator = torch.Generator().manual_seed(seed)
        n, heads = len(tokens), self.spec.n_heads
        maps = {
            layer: torch.rand(1, heads, n, n, generator=generator).softmax(-1)
            for layer in range(self.spec.n_layers)
        }
        for i, j in self.module.partners.get(tokens, []):
            maps[PLANTED[0]][0, PLANTED[1], i + 1, j + 1] += 0.1
        return Output(attentions={k: maps[k] for k in request.attentions})


def planted_model(adata: AnnData, seed: int) -> Model:
    spec = replace(get_spec("mini"), name="planted", n_heads=8)
    torch.manual_seed(seed)
    module = Known()
    for sequence, dots in zip(adata.obs["sequence"], adata.obs["structure"], strict=True):
        tokens = tuple(spec.alphabet.encode(sequence).tolist())
        module.partners[tokens] = [(i, len(dots) - 1 - i) for i in range(dots.count("("))]
    return Model(
        PlantedAdapter(spec, module),
        device=torch.device("cpu"),
        weights_sha256="",
        source="planted",
    )


def stems(seed: int, *, n: int = 12) -> AnnData:
    rng = np.random.default_rng(seed)
    pair = dict(zip("ACGU", "UGCA", strict=True))
    rows = []
    for _ in range(n):
        stem = rng.choice(list("ACGU"), 7)
        loop = "".join(rng.choice(list("ACGU"), 6))
        sequence = "".join(stem) + loop + "".join(pair[x] for x in stem[::-1])
        rows.append((sequence, "(" * 7 + "." * 6 + ")" * 7))
    index = [f"s{i}" for i in range(n)]
    return AnnData(obs=pd.DataFrame(rows, columns=["sequence", "structure"], index=index))


@pytest.mark.parametrize("seed", range(40))
def test_a_planted_head_ranks_first(seed: int) -> None:
    adata = stems(seed, n=6)
    model = planted_model(adata, seed)
    table = rx.tl.score_heads(adata, model, n_random=2, seed=seed, progress=False)
    assert len(table) == 48
    assert tuple(table.loc[0, ["layer", "head"]]) == PLANTED
    best = table.loc[0]
    assert best["auprc"] > 0.9
    assert 0.5 < best["delta_low"] <= best["delta_auprc"] <= best["delta_high"] <= 1.1
    assert best["delta_auprc"] == pytest.approx(best["auprc"] - best["auprc_shuffled"])
    assert best["p_random"] == pytest.approx(1 / 97)
    assert table.loc[1:, "auprc_shuffled"].max() <= best["auprc_best_null"] < 0.5
    assert best["precision_at_pairs"] > 0.8
    assert best["enrichment"] > 1.7  # 0.045 + 0.1 / 2 over 0.045
    assert table.loc[1:, "enrichment"].between(0.7, 1.4).all()


@pytest.mark.parametrize("seed", range(2))
def test_a_planted_head_is_called_and_no_other(seed: int) -> None:
    adata = stems(seed, n=14)
    table = rx.tl.score_heads(adata, planted_model(adata, seed), seed=seed, progress=False)
    assert (table["fdr"] <= 0.05).tolist() == [True] + [False] * 47
    assert table.attrs == {"n_rnas": 14, "n_groups": 14, "n_null_heads": 960, "groups": "RNA"}


@pytest.mark.parametrize("seed", range(2))
def test_random_heads_are_at_the_background_and_none_is_called(seed: int) -> None:
    adata = stems(seed, n=14)
    model = planted_model(adata, 0).randomised(seed=99 + seed)
    table = rx.tl.score_heads(adata, model, seed=seed, progress=False)
    assert (table["fdr"] > 0.05).all()
    assert table["auprc"].mean() == pytest.approx(table["background"].iloc[0], abs=0.05)
    assert table["auprc"].max() < 1.2 * table["auprc_best_null"].iloc[0]


@pytest.mark.parametrize("seed", range(2))
def test_no_head_of_a_random_transformer_is_called(seed: int) -> None:
    model = rx.load_model("mini").randomised(seed=seed)
    table = rx.tl.score_heads(stems(seed, n=14), model, n_random=8, seed=100 + seed, progress=False)
    assert len(table) == 24
    assert (table["fdr"] > 0.05).all()


def repeated(adata: AnnData, times: int) -> AnnData:
    obs = pd.concat([adata.obs] * times)
    obs.index = [f"{name} {k}" for k, name in enumerate(obs.index)]
    return AnnData(obs=obs)


@pytest.mark.parametrize("families", [True, False])
def test_the_same_rnas_again_change_no_column(families: bool) -> None:
    """What is in units of a standard error over RNAs would grow with the root of their number."""
    adata = stems(1, n=8)
    if families:
        adata.obs["family"] = [*"aabbcdd", None]
    model = planted_model(adata, 1)
    tables = [
        rx.tl.score_heads(repeated(adata, k), model, n_max=99, n_random=2, progress=False)
        for k in (1, 4, 9)
    ]
    assert [t.attrs["n_rnas"] for t in tables] == [8, 32, 72]
    assert {t.attrs["n_groups"] for t in tables} == {5 if families else 8}
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], rtol=1e-9)


def test_more_rnas_of_the_same_kind_do_not_inflate_an_effect() -> None:
    few, many = stems(2, n=10), stems(2, n=90)
    tables = [
        rx.tl.score_heads(a, planted_model(a, 2), n_max=90, n_random=1, progress=False)
        for a in (few, many)
    ]
    first, last = (t.loc[0].drop(["p_shuffled", "p_random", "p", "fdr"]) for t in tables)
    assert (last <= 1.3 * first + 0.02).all(), "the root of 9 is 3"
    assert first["delta_low"] - 0.1 <= last["delta_auprc"] <= first["delta_high"] + 0.1


def test_families_are_resampled_as_a_whole(hairpins, tiny) -> None:
    found = {}
    for name, families in {"each": ["a", "b", "c"], "two": ["a", "a", "b"]}.items():
        hairpins.obs["family"] = families
        hairpins.obs["clan"] = ["x", "y", None]
        found[name] = rx.tl.score_heads(hairpins, tiny, n_random=1, progress=False)
    assert [t.attrs["n_groups"] for t in found.values()] == [3, 2]
    assert {t.attrs["groups"] for t in found.values()} == {"family"}
    equal = [t.set_index(["layer", "head"])["delta_auprc"] for t in found.values()]
    pd.testing.assert_series_equal(*equal)
    widths = [t.set_index(["layer", "head"]).eval("delta_high - delta_low") for t in found.values()]
    assert (widths[0] != widths[1]).any()
    clans = rx.tl.score_heads(hairpins, tiny, groups="clan", n_random=1, progress=False)
    assert (clans.attrs["groups"], clans.attrs["n_groups"]) == ("clan", 3)
    hairpins.obs["family"] = "a"
    one = rx.tl.score_heads(hairpins, tiny, n_random=1, progress=False)
    assert (one.attrs["groups"], one.attrs["n_groups"]) == ("RNA", 3)
    with pytest.raises(MissingKeyError, match="groups="):
        rx.tl.score_heads(hairpins, tiny, groups="clans", progress=False)


def test_a_sequence_is_one_draw_however_often_it_is_there(hairpins, tiny) -> None:
    hairpins.obs["sequence"] = hairpins.obs["sequence"].iloc[0]
    table = rx.tl.score_heads(hairpins, tiny, n_random=1, progress=False)
    assert table.attrs["n_groups"] == 1
    assert table[["delta_low", "delta_high"]].isna().all(axis=None)
    assert (table["fdr"] > 0.4).all()


def test_the_same_seed_gives_the_same_table(hairpins, tiny) -> None:
    first = rx.tl.score_heads(hairpins, tiny, seed=5, progress=False)
    pd.testing.assert_frame_equal(first, rx.tl.score_heads(hairpins, tiny, seed=5, progress=False))
    assert sorted(zip(first["layer"], first["head"], strict=True)) == [
        (layer, head) for layer in range(2) for head in range(4)
    ]


def test_rnas_without_pairs_are_left_out_and_counted(hairpins, tiny) -> None:
    hairpins.obs["structure"] = ["((((....))))", "............", "((((....))))"]
    table = rx.tl.score_heads(hairpins, tiny, progress=False)
    assert table.attrs["n_rnas"] == 2
    with pytest.raises(InputError, match="0 RNAs have base pairs"):
        rx.tl.score_heads(hairpins[["h2"]].copy(), tiny, progress=False)
    with pytest.raises(MissingKeyError, match=r"rx\.read_stockholm"):
        rx.tl.score_heads(hairpins, tiny, reference="truth", progress=False)


def test_at_most_n_max_rnas_are_read(tiny) -> None:
    table = rx.tl.score_heads(stems(0), tiny, n_max=3, progress=False)
    assert table.attrs["n_rnas"] == 3


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_average_precision_equals_scikit_learn(seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(3, 30)).astype(np.float32)
    if ties:
        scores = scores.round(0)
    truth = rng.random(30) < 0.3
    truth[0] = True
    expected = [average_precision_score(truth, row) for row in scores]
    np.testing.assert_allclose(average_precision(scores, truth), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_one_sort_gives_what_two_rankings_give(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, rng.integers(1, 40), 60).astype(np.float32)  # with many ties
    truth = rng.random(60) < 0.3
    truth[rng.integers(60)] = True
    tops = (1, 7, int(truth.sum()), 60, 99)
    expected = [precision_at(scores[None], truth, n)[0] for n in tops]
    expected.append(average_precision(scores[None], truth)[0])
    np.testing.assert_allclose(ranked(scores, truth, tops), expected, atol=1e-12)


def test_precision_at_counts_the_best() -> None:
    scores = np.array([[0.9, 0.1, 0.8, 0.7], [0.1, 0.9, 0.2, 0.3]], dtype=np.float32)
    truth = np.array([True, False, True, False])
    np.testing.assert_allclose(precision_at(scores, truth, 2), [1, 0])
    np.testing.assert_allclose(precision_at(scores, truth, 3), [2 / 3, 1 / 3])
    np.testing.assert_allclose(precision_at(scores, truth, 99), [0.5, 0.5])


def test_precision_at_equals_that_of_one_map_and_structure() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random((20, 20)).astype(np.float32)
    scores += scores.T
    structure = Structure.from_dot_bracket("A" * 20, "((((......))))......")
    rows, columns = candidates(20)
    truth = np.zeros((20, 20), dtype=bool)
    truth[structure.pairs[:, 0], structure.pairs[:, 1]] = True
    for n in (1, 4, 20, 50):
        found = precision_at(scores[rows, columns][None], truth[rows, columns], n)[0]
        assert found == pytest.approx(structure_precision_at(scores, structure, n))


def test_scores_are_those_of_whole_maps_symmetrised_and_corrected(tiny) -> None:
    rng = np.random.default_rng(3)
    sequence = "".join(rng.choice(list("ACGU"), 60))
    rows, columns = candidates(len(sequence))
    truth = rng.random(len(rows)) < 0.05
    found = head_scores(tiny, References(rows=(0,), sequences=(sequence,), truths=(truth,)))
    maps = tiny.attentions(sequence).reshape(-1, len(sequence), len(sequence))
    symmetric = (maps + maps.swapaxes(1, 2)) / 2
    corrected = average_product_correction(symmetric)[:, rows, columns]
    expected = [average_precision_score(truth, values) for values in corrected]
    np.testing.assert_allclose(found.auprc[0], expected, atol=1e-4)
    best = precision_at(corrected, truth, len(sequence))
    np.testing.assert_allclose(found.at_length[0], best, atol=1 / len(sequence))
    plain = [average_precision_score(truth, values) for values in symmetric[:, rows, columns]]
    assert np.abs(np.subtract(plain, expected)).max() > 1e-3, "the correction makes a difference"
    own = [values[truth].mean() for values in symmetric[:, rows, columns]]
    np.testing.assert_allclose(found.attention[0], own, rtol=1e-5)


def test_candidates_leave_room_for_a_hairpin_loop() -> None:
    rows, columns = candidates(6)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 4), (0, 5), (1, 5)]
