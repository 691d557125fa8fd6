"""State: the scores shown, the mutation chosen, and what it does to the contact map."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import traitlets

from rnaexplore.errors import RnaExploreError
from rnaexplore.maps import ContactMap
from rnaexplore.widgets.core.codec import float32_bytes
from rnaexplore.widgets.core.messages import note

__all__ = ["Mutation", "MutationState", "Predict", "effect_of", "parse"]

Predict = Callable[[str], ContactMap]

GAP = "-"
_PATTERN = re.compile(r"([ACGU])([1-9]\d*)([ACGU-])")
DELETED = "A deletion shifts the residues behind it, so two contact maps cannot be laid together."


class Mutation(NamedTuple):
    """A substitution or a deletion."""

    position: int  #: 0-based
    reference: str
    alternative: str  #: ``"-"`` for a deletion

    def __str__(self) -> str:
        return f"{self.reference}{self.position + 1}{self.alternative}"


def parse(text: str, sequence: str) -> Mutation:
    """Return the mutation that ``G5A`` stands for: reference, 1-based position, alternative.

    Raises
    ------
    TraitError
        If it is not written so, or the RNA has another residue there.
    """
    found = _PATTERN.fullmatch(text)
    if found is None:
        msg = f"a mutation is written as G5A (or G5- for a deletion), got {text!r}"
        raise traitlets.TraitError(msg)
    reference, position, alternative = found[1], int(found[2]) - 1, found[3]
    if position >= len(sequence) or sequence[position] != reference:
        there = sequence[position] if position < len(sequence) else "nothing"
        msg = f"{text!r} does not fit: the RNA has {there} at {position + 1}"
        raise traitlets.TraitError(msg)
    if alternative == reference:
        msg = f"{text!r} changes nothing"
        raise traitlets.TraitError(msg)
    return Mutation(position, reference, alternative)


def effect_of(mutation: Mutation, sequence: str, predict: Predict) -> dict[str, Any]:
    """Return the contact map before and after a mutation, or why there is none."""
    if mutation.alternative == GAP:
        return {"mutation": str(mutation), "message": DELETED}
    i, _, letter = mutation
    try:
        before = predict(sequence)
        after = predict(sequence[:i] + letter + sequence[i + 1 :])
    except (RnaExploreError, MemoryError) as error:
        return {"mutation": str(mutation), "message": note(error)}
    return {
        "mutation": str(mutation),
        "position": i,
        "n": len(sequence),
        "residues": list(sequence),
        "before": float32_bytes(before.values),
        "after": float32_bytes(after.values),
        "what": before.kind,
        "source": f"{before.model} · {before.method}",
    }


class MutationState(traitlets.HasTraits):
    """A mutation map and the mutation looked at.

    Attributes
    ----------
    mutation : str
        The mutation looked at, for example ``"G5A"`` (1-based) or ``"G5-"``; empty if none is.
    """

    mutation = traitlets.Unicode("").tag(sync=True)
    _scores = traitlets.Dict().tag(sync=True)
    _effect = traitlets.Dict().tag(sync=True)
    _effects = traitlets.Dict().tag(sync=True)
    _live = traitlets.Bool(True).tag(sync=True)  # noqa: FBT003 - a trait's default

    _sequence = ""
    _predict: Predict | None = None

    @traitlets.validate("mutation")
    def _mutation_fits(self, proposal: Any) -> str:
        text = str(proposal["value"])
        if text:
            parse(text, self._sequence)
        return text

    @traitlets.observe("mutation")
    def _look_at_effect(self, change: Any) -> None:
        self._effect = self._effect_of(change["new"])

    def _effect_of(self, text: str) -> dict[str, Any]:
        if not text or self._predict is None:
            return {}
        return effect_of(parse(text, self._sequence), self._sequence, self._predict)
