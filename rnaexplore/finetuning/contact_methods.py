"""Folding without training here, and nulls: what a fine-tuned model of contacts has to beat.

All maps are decoded as the fine-tuned model's: greedily, canonical pairs alone, above the threshold
that is best on validation RNAs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.methods import Kind, Method, Question
from rnaexplore.finetuning.readouts import fitted_readout
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure, decode, score
from rnaexplore.tl.evaluation.controls import untrained

__all__ = ["best_threshold", "contact_methods", "decoded"]

Ints = NDArray[np.int64]
Array = NDArray[np.float32]
Map = Callable[[str], Array]  #: from a sequence to probabilities of pairs, (L, L)

THRESHOLDS = np.arange(0.05, 1.0, 0.05)  #: of which the best on validation RNAs is taken


def contact_methods(asked: Question) -> Iterator[Method]:
    """Yield the model's own head and fitted readouts, ViennaRNA, and nulls."""
    model = asked.model
    if "contacts" in model.spec.can:
        yield _of_maps(asked, f"{model.spec.name}, own head", "probe", model.contacts)
    yield _readout(asked, f"{model.spec.name}, fitted readout", "probe", model)
    yield from _vienna(asked)
    for what, other in untrained(model, asked.seed).items():
        yield _readout(asked, f"{what}, fitted readout", "null", other)
    yield Method("random canonical pairs", "null", lambda _, others: _random(asked, others))


def best_threshold(examples: Examples, rows: Ints, map_of: Map) -> float:
    """Return the threshold with the largest mean F1 on some RNAs, the lowest among equals."""
    totals = np.zeros(len(THRESHOLDS))
    for k in rows:
        sequence = examples.sequences[k]
        known, found = Structure(sequence, examples.targets[k]), map_of(sequence)
        for i, threshold in enumerate(THRESHOLDS):
            totals[i] += score(decoded(found, sequence, float(threshold)), known)["f1"]
    return round(float(THRESHOLDS[totals.argmax()]), 2)


def decoded(found: Array, sequence: str, threshold: float) -> Structure:
    """Return the structure of a map: greedily, canonical pairs above a threshold."""
    return decode(found, sequence, method="greedy", threshold=threshold, canonical=True)


def _of_maps(asked: Question, name: str, kind: Kind, map_of: Map) -> Method:
    """Return a method that decodes maps which need no training."""
    return Method(name, kind, lambda _, others: _told(asked, map_of, others))


def _readout(asked: Question, name: str, kind: Kind, model: Model) -> Method:
    """Return a logistic regression on all attention maps of a model, fitted on known structures."""

    def tell(learn: Ints, others: Ints) -> list[Any]:
        fitted = fitted_readout(model, asked.examples, learn, seed=asked.seed)
        return _told(asked, lambda s: fitted.predict(model, s).values, others)

    return Method(name, kind, tell)


def _told(asked: Question, map_of: Map, others: Ints) -> list[Any]:
    sequences = asked.examples.sequences
    threshold = best_threshold(asked.examples, asked.parts.valid, map_of)
    found = ((sequences[k], map_of(sequences[k])) for k in others)
    return [decoded(values, sequence, threshold).dot_bracket for sequence, values in found]


def _vienna(asked: Question) -> Iterator[Method]:
    """Yield minimum free energy structures and decoded pair probabilities, if it is installed."""
    try:
        import RNA
    except ImportError:
        return

    def probabilities(sequence: str) -> Array:
        fold = RNA.fold_compound(sequence)
        fold.pf()
        upper = np.array(fold.bpp(), dtype=np.float32)[1:, 1:]
        both: Array = upper + upper.T
        return both

    def fold(_: Ints, others: Ints) -> list[Any]:
        return [str(RNA.fold(asked.examples.sequences[k])[0]) for k in others]

    yield Method("ViennaRNA minimum free energy", "baseline", fold)
    yield _of_maps(asked, "ViennaRNA pair probabilities", "baseline", probabilities)


def _random(asked: Question, others: Ints) -> list[Any]:
    rng = np.random.default_rng(asked.seed)
    found: list[Any] = []
    for sequence in (asked.examples.sequences[k] for k in others):
        noise = rng.random((len(sequence), len(sequence))).astype(np.float32)
        scores = (noise + noise.T) / 2
        folded = decode(scores, sequence, method="nussinov", threshold=0.5, canonical=True)
        found.append(folded.dot_bracket)
    return found
