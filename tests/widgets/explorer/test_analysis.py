"""What Python computes of a selection and of the open RNA."""

import numpy as np
import pytest
from traitlets import TraitError

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets import explore
from rnaexplore.widgets.explorer.neighbors import nearest_rows
from rnaexplore.widgets.explorer.statistics import enriched_kmers


def brute_force(vectors, row, n):
    distances = np.linalg.norm(vectors.astype(float) - vectors[row].astype(float), axis=1)
    distances[row] = np.inf
    order = np.argsort(distances, kind="stable")[:n]
    return order, distances[order]


@pytest.mark.parametrize("n", [1, 10, 59])
def test_neighbours_are_exact(n):
    vectors = np.random.default_rng(n).normal(size=(60, 5)).astype(np.float32)
    rows, distances = nearest_rows(vectors, 7, n)
    expected, far = brute_force(vectors, 7, n)
    assert rows.tolist() == expected.tolist()
    np.testing.assert_allclose(distances, far, rtol=1e-5)


def test_neighbours_beyond_one_chunk(monkeypatch):
    monkeypatch.setattr("rnaexplore.widgets.explorer.neighbors.CHUNK", 7)
    vectors = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    assert nearest_rows(vectors, 0, 20)[0].tolist() == brute_force(vectors, 0, 20)[0].tolist()


def test_a_click_finds_neighbours(adata):
    view = explore(adata)
    assert view.use_rep == "X_mini"
    view.set_state({"_selected": 4})
    rows, distances = brute_force(adata.obsm["X_mini"], 4, 10)
    assert np.frombuffer(view._neighbours["rows"], dtype="<u4").tolist() == rows.tolist()
    sent = np.frombuffer(view._neighbours["distances"], dtype="<f4")
    np.testing.assert_allclose(sent, distances, rtol=1e-5)
    table = view.neighbors(n=3)
    assert table.index.tolist() == adata.obs_names[rows[:3]].tolist()
    assert table["family"].tolist() == adata.obs["family"].iloc[rows[:3]].tolist()
    np.testing.assert_allclose(table["distance"], distances[:3], rtol=1e-5)
    with pytest.raises(InputError, match=r"\[1, 59\]"):
        view.neighbors(n=60)
    with pytest.raises(MissingKeyError, match="rnax"):
        view.neighbors("rnax")


def test_neighbours_in_another_embedding(adata):
    adata.obsm["X_second"] = np.random.default_rng(9).normal(size=(60, 8))
    view = explore(adata, use_rep="X_second")
    view.selected = "rna0"
    second = view._neighbours["rows"]
    view.set_state({"use_rep": "X_mini"})
    assert view._neighbours["rows"] != second
    with pytest.raises(TraitError, match="X_mini, X_second"):
        view.use_rep = "X_umap"


def test_the_embedding_that_the_map_was_made_of_comes_first(adata):
    adata.obsm["X_second"] = np.random.default_rng(9).normal(size=(60, 8))
    adata.uns["rnaexplore"] = {"X_umap": {"use_rep": "X_second"}}
    assert explore(adata).use_rep == "X_second"


def test_without_an_embedding_the_view_says_what_to_call(adata):
    del adata.obsm["X_mini"]
    view = explore(adata)
    view.selected = 0
    assert "rx.tl.embed" in view._neighbours["message"]
    view.selection = range(20)
    for what in ("recluster", "reproject"):
        view.set_state({"_request": {"what": what, "turn": 1}})
        assert view._notice["problem"]
        assert "rx.tl.embed" in view._notice["text"]


def test_planted_kmers_are_found():
    rng = np.random.default_rng(0)
    random = ["".join(rng.choice(list("ACGU"), 60)) for _ in range(80)]
    planted = [s[:30] + "GAUUC" + s[30:] if k < 30 else s for k, s in enumerate(random)]
    table = enriched_kmers(planted, np.arange(80) < 30, 5)
    assert table.index[0] == "GAUUC"
    assert table.loc["GAUUC", "selected"] == 1.0
    assert table.loc["GAUUC", "fold"] > 1.5


def test_equal_groups_have_no_enriched_kmers():
    assert enriched_kmers(["ACGUACGGA"] * 9, np.arange(9) < 7, 3).empty


def test_folds_equal_those_counted_by_hand():
    sequences = ["AACAA", "aacT", "GGN", "AAGG"]
    table = enriched_kmers(sequences, np.array([True, True, False, False]), 2)
    selected = {"AA": 3, "AC": 2, "CA": 1, "CU": 1}
    others = {"GG": 2, "AA": 1, "AG": 1}
    for kmer, row in table.iterrows():
        prior = 16 * (selected[kmer] + others.get(kmer, 0)) / (7 + 4)
        share = (selected[kmer] + prior) / (7 + 16)
        rest = (others.get(kmer, 0) + prior) / (4 + 16)
        assert row["fold"] == pytest.approx(share / rest)
    assert table.loc["AC", ["selected", "others"]].tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match=r"\[1, 8\]"):
        enriched_kmers(sequences, np.array([True, False, False, False]), 9)


