"""What a masked-language head expects at the positions of one RNA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError
from rnaexplore.maps import ResidueProbabilities
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.mutations.sites import (
    Copy,
    nucleotide_model,
    nucleotide_probabilities,
    site_logits,
    softmax,
)

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["LikelihoodMethod", "check_method", "fill_mask", "residue_probabilities", "scored"]

Array = NDArray[np.float32]
LikelihoodMethod = Literal["masked", "one-pass"]


def fill_mask(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    positions: Iterable[int],
    window: int | None = None,
) -> ResidueProbabilities:
    """Hide some positions of one RNA, all at once, and tell what the model expects there.

    Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model of nucleotides, or a loaded one.
    positions
        0-based positions to hide, or negative from the end.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged.

    Returns
    -------
    ResidueProbabilities
        One row a position, in ascending order, ``method="together"``; normalised over A C G U.
        ``caution`` says what is known to be weak about the model's predictions.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If the sequence or the RNA is missing.
    InputError
        If a position lies outside the RNA, or none is given.
    CapabilityError
        If the model has no trained masked-language head, or reads codons or k-mers.

    Notes
    -----
    One pass of the model: time and memory grow with the square of the length in models with
    attention.
    """
    loaded, sequence = load(model), normalise(sequence_of(adata, obs_name))
    nucleotide_model(loaded)
    chosen = _places(positions, len(sequence))
    logits = loaded.logits(sequence, mask=chosen, window=window)[chosen]
    return _result(loaded, softmax(logits), chosen, sequence, "together")


def residue_probabilities(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    method: LikelihoodMethod = "masked",
    window: int | None = None,
    progress: bool = True,
) -> ResidueProbabilities:
    """Tell what the model expects at every position of one RNA: probabilities, entropy, likelihood.

    Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model of nucleotides, or a loaded one.
    method
        ``"masked"``
            Each position hidden in a copy of its own: L copies, read in batches. Its sum of
            logarithms is the pseudo-log-likelihood of Salazar et al. 2020 (arXiv:1910.14659).
        ``"one-pass"``
            The RNA as it is, read once. An approximation: each residue sees itself, so
            probabilities of what is there are too high, the more so the better the model copies.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged.
    progress
        Whether to show a progress bar.

    Returns
    -------
    ResidueProbabilities
        One row a residue, normalised over A C G U. ``caution`` says what is known to be weak about
        the model's predictions.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If the sequence or the RNA is missing.
    InputError
        If `method` is unknown.
    SequenceTooLongError
        If the RNA is longer than the model allows and there is no `window`.
    CapabilityError
        If the model has no trained masked-language head, or reads codons or k-mers.

    Notes
    -----
    With the masked method the model reads the RNA once for every residue: time grows with the cube
    of the length in models with attention; with one pass with the square. Memory grows with the
    square of the length while the model reads.
    """
    check_method(method)
    sequence = sequence_of(adata, obs_name)
    return scored(load(model), sequence, method=method, window=window, progress=progress)


def scored(
    model: Model,
    sequence: str,
    *,
    method: LikelihoodMethod,
    window: int | None,
    progress: bool = False,
) -> ResidueProbabilities:
    """Return the probabilities at all positions of one sequence, as `residue_probabilities`."""
    nucleotide_model(model)
    text = normalise(sequence)
    if method == "masked":
        copies = [Copy(i, None) for i in range(len(text))]
        logits = site_logits(model, text, copies, window=window, progress=progress)
        values = nucleotide_probabilities(model, logits)
    else:
        values = softmax(model.logits(text, window=window))
    return _result(model, values, range(len(text)), text, method)


def _result(
    model: Model, values: Array, positions: Sequence[int], sequence: str, method: str
) -> ResidueProbabilities:
    name, caution = model.spec.name, model.spec.caution("logits")
    return ResidueProbabilities(values, np.array(positions), sequence, name, method, caution)


def check_method(method: str) -> None:
    """Raise if a method is unknown.

    Raises
    ------
    InputError
        With the methods there are.
    """
    if method not in get_args(LikelihoodMethod):
        msg = f"method must be one of {', '.join(get_args(LikelihoodMethod))}, got {method!r}"
        raise InputError(msg)


def _places(positions: Iterable[int], n: int) -> list[int]:
    given = [int(k) for k in positions]
    outside = [k for k in given if not -n <= k < n]
    if outside or not given:
        what = f"got {outside[0]}" if outside else "got none"
        msg = f"positions must be in [{-n}, {n - 1}] for an RNA of {n} residues, {what}"
        raise InputError(msg)
    return sorted({k % n for k in given})
