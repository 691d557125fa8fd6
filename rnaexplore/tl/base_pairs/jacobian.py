"""Couplings from a masked language model: change each residue, see which predictions change."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError
from rnaexplore.maps import CouplingMap
from rnaexplore.maps.coupling import CouplingKind, average_product_correction
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl.heads.references import check_nucleotides
from rnaexplore.tl.memory import check_fits

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["JacobianCost", "coupling_map", "jacobian", "jacobian_cost"]

BLOCK_TOKENS = 4096  #: nucleotides that are read to estimate the time
BLOCK_ROWS = 32  #: residues whose blocks of the table are symmetrised at a time
BYTES_A_PAIR = 4 * 4 * 4  #: of residues: four letters by four letters in float32

Array = NDArray[np.float32]
Mutant = tuple[int, int, str]  #: position, number of the letter, sequence


@dataclass(frozen=True, slots=True)
class JacobianCost:
    """What a coupling map costs, told before it is computed.

    Attributes
    ----------
    passes
        Sequences that the model has to read: the RNA and its single mutants, about 3 L + 1.
    seconds
        Estimate from one block that was timed on this machine.
    megabytes
        Memory of the table of logits, 16 L² numbers.
    """

    passes: int
    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.passes} passes, about {self.seconds:.0f} s, {self.megabytes:.0f} MB"


def jacobian_cost(adata: AnnData, obs_name: str, model: str | Model = "mini") -> JacobianCost:
    """Estimate what `jacobian` costs for one RNA: one block of mutants is read and timed.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model, or a loaded one.

    Returns
    -------
    JacobianCost
        Number of passes, seconds, megabytes.

    Raises
    ------
    CapabilityError
        If the model has no trained masked-language head.
    InputError
        If the model reads codons or k-mers.

    Notes
    -----
    Time grows with the length times the number of residues in one batch: a small part of
    `jacobian`. Memory is that of one batch.
    """
    return _cost(load(model), normalise(sequence_of(adata, obs_name)))


def jacobian(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    kind: CouplingKind = "jacobian",
    progress: bool = True,
) -> CouplingMap:
    """Compute which residues of one RNA depend on each other. Nothing is written into `adata`.

    Every residue is changed to each other nucleotide, and the model reads the 3 L mutants
    unmasked. No structure and no fit is involved.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model, or a loaded one, with a trained masked-language head over nucleotides.
    kind
        ``"jacobian"``
            The categorical Jacobian: the (L, 4, L, 4) logits at each residue for each letter of
            each residue, centred over every axis and symmetrised; Frobenius norm of each 4 x 4
            block, then the average product correction (Zhang et al. 2024,
            doi:10.1073/pnas.2406285121). No unit.
        ``"dependency"``
            The nucleotide dependency map: largest absolute log2 ratio, over the letters that i is
            changed to and the letters of j, of the odds of j's letter after and before the change
            (Tomaz da Silva et al. 2025, doi:10.1038/s41588-025-02347-3). In bits; row i is
            changed, column j predicted.
    progress
        Whether to show a progress bar, which tells the passes and estimated seconds before it
        starts. `jacobian_cost` tells them without the map.

    Returns
    -------
    CouplingMap
        ``scores`` float32 of shape (L, L); ``.contacts()`` makes a ContactMap of it. ``caution``
        says what is known to be weak about the model's predictions.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If the sequence is missing, or no RNA has this name.
    CapabilityError
        If the model has no trained masked-language head.
    InputError
        If the kind is unknown, or the model reads codons or k-mers.

    Notes
    -----
    The model reads 3 L + 1 sequences of L residues: time grows with the cube of the length. Memory
    grows with its square, 64 bytes a pair of residues (5,000 nt: 1.6 GB); maps that do not fit are
    refused. `jacobian_cost` tells both beforehand.
    """
    sequence = sequence_of(adata, obs_name)
    return coupling_map(load(model), sequence, kind=kind, progress=progress)


def coupling_map(
    model: Model, sequence: str, *, kind: CouplingKind, progress: bool = False
) -> CouplingMap:
    """Return the couplings of one sequence, as `jacobian` does."""
    if kind not in get_args(CouplingKind):
        msg = f"kind must be one of {', '.join(get_args(CouplingKind))}, got {kind!r}"
        raise InputError(msg)
    spelled = normalise(sequence)
    check_nucleotides(model)
    check_fits(
        BYTES_A_PAIR * len(spelled) ** 2, f"a coupling map of {len(spelled):,} residues",
        "pass a part of the RNA",
    )  # fmt: skip
    original = model.logits(spelled)
    table = _mutant_logits(model, spelled, original, progress=progress)
    scores = _frobenius(table) if kind == "jacobian" else _odds_ratios(table, original)
    np.fill_diagonal(scores, 0)
    caution = model.spec.caution("logits")
    return CouplingMap(scores.astype(np.float32), spelled, kind, model.spec.name, caution)


def _mutants(sequence: str) -> Iterator[Mutant]:
    """Yield the sequence with one letter changed, each change once."""
    for i, letter in enumerate(sequence):
        for a, other in enumerate(NUCLEOTIDES):
            if other != letter:
                yield i, a, sequence[:i] + other + sequence[i + 1 :]


def _read(model: Model, mutants: list[Mutant]) -> Iterator[tuple[Mutant, Array]]:
    """Yield each mutant with its logits over A C G U, in batches of bounded memory."""
    ids = model.spec.alphabet.residue_ids
    for row, logits in model.stream_logits([mutant for _, _, mutant in mutants]):
        yield mutants[row], logits[:, ids]


def _cost(model: Model, sequence: str) -> JacobianCost:
    check_nucleotides(model)
    model.logits(sequence)  # the first pass of a model is slower than those that follow
    mutants = list(_mutants(sequence))
    block = mutants[: max(1, BLOCK_TOKENS // len(sequence))]
    start = time.perf_counter()
    deque(_read(model, block), maxlen=0)
    passes = 1 + len(mutants)
    seconds = (time.perf_counter() - start) * passes / len(block)
    return JacobianCost(passes, seconds, BYTES_A_PAIR * len(sequence) ** 2 / 1e6)


def _mutant_logits(model: Model, sequence: str, original: Array, *, progress: bool) -> Array:
    """Return the logits of all mutants, (L, 4, L, 4): letter a at i, then letter b at j."""
    n, mutants = len(sequence), list(_mutants(sequence))
    table = np.empty((n, 4, n, 4), dtype=np.float32)
    table[:] = original
    told = f"jacobian {model.spec.name} ({_cost(model, sequence)})" if progress else ""
    passes = 1 + len(mutants)
    with tqdm(total=passes, initial=1, desc=told, unit="pass", disable=not progress) as bar:
        for (i, a, _), logits in _read(model, mutants):
            table[i, a] = logits
            bar.update()
    return table


def _frobenius(table: Array) -> NDArray[np.float64]:
    """Return the corrected norms; the table is centred in place, and read some rows at a time."""
    for axis in range(4):
        table -= table.mean(axis, keepdims=True)
    norms = np.empty((len(table), len(table)))
    for start in range(0, len(table), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        block = table[rows] + table[:, :, rows].transpose(2, 3, 0, 1)
        norms[rows] = np.sqrt(np.einsum("iajb,iajb->ij", block, block, dtype=np.float64)) / 2
    norms = (norms + norms.T) / 2  # sums of the same numbers in another order
    np.fill_diagonal(norms, 0)
    return average_product_correction(norms)


def _odds_ratios(table: Array, original: Array) -> NDArray[np.float64]:
    """Return max |log2 odds ratio| over the letters of both residues."""
    before = _log2_odds(original)
    return np.stack([np.abs(_log2_odds(row) - before).max((0, 2)) for row in table])


def _log2_odds(logits: Array) -> NDArray[np.float64]:
    """Return log2 p / (1 - p) of each of four letters, p by softmax over the four."""
    from scipy.special import logsumexp

    values = logits.astype(np.float64)
    others = [logsumexp(np.delete(values, b, axis=-1), axis=-1) for b in range(4)]
    odds: NDArray[np.float64] = (values - np.stack(others, -1)) / np.log(2)
    return odds
