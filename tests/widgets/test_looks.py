"""Size, opacity and palette of a map: arguments, traits, and what figures make of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import traitlets
from anndata import AnnData

from rnaexplore._figure_data.palettes import PALETTES
from rnaexplore.errors import InputError
from rnaexplore.widgets import EmbeddingMap, explore


@pytest.fixture
def rnas() -> AnnData:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"family": pd.Categorical(list("abc") * 10), "length": rng.integers(60, 90, 30)},
        index=[f"rna{k}" for k in range(30)],
    )
    return AnnData(obs=obs, obsm={"X_umap": rng.normal(size=(30, 3)).astype(np.float32)})


@pytest.mark.parametrize("make", [EmbeddingMap, explore])
def test_looks_are_traits_that_the_view_reads(rnas, make) -> None:
    view = make(rnas, size=7, opacity=0.4, palette="Set2")
    state = view.get_state()
    assert (state["size"], state["opacity"], state["palette"]) == (7, 0.4, "Set2")
    assert list(state["_palettes"]) == list(PALETTES)
    view.size, view.opacity, view.palette = None, 1, ["#ff0000", "#00ff00"]
    assert view.get_state()["palette"] == ["#ff0000", "#00ff00"]
    usual = make(rnas)
    assert (usual.size, usual.opacity, usual.palette) == (None, 0.88, None)


@pytest.mark.parametrize("make", [EmbeddingMap, explore])
def test_figures_look_as_the_view_does(rnas, make, tmp_path) -> None:
    view = make(rnas, color="family", size=7, opacity=0.4, palette="Set2")
    figure = view.to_plotly()
    assert {t.marker.color for t in figure.data} == set(PALETTES["Set2"][:3])
    assert {t.marker.size for t in figure.data} == {7}
    assert {t.marker.opacity for t in figure.data} == {0.4}
    assert {t.type for t in figure.data} == {"scattergl"}, "two of three dimensions"
    svg = view.savefig(tmp_path / "map.svg").read_text()
    for color in PALETTES["Set2"][:3]:
        assert color in svg


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"size": 0}, "size must be above 0 and at most 40"),
        ({"size": 41}, "size must be above 0 and at most 40"),
        ({"opacity": 1.5}, "opacity"),
        ({"palette": "tab11"}, "no palette 'tab11'"),
        ({"palette": ["red"]}, "at least two colors"),
    ],
)
def test_looks_that_cannot_be_shown_are_errors(rnas, wrong, told) -> None:
    with pytest.raises(InputError, match=told):
        EmbeddingMap(rnas, **wrong)
    view = EmbeddingMap(rnas)
    ((name, value),) = wrong.items()
    with pytest.raises(traitlets.TraitError, match=told):
        setattr(view, name, value)
