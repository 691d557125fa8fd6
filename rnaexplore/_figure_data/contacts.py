"""What a contact map shows: two triangles, and marks for the pairs of two structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.theme import HIGHLIGHT
from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure, score

__all__ = ["LIT", "ContactImage", "Mark", "Triangle", "contact_image"]

Pairs = NDArray[np.int64]

_SHIFT = 1  #: steps in sequence, both partners together, that a shifted pair is off


class Mark(NamedTuple):
    """How one kind of pair is marked; colours of Okabe & Ito and shapes say the same."""

    label: str
    marker: str
    face: str
    edge: str


_CORRECT = Mark("correct", "s", "#0072B2", "#0072B2")
_SHIFTED = Mark("shifted by 1", "D", "#A6D8F5", "#0072B2")
_WRONG = Mark("wrong", "x", "#D55E00", "#D55E00")
_FOUND = Mark("found", "s", "#0072B2", "#0072B2")
_MISSED = Mark("missed", "s", "none", "#E69F00")
_PREDICTED = Mark("pair", "s", "none", "#0072B2")
LIT = Mark("lit up", "o", "none", HIGHLIGHT)


class Triangle(NamedTuple):
    """Marks in one triangle: rows and columns of each kind, shape (n, 2), 0-based."""

    title: str
    marks: dict[Mark, Pairs]


class ContactImage(NamedTuple):
    """Values of both triangles, marks on them, pairs lit up in both, and words."""

    values: NDArray[np.float32]
    triangles: tuple[Triangle, ...]
    lit: Pairs
    title: str
    label: str


def contact_image(
    cmap: ContactMap,
    reference: Structure | None = None,
    predicted: Structure | None = None,
    other: ContactMap | None = None,
    highlight: Sequence[Sequence[int]] = (),
) -> ContactImage:
    """Return a contact map as it is drawn.

    Raises
    ------
    InputError
        If a structure or the other map does not have the length of the map.
    """
    for name, given in (("reference", reference), ("predicted", predicted), ("other", other)):
        _check_length(name, given, cmap)
    if other is not None and reference is None:
        reference = other.decode()
    if reference is not None and predicted is None:
        predicted = cmap.decode()
    pairs = np.sort(np.asarray(highlight, dtype=np.int64).reshape(-1, 2), axis=1)
    return ContactImage(
        np.triu(cmap.values) + np.tril(_below(cmap, reference, other), -1),
        _triangles(predicted, reference, other),
        np.concatenate([pairs, pairs[:, ::-1]]),
        _title(cmap, predicted, reference, other),
        _label(cmap, other),
    )


def _check_length(name: str, given: Structure | ContactMap | None, cmap: ContactMap) -> None:
    n = len(cmap)
    found = 0 if given is None else len(given)
    if given is not None and found != n:
        msg = f"{name} has {found} residues, but the contact map {n}; both must be of the same RNA"
        raise InputError(msg)


def _below(
    cmap: ContactMap, reference: Structure | None, other: ContactMap | None
) -> NDArray[np.float32]:
    """Return what the lower triangle shows under its marks."""
    if other is not None:
        return other.values
    return cmap.values if reference is None else np.zeros_like(cmap.values)


def _label(cmap: ContactMap, other: ContactMap | None) -> str:
    """Return what the values are; scores are not called probabilities."""
    kinds = [cmap.kind] if other is None else [cmap.kind, other.kind]
    if len(set(kinds)) == 1:
        return f"contact {kinds[0]}"
    return f"{kinds[0]} (upper), {kinds[1]} (lower)"


def _title(
    cmap: ContactMap,
    predicted: Structure | None,
    reference: Structure | None,
    other: ContactMap | None,
) -> str:
    title = _named(cmap)
    if reference is None or predicted is None:
        return title
    title += "" if other is None else f", below {_named(other)}"
    scores = score(predicted, reference)
    return f"{title}\nF1 {scores['f1']:.2f} strict, {scores['f1_shifted']:.2f} within ±1"


def _named(cmap: ContactMap) -> str:
    return f"{cmap.model} ({cmap.method})"


def _triangles(
    predicted: Structure | None, reference: Structure | None, other: ContactMap | None
) -> tuple[Triangle, ...]:
    if predicted is None:
        return ()
    if reference is None:
        return (Triangle("upper: decoded", {_PREDICTED: predicted.pairs}),)
    return _compared(predicted, reference, None if other is None else _named(other))


def _compared(
    predicted: Structure, reference: Structure, name: str | None
) -> tuple[Triangle, Triangle]:
    """Mark the pairs of both structures by whether the other has them.

    Between two maps, which `name` tells, neither is right: marks then say in which a pair is.
    """
    judged = (_CORRECT, _WRONG, _FOUND, _MISSED)
    unjudged = tuple(
        mark._replace(label=text)
        for mark, text in zip(judged, ("in both", "only here") * 2, strict=True)
    )
    right, wrong, found, missed = judged if name is None else unjudged
    above = _kinds(predicted.pairs, reference.pairs, (right, _SHIFTED, wrong))
    below = _kinds(reference.pairs, predicted.pairs, (found, _SHIFTED, missed))
    if not len(above[_SHIFTED]) + len(below[_SHIFTED]):
        del above[_SHIFTED], below[_SHIFTED]
    mirrored = {mark: pairs[:, ::-1] for mark, pairs in below.items()}
    return (
        Triangle("upper: predicted", above),
        Triangle(f"lower: {name or 'reference'}", mirrored),
    )


def _kinds(pairs: Pairs, others: Pairs, marks: tuple[Mark, Mark, Mark]) -> dict[Mark, Pairs]:
    """Return the pairs that the others hold, hold shifted, and do not hold."""
    far = np.iinfo(np.int64).max
    off = np.abs(pairs[:, None] - others[None]).sum(2).min(1, initial=far)
    same, near, missing = marks
    return {same: pairs[off == 0], near: pairs[off == _SHIFT], missing: pairs[off > _SHIFT]}
