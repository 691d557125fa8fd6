"""State: the contact map shown and the threshold above which a contact is called a pair."""

from __future__ import annotations

from typing import Any

import traitlets

__all__ = ["ContactState"]


class ContactState(traitlets.HasTraits):
    """A contact map and its threshold.

    Attributes
    ----------
    threshold : float
        0 to 1; contacts at least that probable are called pairs.
    """

    threshold = traitlets.Float(0.5).tag(sync=True)
    _contacts = traitlets.Dict().tag(sync=True)

    @traitlets.validate("threshold")
    def _threshold_is_probability(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not 0 <= value <= 1:
            msg = f"threshold must be in [0, 1], got {value}"
            raise traitlets.TraitError(msg)
        return value
