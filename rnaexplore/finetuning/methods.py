"""A method that is scored beside a fine-tuned model, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.model import Model

__all__ = ["Kind", "Method", "Question"]

Ints = NDArray[np.int64]
Kind = Literal["probe", "baseline", "null"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is learned from what: the same for all methods.

    Attributes
    ----------
    model
        The language model before fine-tuning.
    examples, parts
        RNAs with targets, and which are which.
    tuning
        Task and head of the fine-tuned model.
    seed
        Seed of everything that is drawn.
    class_weight
        Weight of each class in the loss, by its code; equal if ``None``.
    """

    model: Model
    examples: Examples
    parts: Parts
    tuning: Tuning
    seed: int
    class_weight: dict[int, float] | None = None

    @property
    def used(self) -> Ints:
        """Examples that are in a part."""
        return np.flatnonzero(self.parts.names() != "")


@dataclass(frozen=True, slots=True)
class Method:
    """A probe of the frozen model, a baseline that needs no model, or a null.

    Attributes
    ----------
    name, kind
        What it is called in tables, and what it stands for.
    tell
        Learns from some examples and predicts the targets of others, spelled as
        `rnaexplore.finetuning.predictions.tell` spells them.
    """

    name: str
    kind: Kind
    tell: Callable[[Ints, Ints], list[Any]]
