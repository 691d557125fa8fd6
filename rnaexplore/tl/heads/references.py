"""What heads are judged by: which pairs of residues of some RNAs belong together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import ArrayLike, NDArray

from rnaexplore import _keys
from rnaexplore._adata import sequences_of, strings
from rnaexplore.errors import InputError, UnknownNameError, nearest
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure import Structure
from rnaexplore.structure.dot_bracket import stems
from rnaexplore.tl.heads.pair_scores import candidates

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = [
    "Reference",
    "References",
    "Relation",
    "check_nucleotides",
    "references",
    "resampled_groups",
]

Bools = NDArray[np.bool_]
Relation = Literal["pairs", "stems", "loops", "sites"]
Reference = str | Mapping[str, ArrayLike]

UNPAIRED = ".-,:_~"  #: letters of dot-bracket and WUSS that pair nothing, and of sites: none
MIN_RNAS = 2  #: one RNA says nothing of others


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Some RNAs and which of their candidate pairs of residues belong together.

    Attributes
    ----------
    rows
        Their positions in the AnnData.
    sequences
        Upper case, with U.
    truths
        For each RNA one boolean a candidate pair, at least one of them true.
    """

    rows: tuple[int, ...]
    sequences: tuple[str, ...]
    truths: tuple[Bools, ...]


def check_nucleotides(model: Model) -> None:
    """Raise if a model reads codons or k-mers.

    Raises
    ------
    InputError
        Because base pairs are made of nucleotides.
    """
    unit = model.spec.alphabet.unit
    if unit != "nucleotide":
        msg = (
            f"{model.spec.name!r} reads {unit}s, but base pairs are made of nucleotides; "
            "rx.tl.attention gives its maps in its own unit, and rx.list_models() shows the models "
            "that read nucleotides"
        )
        raise InputError(msg)


def references(
    adata: AnnData,
    reference: Reference,
    *,
    relation: Relation = "pairs",
    n_max: int | None,
    rng: np.random.Generator,
) -> References:
    """Return the RNAs that have pairs of the relation, at most `n_max` drawn at random.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    UnknownNameError
        If pairs are given for an RNA that is not there.
    InputError
        If fewer than 2 RNAs have such pairs, or the relation is unknown.
    InvalidStructureError
        If a structure does not fit its sequence.
    """
    if relation not in get_args(Relation):
        msg = f"relation must be one of {', '.join(get_args(Relation))}, got {relation!r}"
        raise InputError(msg)
    sequences = [normalise(s) for s in sequences_of(adata)]
    if isinstance(reference, str):
        found = _annotated(adata, reference, sequences, relation)
    else:
        found = _given(adata, reference)
    truths = {row: _truth(make(), len(sequences[row]), row) for row, make in found.items()}
    usable = [row for row, truth in truths.items() if truth.any()]
    if len(usable) < MIN_RNAS:
        where = f"obs[{reference!r}]" if isinstance(reference, str) else "reference"
        what = "base pairs" if relation == "pairs" else relation
        msg = f"{len(usable)} RNAs have {what} in {where}; at least {MIN_RNAS} are needed"
        raise InputError(msg)
    if n_max is not None and len(usable) > n_max:
        kept = rng.choice(len(usable), n_max, replace=False)
        usable = [usable[i] for i in sorted(kept.tolist())]
    return References(
        tuple(usable), tuple(sequences[row] for row in usable), tuple(truths[row] for row in usable)
    )


def resampled_groups(
    adata: AnnData, key: str | None, chosen: References
) -> tuple[NDArray[np.int64], str]:
    """Return the group of each RNA as a number from 0, and what the groups are.

    Parameters
    ----------
    adata
        Where `chosen` comes from.
    key
        ``obs`` key of the groups; ``None`` for families, if these are known.
    chosen
        The RNAs. One without a group is a group of its own; the same sequence is the same group.

    Returns
    -------
    tuple
        Numbers, shape (RNAs,), and the key; or if all are of one group, each RNA on its own and
        ``"RNA"``.

    Raises
    ------
    MissingKeyError
        If there is no such column.
    """
    if key is None and _keys.FAMILY in adata.obs:
        key = _keys.FAMILY
    named = [""] * adata.n_obs
    if key is not None:
        named = strings(adata, key, remedy="Pass groups= the obs key of groups of relatives")
    group_of: dict[str, str] = {}
    for row, sequence in zip(chosen.rows, chosen.sequences, strict=True):
        group_of[sequence] = group_of.get(sequence) or named[row]
    labels = [(group_of[s], "") if group_of[s] else ("", s) for s in chosen.sequences]
    if key is None or len(set(labels)) == 1:
        labels, key = [("", s) for s in chosen.sequences], "RNA"
    order = {label: k for k, label in enumerate(sorted(set(labels)))}
    return np.array([order[label] for label in labels], dtype=np.int64), key