def test_statistics(adata):
    view = explore(adata)
    view.selection = adata.obs["family"] == "U1"
    found = view.statistics()
    assert (found.n_selected, found.n_others) == (20, 40)
    row = found.categories.set_index("column").loc["family"]
    assert (row["category"], row["selected"], row["others"], row["fold"]) == ("U1", 20, 0, np.inf)
    lengths = adata.obs["length"][adata.obs["family"] == "U1"]
    assert found.numbers.loc["length", "selected median"] == lengths.median()
    assert {"length", "GC", "score"} == set(found.numbers.index)


@pytest.mark.parametrize(("chosen", "told"), [([], "lasso"), (range(60), "select fewer")])
def test_statistics_need_two_sides(adata, chosen, told):
    view = explore(adata)
    view.selection = chosen
    with pytest.raises(InputError, match=told):
        view.statistics()
    view.set_state({"_request": {"what": "kmers", "turn": 1}})
    assert told in view._notice["text"]


def separated(adata):
    """Two clouds in the embedding among the first 40 RNAs."""
    side = np.where(np.arange(60) % 2, 30.0, -30.0)[:, None]
    adata.obsm["X_mini"] = adata.obsm["X_mini"] + side
    return adata


def test_recluster(adata):
    view = explore(separated(adata))
    view.selection = range(40)
    view.set_state({"_request": {"what": "recluster", "turn": 1}})
    assert not view._notice["problem"], view._notice
    clusters = adata.obs["leiden_selection"]
    assert clusters.isna().tolist() == [False] * 40 + [True] * 20
    even, odd = set(clusters[:40:2]), set(clusters[1:40:2])
    assert even
    assert not even & odd
    assert view.color == "leiden_selection"
    assert adata.uns["rnaexplore"]["leiden_selection"]["n_selected"] == 40
    view.recluster(resolution=0.05, key_added="coarse")
    assert adata.obs["coarse"].nunique() <= clusters.nunique()


def test_reproject(adata, tmp_path):
    view = explore(separated(adata))
    view.selection = range(40)
    view.reproject()
    plane = adata.obsm["X_umap_selection"]
    assert np.isnan(plane).all(1).tolist() == [False] * 40 + [True] * 20
    assert view.basis == "X_umap_selection"
    assert view._map["held"] == 40
    first = view._map["data"]
    view.selection = range(30)
    view.set_state({"_request": {"what": "reproject", "turn": 2}})
    assert view._map["held"] == 30
    assert view._map["data"] != first
    adata.write_h5ad(tmp_path / "kept.h5ad")


@pytest.mark.parametrize("what", ["recluster", "reproject"])
def test_too_few_to_regroup(adata, what):
    view = explore(adata)
    view.selection = range(4)
    with pytest.raises(InputError, match="at least 10"):
        getattr(view, what)()
    assert "leiden_selection" not in adata.obs
    assert "X_umap_selection" not in adata.obsm


def test_save_asked_for_by_the_view(adata):
    view = explore(adata)
    view.selection = [1, 2]
    view.set_state({"_request": {"what": "save", "turn": 3, "name": " mine "}})
    assert view._notice == {"turn": 3, "text": "2 RNAs marked in obs['mine'].", "problem": False}
    assert adata.obs["mine"].sum() == 2
    assert "mine" in [column["name"] for column in view._table]
    view.set_state({"_request": {"what": "save", "turn": 4, "name": "family"}})
    assert view._notice["problem"]
    assert "overwrite=True" in view._notice["text"]


def test_requests_nobody_knows(adata):
    view = explore(adata)
    view.set_state({"_request": {"what": "dance", "turn": 1}})
    assert "'dance'" in view._notice["text"]
    view.set_state({"_request": {"what": "hear", "turn": 2}})
    assert view._notice == {"turn": 2, "text": "", "problem": False}


def test_the_same_question_is_answered_again(adata):
    """A view hears of changes only, so that an answer must differ from the one before."""
    view = explore(adata)
    view.selection = range(5)
    heard = []
    view.observe(lambda change: heard.append(change["new"]), ["_kmers", "_found"])
    for turn in (1, 2):
        view.set_state({"_request": {"what": "kmers", "turn": turn}})
        request = {"what": "find", "turn": turn, "kind": "motif", "query": "GGGG"}
        view.set_state({"_request": request})
    assert [answer["turn"] for answer in heard] == [1, 1, 2, 2]
