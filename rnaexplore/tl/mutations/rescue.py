"""Compensatory double mutants: whether a model restores a broken base pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import load, sequence_of, strings
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.structure import Structure
from rnaexplore.tl.evaluation.caution import told_caution
from rnaexplore.tl.mutations.null_pairs import Pair, null_pairs
from rnaexplore.tl.mutations.sites import nucleotide_model, nucleotide_probabilities

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["PAIRING", "rescue"]

Array = NDArray[np.float64]

PAIRING = ("AU", "CG", "GC", "GU", "UA", "UG")  #: letters that pair


def rescue(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    structure: str | Structure = _keys.STRUCTURE,
    window: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Score compensatory double mutants of the base pairs of one RNA. Nothing is written.

    A mutation of one partner breaks a pair, a second one in the other partner restores it. The
    likelihood of a pair is ``LL(ab) = log p(i = a | j = b) + log p(j = b | i = a)``, each with the
    predicted position hidden and the rest of the RNA as it is. An effect is the difference to the
    pair that is there, and the rescue of a double mutant is its effect minus the two single
    effects: positive where the model has learned that the two depend on each other.

    Each pair comes with a null: two positions that do not pair, with the same two letters and as
    far apart, or as nearly so as the RNA allows. A model that knows letters and distances, but not
    who pairs, rescues both alike. Compare them pair by pair (``pair``).

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model of nucleotides, or a loaded one.
    structure
        ``obs`` key of known or predicted structures (`rnaexplore.tl.fold`), or a structure, for
        example of `ContactMap.decode`.
    window
        Residues read around a pair, for RNAs longer than the model allows. A pair must fit.
    seed
        Seed of the choice of null pairs.

    Returns
    -------
    DataFrame
        One row a double mutant that pairs (A-U, G-C, G-U) and differs at both positions. Columns:

        ``kind`` : str
            ``"pair"``, or ``"null"``.
        ``pair`` : int
            Number of the base pair, from 0; a null has that of the pair it is matched to. Pairs
            for which no two positions are left have no null.
        ``i``, ``j`` : int
            0-based positions, i < j.
        ``reference``, ``mutant`` : str
            Both letters.
        ``double``, ``single_i``, ``single_j`` : float
            Effects in nats.
        ``rescue`` : float
            ``double - single_i - single_j``.

        Pairs with an ambiguous residue are left out. ``attrs["caution"]`` says what is known to be
        weak about the model's predictions.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If the sequence, the structure or the RNA is missing.
    InputError
        If the structure does not fit, has no pair, or a pair is wider than `window`.
    CapabilityError
        If the model has no trained masked-language head, or reads codons or k-mers.

    Notes
    -----
    The model reads the RNA, or `window` residues of it, a dozen times for each base pair and each
    null: time grows with the number of pairs and, in models with attention, the square of what is
    read; memory with that square.
    """
    import pandas as pd

    loaded, sequence = load(model), normalise(sequence_of(adata, obs_name))
    nucleotide_model(loaded)
    pairs = _scorable(_pairs(adata, obs_name, sequence, structure), sequence)
    nulls = null_pairs(pairs, sequence, widest=window, rng=np.random.default_rng(seed))
    asked = [("pair", k, pair) for k, pair in enumerate(pairs)]
    asked += [("null", k, null) for k, null in enumerate(nulls) if null is not None]
    likelihoods = _pair_likelihoods(loaded, sequence, [pair for *_, pair in asked], window)
    rows = [
        {"kind": kind, "pair": number} | mutant
        for (kind, number, pair), table in zip(asked, likelihoods, strict=True)
        for mutant in _double_mutants(pair, table, sequence)
    ]
    table = pd.DataFrame(rows)
    table.attrs["caution"] = told_caution(loaded)
    return table


def _pairs(adata: AnnData, obs_name: str, sequence: str, structure: str | Structure) -> list[Pair]:
    if isinstance(structure, str):
        texts = strings(adata, structure, remedy="rx.tl.fold(adata) predicts structures")
        text = texts[int(np.flatnonzero(adata.obs_names == obs_name)[0])]
        structure = Structure.from_dot_bracket(sequence, text or "." * len(sequence))
    if len(structure) != len(sequence):
        msg = f"the structure has {len(structure)} residues, {obs_name!r} has {len(sequence)}"
        raise InputError(msg)
    return [(int(i), int(j)) for i, j in structure.pairs]


def _scorable(pairs: Sequence[Pair], sequence: str) -> list[Pair]:
    kept = [(i, j) for i, j in pairs if {sequence[i], sequence[j]} <= set(NUCLEOTIDES)]
    if not kept:
        msg = "the structure has no base pair of A C G U, so there is nothing to rescue"
        raise InputError(msg)
    return kept


def _pair_likelihoods(
    model: Model, sequence: str, pairs: Sequence[Pair], window: int | None
) -> list[Array]:
    """Return ``LL(ab)`` of each pair, shape (4, 4) over the letters of i and of j.

    Eight copies a pair: one partner hidden, the other set to each letter.
    """
    copies = [copy for pair in pairs for copy in _copies(sequence, pair, window)]
    rows = np.empty((len(copies), len(NUCLEOTIDES)))
    texts, masks = [text for text, _ in copies], [[at] for _, at in copies]
    for k, logits in model.stream_logits(texts, masks=masks):
        rows[k] = np.log(nucleotide_probabilities(model, logits[masks[k][0]]))
    each = rows.reshape(len(pairs), 2, len(NUCLEOTIDES), len(NUCLEOTIDES))
    return [of_i.T + of_j for of_i, of_j in each]


def _copies(sequence: str, pair: Pair, window: int | None) -> list[tuple[str, int]]:
    """Return text and hidden position: i hidden for each letter of j, then the other way round."""
    start, stop = _around(pair, len(sequence), window)
    piece = sequence[start:stop]
    i, j = pair[0] - start, pair[1] - start
    return [
        (piece[:set_] + letter + piece[set_ + 1 :], hidden)
        for hidden, set_ in ((i, j), (j, i))
        for letter in NUCLEOTIDES
    ]


def _around(pair: Pair, n: int, window: int | None) -> tuple[int, int]:
    """Return the stretch of `window` residues in whose middle a pair lies."""
    i, j = pair
    size = n if window is None else min(window, n)
    if j - i + 1 > size:
        msg = f"the pair ({i}, {j}) spans {j - i + 1} residues and does not fit window={window}"
        raise InputError(msg)
    start = min(max(0, (i + j + 1 - size) // 2), n - size)
    return start, start + size


def _double_mutants(pair: Pair, likelihood: Array, sequence: str) -> list[dict[str, object]]:
    reference = sequence[pair[0]] + sequence[pair[1]]
    a0, b0 = map(NUCLEOTIDES.index, reference)
    effect = likelihood - likelihood[a0, b0]
    rows: list[dict[str, object]] = []
    for mutant in PAIRING:
        a, b = map(NUCLEOTIDES.index, mutant)
        if a == a0 or b == b0:
            continue
        effects = {
            "double": float(effect[a, b]),
            "single_i": float(effect[a, b0]),
            "single_j": float(effect[a0, b]),
        }
        restored = effects["double"] - effects["single_i"] - effects["single_j"]
        places: dict[str, object] = {"i": pair[0], "j": pair[1]}
        letters = {"reference": reference, "mutant": mutant}
        rows.append(places | letters | effects | {"rescue": restored})
    return rows
