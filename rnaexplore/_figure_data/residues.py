"""Numbers and letters of residues along an axis."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["numbered", "residue_names"]

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
_MOST_TICKS = 8


def numbered(n: int) -> list[int]:
    """Return positions of the first and of every round residue, few enough to be read."""
    step = next((s for s in _STEPS if n / s <= _MOST_TICKS), _STEPS[-1])
    round_ones = list(range(step - 1, n, step))
    return round_ones if step == 1 else [0, *round_ones]


def residue_names(labels: Sequence[str]) -> list[str]:
    """Return each residue by letter (or codon) and number from 1, such as ``G18``."""
    return [f"{label}{k}" for k, label in enumerate(labels, start=1)]
