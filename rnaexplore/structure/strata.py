"""Kinds of RNAs that structure prediction is easier or harder on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.decoding import CANONICAL
from rnaexplore.structure.structure import Structure

__all__ = [
    "LENGTHS",
    "hairpin_count",
    "is_branched",
    "length_bin",
    "noncanonical_pairs",
    "strata",
    "without_noncanonical",
]

Bools = NDArray[np.bool_]

LENGTHS = (50, 100, 200, 400)  #: residues at which a bin of lengths begins


def hairpin_count(structure: Structure) -> int:
    """Return the number of hairpin loops: nested pairs that enclose no other nested pair.

    Pairs of pseudoknots (order 1 and above) are left out.
    """
    nested = structure.pairs[structure.orders == 0]
    inner = nested[1:]  # sorted by the first residue: what a pair encloses follows it directly
    encloses = (inner[:, 0] < nested[:-1, 1]) if len(inner) else np.zeros(0, dtype=np.bool_)
    return len(nested) - int(encloses.sum())


def is_branched(structure: Structure) -> bool:
    """Return whether a structure has two hairpin loops or more.

    Every structure with a multibranch loop has, and so have those of two stems side by side.
    """
    return hairpin_count(structure) > 1


def noncanonical_pairs(structure: Structure) -> Bools:
    """Return for each pair whether it is none of AU, GC and GU, shape (n,)."""
    letters = structure.sequence.upper().replace("T", "U")
    return np.array(
        [letters[i] + letters[j] not in CANONICAL for i, j in structure.pairs], dtype=np.bool_
    )


def without_noncanonical(predicted: Structure, reference: Structure) -> tuple[Structure, Structure]:
    """Return both structures without the reference's pairs other than AU, GC and GU.

    A predicted pair that is one of them then counts neither as right nor as wrong; other
    predicted pairs stay.
    """
    strange = noncanonical_pairs(reference)
    left_out = {(int(i), int(j)) for i, j in reference.pairs[strange]}
    kept = [pair for pair in predicted.pairs.tolist() if tuple(pair) not in left_out]
    return (
        Structure(predicted.sequence, np.array(kept, dtype=np.int64).reshape(-1, 2)),
        Structure(reference.sequence, reference.pairs[~strange]),
    )


def length_bin(n: int) -> str:
    """Return the bin of a length in residues, for example ``"50 to 99"``."""
    k = int(np.searchsorted(LENGTHS, n, side="right"))
    if k == 0:
        return f"below {LENGTHS[0]}"
    if k == len(LENGTHS):
        return f"{LENGTHS[-1]} and more"
    return f"{LENGTHS[k - 1]} to {LENGTHS[k] - 1}"


def strata(references: Sequence[Structure], seen: Sequence[bool] | None = None) -> dict[str, Bools]:
    """Return which RNAs are of each kind, as boolean masks of shape (n,).

    Parameters
    ----------
    references
        Known structures.
    seen
        For each RNA whether it or a relative was in training, if that is known.

    Returns
    -------
    dict
        Hairpins and branched RNAs, bins of length, with and without pseudoknots, with and without
        pairs other than AU, GC and GU, with and without relatives in training. Kinds of which
        there is no RNA are left out.

    Raises
    ------
    InputError
        If `seen` has another length.
    """
    if seen is not None and len(seen) != len(references):
        msg = f"seen has {len(seen)} values, but there are {len(references)} RNAs"
        raise InputError(msg)
    facts = {
        "shape": ["branched" if is_branched(s) else "hairpins" for s in references],
        "length": [length_bin(len(s)) for s in references],
        "pseudoknots": ["yes" if s.orders.any() else "no" for s in references],
        "non-canonical pairs": ["yes" if noncanonical_pairs(s).any() else "no" for s in references],
    }
    order = {
        "shape": ["hairpins", "branched"],
        "length": [length_bin(n) for n in (0, *LENGTHS)],
        "pseudoknots": ["no", "yes"],
        "non-canonical pairs": ["no", "yes"],
    }
    if seen is not None:
        facts["relatives in training"] = ["yes" if value else "no" for value in seen]
        order["relatives in training"] = ["no", "yes"]
    masks = {
        f"{fact}: {value}": np.array([found == value for found in facts[fact]], dtype=np.bool_)
        for fact, values in order.items()
        for value in values
    }
    return {name: mask for name, mask in masks.items() if mask.any()}
