"""Alphabets: from the letters of an RNA to the token ids of one checkpoint, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InvalidSequenceError

__all__ = ["NUCLEOTIDES", "Alphabet", "Unit", "normalise"]

Unit = Literal["nucleotide", "codon", "k-mer"]

NUCLEOTIDES = "ACGU"


def normalise(sequence: str) -> str:
    """Return a sequence in upper case with U in place of T."""
    return sequence.upper().replace("T", "U")


@dataclass(frozen=True, kw_only=True)
class Alphabet:
    """The vocabulary of a checkpoint.

    Tokens are spelled as RNA (``U``), also where the checkpoint's own vocabulary writes ``T``:
    only the ids matter to the weights, and sequences are normalised before they are encoded.

    Parameters
    ----------
    unit
        What one token stands for: a nucleotide, a codon of three, or `k` nucleotides that
        overlap with those of the next token.
    tokens
        All tokens; the id of a token is its index.
    pad, unk
        Names of the padding and the unknown token.
    cls, eos
        Tokens put before and after each sequence, or ``None``.
    mask
        Token that hides a residue in masked language modelling, or ``None``.
    aliases
        Letters read as another token, for example IUPAC codes read as ``N``.
    k
        Nucleotides a token; follows from `unit` except for k-mers.
    rna_types
        Tokens that name types of RNA, put behind `indicator` at the end of a sequence.
    indicator
        Token that announces the type.
    """

    unit: Unit = "nucleotide"
    tokens: tuple[str, ...]
    pad: str = "<pad>"
    unk: str = "<unk>"
    cls: str | None = "<cls>"
    eos: str | None = "<eos>"
    mask: str | None = "<mask>"
    aliases: Mapping[str, str] = field(default_factory=dict)
    k: int | None = None
    rna_types: tuple[str, ...] = ()
    indicator: str | None = None

    @cached_property
    def ids(self) -> dict[str, int]:
        """Token ids by token, aliases included."""
        ids = {token: i for i, token in enumerate(self.tokens)}
        return ids | {alias: ids[token] for alias, token in self.aliases.items()}

    @property
    def width(self) -> int:
        """Nucleotides a token: 1, 3 for codons, k for k-mers."""
        return self.k or (3 if self.unit == "codon" else 1)

    @property
    def step(self) -> int:
        """Nucleotides from one token to the next: 3 for codons, 1 otherwise."""
        return 3 if self.unit == "codon" else 1

    @property
    def n_prefix(self) -> int:
        """Special tokens before the first residue."""
        return int(self.cls is not None)

    @property
    def n_special(self) -> int:
        """Special tokens that `encode` adds to a sequence."""
        return int(self.cls is not None) + int(self.eos is not None)

    @property
    def pad_id(self) -> int:
        """Id of the padding token."""
        return self.ids[self.pad]

    @property
    def unk_id(self) -> int:
        """Id of the unknown token."""
        return self.ids[self.unk]

    @property
    def mask_id(self) -> int | None:
        """Id of the mask token, ``None`` if there is none."""
        return None if self.mask is None else self.ids[self.mask]

    @cached_property
    def residues(self) -> tuple[str, ...]:
        """Unambiguous residues in a fixed order: A C G U, or the codons (k-mers) in that order."""
        return tuple("".join(letters) for letters in product(NUCLEOTIDES, repeat=self.width))

    @cached_property
    def residue_ids(self) -> NDArray[np.int64]:
        """Token ids of `residues`, shape (4 ** width,)."""
        return np.array([self.ids[r] for r in self.residues], dtype=np.int64)

    def split(self, sequence: str) -> list[str]:
        """Return the normalised sequence cut into residues (nucleotides, codons or k-mers).

        Raises
        ------
        InvalidSequenceError
            If the sequence is empty or shorter than one residue, or its length is not a multiple
            of 3 for codons.
        """
        sequence = normalise(sequence)
        if not sequence:
            msg = "the sequence is empty; a model needs at least one residue"
            raise InvalidSequenceError(msg)
        if self.unit == "nucleotide":
            return list(sequence)
        self._check_frame(sequence)
        k, step = self.width, self.step
        return [sequence[i : i + k] for i in range(0, len(sequence) - k + 1, step)]

    def _check_frame(self, sequence: str) -> None:
        if self.unit == "codon" and len(sequence) % 3:
            msg = (
                f"a codon model reads a sequence in steps of 3, but this one has {len(sequence)} "
                f"nucleotides ({len(sequence) % 3} too many); pass the coding sequence in frame"
            )
            raise InvalidSequenceError(msg)
        if len(sequence) < self.width:
            msg = (
                f"the model reads {self.width} nucleotides at a time; this one has {len(sequence)}"
            )
            raise InvalidSequenceError(msg)

    def n_residues(self, sequence: str) -> int:
        """Return the number of residues (tokens without special tokens) of a sequence."""
        return max(0, (len(sequence) - self.width) // self.step + 1)

    def slice(self, sequence: str, start: int, stop: int) -> str:
        """Return the nucleotides of residues `start` to `stop` (excluded)."""
        return sequence[start * self.step : (stop - 1) * self.step + self.width]

    def encode(self, sequence: str) -> NDArray[np.int64]:
        """Return the token ids of a sequence, special tokens included.

        Parameters
        ----------
        sequence
            Any case, U or T.

        Returns
        -------
        ndarray of int64, shape (n_residues + n_special,)
        """
        ids, unk = self.ids, self.unk_id
        body = [ids.get(residue, unk) for residue in self.split(sequence)]
        prefix = [] if self.cls is None else [ids[self.cls]]
        suffix = [] if self.eos is None else [ids[self.eos]]
        return np.array(prefix + body + suffix, dtype=np.int64)

    def type_id(self, name: str) -> int:
        """Return the token id of a type of RNA, -1 if the vocabulary has none for it.

        Parameters
        ----------
        name
            For example ``tRNA``, or Rfam's ``Gene; snRNA; snoRNA; CD-box``, whose narrowest term
            that is known counts; hyphens, blanks and case do not matter.
        """
        known = {token.lower(): self.ids[token] for token in self.rna_types}
        for term in reversed(name.split(";")):
            plain = term.replace("-", "").replace("_", "").replace(" ", "").lower()
            if plain in known:
                return known[plain]
        return -1

    def unknown(self, sequence: str) -> list[str]:
        """Return the residues of a sequence that the vocabulary does not know, in order."""
        return [r for r in self.split(sequence) if self.ids.get(r, self.unk_id) == self.unk_id]
