"""The fine-tuned model beside all that it has to beat, in one table.

Each method is trained on some RNAs and asked about others, twice: on the training RNAs, and asked
about the validation RNAs, by which the best baseline is picked; and on the very RNAs that the
fine-tuned model is trained on, and asked about the test RNAs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnaexplore.finetuning.contact_methods import contact_methods
from rnaexplore.finetuning.methods import Method, Question
from rnaexplore.finetuning.residue_methods import residue_methods
from rnaexplore.finetuning.rna_methods import rna_methods
from rnaexplore.finetuning.scores import TUNED, main_score, scored
from rnaexplore.tl.evaluation.paired import difference
from rnaexplore.tl.evaluation.probe_scores import Scored

__all__ = ["metrics_table", "validation_score"]

Ints = NDArray[np.int64]

_METHODS: dict[str, Callable[[Question], Iterator[Method]]] = {
    "sequence": rna_methods,
    "pair": rna_methods,
    "residue": residue_methods,
    "contact": contact_methods,
}


def metrics_table(
    asked: Question,
    learn: Ints,
    tuned: tuple[str, Sequence[Any], float],
    *,
    n_boot: int,
) -> pd.DataFrame:
    """Return one row per method.

    Parameters
    ----------
    asked
        What is learned from what.
    learn
        The RNAs that the fine-tuned model was trained on.
    tuned
        Its name, its predictions of the test RNAs, and its score on validation RNAs.
    n_boot
        Draws of groups behind the intervals.

    Returns
    -------
    DataFrame
        Indexed by ``method``, the fine-tuned model first: kind; n_train; scores on the test RNAs
        with ``_low`` and ``_high``; validation, the main score on the validation RNAs;
        ``difference`` with ``_low`` and ``_high``, the main score of the fine-tuned model minus
        that of the method.
    """
    name, told, validation = tuned
    test = asked.parts.test
    ours = _scored(asked, test, told, n_boot)
    rows = [
        {"method": name, "kind": TUNED, "n_train": len(learn)}
        | ours.row()
        | {"validation": validation}
    ]
    for method in _METHODS[asked.examples.task](asked):
        theirs = _scored(asked, test, method.tell(learn, test), n_boot)
        ahead = difference((name, ours), (method.name, theirs), main_score(asked.examples))
        row: dict[str, Any] = {"method": method.name, "kind": method.kind, "n_train": len(learn)}
        row |= theirs.row() | {"validation": _validation(asked, method)}
        row |= {
            "difference": ahead.value, "difference_low": ahead.low, "difference_high": ahead.high
        }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows).set_index("method")


def _validation(asked: Question, method: Method) -> float:
    """Return the score on validation RNAs of a method that was trained on training RNAs."""
    parts = asked.parts
    return validation_score(asked, method.tell(parts.train, parts.valid))


def validation_score(asked: Question, told: Sequence[Any]) -> float:
    """Return the main score of predictions of the validation RNAs."""
    found = _scored(asked, asked.parts.valid, told, n_boot=1)
    return found.values[main_score(asked.examples)]


def _scored(asked: Question, rows: Ints, told: Sequence[Any], n_boot: int) -> Scored:
    return scored(asked.examples, rows, told, asked.parts.groups, n_boot=n_boot, seed=asked.seed)
