"""State: the contact map shown, and from which value or rank on pairs are taken from it."""

from __future__ import annotations

from typing import Any

import traitlets

from rnaexplore.structure import DEFAULT

__all__ = ["MOST_PAIRS_PER_RESIDUE", "ContactState", "checked_rank"]

MOST_PAIRS_PER_RESIDUE = 2.0  #: end of the slider


class ContactState(traitlets.HasTraits):
    """A contact map, how it is made, and which of its pairs make a structure.

    Pairs are taken as `rnaexplore.maps.ContactMap.decode` takes them with the decoder and the
    other settings of `rnaexplore.structure.DEFAULT`.

    Attributes
    ----------
    method : str
        How contact maps are made, one of those that the model can be asked with: ``"regression"``,
        ``"heads"``, ``"jacobian"``, ``"dependency"``, ``"ViennaRNA"``.
    threshold : float
        0 to 1; in maps of probabilities, pairs less probable are not considered.
    pairs_per_residue : float
        Above 0, to 2; in maps of scores, so many of the best pairs, times the length, are
        considered.
    """

    threshold = traitlets.Float(DEFAULT.threshold).tag(sync=True)
    pairs_per_residue = traitlets.Float(DEFAULT.pairs_per_residue).tag(sync=True)
    method = traitlets.Unicode("").tag(sync=True)
    _methods = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _contacts = traitlets.Dict().tag(sync=True)

    @traitlets.validate("method")
    def _method_exists(self, proposal: Any) -> str:
        value: str = proposal["value"]
        if self._methods and value not in self._methods:
            msg = f"method must be one of {', '.join(map(repr, self._methods))}, got {value!r}"
            raise traitlets.TraitError(msg)
        return value

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


def checked_rank(value: float) -> float:
    """Return a number of pairs per residue.

    Raises
    ------
    TraitError
        If it is out of range.
    """
    if not 0 < value <= MOST_PAIRS_PER_RESIDUE:
        msg = f"pairs_per_residue must be above 0, to {MOST_PAIRS_PER_RESIDUE:g}, got {value}"
        raise traitlets.TraitError(msg)
    return value
