"""A linear head begins with what a probe of the frozen model knows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.parts import parts_of
from rnaexplore.finetuning.warm import begin_as_probe
from rnaexplore.models.tuned.network import Network
from rnaexplore.models.tuned.rows import padded, rows_of
from rnaexplore.models.tuned.tuning import Tuning


def begun(tiny, rnas, target, task="sequence", head="linear"):
    alphabet = tiny.spec.alphabet
    known = examples_of(rnas, target, task=task, partner=None, alphabet=alphabet)
    parts = parts_of(rnas, known, target, split="group", groups="alone", seed=0)
    tuning = Tuning(task=task, head=head, target=target, labels=known.labels)
    network = Network(tiny.adapter, tuning).eval()
    done = begin_as_probe(network, tiny, known, parts, seed=0)
    rows = padded(alphabet, rows_of(alphabet, known.sequences, chunk=None, max_chunks=None))
    with torch.no_grad():
        return known, parts, network(rows).numpy(), done


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes(tiny, rnas, n_classes):
    rnas.obs["kind"] = [f"k{i % n_classes}" for i in range(60)]
    known, parts, logits, done = begun(tiny, rnas, "kind")
    assert done
    vectors, codes = tiny.embed(known.sequences), np.array(known.targets)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))
    probe.fit(vectors[parts.train], codes[parts.train])
    chances = torch.from_numpy(logits).softmax(-1).numpy()
    np.testing.assert_allclose(chances, probe.predict_proba(vectors), atol=1e-4)


def test_numbers(tiny, rnas):
    known, parts, found, done = begun(tiny, rnas, "gc")
    assert done
    vectors, numbers = tiny.embed(known.sequences), np.array(known.targets)
    probe = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-1, 5, 13)))
    probe.fit(vectors[parts.train], numbers[parts.train])
    np.testing.assert_allclose(found[:, 0], probe.predict(vectors), atol=1e-3)


def test_residues(tiny, rnas):
    known, _, logits, done = begun(tiny, rnas, "purine", task="residue")
    assert done
    right = [
        (logits[k, : len(codes)].argmax(1) == codes).mean() for k, codes in enumerate(known.targets)
    ]
    assert np.mean(right) > 0.95


def test_other_heads_begin_as_they_are(tiny, rnas):
    assert not begun(tiny, rnas, "kind", head="mlp")[-1]
    assert not begun(tiny, rnas, "kind", head="rnaernie-ncrna")[-1]
