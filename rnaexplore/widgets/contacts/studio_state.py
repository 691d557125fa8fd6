"""State of the contact studio: which maps, how they become structures, what is lit up."""

from __future__ import annotations

from typing import Any, get_args

import traitlets

from rnaexplore.structure import DEFAULT, Decoder
from rnaexplore.widgets.contacts.contact_state import checked_rank

__all__ = ["NOTHING", "REFERENCE", "StudioState"]

REFERENCE, NOTHING = "reference", "nothing"


class StudioState(traitlets.HasTraits):
    """What a studio shows.

    Attributes
    ----------
    shown : str
        Map in the upper triangle, one of `maps`.
    against : str
        What the lower triangle shows: ``"reference"``, another of `maps`, or ``"nothing"``.
    decoder : str
        How maps become structures: see `rnaexplore.maps.ContactMap.decode`. At first this and
        the settings below are those of `rnaexplore.structure.DEFAULT`.
    threshold : float
        0 to 1; pairs less probable are not considered in maps of probabilities.
    pairs_per_residue : float
        Above 0, to 2; so many of the best pairs, times the length, are considered in maps of
        scores.
    min_loop : int
        Fewest residues between the partners of a pair, 0 to 30.
    canonical : bool
        Whether only AU, GC and GU pairs are considered.
    helix : list of [int, int]
        Pairs that are lit up in every view, 0-based.
    """

    shown = traitlets.Unicode("").tag(sync=True)
    against = traitlets.Unicode(NOTHING).tag(sync=True)
    decoder = traitlets.Enum(get_args(Decoder), DEFAULT.decoder).tag(sync=True)
    threshold = traitlets.Float(DEFAULT.threshold).tag(sync=True)
    pairs_per_residue = traitlets.Float(DEFAULT.pairs_per_residue).tag(sync=True)
    min_loop = traitlets.Int(DEFAULT.min_loop).tag(sync=True)
    canonical = traitlets.Bool(DEFAULT.canonical).tag(sync=True)
    helix: traitlets.List[list[int]] = traitlets.List(traitlets.List(traitlets.Int())).tag(
        sync=True
    )
    _decoders = traitlets.List(traitlets.Unicode(), list(get_args(Decoder))).tag(sync=True)
    _step = traitlets.Float(0.01).tag(sync=True)
    _dials = traitlets.List(traitlets.Unicode(), ["threshold"]).tag(sync=True)
    _shown_choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _against_choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _rna = traitlets.Dict().tag(sync=True)
    _upper = traitlets.Dict().tag(sync=True)
    _lower = traitlets.Dict().tag(sync=True)
    _result = traitlets.Dict().tag(sync=True)

    @traitlets.validate("shown")
    def _shown_exists(self, proposal: Any) -> str:
        return _among("shown", proposal["value"], self._shown_choices)

    @traitlets.validate("against")
    def _against_exists(self, proposal: Any) -> str:
        return _among("against", proposal["value"], self._against_choices)

    @traitlets.validate("threshold")
    def _threshold_is_probability(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not 0 <= value <= 1:
            msg = f"threshold must be in [0, 1], got {value}"
            raise traitlets.TraitError(msg)
        return value

    @traitlets.validate("pairs_per_residue")
    def _rank_is_in_range(self, proposal: Any) -> float:
        return checked_rank(float(proposal["value"]))

    @traitlets.validate("min_loop")
    def _min_loop_is_short(self, proposal: Any) -> int:
        value = int(proposal["value"])
        if not 0 <= value <= LARGEST_MIN_LOOP:
            msg = f"min_loop must be in [0, {LARGEST_MIN_LOOP}], got {value}"
            raise traitlets.TraitError(msg)
        return value

    @traitlets.validate("helix")
    def _helix_lies_within(self, proposal: Any) -> list[list[int]]:
        n = len(self._rna.get("sequence") or "")
        value: list[list[int]] = proposal["value"]
        for pair in value:
            if len(pair) != 2 or not 0 <= min(pair) < max(pair) < n:  # noqa: PLR2004
                msg = f"helix must hold pairs of positions 0 to {n - 1}, got {pair}"
                raise traitlets.TraitError(msg)
        return [sorted(pair) for pair in value]


LARGEST_MIN_LOOP = 30


def _among(what: str, value: str, known: list[str]) -> str:
    if known and value not in known:
        msg = f"{what} must be one of {', '.join(map(repr, known))}, got {value!r}"
        raise traitlets.TraitError(msg)
    return value
