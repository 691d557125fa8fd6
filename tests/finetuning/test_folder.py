"""The folder is the model: it opens alone, equal, and never runs what someone put into it."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, CheckpointError, InputError
from rnaexplore.finetuning import Settings
from rnaexplore.models.weights.checkpoints import sha256
from tests.finetuning.conftest import planted


@pytest.fixture(scope="module")
def finished(tiny, tmp_path_factory):
    settings = Settings(epochs=2, n_boot=20, batch_size=8, learning_rate=3e-3)
    return rx.finetune(
        planted(), tiny, "kind", out=tmp_path_factory.mktemp("runs") / "run", method="full",
        groups="alone", settings=settings, device="cpu", progress=False,
    )  # fmt: skip


@pytest.fixture
def run(finished, tmp_path):
    """Return a result in a copy of its folder."""
    copy = shutil.copytree(finished.folder, tmp_path / "run")
    return replace(finished, folder=copy)


def edit(folder, change):
    path = folder / "tuned.json"
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))


def test_predictions_are_those_of_the_opened_folder(run, rnas):
    model = rx.load_model(str(run.folder), device="cpu")
    found = model.predict(rnas.obs["sequence"].tolist())
    assert found.shape == (60, 2)
    assert np.allclose(found.sum(1), 1, atol=1e-6)
    assert [model.labels[k] for k in found.argmax(1)] == run.predictions["predicted"].tolist()
    assert np.allclose(found[:, 0], run.predictions[f"p_{model.labels[0]}"], atol=1e-6)
    alone = np.concatenate([model.predict([s]) for s in rnas.obs["sequence"]])
    assert np.allclose(found, alone, atol=1e-5)


def test_it_is_a_model_like_others(run, rnas, tmp_path):
    model = rx.load_model(str(run.folder), device="cpu")
    assert model.spec.name == "run"
    assert model.labels == ("poor", "rich")
    assert model.spec.outputs == model.labels
    assert model.verify().ok
    assert model.embed(["GGGAAACCC"]).shape == (1, 32)
    rx.tl.embed(rnas, model, progress=False)
    assert rnas.obsm["X_run"].shape == (60, 32)
    assert list(model.metrics.index) == list(run.metrics.index)
    assert "valid_loss" in model.history
    with pytest.raises(CapabilityError, match=r"call \.predict"):
        model.predict_residues("GGGAAACCC")
    with pytest.raises(CapabilityError):
        model.contacts("GGGAAACCC")


def test_lower_case_and_t_make_no_difference(run):
    model = run.model(device="cpu")
    assert np.array_equal(model.predict(["GGCAUU"]), model.predict(["ggcatt"]))


def test_a_moved_folder_still_opens(run, tmp_path):
    moved = run.folder.rename(tmp_path / "elsewhere")
    assert rx.load_model(str(moved), device="cpu").predict(["GGGAAACCC"]).shape == (1, 2)


def test_weights_that_were_changed_are_refused(run):
    path = run.folder / "model.safetensors"
    state = load_file(path)
    state["head.out.bias"] += 1
    save_file(state, path)
    with pytest.raises(CheckpointError, match="SHA-256"):
        rx.load_model(str(run.folder))


def test_weights_of_another_shape_are_refused(run):
    path = run.folder / "model.safetensors"
    state = load_file(path)
    del state["head.out.bias"]
    save_file(state, path)
    edit(run.folder, lambda facts: facts.update(weights_sha256=sha256(path)))
    with pytest.raises(CheckpointError, match=r"missing \(head\.out\.bias"):
        rx.load_model(str(run.folder))


@pytest.mark.parametrize("damage", [
    lambda f: f.pop("base"),
    lambda f: f["base"].pop("alphabet"),
    lambda f: f["base"].update(n_layers="six"),
    lambda f: f["tuning"].update(head="transformer"),
    lambda f: f["tuning"].update(task="world domination"),
    lambda f: f["tuning"].update(colour="blue"),
    lambda f: f.update(format=99),
    lambda f: f.update(base=[]),
])  # fmt: skip
def test_damaged_facts_are_a_checkpoint_error(run, damage):
    edit(run.folder, damage)
    with pytest.raises(CheckpointError):
        rx.load_model(str(run.folder))


@pytest.mark.parametrize("adapter", [
    "os:system", "subprocess:Popen", "rnaexplore.models.adapters.base:Path",
    "rnaexplore.models.adapters.base:Output", "rnaexplore.models.adapters.nothing:X", "nonsense",
])  # fmt: skip
def test_facts_cannot_name_code_to_run(run, adapter):
    edit(run.folder, lambda facts: facts["base"].update(adapter=adapter))
    with pytest.raises(CheckpointError):
        rx.load_model(str(run.folder))


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_in_the_folder_are_never_opened(run, tmp_path):
    fuse = tmp_path / "exploded"
    for name in ("pytorch_model.bin", "model.pt", "training_args.bin", "optimizer.pt"):
        (run.folder / name).write_bytes(pickle.dumps(Bomb(fuse)))
    assert rx.load_model(str(run.folder), device="cpu").predict(["GGGAAACCC"]).shape == (1, 2)
    (run.folder / "model.safetensors").write_bytes(pickle.dumps(Bomb(fuse)))
    with pytest.raises(CheckpointError):
        rx.load_model(str(run.folder))
    digest = sha256(run.folder / "model.safetensors")
    edit(run.folder, lambda facts: facts.update(weights_sha256=digest))
    with pytest.raises(CheckpointError):
        rx.load_model(str(run.folder))
    assert not fuse.exists()


def test_a_folder_without_facts_says_what_to_do(tmp_path):
    with pytest.raises(CheckpointError, match=r"weights=FOLDER"):
        rx.load_model(str(tmp_path))


def test_a_folder_without_weights(run):
    (run.folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="no complete"):
        rx.load_model(str(run.folder))


def test_one_string_is_not_a_list(run):
    with pytest.raises(InputError, match="list of strings"):
        run.model(device="cpu").predict("GGGAAACCC")


def test_a_tuned_model_can_be_tuned_again(run, rnas, tuned, tmp_path):
    again = tuned(rnas, "gc", tmp_path / "again", model=run.model(device="cpu"))
    model = again.model(device="cpu")
    assert model.labels == ()
    assert model.predict(["GGGAAACCC"]).shape == (1, 1)
