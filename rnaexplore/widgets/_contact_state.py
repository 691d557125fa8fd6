"""State: the contact map shown and the threshold above which a contact is called a pair."""

from __future__ import annotations

from typing import Any

import traitlets

__all__ = ["ContactState"]


class ContactState(traitlets.HasTraits):
    """A contact map, how it is made, and its threshold.

    Attributes
    ----------
    method : str
        How contact maps are made, one of those that the model can be asked with: ``"regression"``,
        ``"heads"``, ``"jacobian"``, ``"dependency"``, ``"ViennaRNA"``.
    threshold : float
        0 to 1; contacts at least that probable are called pairs.
    """

    threshold = traitlets.Float(0.5).tag(sync=True)
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
