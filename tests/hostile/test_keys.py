"""Keys and paths that a file carries: none that files cannot hold, none that tell of a machine."""

from __future__ import annotations

import json
from functools import cache

import pytest
from safetensors.torch import save_file

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.models.registry import get_spec
from rnaexplore.models.weights.checkpoints import read_state
from rnaexplore.models.weights.sources import on_disk

BAD = ["..", "_index", "a/b", "/etc/passwd", "", ".", "zarr.json", "__x", "a\\b", "a\0b", "a\nb"]


@pytest.fixture
def rnas():
    adata = rx.from_sequences({f"r{k}": "GGGAAACCC" + "ACGU"[k % 4] * k for k in range(12)})
    rx.tl.kmers(adata, k=2)
    return adata


@cache
def mini():
    return rx.load_model("mini", device="cpu")


VERBS = {
    "cluster": lambda a, key: rx.tl.cluster(a, use_rep="X_kmer2", n_neighbors=3, key_added=key),
    "embed": lambda a, key: rx.tl.embed(a, mini(), key_added=key, progress=False),
    "fold": lambda a, key: rx.tl.fold(a, mini(), key_added=key, progress=False),
    "group_by_identity": lambda a, key: rx.tl.group_by_identity(a, key_added=key),
    "kmers": lambda a, key: rx.tl.kmers(a, k=2, key_added=key),
    "nearest_identity": lambda a, key: rx.tl.nearest_identity(a, key_added=key),
    "umap": lambda a, key: rx.tl.umap(a, use_rep="X_kmer2", n_neighbors=3, key_added=key),
}


@pytest.mark.parametrize("verb", VERBS)
def test_keys_that_files_cannot_hold_are_refused(verb, rnas):
    before = sorted([*rnas.obs, *rnas.obsm, *rnas.uns["rnaexplore"]])
    for key in BAD:
        with pytest.raises(InputError, match="key"):
            VERBS[verb](rnas, key)
    assert sorted([*rnas.obs, *rnas.obsm, *rnas.uns["rnaexplore"]]) == before


def test_selections_are_saved_under_no_such_key(rnas):
    view = rx.explore(rnas)
    before = list(rnas.obs)
    for key in BAD:
        with pytest.raises(InputError, match="name must be a key"):
            view.save_selection(key)
    assert list(rnas.obs) == before


def test_every_verb_with_key_added_is_here():
    import inspect

    verbs = {
        name
        for name in rx.tl.__all__
        if name.islower() and "key_added" in inspect.signature(getattr(rx.tl, name)).parameters
    }
    assert verbs - VERBS.keys() == {"embed_to"}  # which has its own test


def test_no_file_tells_where_weights_were(rnas, tmp_path, monkeypatch):
    """By path, and by the folder of weights that is set."""
    spec = get_spec("mini")
    file = on_disk("mini", spec.weights)
    if file is None:
        pytest.skip("this checkout has no weights of the bundled model yet")
    path = tmp_path / "secret-project" / "weights.safetensors"
    path.parent.mkdir()
    save_file(read_state(file.path), path)
    model = rx.load_model("mini", weights=path, device="cpu")
    rx.tl.embed(rnas, model, progress=False)
    rx.tl.fold(rnas, model, progress=False)
    told = json.dumps(rnas.uns, default=str)
    assert "secret-project" not in told
    assert str(tmp_path) not in told
    assert "given: weights.safetensors" in told
    assert "secret-project" not in rx.repro(rnas)
