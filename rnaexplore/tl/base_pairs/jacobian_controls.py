"""Coupling maps beside controls: without evolution, and without structure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError
from rnaexplore.maps import CouplingMap
from rnaexplore.maps.coupling import CouplingKind
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure import Structure
from rnaexplore.tl.base_pairs.jacobian import coupling_map
from rnaexplore.tl.evaluation.shuffle import dinucleotide_shuffle
from rnaexplore.tl.heads.pair_scores import average_precision, candidates, precision_at

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["CouplingControls", "jacobian_controls"]


@dataclass(frozen=True, slots=True, eq=False)
class CouplingControls:
    """A coupling map beside those of its two controls.

    Attributes
    ----------
    map
        The RNA's own.
    mirror
        That of the reversed sequence (3' to 5'), turned back onto the RNA's own axes. Letters
        that can pair still face each other, but no RNA of the family reads like this: what is the
        same here is complementarity and composition, not what the model knows of the family.
    shuffled
        Those of sequences shuffled with their dinucleotides kept, on their own axes.
    scores
        One row a map: ``"sequence"``, ``"mirror"``, ``"shuffled 1"`` …, and over all pairs of
        residues at least 4 apart:

        ``contrast``
            Mean of the L / 2 highest scores less the mean of all, in standard deviations.
        ``correlation``
            Spearman's, with the scores of the RNA's own map.
        ``auprc``, ``precision_at_pairs``
            Agreement with the RNA's known structure (NaN if there is none).
        ``background``
            The share of base pairs: the AUPRC of random scores.
    """

    map: CouplingMap
    mirror: CouplingMap
    shuffled: tuple[CouplingMap, ...]
    scores: pd.DataFrame


def jacobian_controls(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    kind: CouplingKind = "jacobian",
    reference: str = _keys.STRUCTURE,
    n_shuffles: int = 1,
    seed: int = 0,
    progress: bool = True,
) -> CouplingControls:
    """Compute the coupling map of one RNA, of its mirror image and of shuffled sequences.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model, kind, progress
        As for `rnaexplore.tl.jacobian`.
    reference
        ``obs`` key of the known structure; scores against it are NaN where there is none.
    n_shuffles
        Shuffled sequences, 1 or more.
    seed
        Seed of the shuffles.

    Returns
    -------
    CouplingControls
        The maps and a table of scores. Costs ``2 + n_shuffles`` times `jacobian`.

    Raises
    ------
    MissingKeyError, UnknownNameError, CapabilityError, InputError
        As for `rnaexplore.tl.jacobian`; if `n_shuffles` is less than 1.
    InvalidStructureError
        If the known structure does not fit the sequence.

    Notes
    -----
    Time is that of `rnaexplore.tl.jacobian`, which grows with the cube of the length, once more for
    the mirror image and for each shuffled sequence; memory that of one.
    """
    import pandas as pd

    if n_shuffles < 1:
        msg = f"n_shuffles must be 1 or more, got {n_shuffles}"
        raise InputError(msg)
    loaded, sequence = load(model), normalise(sequence_of(adata, obs_name))
    truth = _truth(adata, obs_name, reference, sequence)
    rng = np.random.default_rng(seed)
    own, reversed_, *shuffled = (
        coupling_map(loaded, s, kind=kind, progress=progress)
        for s in (
            sequence,
            sequence[::-1],
            *(dinucleotide_shuffle(sequence, rng) for _ in range(n_shuffles)),
        )
    )
    mirror = replace(reversed_, scores=reversed_.scores[::-1, ::-1], sequence=sequence)
    rows = {"sequence": own, "mirror": mirror}
    rows |= {f"shuffled {k}": found for k, found in enumerate(shuffled, start=1)}
    scores = pd.DataFrame([_row(found, own, truth) for found in rows.values()], index=list(rows))
    return CouplingControls(own, mirror, tuple(shuffled), scores)


def _truth(
    adata: AnnData, obs_name: str, reference: str, sequence: str
) -> NDArray[np.bool_] | None:
    if reference not in adata.obs or not isinstance(adata.obs.loc[obs_name, reference], str):
        return None
    structure = Structure.from_dot_bracket(sequence, adata.obs.loc[obs_name, reference])
    paired = np.zeros((len(sequence),) * 2, dtype=np.bool_)
    paired[tuple(structure.pairs.T)] = True
    truth: NDArray[np.bool_] = paired[candidates(len(sequence))]
    return truth if truth.any() else None


def _row(found: CouplingMap, own: CouplingMap, truth: NDArray[np.bool_] | None) -> dict[str, float]:
    from scipy.stats import spearmanr

    scores, others = _ranked(found), _ranked(own)
    best = np.sort(scores)[::-1][: max(1, len(found.scores) // 2)]
    spread = scores.std()
    row = {
        "contrast": float((best.mean() - scores.mean()) / spread) if spread else 0.0,
        "correlation": float(spearmanr(scores, others).statistic),
    }
    if truth is None:
        return row | dict.fromkeys(("auprc", "precision_at_pairs", "background"), float("nan"))
    return row | {
        "auprc": float(average_precision(scores[None], truth)[0]),
        "precision_at_pairs": float(precision_at(scores[None], truth, int(truth.sum()))[0]),
        "background": float(truth.mean()),
    }


def _ranked(found: CouplingMap) -> NDArray[np.float32]:
    """Return the scores of all candidate pairs, both directions averaged."""
    both = (found.scores.astype(np.float64) + found.scores.T) / 2
    return both[candidates(len(both))].astype(np.float32)
