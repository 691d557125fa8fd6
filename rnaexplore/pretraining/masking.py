"""What is hidden from the model: single residues, subsequences, motifs, on a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.corpus import TrainingBatch
from rnaexplore.pretraining.sample import UNKNOWN, Ints

__all__ = ["Levels", "Masking"]

TO_MASK, TO_RANDOM = 0.8, 0.1  #: shares of hidden residues, Devlin et al. 2019
WHOLE = 0.25  #: share of sequences in which nothing is hidden
SHORTEST, LONGEST = 4, 8  #: residues of a hidden subsequence, Wang et al. 2024


@dataclass(frozen=True, slots=True)
class Levels:
    """Shares of sequences masked at each level, one level a sequence; they add up to 1.

    Parameters
    ----------
    base
        Residues one by one.
    subsequence
        Stretches of 4 to 8 residues anywhere.
    motif
        Whole occurrences of motifs.

    Raises
    ------
    InputError
        If a share is negative or they do not add up to 1.
    """

    base: float = 1.0
    subsequence: float = 0.0
    motif: float = 0.0

    def __post_init__(self) -> None:
        shares = astuple(self)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:  # noqa: PLR2004 - rounding
            msg = f"shares of the masking levels must be 0 or more and add up to 1, not {shares}"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking:
    """How residues are hidden.

    Parameters
    ----------
    rate
        Share of residues hidden in a sequence; one sequence in four is left whole, and so are
        artificial ones.
    first, last
        Levels at the beginning and at the end of training; between them the shares move evenly.
    """

    rate: float = 0.15
    first: Levels = Levels()
    last: Levels = Levels()

    def shares(self, progress: float) -> NDArray[np.float64]:
        """Return the shares of the three levels at a point of training, 0 to 1, shape (3,)."""
        first, last = (np.array(astuple(levels)) for levels in (self.first, self.last))
        mixed = (1 - progress) * first + progress * last
        shares: NDArray[np.float64] = mixed / mixed.sum()
        return shares

    def hide(
        self, batch: TrainingBatch, alphabet: Alphabet, progress: float, rng: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Hide residues of a batch: 80 % behind the mask, 10 % behind another residue.

        Parameters
        ----------
        batch
            The batch.
        alphabet
            Its vocabulary, with a mask token.
        progress
            How far training has come, 0 to 1.
        rng
            Source of randomness.

        Returns
        -------
        ids : ndarray of int64, shape (batch, tokens)
            With hidden residues replaced.
        labels : ndarray of int64, shape (batch, tokens)
            The true ids of hidden residues, -100 elsewhere.
        """
        chosen = self.choose(batch, progress, rng) & np.isin(batch.ids, _hideable(alphabet))
        labels = np.where(chosen, batch.ids, UNKNOWN)
        action = rng.random(batch.ids.shape)
        other = rng.choice(alphabet.residue_ids, batch.ids.shape)
        hidden = np.select(
            [action < TO_MASK, action < TO_MASK + TO_RANDOM],
            [np.full_like(batch.ids, alphabet.mask_id), other],
            batch.ids,
        )
        return np.where(chosen, hidden, batch.ids), labels

    def choose(
        self, batch: TrainingBatch, progress: float, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Return which tokens of a batch are to be hidden, (batch, tokens)."""
        levels = rng.choice(3, len(batch.ids), p=self.shares(progress))
        whole = (rng.random(len(batch.ids)) < WHOLE) | ~batch.natural
        chosen = np.zeros(batch.ids.shape, dtype=bool)
        for row in np.flatnonzero(~whole):
            residues = np.flatnonzero(batch.residues[row])
            n = rng.binomial(len(residues), self.rate)
            chosen[row, _LEVELS[levels[row]](residues, batch.spans[row], n, rng)] = True
        typed = batch.type_position >= 0
        rows = np.flatnonzero(typed & ~whole & (rng.random(len(typed)) < self.rate))
        chosen[rows, batch.type_position[rows]] = True
        return chosen


def _bases(residues: Ints, spans: Ints, n: int, rng: np.random.Generator) -> Ints:
    del spans
    return rng.choice(residues, n, replace=False)


def _subsequences(residues: Ints, spans: Ints, n: int, rng: np.random.Generator) -> Ints:
    del spans
    return _filled(_stretches(residues, rng), residues, n, rng)


def _motifs(residues: Ints, spans: Ints, n: int, rng: np.random.Generator) -> Ints:
    order = rng.permutation(len(spans))
    return _filled((np.arange(*spans[k]) for k in order), residues, n, rng)


_LEVELS = (_bases, _subsequences, _motifs)


def _stretches(residues: Ints, rng: np.random.Generator) -> Iterator[Ints]:
    for _ in residues:  # far more than are taken
        length = int(rng.integers(SHORTEST, LONGEST + 1))
        start = int(rng.integers(max(1, len(residues) - length + 1)))
        yield residues[start : start + length]


def _filled(stretches: Iterator[Ints], residues: Ints, n: int, rng: np.random.Generator) -> Ints:
    """Take whole stretches while they fit into `n` residues, then single residues for the rest.

    The first may be longer, up to half of the residues: a hairpin is hidden whole or not at all.
    """
    taken: set[int] = set()
    for stretch in stretches:
        more = taken | set(stretch.tolist())
        if len(more) <= (n if taken else max(n, len(residues) // 2)):
            taken = more
        if n - len(taken) < SHORTEST:
            break
    rest = np.setdiff1d(residues, np.fromiter(taken, dtype=np.int64))
    single = rng.choice(rest, max(0, n - len(taken)), replace=False)
    return np.concatenate([np.fromiter(taken, dtype=np.int64), single]).astype(np.int64)


def _hideable(alphabet: Alphabet) -> Ints:
    """Ids that may be hidden: unambiguous residues, and types of RNA where the model has them."""
    types = [alphabet.ids[t] for t in alphabet.rna_types]
    return np.concatenate([alphabet.residue_ids, np.array(types, dtype=np.int64)])
