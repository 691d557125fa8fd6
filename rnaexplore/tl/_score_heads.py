"""How well each attention head follows base pairs or sites, beside two null models."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.tl._access import load
from rnaexplore.tl._pair_scores import Matched, candidates, diagonal_sums, ranked, upper
from rnaexplore.tl._references import (
    MIN_RNAS,
    Reference,
    References,
    Relation,
    check_nucleotides,
    references,
)
from rnaexplore.tl._shuffle import dinucleotide_shuffle

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["HeadScores", "head_scores", "score_heads"]

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]


def score_heads(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    reference: Reference = _keys.STRUCTURE,
    relation: Relation = "pairs",
    n_max: int = 50,
    n_shuffles: int = 1,
    n_random: int = 3,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score each attention head as a predictor of base pairs, beside two nulls.

    Maps are symmetrised and corrected (`AttentionMaps.apc`), and the pairs of residues at least 4
    apart are ranked by them. Scores are means over RNAs, each RNA counting once. The nulls ask
    two things: does the head follow *this* sequence's structure (the same head reading
    sequences shuffled with their dinucleotides kept, judged by the unshuffled structure), and did
    *training* teach it (all heads of the same architecture with random weights)? Heads of one
    random model are relatives, so several are drawn. With many heads the best one has a large z
    by chance: mind how many are looked at.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one, that reads nucleotides.
    reference
        ``obs`` key of dot-bracket structures, or of sites (``relation="sites"``). Or your own
        pairs: for each name in ``adata.obs_names`` 0-based positions, shape (n, 2). RNAs without
        a pair are left out; so are pairs less than 4 apart.
    relation
        Which residues an annotation in ``obs`` puts together (your own pairs are taken as given):

        ``"pairs"``
            The partners of a base pair.
        ``"stems"``
            Residues on opposite strands of one stem, partners or not.
        ``"loops"``
            Unpaired residues in one hairpin, bulge, interior or multibranch loop.
        ``"sites"``
            Any two marked residues, for example splice sites: a text as long as the sequence in
            which every character but ``.`` is a mark.
    n_max
        Most RNAs to read; a random choice of them if there are more.
    n_shuffles
        Shuffles of each RNA, 1 or more.
    n_random
        Models with random weights, 1 or more; their seeds follow `seed`.
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
            Share of true pairs among the L, and among as many as there are pairs, best ones.
        ``auprc`` : float
            Average precision, 0 to 1.
        ``background`` : float
            Average precision of random scores: the share of base pairs among all candidates.
        ``enrichment`` : float
            Mean attention (symmetrised, uncorrected) of the pairs over that of other pairs as
            far apart in the same RNA; 1 is no preference.
        ``auprc_shuffled``, ``z_shuffled`` : float
            The same head on shuffled sequences, and how far it is above that. The unit of z
            joins the standard error over RNAs with the size of the same difference in untrained
            heads: some of them follow letters that pair, which shuffling scatters.
        ``auprc_random``, ``z_random`` : float
            Mean over all heads of the models with random weights, and the distance from it in
            their standard deviations.

    Raises
    ------
    MissingKeyError
        If a key is missing, naming the call that creates it.
    CapabilityError
        If the model has no attention.
    InputError
        If fewer than 2 RNAs have such pairs, the model reads codons, or a setting is not allowed.
    UnknownNameError
        If pairs are given for an RNA that is not there.
    InvalidStructureError
        If a structure does not fit its sequence.
    """
    if n_max < MIN_RNAS or min(n_shuffles, n_random) < 1:
        msg = (
            f"n_max must be >= {MIN_RNAS}, n_shuffles and n_random >= 1, got {n_max}, "
            f"{n_shuffles} and {n_random}"
        )
        raise InputError(msg)
    loaded = load(model)
    check_nucleotides(loaded)
    rng = np.random.default_rng(seed)
    chosen = references(adata, reference, relation=relation, n_max=n_max, rng=rng)
    n = len(chosen.sequences)
    nulls = [loaded.randomised(seed=seed + k) for k in range(n_random)]
    passes = 1 + n_shuffles + 2 * n_random
    with tqdm(total=n * passes, unit="RNA", disable=not progress) as bar:
        scores = head_scores(loaded, chosen, bar)
        shuffles = [_shuffled(chosen, rng) for _ in range(n_shuffles)]
        shuffled = np.mean([head_scores(loaded, s, bar).auprc for s in shuffles], axis=0)
        random = [head_scores(null, chosen, bar).auprc.mean(0) for null in nulls]
        gains = [
            known - head_scores(null, shuffles[0], bar).auprc.mean(0)
            for null, known in zip(nulls, random, strict=True)
        ]
    nothing = _Untrained(np.concatenate(random), np.concatenate(gains))
    return _table(scores, shuffled, nothing, chosen, loaded.spec.n_heads)


