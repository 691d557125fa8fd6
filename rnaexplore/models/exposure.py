"""What a model has seen: which sequences and families were in its training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.spec import ModelSpec
from rnaexplore.models.weights.sources import BUNDLED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rnaexplore.models.model import Model

__all__ = ["Exposure", "Register", "exposure", "register_of", "register_of_model"]

Bools = NDArray[np.bool_]

KMER = 14
SAMPLED = 8  #: a register keeps one of so many k-mers, chosen by their codes
SHARE = 0.1  #: an RNA is a relative of the training data if more of its kept k-mers occur there
LEAST = 2  #: of them, for a single one may be chance
_CODE = np.full(256, -1, dtype=np.int64)
_CODE[np.frombuffer(b"ACGU", np.uint8)] = range(4)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much of a set of RNAs was in the training data of a model.

    Attributes
    ----------
    model
        Name of the model.
    known
        Whether its training data are registered. If not, all arrays are ``False``.
    trained_on
        One line on the training data.
    seen
        Shape (n,): whether the sequence itself was trained on.
    related
        Shape (n,): whether it was, or shares more than a tenth of its 14-mers with the training
        data (estimated from one in eight 14-mers).
    family_seen
        Shape (n,): whether a family of this name was trained on; ``False`` without a family.
    n_families, n_families_seen
        Number of distinct families given, and of those trained on.
    """

    model: str
    known: bool
    trained_on: str
    seen: Bools
    related: Bools
    family_seen: Bools
    n_families: int
    n_families_seen: int

    @property
    def exposed(self) -> Bools:
        """Shape (n,): whether the sequence, a relative or its family was trained on."""
        result: Bools = self.related | self.family_seen
        return result

    def __str__(self) -> str:
        """Return one sentence for reports."""
        if not self.known:
            return f"{self.model}: not known which RNAs were trained on ({self.trained_on})"
        n, related = len(self.seen), int((self.related & ~self.seen).sum())
        said = f"{self.model}: {int(self.seen.sum())} of {n} RNAs were in its training data, "
        said += f"{related} more have relatives there"
        if self.n_families:
            said += f"; {self.n_families_seen} of {self.n_families} families were trained on"
        return said


@dataclass(frozen=True, slots=True)
class Register:
    """Hashes of what a model was trained on.

    Attributes
    ----------
    sequences
        First 8 bytes of the SHA-256 of each upper-case RNA sequence, sorted.
    kmers
        Codes of one in eight of their 14-mers, sorted.
    families
        Names of the families.
    """

    sequences: NDArray[np.uint64]
    kmers: NDArray[np.uint32]
    families: frozenset[str]

    @classmethod
    def of(cls, sequences: Sequence[str], families: Iterable[str]) -> Register:
        """Return the register of upper-case RNA sequences and family names."""
        kept = [np.empty(0, np.uint32), *(_sampled(s) for s in sequences)]
        hashes = np.unique(np.array([_hash(s) for s in sequences], dtype=np.uint64))
        return cls(hashes, np.unique(np.concatenate(kept)), frozenset(families) - {""})

    def write(self, path: Path) -> None:
        """Write the register as compressed arrays (``.npz``)."""
        np.savez_compressed(
            path,
            sequences=self.sequences,
            kmers=np.diff(self.kmers, prepend=np.uint32(0)),
            families=np.array(sorted(self.families), dtype=np.str_),
        )

    @classmethod
    def read(cls, path: Path) -> Register:
        """Return the register of a file that `write` made.

        Raises
        ------
        CheckpointError
            If the file is something else, or damaged.
        """
        problem = "is no register of training data, or is damaged"
        with (
            border(path, CheckpointError, problem=problem),
            np.load(path, allow_pickle=False) as arrays,
        ):
            kmers = np.cumsum(arrays["kmers"], dtype=np.uint32)
            return cls(arrays["sequences"], kmers, frozenset(arrays["families"].tolist()))

    def seen(self, sequence: str) -> bool:
        """Return whether a sequence was trained on."""
        return _is_in(np.array([_hash(sequence)], dtype=np.uint64), self.sequences).all().item()

    def related(self, sequence: str) -> bool:
        """Return whether a tenth of a sequence's kept 14-mers, and two, were trained on."""
        known = _is_in(_sampled(sequence), self.kmers)
        return bool(known.sum() >= LEAST and known.mean() > SHARE)


def exposure(
    spec: ModelSpec,
    register: Register | None,
    sequences: Sequence[str],
    families: Sequence[str] | None = None,
) -> Exposure:
    """Return how much of given RNAs a model was trained on.

    Parameters
    ----------
    spec
        The model.
    register
        Its register (`register_of`), ``None`` if it is not known what the model was trained on.
    sequences
        RNAs, upper or lower case, with U or T.
    families
        Family of each, by accession (``RF00005``, ``MIPF0000001``) or name (``tRNA``), ``""``
        where none is known.
    """
    named = list(families) if families is not None else [""] * len(sequences)
    texts = [normalise(s) for s in sequences]
    if register is None:
        none = np.zeros(len(texts), dtype=np.bool_)
        given = len(set(named) - {""})
        return Exposure(
            model=spec.name, known=False, trained_on=spec.trained_on, seen=none, related=none,
            family_seen=none, n_families=given, n_families_seen=0,
        )  # fmt: skip
    seen = np.array([register.seen(s) for s in texts], dtype=np.bool_)
    related = np.array([register.related(s) for s in texts], dtype=np.bool_) | seen
    known = {family for family in named if family in register.families}
    return Exposure(
        model=spec.name,
        known=True,
        trained_on=spec.trained_on,
        seen=seen,
        related=related,
        family_seen=np.array([family in known for family in named], dtype=np.bool_),
        n_families=len(set(named) - {""}),
        n_families_seen=len(known),
    )


def register_of(spec: ModelSpec) -> Register | None:
    """Return the register of a model's training data, ``None`` if there is none."""
    return None if spec.register is None else _bundled(spec.register)


def register_of_model(model: Model) -> Register | None:
    """Return the register of a loaded model, ``None`` unless it has the bundled weights."""
    return register_of(model.spec) if model.source == BUNDLED else None


@cache
def _bundled(name: str) -> Register:
    with as_file(files("rnaexplore.models") / "data" / name) as path:
        return Register.read(path)


def _hash(sequence: str) -> int:
    return int.from_bytes(sha256(sequence.encode()).digest()[:8], "big")


def _sampled(sequence: str) -> NDArray[np.uint32]:
    """Return the codes of one in eight distinct 14-mers, chosen by a hash of the code."""
    letters = _CODE[np.frombuffer(sequence.encode(), np.uint8)]
    if len(letters) < KMER:
        return np.empty(0, np.uint32)
    windows = np.lib.stride_tricks.sliding_window_view(letters, KMER)
    codes = np.unique((windows @ 4 ** np.arange(KMER))[(windows >= 0).all(1)]).astype(np.uint64)
    mixed = (codes * _MIX) >> np.uint64(32)
    kept: NDArray[np.uint32] = codes[mixed % np.uint64(SAMPLED) == 0].astype(np.uint32)
    return kept


def _is_in(values: NDArray[np.generic], known: NDArray[np.generic]) -> Bools:
    """Return which values occur in a sorted array."""
    place = np.searchsorted(known, values)
    result: Bools = (
        known[np.minimum(place, len(known) - 1)] == values
        if len(known)
        else (np.zeros(len(values), dtype=np.bool_))
    )
    return result
