"""What the page of a studio answers with in place of Python: structures for many settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

from rnaexplore.structure import Decoder
from rnaexplore.widgets._html import plain
from rnaexplore.widgets._studio_results import Settings

__all__ = ["STEPS", "answers"]

STEPS = tuple(k / 20 for k in range(21))  #: thresholds, 0 to 1
MOST_CANDIDATES = 1500  #: pairs up to which matching is quick


def answers(
    result: Callable[[Settings], dict[str, Any]],
    settings: Settings,
    candidates: Callable[[float], int],
) -> dict[str, Any]:
    """Return the results for all decoders, thresholds and both kinds of pairs, each kept once.

    Parameters
    ----------
    result
        Returns what the views draw for some settings.
    settings
        Those of now: their `min_loop` is that of all.
    candidates
        Returns how many pairs reach a threshold. Matching is left out above 1,500 of them, for it
        would take long; the page then says so.
    """
    kept: dict[str, int] = {}
    where: dict[str, int] = {}
    for threshold in STEPS:
        for decoder in get_args(Decoder):
            if decoder == "matching" and candidates(threshold) > MOST_CANDIDATES:
                continue
            for canonical in (False, True):
                chosen = replace(
                    settings, decoder=decoder, threshold=threshold, canonical=canonical
                )
                text = json.dumps(plain(result(chosen)), sort_keys=True)
                key = f"{decoder} {threshold:.2f} {str(canonical).lower()}"
                where[key] = kept.setdefault(text, len(kept))
    return {"where": where, "results": [json.loads(text) for text in kept]}
