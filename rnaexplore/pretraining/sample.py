"""One encoded training record: its stretches and its artificial relatives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.records import Record
from rnaexplore.structure import pairs_from_dot_bracket

__all__ = ["UNKNOWN", "Ints", "Sample", "encode"]

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
    type_id
        Token id of the RNA type, -1 if none is known.
    natural
        Whether the letters are those of a real RNA.
    """

    ids: Ints
    partner: Ints | None
    family: int
    type_id: int = -1
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

    def dot_bracket(self) -> str:
        """Return ``( ) .`` for known partners and ``?`` elsewhere, one character a residue."""
        if self.partner is None:
            return "?" * len(self.ids)
        place = np.arange(len(self.partner))
        marks = np.select(
            [self.partner == -1, self.partner > place, self.partner >= 0], [".", "(", ")"], "?"
        )
        return "".join(marks)


def encode(record: Record, alphabet: Alphabet, family: int, type_id: int) -> Sample:
    """Return a record as token ids; structures belong to nucleotides, not to codons."""
    ids = alphabet.encode(record.sequence)
    ids = ids[alphabet.n_prefix : len(ids) - (alphabet.n_special - alphabet.n_prefix)]
    if not record.structure or alphabet.unit != "nucleotide":
        return Sample(ids, None, family, type_id)
    partner = np.full(len(ids), -1)
    pairs = pairs_from_dot_bracket(record.structure)
    partner[pairs[:, 0]], partner[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    return Sample(ids, partner, family, type_id)
