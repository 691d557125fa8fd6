"""What every substitution in one RNA does to its contact map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore.models.alphabet import NUCLEOTIDES
from rnaexplore.models.inference import windows

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["contact_changes"]

Array = NDArray[np.float32]


def contact_changes(
    model: Model, sequence: str, *, window: int | None = None, progress: bool = False
) -> Array:
    """Return minus the expected number of base pairs that each substitution loses, shape (L, 4).

    With p the pair probabilities of the RNA and q those of the mutant: the sum over i < j of
    ``min(q - p, 0)``. Pairs that are gained do not count. The mutants are read in batches.

    Parameters
    ----------
    model
        A model of nucleotides with a trained contact head.
    sequence
        The RNA, in upper case with U.
    window
        Residues per window for RNAs longer than that. A substitution has the average of the
        windows that hold it, weighted as in `rnaexplore.models.inference.windows.weights`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    ndarray of float32
        Columns A C G U; 0 for the residue that is there, NaN where it is ambiguous.
    """
    n = len(sequence)
    size = n if window is None else window
    places = windows.spans(n, size, windows.default_overlap(size))
    found = np.zeros((n, len(NUCLEOTIDES)), dtype=np.float32)
    known = [letter in NUCLEOTIDES for letter in sequence]
    total = 3 * sum(sum(known[start:stop]) for start, stop in places)
    with tqdm(total=total, desc=f"contacts {model.spec.name}", unit="mutant",
              disable=not progress) as bar:  # fmt: skip
        for (start, stop), share in zip(places, windows.weights(places, n), strict=True):
            for at, letter, change in _changes(model, sequence[start:stop]):
                found[start + at, letter] += share[at] * change
                bar.update()
    found[~np.array(known)] = np.nan
    return found


def _changes(model: Model, piece: str) -> Iterator[tuple[int, int, float]]:
    """Yield position, number of the letter and change of each substitution."""
    sites = [
        (at, k)
        for at, here in enumerate(piece)
        for k, letter in enumerate(NUCLEOTIDES)
        if here in NUCLEOTIDES and letter != here
    ]
    before = model.contacts(piece)
    mutants = [piece[:at] + NUCLEOTIDES[k] + piece[at + 1 :] for at, k in sites]
    for row, after in model.stream_contacts(mutants):
        lost = np.minimum(after - before, 0)
        yield *sites[row], float(lost.sum(dtype=np.float64)) / 2
