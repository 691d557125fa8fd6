"""Scores of predictions, with 95 % intervals over groups of relatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.structure import Structure, score
from rnaexplore.tl.evaluation.probe_scores import MAIN as MAIN_OF_RNAS
from rnaexplore.tl.evaluation.probe_scores import Scored, class_scores, mean_scores, number_scores

__all__ = ["MAIN", "TUNED", "main_score", "scored"]

TUNED = "fine-tuned"  #: kind of the row of the fine-tuned model

#: the score by which methods are compared, by task and by what is predicted
MAIN = {**MAIN_OF_RNAS, "contact": "f1"}
PAIRED = ("precision", "recall", "f1", "f1_shifted")
Ints = NDArray[np.int64]


def main_score(examples: Examples) -> str:
    """Return the name of the score by which methods are compared."""
    if examples.task == "contact":
        return MAIN["contact"]
    return MAIN["classes" if examples.labels else "numbers"]


def scored(
    examples: Examples, rows: Ints, values: Sequence[Any], groups: Ints, *, n_boot: int, seed: int
) -> Scored:
    """Return the scores of predictions of some RNAs, spelled as in `tell`."""
    options: dict[str, int] = {"n_boot": n_boot, "seed": seed}
    of = groups[rows]
    if examples.task == "contact":
        known = [Structure(examples.sequences[k], examples.targets[k]) for k in rows]
        return _structure_scores(known, values, of, **options)
    if examples.task == "residue":
        code = {label: k for k, label in enumerate(examples.labels)}
        told = [np.array([code[c] for c in text]) for text in values]
        return _residue_scores(examples, rows, told, of, **options)
    true = [examples.targets[k] for k in rows]
    if not examples.labels:
        return number_scores(np.array(true), np.array(values, dtype=float), of, **options)
    guess = np.array([examples.labels.index(v) for v in values])
    n = len(examples.labels)
    return class_scores(np.array(true), guess, of, n_classes=n, **options)


def _residue_scores(
    examples: Examples, rows: Ints, told: Sequence[Ints], of: Ints, *, n_boot: int, seed: int
) -> Scored:
    """Return the scores of codes of residues; residues of unknown class do not count."""
    true = [examples.targets[k] for k in rows]
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


def _structure_scores(
    known: Sequence[Structure], dot_brackets: Sequence[str], of: Ints, *, n_boot: int, seed: int
) -> Scored:
    """Return means over RNAs of what `rnaexplore.structure.score` tells of each."""
    pairs = zip(known, dot_brackets, strict=True)
    found = [score(Structure.from_dot_bracket(k.sequence, d), k) for k, d in pairs]
    table = np.array([[row[name] for name in PAIRED] for row in found])
    return mean_scores(table, PAIRED, of, n_boot=n_boot, seed=seed)