Makers = dict[int, Callable[[], NDArray[np.int64]]]


def _given(adata: AnnData, pairs: Mapping[str, ArrayLike]) -> Makers:
    """Return the caller's own pairs, by row."""
    row_of = {str(name): row for row, name in enumerate(adata.obs_names)}
    for name in pairs:
        if name not in row_of:
            msg = f"no RNA is named {name!r} in adata.obs_names. {nearest(name, row_of)}"
            raise UnknownNameError(msg)
    return {
        row_of[name]: (lambda p=given: np.asarray(p, dtype=np.int64).reshape(-1, 2))  # type: ignore[misc]
        for name, given in pairs.items()
    }


def _annotated(adata: AnnData, key: str, sequences: list[str], relation: Relation) -> Makers:
    """Return the pairs that an annotation in ``obs`` means, by row."""
    remedy = "rx.read_stockholm and rx.datasets.rfam_sample give RNAs with structures"
    texts = strings(adata, key, remedy=remedy)
    return {
        row: (lambda t=text, s=sequence: _related(t, s, relation))  # type: ignore[misc]
        for row, (text, sequence) in enumerate(zip(texts, sequences, strict=True))
        if text.strip(UNPAIRED)
    }


def _related(text: str, sequence: str, relation: Relation) -> NDArray[np.int64]:
    if relation == "sites":
        return _sites(text, sequence)
    structure = Structure.from_dot_bracket(sequence, text)
    if relation == "pairs":
        return structure.pairs
    return _stems(structure) if relation == "stems" else _loops(structure)


def _sites(text: str, sequence: str) -> NDArray[np.int64]:
    """Return all pairs of marked residues."""
    if len(text) != len(sequence):
        msg = f"the sites have {len(text)} characters, the sequence {len(sequence)} residues"
        raise InputError(msg)
    return _all_pairs([k for k, mark in enumerate(text) if mark not in UNPAIRED])


def _all_pairs(members: list[int]) -> NDArray[np.int64]:
    first, second = np.triu_indices(len(members), 1)
    where = np.array(members, dtype=np.int64)
    return np.stack([where[first], where[second]], axis=1)


def _stems(structure: Structure) -> NDArray[np.int64]:
    """Return the pairs of residues on opposite strands of one stem, partners or not."""
    pairs = [structure.pairs[rows] for rows in stems(structure.pairs)]
    crossed = [np.stack(np.meshgrid(p[:, 0], p[:, 1]), -1).reshape(-1, 2) for p in pairs]
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *crossed])


def _loops(structure: Structure) -> NDArray[np.int64]:
    """Return the pairs of unpaired residues in one loop, the outermost loop left out."""
    closing = np.full(len(structure), -1)
    for i, j in structure.pairs[structure.orders == 0]:  # sorted: inner pairs overwrite outer
        closing[i + 1 : j] = i
    closing[structure.pairs.ravel()] = -1
    loops = [np.flatnonzero(closing == i).tolist() for i in np.unique(closing[closing >= 0])]
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *map(_all_pairs, loops)])


def _truth(pairs: NDArray[np.int64], n: int, row: int) -> Bools:
    """Return which candidate pairs are among those given, none if the RNA is too short."""
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= n):
        msg = f"pairs of RNA #{row} reach from {pairs.min()} to {pairs.max()}; it has {n} residues"
        raise InputError(msg)
    related = np.zeros((n, n), dtype=np.bool_)
    related[pairs.min(1), pairs.max(1)] = True
    truth: Bools = related[candidates(n)]
    return truth
