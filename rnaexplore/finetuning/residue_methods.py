"""Probes, baselines and nulls for a class of each residue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.convolution import Convolution
from rnaexplore.finetuning.methods import Kind, Method, Question
from rnaexplore.finetuning.residues import (
    AROUND,
    around,
    fit_residues,
    known_residues,
    states_of,
)
from rnaexplore.tl.evaluation.controls import untrained

__all__ = ["residue_methods"]

Ints = NDArray[np.int64]
Array = NDArray[np.float32]


def residue_methods(asked: Question) -> Iterator[Method]:
    """Yield the methods, one after the other, so that never all columns are in memory."""
    examples, used = asked.examples, asked.used
    frozen = states_of(asked.model, examples, used)
    yield _probe(asked, f"{asked.model.spec.name}, probe", "probe", frozen)
    letters = {int(k): around(examples.sequences[k]) for k in used}
    yield _probe(asked, f"one-hot ±{AROUND}", "baseline", letters, is_whole=True)
    network = Convolution(examples, asked.seed, asked.class_weight)
    yield Method("convolutional network", "baseline", network.tell)
    yield Method("most frequent class", "baseline", lambda a, b: _usual(asked, a, b))
    yield _probe(asked, "shuffled target", "null", frozen, shuffles=True)
    del frozen
    for what, model in untrained(asked.model, asked.seed).items():
        yield _probe(asked, f"{what}, probe", "null", states_of(model, examples, used))


def _probe(
    asked: Question, name: str, kind: Kind, found: Mapping[int, Array], *,
    is_whole: bool = False, shuffles: bool = False,
) -> Method:  # fmt: skip
    """Return a logistic regression on single residues."""
    labels = asked.examples.labels

    def tell(learn: Ints, others: Ints) -> list[Any]:
        owners, places, classes = known_residues(asked.examples, learn, asked.seed)
        if shuffles:
            classes = np.random.default_rng(asked.seed).permutation(classes)
        if len(np.unique(classes)) == 1:
            return _usual(asked, learn, others)
        probe = fit_residues(
            found, (owners, places, classes), asked.parts.groups,
            is_whole=is_whole, seed=asked.seed, class_weight=asked.class_weight,
        )  # fmt: skip
        return ["".join(labels[c] for c in probe.predict(found[int(k)])) for k in others]

    return Method(name, kind, tell)


def _usual(asked: Question, learn: Ints, others: Ints) -> list[Any]:
    """Return the most frequent class of residues for all."""
    classes = known_residues(asked.examples, learn, asked.seed)[2]
    label = asked.examples.labels[np.bincount(classes).argmax()]
    return [label * len(asked.examples.targets[k]) for k in others]
