"""From a map of pair probabilities, or of scores, to one structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.defaults import DEFAULT, Decoder
from rnaexplore.structure.structure import Structure

__all__ = [
    "CANONICAL",
    "MIN_LOOP",
    "Decoder",
    "candidates",
    "decode",
    "greedy",
    "matching",
    "mea",
    "mutual",
    "nussinov",
]

Floats = NDArray[np.floating]
Pairs = NDArray[np.int64]

CANONICAL = frozenset({"AU", "UA", "GC", "CG", "GU", "UG"})
MIN_LOOP = DEFAULT.min_loop  #: fewest unpaired residues in a hairpin loop


def decode(
    probabilities: Floats,
    sequence: str,
    *,
    method: Decoder = DEFAULT.decoder,
    threshold: float | None = None,
    pairs_per_residue: float | None = None,
    canonical: bool = DEFAULT.canonical,
    min_loop: int = DEFAULT.min_loop,
) -> Structure:
    """Return one structure for a map of pair probabilities or scores.

    Parameters
    ----------
    probabilities
        Shape (L, L), symmetric, 0 to 1; or scores, 0 or more, for which `pairs_per_residue` is
        the threshold to use.
    sequence
        The RNA, L nucleotides.
    method
        ``"mea"``, ``"nussinov"`` (both nested), ``"greedy"``, ``"matching"`` or ``"threshold"``
        (pseudoknots are possible): see the functions of these names.
    threshold
        Pairs less probable than that are not considered, 0 to 1.
    pairs_per_residue
        A threshold by rank in place of `threshold`: only the best ``pairs_per_residue * L`` pairs
        that the other settings allow are considered, above 0.
    canonical
        Whether to consider only AU, GC and GU pairs.
    min_loop
        Fewest residues between the partners of a pair, 0 or more.

    Notes
    -----
    Defaults, also the threshold if none is given, are those of `rnaexplore.structure.DEFAULT`.

    Raises
    ------
    InputError
        If the method is unknown, a threshold is out of range or both are given, `min_loop` is
        negative, or the map is not L x L.
    """
    decoders: dict[str, Callable[[Floats, Floats], Pairs]] = {
        "mea": mea,
        "nussinov": nussinov,
        "greedy": greedy,
        "matching": matching,
        "threshold": mutual,
    }
    if method not in decoders:
        msg = f"method must be one of {', '.join(get_args(Decoder))}, got {method!r}"
        raise InputError(msg)
    _check_settings(threshold, pairs_per_residue, min_loop)
    _check_shape(np.shape(probabilities), sequence)
    least = threshold
    if least is None:
        least = DEFAULT.threshold if pairs_per_residue is None else 0.0
    allowed = candidates(probabilities, threshold=least, min_loop=min_loop)
    if canonical:
        allowed = np.where(_canonical(sequence), allowed, 0.0)
    if pairs_per_residue is not None:
        allowed = _best(allowed, int(pairs_per_residue * len(sequence)))
    return Structure(sequence, decoders[method](allowed, probabilities))


def _check_settings(
    threshold: float | None, pairs_per_residue: float | None, min_loop: int
) -> None:
    if threshold is not None and pairs_per_residue is not None:
        msg = "threshold= and pairs_per_residue= are two ways to choose pairs; pass one of them"
        raise InputError(msg)
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold must be in 0 to 1, got {threshold}"
        raise InputError(msg)
    if pairs_per_residue is not None and not pairs_per_residue > 0:
        msg = f"pairs_per_residue must be above 0, got {pairs_per_residue}"
        raise InputError(msg)
    if min_loop < 0:
        msg = f"min_loop must be 0 or more, got {min_loop}"
        raise InputError(msg)


def _check_shape(shape: tuple[int, ...], sequence: str) -> None:
    if shape != (len(sequence),) * 2:
        msg = (
            f"the map has shape {shape}, the sequence {len(sequence)} "
            "nucleotides; a map in codons has no secondary structure"
        )
        raise InputError(msg)


def _best(allowed: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the `n` largest values, zero elsewhere; of equal ones the first in reading order."""
    rows, columns = np.nonzero(allowed)
    order = np.argsort(-allowed[rows, columns], kind="stable")[:n]
    kept = np.zeros_like(allowed)
    kept[rows[order], columns[order]] = allowed[rows[order], columns[order]]
    return kept


def candidates(
    probabilities: Floats, *, threshold: float, min_loop: int = MIN_LOOP
) -> NDArray[np.float64]:
    """Return the upper triangle of a map with everything that cannot be chosen set to 0.

    Parameters
    ----------
    probabilities
        Shape (L, L).
    threshold
        Smallest probability that is kept.
    min_loop
        Fewest residues between the partners of a pair.
    """
    upper = np.triu(np.asarray(probabilities, dtype=np.float64), min_loop + 1)
    return np.where(upper >= threshold, upper, 0.0)


def _canonical(sequence: str) -> NDArray[np.bool_]:
    letters = np.array(list(sequence.upper().replace("T", "U")))
    joined = np.char.add(letters[:, None], letters[None, :])
    return np.isin(joined, list(CANONICAL))


