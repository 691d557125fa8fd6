"""Scores of predictions, with 95 % intervals over groups of relatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.structure import Structure, score
from rnaexplore.tl._probe_scores import HIGH, LOW, class_scores, number_scores

__all__ = ["MAIN", "mean_scores", "residue_scores", "scored"]

#: the score by which methods are compared, by task and by what is predicted
MAIN = {"classes": "macro_f1", "numbers": "r2", "residue": "macro_f1", "contact": "f1"}
PAIRED = ("precision", "recall", "f1", "f1_shifted")
Ints = NDArray[np.int64]


def scored(
    examples: Examples, test: Ints, values: Sequence[Any], groups: Ints, *, n_boot: int, seed: int
) -> dict[str, float]:
    """Return the scores of predictions of the test RNAs, spelled as in `tell`."""
    options: dict[str, int] = {"n_boot": n_boot, "seed": seed}
    of = groups[test]
    if examples.task == "contact":
        known = [Structure(examples.sequences[k], examples.targets[k]) for k in test]
        return mean_scores(known, values, of, **options)
    if examples.task == "residue":
        code = {label: k for k, label in enumerate(examples.labels)}
        told = [np.array([code[c] for c in text]) for text in values]
        return residue_scores(examples, test, told, of, **options)
    true = [examples.targets[k] for k in test]
    if not examples.labels:
        return number_scores(np.array(true), np.array(values, dtype=float), of, **options)
    guess = np.array([examples.labels.index(v) for v in values])
    n = len(examples.labels)
    return class_scores(np.array(true), guess, of, n_classes=n, **options)


def residue_scores(
    examples: Examples, test: Ints, told: Sequence[Ints], of: Ints, *, n_boot: int, seed: int
) -> dict[str, float]:
    """Return the scores of codes of residues; residues of unknown class do not count."""
    true = [examples.targets[k] for k in test]
    known = np.concatenate([t != IGNORED for t in true])
    groups = np.repeat(of, [len(t) for t in true])[known]
    return class_scores(
        np.concatenate(true)[known],
        np.concatenate(told)[known],
        groups,
        n_classes=len(examples.labels),
        n_boot=n_boot,
        seed=seed,
    )


def mean_scores(
    known: Sequence[Structure], dot_brackets: Sequence[str], of: Ints, *, n_boot: int, seed: int
) -> dict[str, float]:
    """Return means over RNAs of what `rnaexplore.structure.score` tells of each."""
    pairs = zip(known, dot_brackets, strict=True)
    found = [score(Structure.from_dot_bracket(k.sequence, d), k) for k, d in pairs]
    table = np.array([[row[name] for name in PAIRED] for row in found])
    numbers = np.unique(of, return_inverse=True)[1]
    sums = np.zeros((numbers.max() + 1, len(PAIRED)))
    np.add.at(sums, numbers, table)
    sizes = np.bincount(numbers)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=n_boot)
    again = drawn @ sums / (drawn @ sizes)[:, None]
    result: dict[str, float] = {}
    for k, name in enumerate(PAIRED):
        low, high = np.percentile(again[:, k], [LOW, HIGH])
        mean = float(table[:, k].mean())
        result |= {name: mean, f"{name}_low": float(low), f"{name}_high": float(high)}
    return result
