"""How well each attention head follows base pairs or sites, tested against two nulls."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load
from rnaexplore.errors import InputError
from rnaexplore.tl.evaluation.shuffle import dinucleotide_shuffle
from rnaexplore.tl.heads.head_statistics import HeadStatistics, NullHeads, head_statistics
from rnaexplore.tl.heads.pair_scores import Matched, candidates, diagonal_sums, ranked, upper
from rnaexplore.tl.heads.references import (
    MIN_RNAS,
    Reference,
    References,
    Relation,
    check_nucleotides,
    references,
    resampled_groups,
)

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
    groups: str | None = None,
    n_max: int = 50,
    n_shuffles: int = 1,
    n_random: int = 20,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Score each attention head as a predictor of base pairs, and test it against two nulls.

    Maps are symmetrized and corrected (`AttentionMaps.apc`), and the pairs of residues at least 4
    apart are ranked by them; AUPRC, the area under the precision-recall curve, is computed as
    average precision. Scores are means over RNAs, each RNA counting once.

    A head has to pass two nulls. Does it follow *this* sequence's structure? Then it does worse on
    a sequence shuffled with its dinucleotides kept, judged by the unshuffled structure; how much
    worse is the effect, ``delta_auprc``. Did *training* teach it? Then its effect is larger than
    those of heads of the same architecture with random weights, some of which follow letters that
    pair. As the best of many heads is good by luck, p-values are corrected for the number of
    heads, and ``auprc_best_null`` says how far the best of all null heads gets.

    Effects do not grow with the number of RNAs. Groups of relatives (families) count as one
    draw: more RNAs of the same families, or the same RNAs again, make nothing more certain.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
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
    groups
        ``obs`` key of groups of relatives that are resampled as a whole; by default
        ``obs["family"]`` if there is one. An RNA without a group is one of its own, and RNAs with
        the same sequence are one. If all RNAs are of one group each RNA is resampled, and
        intervals and p-values speak of that group alone.
    n_max
        Largest number of RNAs to read; a random choice of them if there are more.
    n_shuffles
        Shuffled sequences per RNA, 1 or more.
    n_random
        Models with random weights, 1 or more. The null heads are all of theirs, and the smallest
        p-value is 1 / (null heads + 1), so that a single head can have a false-discovery rate
        below 5 % from 20 models on. Fewer are faster where only the order of heads is wanted: each
        model reads all RNAs and their shuffles.
    seed
        Seed of the choice, the shuffles, the random weights and the resampling.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        One row per head, best AUPRC first. Columns:

        ``layer``, ``head`` : int
        ``precision_at_L``, ``precision_at_pairs`` : float
            Share of true pairs among the L, and among as many as there are pairs, best ones.
        ``auprc`` : float
            Average precision, 0 to 1.
        ``background`` : float
            AUPRC of random scores: the share of base pairs among all candidates.
        ``enrichment`` : float
            Mean attention (symmetrized, uncorrected) of the pairs over that of other pairs as
            far apart in the same RNA; 1 is no preference.
        ``auprc_shuffled`` : float
            AUPRC of the same head on shuffled sequences.
        ``delta_auprc``, ``delta_low``, ``delta_high`` : float
            The effect, ``auprc - auprc_shuffled``, and its 95 % interval: percentiles of 2,000
            bootstrap draws of groups. Rough for fewer than ten groups, NaN for one.
        ``auprc_random`` : float
            Mean AUPRC of all heads with random weights.
        ``auprc_best_null`` : float
            Largest AUPRC of any null head, of random weights or of this model on shuffled
            sequences: the bar for the best head.
        ``p_shuffled`` : float
            One-sided p-value of the effect being no larger than 0 on average over groups (t-test
            with a jackknife over groups); 1 for one group.
        ``p_random`` : float
            Share of the heads with random weights that have at least this effect, the head itself
            counted among them; mean over the draws of groups.
        ``p``, ``fdr`` : float
            The larger of the two p-values, and its false-discovery rate over all heads (Benjamini
            & Hochberg 1995).

        ``attrs`` holds ``n_rnas``, ``n_groups``, ``n_null_heads`` (with random weights) and
        ``groups``, the key that was resampled, or ``"RNA"``.

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

    Notes
    -----
    One RNA is read at a time, and its heads are scored as they are computed: time grows with the
    number of RNAs (at most `n_max`) times the number of heads and the square of the lengths, times
    ``1 + n_shuffles``, times ``1 + n_random`` models; memory with the square of the longest RNA.
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
    numbers, key = resampled_groups(adata, groups, chosen)
    shuffles = [_shuffled(chosen, seed, k) for k in range(n_shuffles)]
    passes = len(chosen.sequences) * (1 + n_shuffles) * (1 + n_random)
    with tqdm(total=passes, unit="RNA", disable=not progress) as bar:
        scores = head_scores(loaded, chosen, bar)
        nulls = _null_heads(loaded, chosen, shuffles, n_random=n_random, seed=seed, bar=bar)
    found = head_statistics(scores.auprc, nulls, numbers, seed=seed)
    table = _table(scores, nulls, found, chosen, loaded.spec.n_heads)
    table.attrs = {
        "n_rnas": len(numbers),
        "n_groups": int(numbers.max()) + 1,
        "n_null_heads": len(nulls.gains),
        "groups": key,
    }
    return table


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


def _null_heads(
    model: Model,
    chosen: References,
    shuffles: list[References],
    *,
    n_random: int,
    seed: int,
    bar: tqdm[None],
) -> NullHeads:
    """Return the AUPRC of the heads on shuffles, and of heads with random weights on both."""
    own = [head_scores(model, shuffle, bar).auprc for shuffle in shuffles]
    random, random_shuffled = [], []
    for number in _weight_seeds(seed, n_random):
        null = model.randomised(seed=number)
        random.append(head_scores(null, chosen, bar).auprc)
        each = [head_scores(null, shuffle, bar).auprc for shuffle in shuffles]
        random_shuffled.append(np.mean(each, axis=0))
    return NullHeads(np.array(own), np.array(random), np.array(random_shuffled))


def _weight_seeds(seed: int, n: int) -> list[int]:
    """Return seeds of random weights, large ones: none that a caller gave to a model of theirs."""
    rng = np.random.default_rng([seed])
    found: list[int] = rng.integers(2**20, 2**31, size=n).tolist()
    return found


def _shuffled(chosen: References, seed: int, number: int) -> References:
    """Return the RNAs shuffled; what becomes of one depends on no other RNA."""
    return replace(
        chosen,
        sequences=tuple(
            dinucleotide_shuffle(s, np.random.default_rng([seed, number, crc32(s.encode())]))
            for s in chosen.sequences
        ),
    )


def _table(
    scores: HeadScores,
    nulls: NullHeads,
    found: HeadStatistics,
    chosen: References,
    heads_per_layer: int,
) -> pd.DataFrame:
    import pandas as pd

    n_heads = len(found.effect)
    table = pd.DataFrame(
        {
            "layer": np.arange(n_heads) // heads_per_layer,
            "head": np.arange(n_heads) % heads_per_layer,
            "precision_at_L": scores.at_length.mean(0),
            "precision_at_pairs": scores.at_pairs.mean(0),
            "auprc": scores.auprc.mean(0),
            "background": float(np.mean([truth.mean() for truth in chosen.truths])),
            "enrichment": _ratio(scores.attention.mean(0), scores.background.mean(0)),
            "auprc_shuffled": nulls.shuffled.mean((0, 1)),
            "delta_auprc": found.effect,
            "delta_low": found.low,
            "delta_high": found.high,
            "auprc_random": nulls.random.mean(),
            "auprc_best_null": nulls.best,
            "p_shuffled": found.p_shuffled,
            "p_random": found.p_random,
            "p": found.p,
            "fdr": found.fdr,
        }
    )
    return table.sort_values("auprc", ascending=False, kind="stable", ignore_index=True)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above / below; 0 where both are 0, infinite where only what is below is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(above == 0, 0.0, above / below)
