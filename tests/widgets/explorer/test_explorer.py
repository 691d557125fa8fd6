"""What opens when an RNA is clicked."""

import numpy as np
import pytest
from traitlets import TraitError

from rnaexplore.errors import UnknownModelError
from rnaexplore.widgets import explore
from rnaexplore.widgets.core.codec import dequantise

N_LAYERS, N_HEADS = 3, 4


def weights(view):
    n = view._attention["n"]
    levels = np.frombuffer(view._attention["levels"], dtype=np.uint8).reshape(n, n)
    return dequantise(levels, view._attention["top"])


def test_a_click_opens_sequence_attention_and_contacts(adata, model):
    view = explore(adata, model)
    view.set_state({"_selected": 4})
    assert view._rna["name"] == "rna4"
    assert view._rna["sequence"] == adata.obs["sequence"].iloc[4]
    assert view._rna["structure"] == adata.obs["structure"].iloc[4]
    assert ["family", "5S_rRNA"] in view._rna["fields"]
    assert view._attention["layer"] == N_LAYERS - 1
    assert view._attention["head"] is None
    contacts = np.frombuffer(view._contacts["data"], dtype="<f4").reshape(18, 18)
    assert contacts[0, 9] == contacts[9, 0] == np.float32(0.875)


def test_layer_and_head_choose_the_map(adata, model):
    view = explore(adata, model)
    view.selected = 0
    for layer in range(N_LAYERS):
        for head in range(N_HEADS):
            view.set_state({"layer": layer, "head": head})
            assert np.unravel_index(weights(view).argmax(), (18, 18)) == (layer, head)
    view.head = None
    assert weights(view)[2, 0] == pytest.approx((0.5 + 0.002 + 0.003 + 0.004) / 4)
    assert len(model.calls) == 1


def test_only_one_map_travels_at_a_time(adata, model):
    view = explore(adata, model)
    view.selected = 0
    assert len(view._attention["levels"]) == 18 * 18
    assert len(view._gallery["data"]) == N_LAYERS * N_HEADS * 18 * 18


@pytest.mark.parametrize("state", [{"layer": 3}, {"head": 4}, {"threshold": 1.5}, {"layer": -1}])
def test_values_out_of_range_are_refused(adata, model, state):
    view = explore(adata, model)
    before = {name: getattr(view, name) for name in state}
    with pytest.raises(TraitError, match=r"must be in \[0, "):
        view.set_state(state)
    assert {name: getattr(view, name) for name in state} == before


def test_closing(adata, model):
    view = explore(adata, model)
    view.selected = 0
    view.selected = None
    assert view._rna == view._attention == view._contacts == {}


def test_without_a_model_the_view_says_what_to_call(adata):
    view = explore(adata)
    view.selected = "rna1"
    assert view._rna["name"] == "rna1"
    assert "rx.load_model" in view._attention["message"]
    assert "rx.load_model" in view._contacts["message"]


def test_a_model_whose_weights_are_not_there(adata, monkeypatch, tmp_path):
    monkeypatch.setenv("RNAEXPLORE_MODELS", str(tmp_path))
    view = explore(adata, "rnafm")
    view.selected = 0
    assert "RNA-FM_pretrained.pth" in view._attention["message"]


def test_an_unknown_model_is_an_error(adata):
    with pytest.raises(UnknownModelError, match="rnafm"):
        explore(adata, "rnafmm")


def test_an_rna_that_is_too_long(adata, model):
    adata.obs.loc["rna2", "sequence"] = "A" * 41
    adata.obs.loc["rna2", "structure"] = "." * 41
    view = explore(adata, model)
    view.selected = "rna2"
    assert view._rna["sequence"] == "A" * 41
    assert "41 residues" in view._attention["message"]
    assert view._gallery == {}
    view.selected = "rna3"
    assert weights(view).shape == (18, 18)


def test_a_model_without_contact_head_still_shows_attention(adata, headless_model):
    view = explore(adata, headless_model)
    view.selected = 0
    assert "no trained contacts" in view._contacts["message"]
    assert weights(view).shape == (18, 18)


def test_without_sequences(adata, model):
    del adata.obs["sequence"]
    view = explore(adata, model)
    view.selected = 0
    assert "rx.read_fasta" in view._attention["message"]


@pytest.mark.parametrize("structure", ["(((", "((((..))))......))"])
def test_a_structure_that_does_not_fit_is_reported(adata, model, structure):
    adata.obs.loc["rna0", "structure"] = structure
    view = explore(adata, model)
    view.selected = 0
    assert view._rna["structure"] is None
    assert view._rna["problem"]
    assert view._contacts["reference"] is None


def test_the_table_leaves_long_texts_out_unless_asked(adata):
    names = [column["name"] for column in explore(adata)._table]
    assert names == ["family", "length", "score", "GC"]
    asked = explore(adata, table=["sequence", "family"])._table
    assert [column["kind"] for column in asked] == ["text", "category"]


def test_nothing_is_written_into_the_anndata(adata, model):
    before = adata.copy()
    view = explore(adata, model)
    view.selected = 0
    view.selection = [1, 2]
    view.color = "score"
    assert adata.obs.equals(before.obs)
    assert list(adata.uns) == list(before.uns)
    assert list(adata.obsm) == list(before.obsm)


def test_a_real_model_of_random_weights(adata):
    torch = pytest.importorskip("torch")
    from rnaexplore.models import get_spec
    from rnaexplore.models.adapters.esm import EsmAdapter
    from rnaexplore.models.model import Model

    torch.manual_seed(0)
    spec = get_spec("mini")
    adapter = EsmAdapter(spec, EsmAdapter.build(spec).eval())
    real = Model(adapter, device=torch.device("cpu"), weights_sha256="0" * 64, source="random")
    view = explore(adata, real)
    view.selected = 0
    view.layer, view.head = 1, 2
    expected = real.attentions(adata.obs["sequence"].iloc[0], layers=[1], heads=[2])[0, 0]
    atol = 1.01 * expected.max() / 255  # 8 bits on a square-root scale
    np.testing.assert_allclose(weights(view), expected, rtol=0, atol=atol)
    view.method = "jacobian"
    assert view._contacts["caution"] == spec.cautions["logits"]


def test_the_method_of_contacts_can_be_chosen(adata, model):
    pytest.importorskip("RNA")
    view = explore(adata, model)
    assert view.method == "regression"
    assert "ViennaRNA" in view._methods
    view.selected = 4
    own = view._contacts["data"]
    view.set_state({"method": "ViennaRNA"})
    assert (view._contacts["model"], view._contacts["what"]) == ("ViennaRNA", "probability")
    assert view._contacts["data"] != own
    with pytest.raises(TraitError, match="'regression', 'heads'"):
        view.method = "guess"


def test_a_method_that_cannot_read_the_rna_says_so(adata, model):
    pytest.importorskip("RNA")
    adata.obs["sequence"] = ["N" + s[1:] for s in adata.obs["sequence"]]
    view = explore(adata, model)
    view.method = "ViennaRNA"
    view.selected = 0
    assert "the sequence holds N" in view._contacts["message"]
