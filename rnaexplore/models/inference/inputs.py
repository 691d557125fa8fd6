"""What a model is given: checked before anything runs, and counted for the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnaexplore.errors import (
    CapabilityError,
    InputError,
    InvalidSequenceError,
    SequenceTooLongError,
    UnknownTokensError,
)
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.inference import windows
from rnaexplore.models.spec import Capability, ModelSpec

__all__ = [
    "MAX_UNKNOWN",
    "InputReport",
    "check_sequences",
    "indices",
    "inspect",
    "mask_id",
    "n_windows",
    "require",
]

MAX_UNKNOWN = 0.05  #: largest tolerated share of residues that the vocabulary does not know
_LETTERS = frozenset("ACGURYKMSWBDHVN-")  #: IUPAC nucleotides and the gap, normalised


@dataclass(frozen=True, slots=True)
class InputReport:
    """What was changed in, or is unknown of, the sequences that a model was given.

    Attributes
    ----------
    sequences
        How many there were.
    lower_case
        How many had lower-case letters, read as upper case.
    with_t
        How many had T, read as U.
    unknown_residues
        Residues, over all sequences, that became the unknown token.
    windowed
        How many were read in more than one window.
    windows
        Windows over all sequences.
    """

    sequences: int
    lower_case: int
    with_t: int
    unknown_residues: int
    windowed: int
    windows: int


def inspect(
    spec: ModelSpec, sequences: Sequence[str], *, window: int | None, overlap: int | None
) -> InputReport:
    """Return what a model changes in sequences when it reads them."""
    pieces = [n_windows(spec, s, window=window, overlap=overlap) for s in sequences]
    return InputReport(
        sequences=len(sequences),
        lower_case=sum(s != s.upper() for s in sequences),
        with_t=sum("T" in s.upper() for s in sequences),
        unknown_residues=sum(len(spec.alphabet.unknown(s)) for s in sequences),
        windowed=sum(n > 1 for n in pieces),
        windows=sum(pieces),
    )


def n_windows(spec: ModelSpec, sequence: str, *, window: int | None, overlap: int | None) -> int:
    """Return in how many windows a sequence is read."""
    if window is None:
        return 1
    shared = windows.default_overlap(window) if overlap is None else overlap
    return len(windows.spans(spec.alphabet.n_residues(sequence), window, shared))


def require(spec: ModelSpec, what: Capability) -> None:
    """Raise if a model cannot do something.

    Raises
    ------
    CapabilityError
        Naming what it can.
    """
    if what not in spec.can:
        msg = (
            f"{spec.name!r} has no trained {what}; it can: "
            f"{', '.join(sorted(spec.can))}. rx.list_models() shows which models can"
        )
        raise CapabilityError(msg)


def indices(spec: ModelSpec, what: str, given: Iterable[int] | None, n: int) -> tuple[int, ...]:
    """Return which of `n` things were chosen, counted from 0; all of them by default.

    Raises
    ------
    InputError
        If there is no such thing.
    """
    if given is None:
        return tuple(range(n))
    chosen = tuple(int(k) for k in given)
    for k in chosen:
        if not -n <= k < n:
            msg = f"{what} must be in [{-n}, {n - 1}] for {spec.name!r}, got {k}"
            raise InputError(msg)
    return tuple(k % n for k in chosen)


def mask_id(spec: ModelSpec) -> int:
    """Return the id of the token that hides a residue.

    Raises
    ------
    CapabilityError
        If the model has none.
    """
    found = spec.alphabet.mask_id
    if found is None:
        msg = f"{spec.name!r} has no mask token"
        raise CapabilityError(msg)
    return found


def check_sequences(
    spec: ModelSpec,
    sequences: Sequence[str],
    names: Sequence[str],
    *,
    window: int | None = None,
) -> None:
    """Raise if the model cannot read one of the sequences.

    Parameters
    ----------
    spec
        The model.
    sequences, names
        The sequences and what to call them in a message.
    window
        Residues a window; without it the whole sequence must fit.

    Raises
    ------
    InvalidSequenceError
        If a sequence is empty, out of frame, or has a letter that stands for no nucleotide.
    SequenceTooLongError
        If a sequence, or the window, exceeds ``spec.max_length``.
    UnknownTokensError
        If more than 5 % of a sequence's residues are unknown to the vocabulary.
    """
    limit = spec.max_length
    if window is not None and limit is not None and window > limit:
        msg = f"window={window} exceeds the {limit} {spec.alphabet.unit}s that {spec.name!r} reads"
        raise SequenceTooLongError(msg)
    for name, sequence in zip(names, sequences, strict=True):
        _check_letters(spec, name, sequence)
        n = spec.alphabet.n_residues(sequence)
        if window is None and limit is not None and n > limit:
            raise SequenceTooLongError(_too_long(spec, name, n))
        _check_unknown(spec, name, sequence)


def _check_letters(spec: ModelSpec, name: str, sequence: str) -> None:
    try:
        spec.alphabet.split(sequence)
    except InvalidSequenceError as error:
        msg = f"record {name!r}: {error}"
        raise InvalidSequenceError(msg, record=name) from None
    strange = set(normalise(sequence)) - _LETTERS - spec.alphabet.ids.keys()
    if strange:
        i = next(i for i, letter in enumerate(normalise(sequence)) if letter in strange)
        msg = (
            f"record {name!r}, position {i + 1}: {sequence[i]!r} is not an IUPAC nucleotide "
            "(A C G U T R Y K M S W B D H V N); remove the record or correct the letter"
        )
        raise InvalidSequenceError(msg, record=name, position=i + 1, letter=sequence[i])


def _check_unknown(spec: ModelSpec, name: str, sequence: str) -> None:
    unknown, n = spec.alphabet.unknown(sequence), spec.alphabet.n_residues(sequence)
    if len(unknown) > MAX_UNKNOWN * n:
        letters = ", ".join(sorted(set(unknown))[:8])
        msg = (
            f"record {name!r}: {len(unknown)} of {n} {spec.alphabet.unit}s "
            f"({len(unknown) / n:.0%}) are unknown to {spec.name!r}: {letters}; "
            f"at most {MAX_UNKNOWN:.0%} are tolerated. Replace them, or choose a model whose "
            "vocabulary has them (rx.list_models())"
        )
        raise UnknownTokensError(msg)


def _too_long(spec: ModelSpec, name: str, n: int) -> str:
    return (
        f"record {name!r} has {n} {spec.alphabet.unit}s, but {spec.name!r} reads at most "
        f"{spec.max_length}; pass window={spec.max_length} to read it in overlapping windows "
        "(vectors, logits and contact maps; for attention name a stretch, "
        "rx.tl.attention(…, window=(start, stop))), or choose a model with a higher limit "
        "(rx.list_models())"
    )
