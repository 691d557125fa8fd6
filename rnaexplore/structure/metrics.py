"""How well a structure or a map agrees with a reference, strictly and with pairs shifted by one."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.structure import Structure

__all__ = ["precision_at", "score"]

Pairs = NDArray[np.int64]


def score(predicted: Structure, reference: Structure) -> dict[str, float]:
    """Return how well a structure agrees with a reference.

    Parameters
    ----------
    predicted, reference
        Structures of equal length.

    Returns
    -------
    dict
        ``precision``, ``recall``, ``f1``, ``mcc`` with a pair correct if the reference has the
        same, and ``precision_shifted``, ``recall_shifted``, ``f1_shifted`` with a pair correct if
        the reference has it or one with one of the partners moved by one position. All in 0 to 1
        (``mcc``: -1 to 1); 0 where a quotient is undefined, 1 where both structures are empty.

    Raises
    ------
    InputError
        If the lengths differ.
    """
    if len(predicted) != len(reference):
        msg = (
            f"the predicted structure has {len(predicted)} residues, the reference {len(reference)}"
        )
        raise InputError(msg)
    strict = _agreement(predicted.pairs, reference.pairs, tolerance=0)
    shifted = _agreement(predicted.pairs, reference.pairs, tolerance=1)
    mcc = {"mcc": _mcc(predicted, reference)}
    return strict | mcc | {f"{name}_shifted": value for name, value in shifted.items()}


def _agreement(predicted: Pairs, reference: Pairs, *, tolerance: int) -> dict[str, float]:
    if not len(predicted) and not len(reference):
        return {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    near = np.abs(predicted[:, None] - reference[None]).sum(2) <= tolerance
    precision = _quotient(int(near.any(1).sum()), len(predicted))
    recall = _quotient(int(near.any(0).sum()), len(reference))
    f1 = _quotient(2 * precision * recall, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def _mcc(predicted: Structure, reference: Structure) -> float:
    """Matthews correlation over all pairs of residues."""
    n = len(predicted)
    found = {tuple(pair) for pair in predicted.pairs.tolist()}
    known = {tuple(pair) for pair in reference.pairs.tolist()}
    tp, fp, fn = len(found & known), len(found - known), len(known - found)
    tn = n * (n - 1) // 2 - tp - fp - fn
    if not found and not known:
        return 1.0
    return _quotient(tp * tn - fp * fn, sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def _quotient(above: float, below: float) -> float:
    return above / below if below else 0.0


def precision_at(
    probabilities: NDArray[np.floating], reference: Structure, n: int, *, min_separation: int = 4
) -> float:
    """Return the share of the reference's pairs among the `n` most probable ones.

    Parameters
    ----------
    probabilities
        Shape (L, L), symmetric; any score in which larger means more likely.
    reference
        The known structure.
    n
        How many of the highest scores are looked at: L, or the number of reference pairs.
    min_separation
        Smallest distance in sequence of the pairs that are ranked.

    Returns
    -------
    float
        0 to 1.
    """
    i, j = np.triu_indices(len(reference), min_separation)
    if not n or not len(i):
        return 0.0
    order = np.argsort(-np.asarray(probabilities)[i, j], kind="stable")[:n]
    known = {tuple(pair) for pair in reference.pairs.tolist()}
    hits = sum((int(a), int(b)) in known for a, b in zip(i[order], j[order], strict=True))
    return hits / len(order)
