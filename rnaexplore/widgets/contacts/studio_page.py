"""What the page of a studio answers with in place of Python: structures for many settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any, get_args

from rnaexplore.structure import Decoder
from rnaexplore.widgets.contacts.studio_results import Settings
from rnaexplore.widgets.page.html import plain

__all__ = ["STEP", "STEPS", "answers"]

STEP = 0.05  #: of the slider that a page has
#: of each threshold: where the slider can stand
STEPS = {
    "threshold": tuple(k / 20 for k in range(21)),
    "pairs_per_residue": tuple(k / 20 for k in range(1, 41)),
}
MOST_CANDIDATES = 1500  #: pairs up to which matching is quick


def answers(
    result: Callable[[Settings], dict[str, Any]],
    settings: Settings,
    candidates: Callable[[Settings], int],
    dial: str,
) -> dict[str, Any]:
    """Return the results for all decoders, thresholds and both kinds of pairs, each kept once.

    Parameters
    ----------
    result
        Returns what the views draw for some settings.
    settings
        Those of now: what does not move in a page is that of all.
    candidates
        Returns how many pairs are considered. Matching is left out above 1,500 of them, for it
        would take long; the page then says so.
    dial
        Which threshold moves: ``"threshold"`` or ``"pairs_per_residue"``.
    """
    kept: dict[str, int] = {}
    where: dict[str, int] = {}
    for value, decoder in product(STEPS[dial], get_args(Decoder)):
        moved: dict[str, Any] = {"decoder": decoder, dial: value}
        chosen = replace(settings, **moved)
        if decoder == "matching" and candidates(chosen) > MOST_CANDIDATES:
            continue
        for canonical in (False, True):
            text = json.dumps(plain(result(replace(chosen, canonical=canonical))), sort_keys=True)
            key = f"{decoder} {value:.2f} {str(canonical).lower()}"
            where[key] = kept.setdefault(text, len(kept))
    return {"where": where, "results": [json.loads(text) for text in kept]}