def mutual(allowed: Floats, _probabilities: Floats | None = None) -> Pairs:
    """Return every pair whose residues are each other's most probable partner.

    The decoding by a threshold alone: nothing is weighed against anything else.

    Parameters
    ----------
    allowed
        Shape (L, L): upper triangle of candidate probabilities, 0 where no pair may be.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        Pseudoknots are possible. Of equal probabilities the partner that comes first counts.
    """
    both = np.asarray(allowed) + np.asarray(allowed).T
    if not len(both):
        return np.empty((0, 2), dtype=np.int64)
    best = both.argmax(1)
    first = np.arange(len(both))
    chosen = (best[best] == first) & (first < best) & (both.max(1) > 0)
    return np.stack([first[chosen], best[chosen]], axis=1).astype(np.int64)


def greedy(allowed: Floats, _probabilities: Floats | None = None) -> Pairs:
    """Return the most probable pair, then the next whose residues are free, and so on.

    Parameters
    ----------
    allowed
        Shape (L, L): upper triangle of candidate probabilities, 0 where no pair may be.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        Pseudoknots are possible. Of equal probabilities the first in reading order wins.
    """
    rows, columns = np.nonzero(allowed)
    free = np.ones(len(allowed), dtype=bool)
    chosen = []
    for k in np.argsort(-allowed[rows, columns], kind="stable"):
        i, j = rows[k], columns[k]
        if free[i] and free[j]:
            free[[i, j]] = False
            chosen.append((i, j))
    return np.array(sorted(chosen), dtype=np.int64).reshape(-1, 2)


def matching(allowed: Floats, _probabilities: Floats | None = None) -> Pairs:
    """Return the pairs of largest summed probability, each residue in one at most.

    Maximum-weight matching (Edmonds 1965, through networkx); pseudoknots are possible.

    Parameters
    ----------
    allowed
        Shape (L, L): upper triangle of candidate probabilities, 0 where no pair may be.

    Returns
    -------
    ndarray of int64, shape (n, 2)
    """
    import networkx as nx

    rows, columns = np.nonzero(allowed)
    weighted = zip(rows.tolist(), columns.tolist(), allowed[rows, columns].tolist(), strict=True)
    graph = nx.Graph()
    graph.add_weighted_edges_from(weighted)
    pairs = sorted(tuple(sorted(pair)) for pair in nx.max_weight_matching(graph))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def mea(allowed: Floats, probabilities: Floats) -> Pairs:
    """Return the nested structure of maximum expected accuracy.

    The sum of 2 p(i, j) over its pairs and of the probability to be unpaired over all other
    residues is the largest possible (Do, Woods & Batzoglou 2006, doi:10.1093/bioinformatics/btl246,
    with gamma = 1), found by dynamic programming over intervals.

    Parameters
    ----------
    allowed
        Shape (L, L): upper triangle of candidate probabilities, 0 where no pair may be.
    probabilities
        Shape (L, L), symmetric: all probabilities, for those of being unpaired.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        Without pseudoknots.
    """
    unpaired = np.clip(1.0 - np.asarray(probabilities, dtype=np.float64).sum(1), 0.0, 1.0)
    best = _fill(allowed, unpaired)
    return _trace(best, allowed, unpaired)


def nussinov(allowed: Floats, _probabilities: Floats | None = None) -> Pairs:
    """Return the nested structure of largest summed probability.

    Nussinov & Jacobson 1980 (doi:10.1073/pnas.77.11.6309) with probabilities in place of ones.

    Parameters
    ----------
    allowed
        Shape (L, L): upper triangle of candidate probabilities, 0 where no pair may be.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        Without pseudoknots.
    """
    unpaired = np.zeros(len(allowed))
    return _trace(_fill(allowed, unpaired), allowed, unpaired)


def _fill(allowed: Floats, unpaired: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``best[i, j]``: the largest sum within residues i to j - 1."""
    n = len(unpaired)
    best = np.zeros((n + 2, n + 1))
    for i in range(n - 1, -1, -1):
        best[i, i + 1 :] = unpaired[i] + best[i + 1, i + 1 :]
        for k in np.flatnonzero(allowed[i]):
            pair = 2 * allowed[i, k] + best[i + 1, k]
            if pair <= best[i, k + 1]:  # then nothing that this pair is part of is better
                continue
            np.maximum(best[i, k + 1 :], pair + best[k + 1, k + 1 :], out=best[i, k + 1 :])
    return best


def _trace(best: NDArray[np.float64], allowed: Floats, unpaired: NDArray[np.float64]) -> Pairs:
    pairs: list[tuple[int, int]] = []
    intervals = [(0, len(unpaired))]
    while intervals:
        i, j = intervals.pop()
        while i < j and best[i, j] == unpaired[i] + best[i + 1, j]:
            i += 1
        if i >= j:
            continue
        partners = np.flatnonzero(allowed[i, :j])
        sums = 2 * allowed[i, partners] + best[i + 1, partners] + best[partners + 1, j]
        k = int(partners[np.argmax(sums)])
        pairs.append((i, k))
        intervals += [(i + 1, k), (k + 1, j)]
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
