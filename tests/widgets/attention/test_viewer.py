"""The attention viewer as a Python object: traits both ways, pairs, ranking, figures, pages."""

import json
import re

import numpy as np
import pytest
from traitlets import TraitError

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.structure import Structure
from rnaexplore.widgets import AttentionViewer
from rnaexplore.widgets.core.codec import dequantise, pooled

SEQUENCE = "GGGGCCCAAAAGGGCCCCUUUUACGUACGU"
N = len(SEQUENCE)
HELICAL, DIAGONAL = (1, 2), (0, 1)  # layer and head


@pytest.fixture
def reference():
    return Structure.from_dot_bracket(SEQUENCE[:29] + "A", "((((...)))).(((....)))" + "." * 8)


@pytest.fixture
def maps(reference):
    """Two layers of three heads: noise, but one follows the structure and one the diagonal."""
    rng = np.random.default_rng(0)
    values = rng.random((2, 3, N, N)).astype(np.float32) * 0.05
    i, j = reference.pairs.T
    values[HELICAL][i, j] = values[HELICAL][j, i] = 0.9
    values[DIAGONAL][np.arange(N - 5), np.arange(5, N)] = 0.9
    return AttentionMaps(values, (0, 1), (0, 1, 2), reference.sequence, "planted")


@pytest.fixture
def view(maps, reference):
    return AttentionViewer(maps, reference)


def test_it_opens_with_as_many_pairs_as_the_reference_has(view, maps, reference):
    assert view.top_k == len(reference.pairs)
    assert AttentionViewer(maps).top_k == N // 4
    assert view.order == "in place"
    assert view._ranking == {}


@pytest.mark.parametrize("judged", [True, False])
def test_the_planted_head_ranks_first_with_and_without_a_reference(maps, reference, judged):
    view = AttentionViewer(maps, reference if judged else None)
    (layer, head, best), *_, last = view.ranking
    assert (layer, head) == HELICAL
    assert best > 0.9 if judged else best > 0.4
    if not judged:
        assert last[:2] == DIAGONAL
        assert last[2] < -0.4


def test_without_order_nothing_stands_out(reference):
    rng = np.random.default_rng(1)
    values = rng.random((5, 20, N, N)).astype(np.float32)
    maps = AttentionMaps(values, tuple(range(5)), tuple(range(20)), reference.sequence, "noise")
    stacking = [score for *_, score in AttentionViewer(maps).ranking]
    assert abs(np.mean(stacking)) < 0.02
    view = AttentionViewer(maps, reference)
    precision = [score for *_, score in view.ranking]
    assert np.mean(precision) == pytest.approx(view._ranking_state()["chance"], abs=0.02)


def test_ranking_travels_when_it_is_asked_for(view):
    view.set_state({"order": "ranked"})
    scores = np.array(view._ranking["scores"]).reshape(2, 3)
    assert np.unravel_index(scores.argmax(), scores.shape) == HELICAL


def test_pairs_are_the_best_of_the_treated_map(view, maps, reference):
    view.set_state({"layer": 1, "head": 2, "symmetrize": True, "apc": True})
    treated = maps.symmetrize().apc().at(1, 2)
    np.testing.assert_allclose(view.shown.values[0, 0], treated, atol=1e-6)
    assert {tuple(p) for p in view.pairs.tolist()} == {tuple(p) for p in reference.pairs.tolist()}
    values = treated[tuple(view.pairs.T)]
    assert (np.diff(values) <= 1e-6).all()


def test_pairs_stay_within_top_k_threshold_and_distance(view):
    view.top_k = 1000
    pairs = view.pairs
    assert ((pairs[:, 1] - pairs[:, 0]) >= 4).all()
    assert len({tuple(p) for p in pairs.tolist()}) == len(pairs)
    view.threshold = 0.5
    values = view.shown.values[0, 0]
    scores = ((values + values.T) / 2)[tuple(view.pairs.T)]
    assert scores.min() >= 0.5 * values.max()
    view.top_k = 0
    assert view.pairs.shape == (0, 2)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"threshold": 1.2}, "in \\[0, 1\\]"),
        ({"top_k": -1}, "0 or more"),
        ({"order": "best"}, "order"),
    ],
)
def test_values_out_of_range_are_refused(view, state, told):
    with pytest.raises(TraitError, match=told):
        view.set_state(state)


def test_a_reference_of_another_length_is_refused(maps):
    with pytest.raises(InputError, match="30 residues, the reference 9"):
        AttentionViewer(maps, Structure.from_dot_bracket("GGGAAACCC", "(((...)))"))


def test_python_sets_what_the_browser_sees_and_the_other_way(view):
    sent = []
    view.observe(lambda change: sent.append((change["name"], change["new"])), ["apc", "top_k"])
    view.apc = True
    assert view.get_state("apc") == {"apc": True}
    view.set_state({"top_k": 3})
    assert sent == [("apc", True), ("top_k", 3)]
    assert len(view.pairs) == 3


def test_one_map_and_small_pictures_travel(maps, reference):
    view = AttentionViewer(maps, reference)
    assert len(view._attention["levels"]) == N * N
    large = np.random.default_rng(0).random((3, 4, 200, 200)).astype(np.float32)
    view = AttentionViewer(AttentionMaps(large, (0, 1, 2), (0, 1, 2, 3), "A" * 200, "x"))
    assert len(view._gallery["data"]) == 12 * 48 * 48
    view.set_state({"layer": 0, "head": 3})
    shown = dequantise(
        np.frombuffer(view._attention["levels"], np.uint8).reshape(200, 200), view._attention["top"]
    )
    np.testing.assert_allclose(shown, large[0, 3], atol=large.max() / 255 * 1.01)


def test_pooling_keeps_the_largest_weight_of_every_block():
    values = np.random.default_rng(0).random((2, 50, 50)).astype(np.float32)
    small = pooled(values, 7)
    edges = np.arange(8) * 50 // 7
    for a in range(7):
        for b in range(7):
            block = values[:, edges[a] : edges[a + 1], edges[b] : edges[b + 1]]
            np.testing.assert_array_equal(small[:, a, b], block.max((1, 2)))


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"symmetrize": True, "apc": True, "threshold": 0.2, "head": 2},
        {"order": "ranked", "show_reference": False, "top_k": 2},
    ],
)
def test_every_state_has_a_figure(view, state, tmp_path):
    for name, value in state.items():
        setattr(view, name, value)
    text = drawn(view, tmp_path / "view.svg")
    assert text.count("<path") > 20
    plain = drawn(AttentionViewer(view._maps, view._reference), tmp_path / "plain.svg")
    assert (text == plain) is (not state)


def drawn(view, path):
    return re.sub("<dc:date>.*</dc:date>", "", view.savefig(path).read_text(encoding="utf-8"))


def test_the_page_holds_the_ranking(view, tmp_path):
    text = view.to_html(tmp_path / "x.html").read_text(encoding="utf-8")
    content = json.loads(re.search(r'id="state">(.*?)</script>', text, re.DOTALL)[1])
    assert len(content["state"]["_ranking"]["scores"]) == 6
    assert content["state"]["_structure"] == view._structure
