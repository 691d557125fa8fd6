"""In-silico mutagenesis: the score of every substitution in one RNA."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError
from rnaexplore.maps import MutationMap
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.models.inference.inputs import require
from rnaexplore.tl.mutations.mutation_contacts import contact_changes
from rnaexplore.tl.mutations.sites import Copy, nucleotide_model, site_logits, whole_logits

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["Effect", "MutationMethod", "mutate", "mutation_map"]

MutationMethod = Literal["masked-marginal", "wild-type-marginal", "mutant-marginal"]
Effect = Literal["likelihood", "contacts"]
Array = NDArray[np.float32]

GAP = "-"


def mutate(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    method: MutationMethod = "masked-marginal",
    effect: Effect = "likelihood",
    window: int | None = None,
    progress: bool = True,
) -> MutationMap:
    """Score every substitution in one RNA with a masked-language head. Nothing is written.

    With ``effect="contacts"`` also by the base pairs that it loses, according to the model's
    contact head: ``result.contacts``. The two may disagree, see ``result.disagreement``.

    The score is the logarithm of a likelihood ratio, ``log p(alternative) - log p(reference)`` at
    the mutated position; the methods differ in what the model sees (Meier et al. 2021,
    doi:10.1101/2021.07.09.450648, for proteins).

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model of nucleotides, or a loaded one.
    method
        ``"masked-marginal"``
            The RNA with the position hidden: L copies.
        ``"wild-type-marginal"``
            The RNA as it is, read once. It sees the reference, and so favours it.
        ``"mutant-marginal"``
            Each mutated RNA: 3 L copies. It sees the alternative, and so favours that.
    effect
        ``"likelihood"``: the scores above. ``"contacts"``: these, and in ``contacts`` minus the
        expected number of base pairs that each substitution loses: the sum over pairs of how far
        their probability falls. It needs a trained contact head and 3 L more copies, which are
        read in batches.
    window
        Residues a window for RNAs longer than that: each copy is read in all windows that hold
        its position, and their logits are averaged.
    progress
        Whether to show a progress bar.

    Returns
    -------
    MutationMap
        ``values`` of shape (L, 4); with ``deletions`` if the model's alphabet has a gap (``-``).
        What a deletion's score is worth depends on how often the model saw gaps in training.
        ``caution`` says what is known to be weak about the model's scores.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If the sequence or the RNA is missing.
    InputError
        If `method` or `effect` is unknown.
    SequenceTooLongError
        If the RNA is longer than the model allows and there is no `window`.
    CapabilityError
        If the model has no trained masked-language head, no trained contact head where contacts
        are asked for, or reads codons or k-mers.

    Notes
    -----
    The model reads L copies of an RNA of L residues (``"mutant-marginal"``: 3 L copies,
    ``"wild-type-marginal"``: one): in models with attention time grows with the cube of the length
    (with its square for one copy). Memory grows with the square of the length, or of `window`,
    while the model reads, and with the length in the result.
    """
    if effect not in get_args(Effect):
        msg = f"effect must be one of {', '.join(get_args(Effect))}, got {effect!r}"
        raise InputError(msg)
    if method not in get_args(MutationMethod):
        msg = f"method must be one of {', '.join(get_args(MutationMethod))}, got {method!r}"
        raise InputError(msg)
    loaded, sequence = load(model), normalise(sequence_of(adata, obs_name))
    if effect == "contacts":
        require(loaded.spec, "contacts")
    found = mutation_map(loaded, sequence, method=method, window=window, progress=progress)
    if effect == "likelihood":
        return found
    changes = contact_changes(loaded, sequence, window=window, progress=progress)
    cautions = dict.fromkeys(filter(None, (found.caution, loaded.spec.caution("contacts"))))
    return replace(found, contacts=changes, caution=" ".join(cautions))


def mutation_map(
    model: Model,
    sequence: str,
    *,
    method: MutationMethod = "masked-marginal",
    window: int | None = None,
    progress: bool = False,
) -> MutationMap:
    """Return the scores of all substitutions in one sequence, as `mutate` does."""
    nucleotide_model(model)
    letters = NUCLEOTIDES + (GAP if GAP in model.spec.alphabet.tokens else "")
    if method == "mutant-marginal":
        scores = _mutant(model, sequence, letters, window=window, progress=progress)
    else:
        scores = _marginal(model, sequence, letters, method, window=window, progress=progress)
    known = np.array([here in NUCLEOTIDES for here in sequence])
    scores[~known] = np.nan
    gaps = scores[:, len(NUCLEOTIDES)] if GAP in letters else None
    return MutationMap(
        scores[:, : len(NUCLEOTIDES)],
        sequence,
        model.spec.name,
        method,
        deletions=gaps,
        caution=model.spec.caution("logits"),
    )


def _marginal(
    model: Model,
    sequence: str,
    letters: str,
    method: MutationMethod,
    *,
    window: int | None,
    progress: bool,
) -> Array:
    """Return the scores that one distribution a position gives, shape (L, letters)."""
    if method == "masked-marginal":
        copies = [Copy(i, None) for i in range(len(sequence))]
        logits = site_logits(model, sequence, copies, window=window, progress=progress)
    else:
        logits = whole_logits(model, sequence, window=window)
    return _ratios(model, logits, sequence, letters)


def _mutant(
    model: Model, sequence: str, letters: str, *, window: int | None, progress: bool
) -> Array:
    """Return the scores that the mutated RNAs give, shape (L, letters)."""
    changes = [
        Copy(i, letter)
        for i, here in enumerate(sequence)
        for letter in letters
        if here in NUCLEOTIDES and letter != here
    ]
    logits = site_logits(model, sequence, changes, window=window, progress=progress)
    ids = model.spec.alphabet.ids
    scores = np.zeros((len(sequence), len(letters)), dtype=np.float32)
    for (i, letter), row in zip(changes, logits, strict=True):
        assert letter is not None
        scores[i, letters.index(letter)] = row[ids[letter]] - row[ids[sequence[i]]]
    return scores


def _ratios(model: Model, logits: Array, sequence: str, letters: str) -> Array:
    """Return logits of letters minus that of the residue which is there."""
    ids = model.spec.alphabet.ids
    unknown = model.spec.alphabet.unk_id
    reference = logits[np.arange(len(sequence)), [ids.get(here, unknown) for here in sequence]]
    scores: Array = logits[:, [ids[letter] for letter in letters]] - reference[:, None]
    return scores
