"""The scores of a variant, from the divergence at every position."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLANK", "at_site", "distances", "divergence", "in_context"]

Values = NDArray[np.float64]

FLANK = 100  #: bases on each side that KL-context looks at
FLOOR = 1e-6  #: smallest divergence in a logarithm
SITES = ("donor", "acceptor")


def divergence(reference: NDArray[np.float32], alternative: NDArray[np.float32]) -> Values:
    """Return the divergence of A C G U at every position, nats, shape (L,).

    Parameters
    ----------
    reference, alternative
        Logits of A C G U, shape (L, 4).
    """
    log_ref, log_alt = _log_softmax(reference), _log_softmax(alternative)
    result: Values = (np.exp(log_alt) * (log_alt - log_ref)).sum(-1)
    return result


def _log_softmax(logits: NDArray[np.float32]) -> Values:
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    result: Values = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


def at_site(kl: Values, near: Mapping[str, int]) -> dict[str, float]:
    """Return SS-KL and its parts; `near` holds the first base of the nearest site of each kind."""
    parts = {
        f"{kind}_kl": float(kl[near[kind] : near[kind] + 2].mean()) if kind in near else np.nan
        for kind in SITES
    }
    known = [value for value in parts.values() if not np.isnan(value)]
    return parts | {"ss_kl": float(sum(known)) if known else np.nan}


def in_context(kl: Values, at: int) -> float:
    """Return KL-context of a variant, NaN if it lies too close to an end."""
    if at < FLANK or at + FLANK >= len(kl):
        return float("nan")
    upstream, downstream = kl[at - FLANK : at][::-1], kl[at + 1 : at + FLANK + 1]
    return float(np.log(np.maximum((upstream + downstream) / 2, FLOOR)).sum())


def distances(at: int, near: Mapping[str, int]) -> dict[str, float]:
    """Return the bases between a variant and the nearest dinucleotide, 0 within it."""
    gaps = [max(first - at, at - first - 1, 0) for first in near.values()]
    return {"distance": float(min(gaps)) if gaps else np.nan}
