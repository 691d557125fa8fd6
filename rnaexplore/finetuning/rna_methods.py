"""Probes, baselines and nulls for a class or a number of RNAs, or of pairs of RNAs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning import columns
from rnaexplore.finetuning.complementarity import complementary_runs, duplex_energies
from rnaexplore.finetuning.convolution import Convolution
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.methods import Kind, Method, Question
from rnaexplore.tl.evaluation.baseline_features import BASELINES, JOINED, baseline_feature
from rnaexplore.tl.evaluation.controls import untrained
from rnaexplore.tl.evaluation.linear import Features
from rnaexplore.tl.evaluation.probe import CONSTANT, one_hot
from rnaexplore.tl.evaluation.probe_models import NearestRelative, Probe, Teller

__all__ = ["rna_methods"]

Ints = NDArray[np.int64]
Array = NDArray[np.float32]


def rna_methods(asked: Question) -> Iterator[Method]:
    """Yield the methods, one after the other, so that never all columns are in memory."""
    name = asked.model.spec.name
    frozen = columns.of_rnas(asked.model, asked.examples, asked.used, asked.tuning)
    yield _probe(asked, f"{name}, probe", "probe", frozen)
    joined = frozen.beside(_without_model(asked, _one(JOINED)))
    yield _probe(asked, f"{name} + {JOINED}, probe", "probe", joined)
    yield from _baselines(asked)
    if asked.examples.seconds is not None:
        yield from _of_pairs(asked, asked.examples.seconds)
    for what, model in untrained(asked.model, asked.seed).items():
        found = columns.of_rnas(model, asked.examples, asked.used, asked.tuning)
        yield _probe(asked, f"{what}, probe", "null", found)
    mixed = np.random.default_rng(asked.seed).permutation(np.array(asked.examples.targets))
    yield _probe(asked, "shuffled target", "null", frozen, mixed)


def _baselines(asked: Question) -> Iterator[Method]:
    """Yield what needs no model."""
    examples, is_class = asked.examples, bool(asked.examples.labels)
    for name in BASELINES:
        yield _probe(asked, name, "baseline", _without_model(asked, _one(name)))
    yield _probe(asked, "one-hot", "baseline", _without_model(asked, one_hot))
    both = examples.sequences
    if examples.seconds is not None:
        both = [a + b for a, b in zip(examples.sequences, examples.seconds, strict=True)]
    nearest = NearestRelative(both, is_class, asked.seed)
    yield _method(asked, "nearest relative", "baseline", nearest)
    network = Convolution(examples, asked.seed, asked.class_weight)
    yield Method("convolutional network", "baseline", network.tell)
    nothing = Features(np.zeros((len(examples.rows), 1), dtype=np.float32))
    yield _probe(asked, CONSTANT["classes" if is_class else "numbers"], "baseline", nothing)


def _of_pairs(asked: Question, seconds: Sequence[str]) -> Iterator[Method]:
    """Yield what could tell the target from one of both RNAs alone, and from how they pair."""
    used, n = asked.used, len(asked.examples.rows)
    sides = {"first": asked.examples.sequences, "second": seconds}
    for which, sequences in sides.items():
        some = [sequences[k] for k in used]
        vectors = columns.scattered(asked.model.embed(some), used, n)
        name = f"{which} RNA alone"
        yield _probe(asked, f"{name}, {asked.model.spec.name}", "baseline", Features(vectors))
        kmers = columns.scattered(_one(JOINED)(some), used, n)
        yield _probe(asked, f"{name}, {JOINED}", "baseline", Features.whole(kmers))
    first, second = ([side[k] for k in used] for side in sides.values())
    runs = columns.scattered(complementary_runs(first, second), used, n)
    yield _probe(asked, "complementary runs", "baseline", Features(runs))
    energies = duplex_energies(first, second)
    if energies is not None:
        found = Features(columns.scattered(energies, used, n))
        yield _probe(asked, "ViennaRNA duplex energy", "baseline", found)


def _one(name: str) -> Callable[[Sequence[str]], Array]:
    """Return what makes one of the baseline representations."""
    return partial(baseline_feature, name=name)


def _without_model(asked: Question, describe: Callable[[Sequence[str]], Array]) -> Features:
    return Features.whole(columns.of_both(asked.examples, asked.used, describe))


def _probe(
    asked: Question, name: str, kind: Kind, features: Features, y: NDArray[Any] | None = None
) -> Method:
    """Return a linear probe of some columns."""
    is_class = bool(asked.examples.labels)
    teller = Probe(features, "linear", is_class, asked.seed, asked.class_weight)
    return _method(asked, name, kind, teller, y)


def _method(
    asked: Question, name: str, kind: Kind, teller: Teller, y: NDArray[Any] | None = None
) -> Method:
    targets = np.array(asked.examples.targets) if y is None else y

    def tell(learn: Ints, others: Ints) -> list[Any]:
        told = teller.tell(targets, asked.parts.groups, learn, others).values
        return _spelled(asked.examples, told)

    return Method(name, kind, tell)


def _spelled(examples: Examples, told: NDArray[Any]) -> list[Any]:
    return [examples.labels[k] for k in told] if examples.labels else told.tolist()
