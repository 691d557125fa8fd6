"""Logits at single positions of masked or mutated copies of an RNA, in windows if it is long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore.errors import CapabilityError
from rnaexplore.models.inference import windows

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = [
    "Copy",
    "nucleotide_model",
    "nucleotide_probabilities",
    "site_logits",
    "softmax",
    "whole_logits",
]

Array = NDArray[np.float32]


class Copy(NamedTuple):
    """A copy of an RNA with one position changed: to a letter, or hidden (``None``)."""

    position: int
    letter: str | None


def nucleotide_model(model: Model) -> None:
    """Raise if a model does not read single nucleotides.

    Raises
    ------
    CapabilityError
        Because a position is then no nucleotide.
    """
    if model.spec.alphabet.unit != "nucleotide":
        msg = (
            f"{model.spec.name!r} reads {model.spec.alphabet.unit}s, and this needs single "
            "nucleotides; rx.list_models() shows the unit of each model"
        )
        raise CapabilityError(msg)


def site_logits(
    model: Model,
    sequence: str,
    copies: Sequence[Copy],
    *,
    window: int | None = None,
    progress: bool = False,
) -> Array:
    """Return the logits at the changed position of each copy, shape (copies, vocabulary).

    Parameters
    ----------
    model
        A model of nucleotides.
    sequence
        The RNA.
    copies
        One change each.
    window
        Residues a window. Each copy is read in all windows that hold its position, and the logits
        are averaged as `Model.logits` does.
    progress
        Whether to show a progress bar.
    """
    n = len(sequence)
    size = n if window is None else window
    places = windows.spans(n, size, windows.default_overlap(size))
    found = np.zeros((len(copies), len(model.spec.alphabet.tokens)), dtype=np.float32)
    inside = [[k for k, c in enumerate(copies) if a <= c.position < b] for a, b in places]
    total, name = sum(map(len, inside)), model.spec.name
    with tqdm(total=total, desc=name, unit="copy", disable=not progress) as bar:
        for (start, stop), share, rows in zip(
            places, windows.weights(places, n), inside, strict=True
        ):
            local = [Copy(copies[k].position - start, copies[k].letter) for k in rows]
            texts, masks = _written(sequence[start:stop], local)
            for k, logits in model.stream_logits(texts, masks=masks):
                at = local[k].position
                found[rows[k]] += share[at] * logits[at]
                bar.update()
    return found


def whole_logits(model: Model, sequence: str, *, window: int | None = None) -> Array:
    """Return the logits of an RNA as it is over the whole vocabulary, shape (L, vocabulary).

    Parameters
    ----------
    model, sequence, window
        As for `site_logits`.
    """
    size = len(sequence) if window is None else window
    places = windows.spans(len(sequence), size, windows.default_overlap(size))
    found = dict(model.stream_logits([sequence[start:stop] for start, stop in places]))
    return windows.stitch([found[k] for k in range(len(places))], places, len(sequence))


def _written(piece: str, copies: Sequence[Copy]) -> tuple[list[str], list[list[int]]]:
    """Return the text of each copy and the positions hidden in it."""
    texts = [
        piece if letter is None else piece[:at] + letter + piece[at + 1 :] for at, letter in copies
    ]
    return texts, [[at] if letter is None else [] for at, letter in copies]


def softmax(logits: Array) -> Array:
    """Return the softmax over the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True), dtype=np.float64)
    result: Array = (shifted / shifted.sum(-1, keepdims=True)).astype(np.float32)
    return result


def nucleotide_probabilities(model: Model, logits: Array) -> Array:
    """Return probabilities of A C G U, normalised over these four, shape (..., 4)."""
    return softmax(logits[..., model.spec.alphabet.residue_ids])
