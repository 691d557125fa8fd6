"""What thermodynamics says of variants (ViennaRNA): energies, and how base pairs change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.mutational_scans.store import Kept

__all__ = ["energy_changes", "pair_change", "vienna_version"]

Array = NDArray[np.float64]
Places = NDArray[np.int64]
PART = 256  #: variants in a part


def vienna_version() -> str:
    """Return the version of ViennaRNA, empty if it is not installed."""
    try:
        import RNA  # noqa: F401

        return version("ViennaRNA")
    except (ImportError, PackageNotFoundError):
        return ""


def energy_changes(
    wild_type: str, variants: Sequence[str], kept: Kept, advance: Callable[[int], object]
) -> dict[str, tuple[float, float]]:
    """Return the change of energy and of pairs of each distinct variant.

    Parameters
    ----------
    wild_type, variants
        Sequences.
    kept
        Where parts are kept.
    advance
        Called with the number of variants whenever some are done.

    Returns
    -------
    dict of str to (float, float)
        Minimum free energy minus that of the wild type, kcal/mol; and `pair_change`.
    """
    energy, pairs = _folded(wild_type)
    found: dict[str, tuple[float, float]] = {}
    ordered = sorted(variants)
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        compute = partial(_changes, wild_type, energy, pairs, part)
        rows = kept.rows("energies", part, compute)
        found |= {variant: (row[0], row[1]) for variant, row in zip(part, rows, strict=True)}
        advance(len(part))
    return found


def _changes(wild_type: str, energy: float, pairs: Array, part: Sequence[str]) -> list[list[float]]:
    rows = []
    for variant in part:
        own, probabilities = _folded(variant)
        change = pair_change(pairs, probabilities, *aligned(wild_type, variant))
        rows.append([round(own - energy, 2), change])
    return rows


def _folded(sequence: str) -> tuple[float, Array]:
    """Return the minimum free energy, kcal/mol, and the probabilities of pairs i < j."""
    import RNA

    fold = RNA.fold_compound(sequence)
    energy = float(fold.mfe()[1])
    fold.exp_params_rescale(energy)
    fold.pf()
    return energy, np.triu(np.array(fold.bpp(), dtype=np.float64)[1:, 1:], 1)


def aligned(wild_type: str, variant: str) -> tuple[Places, Places]:
    """Return the positions of two sequences that correspond: all, or those of an alignment."""
    if len(wild_type) == len(variant):
        same = np.arange(len(variant))
        return same, same
    from rapidfuzz.distance import Levenshtein

    steps = [s for s in Levenshtein.opcodes(wild_type, variant) if s.tag in {"equal", "replace"}]
    left = [np.arange(s.src_start, s.src_end) for s in steps]
    right = [np.arange(s.dest_start, s.dest_end) for s in steps]
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *left]), np.concatenate([none, *right])


def pair_change(before: Array, after: Array, left: Places, right: Places) -> float:
    """Return how many base pairs are expected to differ: the sum of absolute differences.

    Parameters
    ----------
    before, after
        Probabilities of pairs i < j, shapes (L, L) and (K, K).
    left, right
        Positions of the first and the second that correspond. Pairs of others count in full.
    """
    common, moved = before[np.ix_(left, left)], after[np.ix_(right, right)]
    differing = np.abs(common - moved).sum()
    return float(differing + (before.sum() - common.sum()) + (after.sum() - moved.sum()))
