"""The exceptions of rnaexplore.

::

    RnaExploreError
    ├── InputError (ValueError)
    │   ├── InvalidSequenceError      letters, emptiness, frame of one record
    │   ├── SequenceTooLongError      longer than the model allows
    │   ├── UnknownTokensError        too many letters that the model does not know
    │   └── InvalidStructureError     unbalanced or impossible base pairs
    ├── UnknownNameError (LookupError)
    │   ├── UnknownModelError         no such model; carries the nearest names
    │   └── MissingKeyError           no such key in the AnnData; carries the call that makes it
    ├── CheckpointError               a file that is not the complete checkpoint it should be
    │   └── WeightsNotFoundError      no source had the weights
    ├── CapabilityError               the model cannot do this (for example, an untrained head)
    ├── DownloadError (OSError)       a file that could not be fetched or has the wrong checksum
    ├── StoreError (OSError)          a store that cannot be written, or is not the one asked for
    └── MissingDependencyError (ImportError)

What was changed or left out without being an error is told once, as a `RnaExploreWarning`; that
RNAs were seen in training, as an `ExposureWarning`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "CapabilityError",
    "CheckpointError",
    "DownloadError",
    "ExposureWarning",
    "InputError",
    "InvalidSequenceError",
    "InvalidStructureError",
    "MissingDependencyError",
    "MissingKeyError",
    "RnaExploreError",
    "RnaExploreWarning",
    "SequenceTooLongError",
    "StoreError",
    "UnknownModelError",
    "UnknownNameError",
    "UnknownTokensError",
    "WeightsNotFoundError",
    "nearest",
]


class RnaExploreError(Exception):
    """Base of every error that rnaexplore raises on purpose."""


class RnaExploreWarning(UserWarning):
    """Something was changed or left out, which is counted and kept in the provenance."""


class ExposureWarning(RnaExploreWarning):
    """RNAs, or others of their families, were seen in training, in a fit or in a choice."""


class InputError(RnaExploreError, ValueError):
    """A value given by the caller is not allowed."""


class InvalidSequenceError(InputError):
    """A record is not a nucleotide sequence that can be used.

    Parameters
    ----------
    message
        What is wrong, in words.
    record
        Name of the record, if it has one.
    position
        1-based position of the first offending letter, if there is one.
    letter
        The offending letter, if there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        record: str | None = None,
        position: int | None = None,
        letter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.record = record
        self.position = position
        self.letter = letter


class SequenceTooLongError(InputError):
    """A sequence is longer than the model allows."""


class UnknownTokensError(InputError):
    """More letters than tolerated are unknown to the model's vocabulary."""


class InvalidStructureError(InputError):
    """A structure is unbalanced, or pairs positions that cannot pair."""


class UnknownNameError(RnaExploreError, LookupError):
    """A name that nothing is known by."""


class UnknownModelError(UnknownNameError):
    """No model is registered under this name."""


class MissingKeyError(UnknownNameError):
    """The AnnData lacks a key; the message names the call that creates it."""


class CheckpointError(RnaExploreError):
    """A file is not the complete and safe checkpoint that it should be."""


class WeightsNotFoundError(CheckpointError):
    """None of the sources had the weights of a model."""


class CapabilityError(RnaExploreError):
    """The model cannot do what was asked of it."""


class DownloadError(RnaExploreError, OSError):
    """A file could not be downloaded, or is not the file that was expected."""


class StoreError(RnaExploreError, OSError):
    """A store that cannot be written, or that was made in another way than the one asked for."""


class MissingDependencyError(RnaExploreError, ImportError):
    """An optional package is needed; the message names the extra to install."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the names closest to a mistyped one.

    Parameters
    ----------
    name
        The name that was not found.
    known
        The names that exist.

    Returns
    -------
    str
        ``"Did you mean 'a' or 'b'?"``, or all known names if none is close.
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(repr(c) for c in close)}?"
    return f"Known: {', '.join(names) or 'none'}."
