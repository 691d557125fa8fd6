"""Known weaknesses of a model, told where a result cannot show them itself."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

from rnaexplore.errors import RnaExploreWarning

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["told_caution"]


def told_caution(model: Model) -> str:
    """Return what is known to be weak about a model's masked-language head, and warn of it.

    For tables and columns, which have no text of their own. Each caution is warned of once per
    session; it is in the result whenever there is one.
    """
    caution = model.spec.caution("logits")
    if caution:
        _warn(caution)
    return caution


@cache
def _warn(caution: str) -> None:
    warnings.warn(caution, RnaExploreWarning, stacklevel=4)
