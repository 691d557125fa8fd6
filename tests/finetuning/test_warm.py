"""A head begins with what is known without fine-tuning: a probe, or the model's own contacts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnaexplore as rx
from rnaexplore.finetuning import columns
from rnaexplore.finetuning.checks import standardised
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.methods import Question
from rnaexplore.finetuning.parts import parts_of
from rnaexplore.finetuning.warm import begin_as_probe
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.rows import padded, rows_of
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.tl.evaluation.linear import fit_linear
from tests.finetuning.conftest import random_model, shrunk


def begun(model, rnas, target, task="sequence", head="linear"):
    alphabet = model.spec.alphabet
    partner = "second" if task == "pair" else None
    known = examples_of(rnas, target, task=task, partner=partner, alphabet=alphabet)
    parts = parts_of(rnas, known, target, split="group", groups="alone", seed=0)
    tuning = Tuning(task=task, head=head, target=target, labels=known.labels)
    tuning = standardised(tuning, known, parts.train)
    network = Network(model.adapter, tuning).eval()
    asked = Question(model, known, parts, tuning, seed=0)
    done = begin_as_probe(network, asked, parts.train)
    options = {"chunk": None, "max_chunks": None}
    rows = rows_of(alphabet, known.sequences, **options)
    if known.seconds is not None:
        rows += rows_of(alphabet, known.seconds, **options)
    with torch.no_grad():
        return asked, network(padded(alphabet, rows)).numpy(), done


def probe_of(asked, features):
    train = asked.parts.train
    y = np.array(asked.examples.targets)[train]
    is_class = bool(asked.examples.labels)
    return fit_linear(features.take(train), y, asked.parts.groups[train], is_class=is_class, seed=0)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("task", "head"), [
    ("sequence", "linear"), ("sequence", "middle"), ("pair", "linear"),
])  # fmt: skip
def test_classes(tiny, rnas, n_classes, task, head):
    rnas.obs["kind"] = [f"k{i % n_classes}" for i in range(60)]
    asked, logits, done = begun(tiny, rnas, "kind", task, head)
    assert done
    features = columns.of_rnas(tiny, asked.examples, np.arange(60), asked.tuning)
    probe = probe_of(asked, features)
    np.testing.assert_array_equal(logits.argmax(1), probe.predict(features.values))
    expected = features.values @ probe.weight.T + probe.bias
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_numbers(tiny, rnas):
    asked, found, done = begun(tiny, rnas, "gc")
    assert done
    features = columns.of_rnas(tiny, asked.examples, np.arange(60), asked.tuning)
    in_unit = found[:, 0] * asked.tuning.std + asked.tuning.mean
    expected = probe_of(asked, features).predict(features.values)
    np.testing.assert_allclose(in_unit, expected, atol=1e-3)


def test_residues(tiny, rnas):
    asked, logits, done = begun(tiny, rnas, "purine", task="residue")
    assert done
    right = [
        (logits[k, : len(codes)].argmax(1) == codes).mean()
        for k, codes in enumerate(asked.examples.targets)
    ]
    assert np.mean(right) > 0.95


def test_contacts_begin_as_the_models_own(rnas):
    """In the same order, and with the log odds that fit the RNAs learned from."""
    model = random_model(shrunk("mini"), seed=1)  # of a head whose log odds rise with pairs
    assert "contacts" in model.spec.can
    asked, logits, done = begun(model, rnas, "structure", task="contact", head="attention")
    assert done
    slopes = []
    for k in (0, 7, 30):
        sequence = rnas.obs["sequence"].iloc[k]
        n = len(sequence)
        upper = np.triu_indices(n, 4)
        own = model.contacts(sequence)[upper].astype(float)
        fit = np.polyfit(np.log(own / (1 - own)), logits[k, :n, :n][upper], 1, full=True)
        assert fit[1].item() < 1e-4, "the same log odds but for slope and shift"
        slopes.append(fit[0])
    np.testing.assert_allclose(slopes, [slopes[0]] * 3, atol=0.05, rtol=0.05)
    known = np.concatenate(
        [logits[k][np.triu_indices(len(asked.examples.sequences[k]), 4)] for k in asked.parts.train]
    )
    pairs = sum(len(asked.examples.targets[k]) for k in asked.parts.train)
    assert (1 / (1 + np.exp(-known))).sum() == pytest.approx(pairs, rel=0.2)


def test_contacts_begin_as_a_fitted_readout_where_there_is_no_own_head(rnas):
    spec = shrunk("mini")
    model = random_model(replace(spec, can=spec.can - {"contacts"}))
    asked, logits, done = begun(model, rnas, "structure", task="contact", head="attention")
    assert done
    learned = rnas[asked.parts.train].copy()
    learned.obs_names = [str(k) for k in asked.parts.train]
    options = {"family": None, "n_max": 50, "n_folds": 0}
    fitted = rx.tl.fit_contacts(learned, model, **options, progress=False)
    sequence = rnas.obs["sequence"].iloc[3]
    n = len(sequence)
    found = 1 / (1 + np.exp(-logits[3, :n, :n].astype(float)))
    upper = np.triu_indices(n, 4)
    expected = fitted.predict(model, sequence).values
    np.testing.assert_allclose(found[upper], expected[upper], atol=1e-4)


def test_other_heads_begin_as_they_are(tiny, rnas):
    assert not begun(tiny, rnas, "kind", head="mlp")[-1]
    assert not begun(tiny, rnas, "kind", head="rnaernie-ncrna")[-1]
