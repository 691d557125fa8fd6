"""Probes of single residues: columns of each residue of an RNA, and classes of some of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.models.model import Model
from rnaexplore.tl.evaluation.linear import Features, LinearProbe, fit_linear

__all__ = ["AROUND", "around", "fit_residues", "known_residues", "states_of"]

Ints = NDArray[np.int64]
Array = NDArray[np.float32]

AROUND = 10  #: residues on either side in the one-hot baseline
MOST = 10_000  #: residues that train a probe


def states_of(model: Model, examples: Examples, rows: Ints) -> dict[int, Array]:
    """Return the last hidden states of some RNAs, (L, dim) each."""
    found = model.stream_hidden_states([examples.sequences[k] for k in rows])
    return {int(rows[k]): states[0] for k, states in found}


def around(sequence: str) -> Array:
    """Return the letters around each residue as 0 and 1, (L, 21 * 4); zeros beyond the ends."""
    codes = np.array([NUCLEOTIDES.find(c) for c in normalise(sequence)])
    wide = np.pad(codes, AROUND, constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * AROUND + 1)
    hot: NDArray[np.bool_] = windows[..., None] == np.arange(len(NUCLEOTIDES))
    return hot.reshape(len(codes), -1).astype(np.float32)


def known_residues(examples: Examples, rows: Ints, seed: int) -> tuple[Ints, Ints, Ints]:
    """Return RNA, place and class of residues whose class is known, 10,000 if there are more."""
    lengths = [len(examples.targets[k]) for k in rows]
    owners = np.repeat(rows, lengths)
    places = np.concatenate([np.arange(n) for n in lengths])
    classes = np.concatenate([examples.targets[k] for k in rows])
    known = np.flatnonzero(classes != IGNORED)
    chosen = np.sort(np.random.default_rng(seed).permutation(known)[:MOST])
    return owners[chosen], places[chosen], classes[chosen]


def fit_residues(
    columns: Mapping[int, Array],
    known: tuple[Ints, Ints, Ints],
    groups: Ints,
    *,
    is_whole: bool,
    seed: int,
    class_weight: dict[int, float] | None,
) -> LinearProbe:
    """Return a logistic regression on residues, groups of RNAs held out to choose its strength.

    Parameters
    ----------
    columns
        Of each residue of an RNA, (L, columns), by RNA.
    known
        From `known_residues`.
    groups
        Group of each RNA.
    is_whole
        Whether all columns share one scale.
    seed, class_weight
        As for `rnaexplore.tl.evaluation.linear.fit_linear`.
    """
    owners, places, classes = known
    values = np.empty((len(owners), next(iter(columns.values())).shape[1]), dtype=np.float32)
    for k in np.unique(owners):
        values[owners == k] = columns[int(k)][places[owners == k]]
    features = Features.whole(values) if is_whole else Features(values)
    return fit_linear(
        features, classes, groups[owners], is_class=True, seed=seed, class_weight=class_weight
    )
