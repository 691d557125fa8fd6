"""How well each attention head follows base pairs, beside two null models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure import Structure
from rnaexplore.tl._access import load, sequences_of, strings
from rnaexplore.tl._attention import attention_maps
from rnaexplore.tl._pair_scores import average_precision, candidates, precision_at
from rnaexplore.tl._shuffle import dinucleotide_shuffle

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["References", "check_nucleotides", "head_scores", "references", "score_heads"]

UNPAIRED = ".-,:_~"  #: letters of dot-bracket and WUSS that pair nothing
MIN_RNAS = 2  #: z against shuffled sequences needs a spread over RNAs


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Some RNAs and which of their candidate pairs are base pairs."""

    sequences: tuple[str, ...]
    truths: tuple[NDArray[np.bool_], ...]


def score_heads(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    reference: str = _keys.STRUCTURE,
    n_max: int = 50,
    n_shuffles: int = 1,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score each attention head as a predictor of base pairs, beside two nulls.

    Maps are symmetrised and corrected (`AttentionMaps.apc`), and the pairs of residues at least 4
    apart are ranked by them. Scores are means over RNAs, each RNA counting once. The nulls ask
    two things: does the head follow *this* sequence's structure (the same head reading
    sequences shuffled with their dinucleotides kept, judged by the unshuffled structure), and did
    *training* teach it (all heads of the same architecture with random weights)? With many heads
    the best one has a large z by chance: mind how many are looked at.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one, that reads nucleotides.
    reference
        ``obs`` key of dot-bracket structures. RNAs without a base pair there are left out;
        so are base pairs less than 4 apart.
    n_max
        Most RNAs to read; a random choice of them if there are more.
    n_shuffles
        Shuffles of each RNA, 1 or more.
    seed
        Seed of the choice, the shuffles and the random weights.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        One row a head, best AUPR first; ``attrs["n_rnas"]`` holds how many RNAs were read.
        Columns:

        ``layer``, ``head`` : int
        ``precision_at_L``, ``precision_at_pairs`` : float
            Share of base pairs among the L, and among as many as there are pairs, best ones.
        ``auprc`` : float
            Average precision, 0 to 1.
        ``background`` : float
            Average precision of random scores: the share of base pairs among all candidates.
        ``auprc_shuffled``, ``z_shuffled`` : float
            The same head on shuffled sequences, and the mean difference over RNAs in standard
            errors.
        ``auprc_random``, ``z_random`` : float
            Mean over all heads with random weights, and the distance from it in their standard
            deviations.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    CapabilityError
        If the model has no attention.
    InputError
        If fewer than 2 RNAs have base pairs, the model reads codons, or a setting is not allowed.
    InvalidStructureError
        If a structure does not fit its sequence.
    """
    if n_max < MIN_RNAS or n_shuffles < 1:
        msg = f"n_max must be >= {MIN_RNAS} and n_shuffles >= 1, got {n_max} and {n_shuffles}"
        raise InputError(msg)
    loaded = load(model)
    check_nucleotides(loaded)
    rng = np.random.default_rng(seed)
    chosen = references(adata, reference, n_max=n_max, rng=rng)
    n = len(chosen.sequences)
    null = loaded.randomised(seed=seed)
    with tqdm(total=n * (2 + n_shuffles), unit="RNA", disable=not progress) as bar:
        scores = head_scores(loaded, chosen, bar)
        shuffled = np.mean(
            [head_scores(loaded, _shuffled(chosen, rng), bar)[2] for _ in range(n_shuffles)], axis=0
        )
        random = head_scores(null, chosen, bar)[2].mean(0)
    return _table(scores, shuffled, random, chosen, loaded.spec.n_heads)


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
    adata: AnnData, key: str, *, n_max: int | None, rng: np.random.Generator
) -> References:
    """Return the RNAs that have a structure with base pairs, at most `n_max` drawn at random.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If fewer than 2 RNAs have base pairs.
    InvalidStructureError
        If a structure does not fit its sequence.
    """
    remedy = "rx.read_stockholm and rx.datasets.rfam_sample give RNAs with structures"
    found = []
    for text, sequence in zip(strings(adata, key, remedy=remedy), sequences_of(adata), strict=True):
        if text.strip(UNPAIRED):
            structure = Structure.from_dot_bracket(normalise(sequence), text)
            found.append((structure.sequence, _truth(structure)))
    usable = [pair for pair in found if pair[1].any()]
    if len(usable) < MIN_RNAS:
        msg = f"{len(usable)} RNAs have base pairs in obs[{key!r}]; at least {MIN_RNAS} are needed"
        raise InputError(msg)
    if n_max is not None and len(usable) > n_max:
        kept = rng.choice(len(usable), n_max, replace=False)
        usable = [usable[i] for i in sorted(kept.tolist())]
    return References(tuple(s for s, _ in usable), tuple(truth for _, truth in usable))


def head_scores(
    model: Model, chosen: References, bar: tqdm[None] | None = None
) -> NDArray[np.float64]:
    """Return precision@L, precision@pairs and average precision, shape (3, RNAs, heads).

    Heads of all layers are in one row, layer by layer.
    """
    found = []
    for sequence, truth in zip(chosen.sequences, chosen.truths, strict=True):
        maps = attention_maps(model, sequence).symmetrize().apc().values
        rows, columns = candidates(maps.shape[-1])
        scores = maps[:, :, rows, columns].reshape(-1, len(rows))
        found.append(
            [
                precision_at(scores, truth, len(sequence)),
                precision_at(scores, truth, int(truth.sum())),
                average_precision(scores, truth),
            ]
        )
        if bar is not None:
            bar.update()
    return np.array(found).swapaxes(0, 1)


def _truth(structure: Structure) -> NDArray[np.bool_]:
    """Return which candidate pairs are base pairs, none if the RNA is too short for any."""
    n = len(structure.sequence)
    paired = np.zeros((n, n), dtype=np.bool_)
    paired[structure.pairs[:, 0], structure.pairs[:, 1]] = True
    truth: NDArray[np.bool_] = paired[candidates(n)]
    return truth


def _shuffled(chosen: References, rng: np.random.Generator) -> References:
    return References(tuple(dinucleotide_shuffle(s, rng) for s in chosen.sequences), chosen.truths)


def _table(
    scores: NDArray[np.float64],
    shuffled: NDArray[np.float64],
    random: NDArray[np.float64],
    chosen: References,
    heads_a_layer: int,
) -> pd.DataFrame:
    import pandas as pd

    at_length, at_pairs, auprc = scores.mean(1)
    n_rnas, n_heads = shuffled.shape
    difference = scores[2] - shuffled
    table = pd.DataFrame(
        {
            "layer": np.arange(n_heads) // heads_a_layer,
            "head": np.arange(n_heads) % heads_a_layer,
            "precision_at_L": at_length,
            "precision_at_pairs": at_pairs,
            "auprc": auprc,
            "background": float(np.mean([truth.mean() for truth in chosen.truths])),
            "auprc_shuffled": shuffled.mean(0),
            "z_shuffled": _z(difference.mean(0), difference.std(0, ddof=1) / np.sqrt(n_rnas)),
            "auprc_random": random.mean(),
            "z_random": _z(auprc - random.mean(), np.full(n_heads, random.std(ddof=1))),
        }
    )
    table = table.sort_values("auprc", ascending=False, kind="stable", ignore_index=True)
    table.attrs["n_rnas"] = n_rnas
    return table


def _z(mean: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean / spread; 0 where both are 0, infinite where only the spread is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / spread)
