"""What makes a fine-tuned model of a language model: task, head, labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rnaexplore.models.spec import Capability, ModelSpec, Weights

__all__ = ["ADAPTER", "Method", "Task", "Tuning", "base_of", "tuned_spec", "tuning_of"]

Task = Literal["sequence", "residue", "contact", "pair"]
Method = Literal["lora", "full", "frozen"]

ADAPTER = "rnaexplore.models.finetuned.adapter:TunedAdapter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How a language model was fine-tuned, as far as running it goes.

    Parameters
    ----------
    task
        ``"sequence"`` (a class or number of each RNA), ``"residue"`` (a class of each residue),
        ``"contact"`` (pairs of residues) or ``"pair"`` (a class or number of two RNAs).
    head
        Name of the head's design (`rnaexplore.models.finetuned.heads`).
    target
        What is predicted.
    labels
        Classes; none for numbers and contacts.
    method
        ``"lora"``, ``"full"`` or ``"frozen"``: which weights of the language model moved.
    chunk
        Residues a chunk: longer RNAs are read in chunks whose logits are averaged.
    max_chunks
        Chunks of one RNA that are read, from the 5' end; all if ``None``.
    n_types
        Types of RNA that are guessed and appended in turn; 0 for none.
    mean, std
        Of the numbers trained on.
    threshold
        Least probability of a pair of residues.
    widths
        Longest first and second RNA of a pair, for heads that need fixed widths.
    """

    task: Task
    head: str
    target: str
    labels: tuple[str, ...] = ()
    method: Method = "lora"
    chunk: int | None = None
    max_chunks: int | None = None
    n_types: int = 0
    mean: float = 0.0
    std: float = 1.0
    threshold: float = 0.5
    widths: tuple[int, int] | None = None

    @property
    def n_outputs(self) -> int:
        """Numbers that the head returns for each RNA, residue or pair."""
        return max(1, len(self.labels))


def tuned_spec(base: ModelSpec, tuning: Tuning, *, name: str) -> ModelSpec:
    """Return the facts of a fine-tuned model.

    Parameters
    ----------
    base
        The language model, without heads of its own.
    tuning
        How it was fine-tuned.
    name
        Name of the new model.
    """
    can: set[Capability] = {"embed", "attention"}
    if tuning.method == "frozen":  # a language head fits the states that it was trained on
        can.add("logits")
    can &= base.can
    task: dict[str, Capability] = {"sequence": "predict", "contact": "contacts"}
    if tuning.task in task:
        can.add(task[tuning.task])
    return replace(
        base,
        name=name,
        family=f"{base.family}, fine-tuned",
        adapter=ADAPTER,
        can=frozenset(can),
        config={"base": base, "tuning": tuning},
        outputs=tuning.labels or (tuning.target,),
        trained_on=f"{base.trained_on}; then {tuning.target!r} ({tuning.task} task)",
        weights=Weights(file="model.safetensors", licence=base.weights.licence),
    )


def base_of(spec: ModelSpec) -> ModelSpec:
    """Return the facts of the language model below a fine-tuned one."""
    base: ModelSpec = spec.config["base"]
    return base


def tuning_of(spec: ModelSpec) -> Tuning:
    """Return how a model was fine-tuned."""
    tuning: Tuning = spec.config["tuning"]
    return tuning
