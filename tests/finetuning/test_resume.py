"""A run that was interrupted ends as if it had not been."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import torch
from transformers import TrainerCallback

from rnaexplore.errors import InputError


class Interrupt(TrainerCallback):
    """Stops the run as a user would, in the middle of an epoch of one of both trainings."""

    def __init__(self, step: int, *, folder: str = "checkpoints") -> None:
        self.step, self.folder = step, folder

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step and args.output_dir.endswith(self.folder):
            raise KeyboardInterrupt


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_same_bytes_after_an_interruption(rnas, tuned, tmp_path, method):
    options = {"method": method, "epochs": 4, "patience": 4}
    whole = tuned(rnas, "kind", tmp_path / "a" / "run", **options)
    for step in (3, 13):  # before the first checkpoint, and after some
        with pytest.raises(KeyboardInterrupt):
            tuned(rnas, "kind", tmp_path / "b" / "run", callbacks=[Interrupt(step)], **options)
    assert (tmp_path / "b" / "run" / "checkpoints" / "checkpoint-10").is_dir()
    torch.manual_seed(123)  # the caller's own randomness does not matter
    again = tuned(rnas, "kind", tmp_path / "b" / "run", **options)
    for name in ("model.safetensors", "history.csv", "metrics.csv", "predictions.csv"):
        assert (whole.folder / name).read_bytes() == (again.folder / name).read_bytes(), name
    assert not (again.folder / "checkpoints").exists()


@pytest.mark.parametrize("step", [2, 9, 11])
def test_the_same_bytes_after_an_interruption_of_the_second_training(rnas, tuned, tmp_path, step):
    options = {"epochs": 3, "patience": 3, "probe_first": False}
    whole = tuned(rnas, "kind", tmp_path / "a" / "run", **options)
    assert whole.kept_epoch >= 2  # 6 steps an epoch
    stop = [Interrupt(step, folder="refit")]
    with pytest.raises(KeyboardInterrupt):
        tuned(rnas, "kind", tmp_path / "b" / "run", callbacks=stop, **options)
    again = tuned(rnas, "kind", tmp_path / "b" / "run", **options)
    for name in ("model.safetensors", "history.csv", "metrics.csv", "predictions.csv"):
        assert (whole.folder / name).read_bytes() == (again.folder / name).read_bytes(), name


class Late(TrainerCallback):
    """Stops a run when its last checkpoint is written, before anything is made of it."""

    def on_train_end(self, args, state, control, **kwargs):
        raise KeyboardInterrupt


def test_a_search_that_has_stopped_is_not_continued(rnas, tuned, tmp_path):
    options = {"epochs": 12, "patience": 1, "learning_rate": 0.3, "head_rate": 0.3}
    whole = tuned(rnas, "kind", tmp_path / "a", **options)
    with pytest.raises(KeyboardInterrupt):
        tuned(rnas, "kind", tmp_path / "b", callbacks=[Late()], **options)
    again = tuned(rnas, "kind", tmp_path / "b", **options)
    pd.testing.assert_frame_equal(whole.history, again.history)


def test_early_stopping_counts_across_an_interruption(rnas, tuned, tmp_path):
    options = {
        "epochs": 12,
        "patience": 1,
        "probe_first": False,
        "learning_rate": 0.04,
        "head_rate": 0.04,
    }
    whole = tuned(rnas, "kind", tmp_path / "a", **options)
    assert 2 < len(whole.history) < 13
    kept = whole.history.index[whole.history["best"]]
    assert len(kept) == 1
    with pytest.raises(KeyboardInterrupt):
        tuned(rnas, "kind", tmp_path / "b", callbacks=[Interrupt(7)], **options)
    again = tuned(rnas, "kind", tmp_path / "b", **options)
    pd.testing.assert_frame_equal(whole.history, again.history)


def test_a_finished_run_is_read_not_repeated(rnas, tuned, tmp_path):
    first = tuned(rnas, "kind", tmp_path / "run")
    second = tuned(rnas, "kind", tmp_path / "run", callbacks=[Interrupt(1)])
    pd.testing.assert_frame_equal(first.metrics, second.metrics)
    pd.testing.assert_frame_equal(first.predictions, second.predictions)


def test_another_run_in_the_same_folder_is_refused(rnas, tuned, tmp_path):
    tuned(rnas, "kind", tmp_path / "run")
    with pytest.raises(InputError, match="differs in settings"):
        tuned(rnas, "kind", tmp_path / "run", epochs=3)
    rnas.obs.loc["rna3", "sequence"] = "GGGGGGAAAACCCCCC"
    with pytest.raises(InputError, match="differs in data_sha256"):
        tuned(rnas, "kind", tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="is not empty"):
        tuned(rnas, "kind", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


def test_the_callers_randomness_is_left_as_it_was(rnas, tuned, tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    tuned(rnas, "kind", tmp_path / "run", epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_the_record_says_what_was_done(rnas, tuned, tmp_path):
    result = tuned(rnas, "kind", tmp_path / "run")
    facts = json.loads((result.folder / "tuned.json").read_text())
    training = facts["training"]
    assert training["base"] == "tiny-mini"
    assert training["settings"]["epochs"] == 2
    assert sum(training["rnas"].values()) == rnas.n_obs
    assert {"torch", "transformers", "peft"} <= training["versions"].keys()
    assert result.model(device="cpu").training == training
