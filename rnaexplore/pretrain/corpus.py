"""The corpus: encoded records, and batches of similar length drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretrain.records import Record
from rnaexplore.structure import pairs_from_dot_bracket

__all__ = ["Corpus", "Sample", "TrainingBatch"]

_CANONICAL = ("GC", "CG", "AU", "UA", "GU", "UG")
_CANONICAL_SHARE = (0.25, 0.25, 0.2, 0.2, 0.05, 0.05)
UNKNOWN = -100  #: target of positions that a loss leaves out

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded record.

    Attributes
    ----------
    ids
        Token ids without special tokens, shape (L,).
    partner
        Position of each residue's partner, -1 if unpaired; ``None`` if no structure is known.
    family
        Index of the family, -1 if none is known.
    natural
        Whether the letters are those of a real RNA.
    """

    ids: Ints
    partner: Ints | None
    family: int
    natural: bool = True

    def crop(self, length: int, rng: np.random.Generator) -> Sample:
        """Return a random stretch of at most `length` residues; cut pairs become unknown."""
        if len(self.ids) <= length:
            return self
        start = int(rng.integers(len(self.ids) - length + 1))
        ids = self.ids[start : start + length]
        if self.partner is None:
            return replace(self, ids=ids)
        partner = self.partner[start : start + length]
        moved = partner - start
        outside = (partner >= 0) & ((moved < 0) | (moved >= length))
        kept = np.where(outside, UNKNOWN, np.where(partner < 0, -1, moved))
        return replace(self, ids=ids, partner=kept)

    def resampled(self, rate: float, alphabet: Alphabet, rng: np.random.Generator) -> Sample:
        """Return an artificial relative: the same structure, other letters.

        Parameters
        ----------
        rate
            Probability that a pair is replaced by a canonical pair drawn at random (GC, AU and GU
            as 5 : 4 : 1), and that an unpaired residue is replaced, 0 to 1.
        alphabet
            The vocabulary.
        rng
            Source of randomness.
        """
        if self.partner is None:
            return self
        pairs = np.array([[alphabet.ids[c] for c in pair] for pair in _CANONICAL])
        ids = np.where(
            rng.random(len(self.ids)) < rate,
            rng.choice(alphabet.residue_ids, len(self.ids)),
            self.ids,
        )
        left = np.flatnonzero(self.partner > np.arange(len(self.ids)))
        right = self.partner[left]
        new = pairs[rng.choice(len(pairs), len(left), p=_CANONICAL_SHARE)]
        old = np.stack([self.ids[left], self.ids[right]], axis=1)
        ids[left], ids[right] = np.where(rng.random((len(left), 1)) < rate, new, old).T
        return Sample(ids, self.partner, -1, natural=False)


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Padded arrays of one step.

    Attributes
    ----------
    ids, mask
        (batch, tokens): token ids, and 1 for tokens and 0 for pads.
    partner
        (batch, tokens): token position of the partner, 0 (the first special token) for unpaired
        residues, -100 where unknown.
    family
        (batch,): family index, -1 where unknown.
    natural
        (batch,): whether a row is a real RNA; artificial ones teach pairs alone.
    """

    ids: Ints
    mask: Ints
    partner: Ints
    family: Ints
    natural: NDArray[np.bool_]


class Corpus:
    """Encoded records, drawn in batches of similar length.

    A part of each batch's tokens are pairs of records of one family, the rest are single records,
    with or without a structure. Large families are drawn less than in proportion.

    Parameters
    ----------
    records
        Training records.
    alphabet
        Vocabulary to encode with.
    max_length
        Longest stretch in residues; longer records are cropped at random at each draw.
    artificial
        Share of the drawn structures whose letters are resampled with the pairs kept, so that
        pairing is learned as a rule and not as a memory of families; 0 to 1.
    related
        Share of a batch's tokens that are pairs of relatives, 0 to 1.
    """

    def __init__(
        self,
        records: Sequence[Record],
        alphabet: Alphabet,
        *,
        max_length: int,
        artificial: float = 0.0,
        related: float = 0.35,
    ) -> None:
        self.alphabet = alphabet
        self.artificial = artificial
        self.related = related
        self.max_length = max_length
        families = {f: i for i, f in enumerate(sorted({r.family for r in records if r.family}))}
        self.samples = [_encode(r, alphabet, families) for r in records]
        self._lengths = np.array([min(len(s.ids), max_length) for s in self.samples])
        self._weights = _weights(self.samples)
        structured = np.array([s.partner is not None for s in self.samples])
        self._structured = self._by_length(np.flatnonzero(structured))
        self._plain = self._by_length(np.flatnonzero(~structured))
        self._families = self._family_members()
        self._medians = np.array([np.median(self._lengths[m]) for m in self._families])

    def _by_length(self, indices: Ints) -> Ints:
        return indices[np.argsort(self._lengths[indices], kind="stable")]

    def _family_members(self) -> list[Ints]:
        """Members of each family of two and more, families by median length."""
        members: dict[int, list[int]] = {}
        for i, sample in enumerate(self.samples):
            if sample.family >= 0:
                members.setdefault(sample.family, []).append(i)
        groups = [np.array(m) for m in members.values() if len(m) > 1]
        return sorted(groups, key=lambda m: float(np.median(self._lengths[m])))

    def draw(self, rng: np.random.Generator, *, tokens: int) -> TrainingBatch:
        """Return a batch of about `tokens` tokens, special tokens included."""
        pools = [p for p in (self._structured, self._plain) if len(p)]
        share = np.array([self._weights[p].sum() for p in pools])
        pool = pools[rng.choice(len(pools), p=_normal(share))]
        rank = self._rank(pool, rng)
        centre = int(self._lengths[pool[rank]])
        limit = min(self.max_length, centre + max(16, centre // 4))
        width = centre + self.alphabet.n_special
        kin_tokens = int(self.related * tokens) if self._families else 0
        near = self._near(pool, rank, max(1, (tokens - kin_tokens) // width), rng)
        samples = [self._varied(self.samples[i], rng).crop(limit, rng) for i in near]
        if kin_tokens:
            kin = self._relatives(centre, max(1, kin_tokens // (2 * width)), rng)
            samples += [self.samples[i].crop(limit, rng) for i in kin]
        return self._collate(samples)

    def draw_artificial(
        self, rng: np.random.Generator, *, tokens: int, max_length: int
    ) -> TrainingBatch:
        """Return a batch of artificial relatives of structures, cropped to `max_length`.

        Parameters
        ----------
        rng
            Source of randomness.
        tokens
            Tokens of the batch, special tokens included.
        max_length
            Longest stretch in residues.
        """
        rank = self._rank(self._structured, rng)
        length = min(int(self._lengths[self._structured[rank]]), max_length)
        n = max(1, tokens // (length + self.alphabet.n_special))
        near = self._near(self._structured, rank, n, rng)
        drawn = (self.samples[i].resampled(rng.random(), self.alphabet, rng) for i in near)
        return self._collate([sample.crop(max_length, rng) for sample in drawn])

    def _rank(self, pool: Ints, rng: np.random.Generator) -> int:
        """Draw a place in a length-sorted pool, by weight."""
        return int(rng.choice(len(pool), p=_normal(self._weights[pool])))

    def _varied(self, sample: Sample, rng: np.random.Generator) -> Sample:
        """Return the sample, or an artificial relative of it."""
        if rng.random() >= self.artificial:
            return sample
        return sample.resampled(rng.random(), self.alphabet, rng)

    def _near(self, pool: Ints, rank: int, n: int, rng: np.random.Generator) -> list[int]:
        """Draw `n` members of a length-sorted pool around a place, by weight."""
        window = _window(len(pool), rank, 8 * n, rng)
        chosen = pool[window]
        n = min(n, len(chosen))
        drawn = rng.choice(chosen, n, replace=False, p=_normal(self._weights[chosen]))
        return [int(i) for i in drawn]

    def _relatives(self, length: int, n: int, rng: np.random.Generator) -> list[int]:
        """Draw two members each of `n` families whose median lengths are near `length`."""
        first, last = (np.searchsorted(self._medians, length, s) for s in ("left", "right"))
        window = _window(len(self._families), int(rng.integers(first, last + 1)), 4 * n, rng)
        groups = rng.choice(window, min(n, len(window)), replace=False)
        return [int(i) for g in groups for i in rng.choice(self._families[g], 2, replace=False)]

    def _collate(self, samples: list[Sample]) -> TrainingBatch:
        alphabet = self.alphabet
        first = alphabet.n_prefix
        width = max(len(s.ids) for s in samples) + alphabet.n_special
        ids = np.full((len(samples), width), alphabet.pad_id)
        mask = np.zeros_like(ids)
        partner = np.full_like(ids, UNKNOWN)
        for row, sample in enumerate(samples):
            n = len(sample.ids)
            ids[row, 0] = alphabet.ids[alphabet.cls or alphabet.pad]
            ids[row, first : first + n] = sample.ids
            ids[row, first + n] = alphabet.ids[alphabet.eos or alphabet.pad]
            mask[row, : n + alphabet.n_special] = 1
            if sample.partner is not None:
                p = sample.partner
                partner[row, first : first + n] = np.where(
                    p >= 0, p + first, np.where(p == -1, 0, UNKNOWN)
                )
        family = np.array([s.family for s in samples])
        return TrainingBatch(ids, mask, partner, family, np.array([s.natural for s in samples]))


def _encode(record: Record, alphabet: Alphabet, families: dict[str, int]) -> Sample:
    ids = np.array([alphabet.ids.get(c, alphabet.unk_id) for c in record.sequence])
    family = families.get(record.family, -1)
    if not record.structure:
        return Sample(ids, None, family)
    partner = np.full(len(ids), -1)
    pairs = pairs_from_dot_bracket(record.structure)
    partner[pairs[:, 0]], partner[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    return Sample(ids, partner, family)


def _weights(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Weights of drawing: one over the square root of the family's size."""
    families = np.array([s.family for s in samples])
    sizes = np.bincount(families[families >= 0], minlength=1)
    return np.where(families < 0, 1.0, 1.0 / np.sqrt(np.maximum(sizes[families], 1)))


def _normal(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _window(size: int, centre: int, n: int, rng: np.random.Generator) -> Ints:
    """Return `n` consecutive places of `size` around one, shifted at random."""
    shifted = centre + int(rng.integers(-n // 4, n // 4 + 1))
    start = int(np.clip(shifted - n // 2, 0, max(0, size - n)))
    return np.arange(start, min(start + n, size))
