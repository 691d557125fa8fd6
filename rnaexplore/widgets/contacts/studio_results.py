"""From two maps and the settings of a studio to what its views draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.maps import ContactMap
from rnaexplore.structure import Decoder, Structure, radial_layout, score
from rnaexplore.widgets.core.codec import float32_bytes, quantise

__all__ = ["Settings", "comparisons", "decoded", "map_payload", "structure_payload"]

LAYOUTS_KEPT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a map becomes a structure."""

    decoder: Decoder
    threshold: float
    pairs_per_residue: float
    min_loop: int
    canonical: bool


def decoded(contacts: ContactMap, settings: Settings) -> Structure:
    """Return the structure of a map; probabilities are cut by value, scores by rank."""
    is_score = contacts.kind == "score"
    return contacts.decode(
        settings.decoder,
        threshold=None if is_score else settings.threshold,
        pairs_per_residue=settings.pairs_per_residue if is_score else None,
        canonical=settings.canonical,
        min_loop=settings.min_loop,
    )


def map_payload(label: str, contacts: ContactMap) -> dict[str, Any]:
    """Return a map for the view, 8 bits per value on a square-root scale of 1."""
    levels = quantise(contacts.values, 1.0)
    return {
        "label": label,
        "n": len(levels),
        "what": contacts.kind,
        "levels": levels.tobytes(),
        "caution": contacts.caution,
    }


def structure_payload(structure: Structure, contacts: ContactMap | None) -> dict[str, Any]:
    """Return a structure for the view: its pairs with their values, and where to draw it."""
    pairs = structure.pairs
    values = np.ones(len(pairs)) if contacts is None else _at(contacts, pairs)
    rows = zip(pairs.tolist(), values.tolist(), strict=True)
    return {
        "dots": structure.dot_bracket,
        "pairs": [[i, j, round(value, 6)] for (i, j), value in rows],
        "places": float32_bytes(_places(structure)),
    }


def comparisons(
    labels: tuple[str, str],
    upper: Structure,
    lower: Structure | None,
    reference: Structure | None,
) -> list[dict[str, Any]]:
    """Return the rows of the table of scores: each map with the reference, both with each other."""
    rows = []
    for label, structure in zip(labels, (upper, lower), strict=True):
        if reference is not None and structure is not None:
            rows += _rows(f"{label} with the reference", structure, reference)
    if lower is not None:
        rows += _rows(f"{labels[0]} with {labels[1]}", upper, lower)
    return rows


def _rows(label: str, predicted: Structure, known: Structure) -> list[dict[str, Any]]:
    found = score(predicted, known)
    names = ("precision", "recall", "f1")
    return [
        {"of": label, "rule": "strict", "mcc": found["mcc"]} | {k: found[k] for k in names},
        {"of": label, "rule": "±1", "mcc": None} | {k: found[f"{k}_shifted"] for k in names},
    ]


def _at(contacts: ContactMap, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    values: NDArray[np.float32] = contacts.values[pairs[:, 0], pairs[:, 1]]
    return values


@lru_cache(maxsize=LAYOUTS_KEPT)
def _places(structure: Structure) -> NDArray[np.float64]:
    return radial_layout(structure.pairs, len(structure))