@dataclass(frozen=True, slots=True, eq=False)
class _Untrained:
    """Of every head of every model with random weights: AUPR, and what it is above shuffles."""

    auprc: Floats
    gain: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HeadScores:
    """Scores of every head on every RNA, each of shape (RNAs, heads), heads layer by layer.

    Attributes
    ----------
    at_length, at_pairs
        Precision among the L, and among as many as there are pairs, best ones.
    auprc
        Average precision.
    attention, background
        Mean attention of the pairs, and of other pairs as far apart.
    """

    at_length: Floats
    at_pairs: Floats
    auprc: Floats
    attention: Floats
    background: Floats


def head_scores(model: Model, chosen: References, bar: tqdm[None] | None = None) -> HeadScores:
    """Return the scores of all heads on some RNAs; never are all maps of one in memory."""
    found = []
    for sequence, truth in zip(chosen.sequences, chosen.truths, strict=True):
        found.append(_one_rna(model, sequence, truth))
        if bar is not None:
            bar.update()
    return HeadScores(*np.array(found).swapaxes(0, 1))


def _one_rna(model: Model, sequence: str, truth: NDArray[np.bool_]) -> Floats:
    """Return the five scores of each head, shape (5, heads)."""
    spec = model.spec
    scores = np.empty((spec.n_layers, spec.n_heads, 5))
    pairs = _Pairs.of(len(sequence), truth)
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def visit(layer: int, heads: tuple[int, ...], maps: Maps) -> None:
            scores[layer, list(heads)] = list(pool.map(pairs.score, maps))

        model.visit_attentions(sequence, visit)
    return scores.reshape(-1, 5).T


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """The candidate pairs of one RNA, and which of them are true."""

    mask: NDArray[np.bool_]  #: of the candidates in a map, (L, L)
    truth: NDArray[np.bool_]
    matched: Matched

    @classmethod
    def of(cls, n: int, truth: NDArray[np.bool_]) -> _Pairs:
        rows, columns = candidates(n)
        mask = np.zeros((n, n), dtype=bool)
        mask[rows, columns] = True
        return cls(mask, truth, Matched.of(columns - rows, truth))

    def score(self, attention: Maps) -> Floats:
        """Return the five scores of one map (L, L), which is symmetrised and corrected here.

        Nothing here calls BLAS, whose threads would wait for each other among many of these.
        """
        symmetric = upper(attention)
        means = self.matched.means(symmetric[self.mask], diagonal_sums(symmetric))
        margin = (attention.sum(0) + attention.sum(1)) / 2
        shares = margin / (np.sqrt(margin.sum()) or np.float32(1))
        symmetric -= np.multiply.outer(shares, shares)
        corrected = symmetric[self.mask]
        precisions = ranked(corrected, self.truth, (len(attention), int(self.truth.sum())))
        return np.append(precisions, means)


def _shuffled(chosen: References, rng: np.random.Generator) -> References:
    sequences = tuple(dinucleotide_shuffle(s, rng) for s in chosen.sequences)
    return replace(chosen, sequences=sequences)


def _table(
    scores: HeadScores,
    shuffled: Floats,
    untrained: _Untrained,
    chosen: References,
    heads_a_layer: int,
) -> pd.DataFrame:
    import pandas as pd

    n_rnas, n_heads = shuffled.shape
    difference = scores.auprc - shuffled
    auprc, random = scores.auprc.mean(0), untrained.auprc
    error = np.hypot(difference.std(0, ddof=1) / np.sqrt(n_rnas), _size(untrained.gain))
    table = pd.DataFrame(
        {
            "layer": np.arange(n_heads) // heads_a_layer,
            "head": np.arange(n_heads) % heads_a_layer,
            "precision_at_L": scores.at_length.mean(0),
            "precision_at_pairs": scores.at_pairs.mean(0),
            "auprc": auprc,
            "background": float(np.mean([truth.mean() for truth in chosen.truths])),
            "enrichment": _ratio(scores.attention.mean(0), scores.background.mean(0)),
            "auprc_shuffled": shuffled.mean(0),
            "z_shuffled": _ratio(difference.mean(0), error),
            "auprc_random": random.mean(),
            "z_random": _ratio(auprc - random.mean(), np.full(n_heads, random.std(ddof=1))),
        }
    )
    table = table.sort_values("auprc", ascending=False, kind="stable", ignore_index=True)
    table.attrs["n_rnas"] = n_rnas
    return table


def _size(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above / below; 0 where both are 0, infinite where only what is below is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(above == 0, 0.0, above / below)
