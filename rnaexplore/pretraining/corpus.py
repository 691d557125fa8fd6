"""The corpus: encoded records, and batches of similar length drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.motifs import Motifs
from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.sample import UNKNOWN, Ints, Sample, encode

__all__ = ["Corpus", "TrainingBatch"]


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Padded arrays of one step.

    Attributes
    ----------
    ids, mask
        (batch, tokens): token ids, and 1 for tokens and 0 for pads.
    residues
        (batch, tokens): whether a token is a residue.
    partner
        (batch, tokens): token position of the partner, 0 (the first special token) for unpaired
        residues, -100 where unknown.
    family
        (batch,): family index, -1 where unknown.
    natural
        (batch,): whether a row is a real RNA; artificial ones teach pairs alone.
    type_position
        (batch,): token position of the RNA type, -1 where there is none.
    spans
        Occurrences of motifs in each row: token positions of begin and end (excluded), (n, 2).
    """

    ids: Ints
    mask: Ints
    residues: NDArray[np.bool_]
    partner: Ints
    family: Ints
    natural: NDArray[np.bool_]
    type_position: Ints
    spans: tuple[Ints, ...]


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
    motifs
        Motifs whose occurrences batches tell; needs an alphabet of nucleotides.
    types
        Whether the RNA type follows the residues as a token, as in RNAErnie.

    Raises
    ------
    InputError
        If the alphabet cannot do what is asked.
    """

    def __init__(
        self,
        records: Sequence[Record],
        alphabet: Alphabet,
        *,
        max_length: int,
        artificial: float = 0.0,
        related: float = 0.35,
        motifs: Motifs | None = None,
        types: bool = False,
    ) -> None:
        _check(alphabet, motifs=motifs is not None, types=types)
        self.alphabet = alphabet
        self.motifs = motifs
        self._letters = np.full(len(alphabet.tokens), "?")
        for letter in "ACGU" if alphabet.unit == "nucleotide" else "":
            self._letters[alphabet.ids[letter]] = letter
        self.artificial = artificial
        self.related = related
        self.max_length = max_length
        families = {f: i for i, f in enumerate(sorted({r.family for r in records if r.family}))}
        self.samples = [
            encode(
                r,
                alphabet,
                families.get(r.family, -1),
                alphabet.type_id(r.rna_type) if types else -1,
            )
            for r in records
        ]
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

    @property
    def has_structures(self) -> bool:
        """Whether any record has a known structure."""
        return len(self._structured) > 0

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
        rows = [self._tokens(sample) for sample in samples]
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self.alphabet.pad_id)
        mask = np.zeros_like(ids)
        partner = np.full_like(ids, UNKNOWN)
        residues = np.zeros(ids.shape, dtype=bool)
        first = self.alphabet.n_prefix
        for k, (row, sample) in enumerate(zip(rows, samples, strict=True)):
            ids[k, : len(row)] = row
            mask[k, : len(row)] = 1
            body = slice(first, first + len(sample.ids))
            residues[k, body] = True
            if sample.partner is not None:
                p = sample.partner
                partner[k, body] = np.where(p >= 0, p + first, np.where(p == -1, 0, UNKNOWN))
        return TrainingBatch(
            ids=ids,
            mask=mask,
            residues=residues,
            partner=partner,
            family=np.array([s.family for s in samples]),
            natural=np.array([s.natural for s in samples]),
            type_position=np.array(
                [first + len(s.ids) + 1 if s.type_id >= 0 else -1 for s in samples]
            ),
            spans=tuple(self._spans(s) for s in samples),
        )

    def _tokens(self, sample: Sample) -> Ints:
        """Return a sample's ids with special tokens, and its type where there is one."""
        alphabet = self.alphabet
        before = [] if alphabet.cls is None else [alphabet.ids[alphabet.cls]]
        after = [] if alphabet.eos is None else [alphabet.ids[alphabet.eos]]
        if sample.type_id >= 0:
            after = [alphabet.ids[alphabet.indicator or ""], sample.type_id, *after]
        return np.concatenate([before, sample.ids, after]).astype(np.int64)

    def _spans(self, sample: Sample) -> Ints:
        if self.motifs is None or not sample.natural:
            return np.empty((0, 2), dtype=np.int64)
        sequence = "".join(self._letters[sample.ids])
        spans: Ints = self.motifs.spans(sequence, sample.dot_bracket()) + self.alphabet.n_prefix
        return spans


def _check(alphabet: Alphabet, *, motifs: bool, types: bool) -> None:
    if alphabet.unit == "k-mer" or alphabet.mask is None:
        msg = "this model cannot be pretrained: its tokens overlap, or it has no mask token"
        raise InputError(msg)
    if motifs and alphabet.unit != "nucleotide":
        msg = f"motifs are masked in nucleotides, and this model reads {alphabet.unit}s"
        raise InputError(msg)
    if types and not alphabet.rna_types:
        msg = "this model has no tokens for types of RNA; among the catalog's, 'rnaernie' has"
        raise InputError(msg)


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
