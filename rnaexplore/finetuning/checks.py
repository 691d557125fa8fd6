"""What a run is of, completed by its examples and checked before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, nearest
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.models.finetuned.model import check_readable
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.finetuned.types import check_types
from rnaexplore.models.model import Model

__all__ = ["ClassWeights", "completed", "standardised", "weights_of"]

ClassWeights = Literal["balanced"] | Mapping[str, float]


def completed(base: Model, tuning: Tuning, examples: Examples, names: Sequence[str]) -> Tuning:
    """Return the tuning with what the examples say of it.

    Raises
    ------
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If the model cannot read one of the RNAs.
    InputError, CapabilityError
        If the settings do not fit the task or the model.
    """
    if tuning.task != "sequence" and (tuning.chunk or tuning.n_types):
        msg = f"chunk and types belong to the sequence task, not to {tuning.task!r}"
        raise InputError(msg)
    if tuning.n_types:
        check_types(base.spec, tuning.n_types)
    if tuning.head == "rinalmo-mrl" and examples.labels:
        msg = "head 'rinalmo-mrl' predicts one number; for classes take 'linear'"
        raise InputError(msg)
    widths = None
    for sequences in filter(None, (examples.sequences, examples.seconds)):
        check_readable(base, sequences, names, tuning)
    if examples.seconds is not None:
        n = base.spec.alphabet.n_residues
        widths = (max(map(n, examples.sequences)), max(map(n, examples.seconds)))
    return replace(tuning, labels=examples.labels, widths=widths)


def standardised(tuning: Tuning, examples: Examples, learn: NDArray[np.int64]) -> Tuning:
    """Return the tuning with mean and standard deviation of the numbers that are learned."""
    if tuning.labels or tuning.task == "contact":
        return tuning
    numbers = np.array([examples.targets[k] for k in learn], dtype=float)
    return replace(tuning, mean=float(numbers.mean()), std=float(numbers.std()) or 1.0)


def weights_of(given: ClassWeights | None, examples: Examples, parts: Parts) -> list[float] | None:
    """Return a weight for each class, in the order of the labels.

    Raises
    ------
    InputError
        If there are no classes, or they are not the ones that have weights.
    """
    if given is None:
        return None
    if not examples.labels:
        msg = "class_weights= belongs to classes; this target has none"
        raise InputError(msg)
    if isinstance(given, str):
        _check_word(given)
        codes = np.concatenate([np.atleast_1d(examples.targets[k]) for k in parts.train])
        counts = np.bincount(codes[codes >= 0], minlength=len(examples.labels))
        return [float(counts.sum() / (len(counts) * max(1, c))) for c in counts]
    unknown = sorted(set(given) - set(examples.labels))
    if unknown or len(given) != len(examples.labels):
        missing = sorted(set(examples.labels) - set(given))
        msg = (
            f"no class is named {unknown[0]!r}. {nearest(unknown[0], examples.labels)}"
            if unknown
            else f"class_weights has no {missing[0]!r}"
        )
        raise InputError(msg)
    return [float(given[label]) for label in examples.labels]


def _check_word(given: str) -> None:
    if given != "balanced":
        msg = f"class_weights must be 'balanced' or a number for each class, got {given!r}"
        raise InputError(msg)
