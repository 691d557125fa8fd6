"""The border to libraries: what they raise over a file becomes one of our errors.

A reader of a format hands the file to a library (torch, NumPy, HDF5, zarr, pandas, vcfpy, tarfile)
inside of `border`. Whatever the library raises, on purpose or not, leaves as the error that the
reader documents, with the name of the file and, where there are records, of the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rnaexplore.errors import InputError, RnaExploreError

__all__ = ["Here", "border", "reason", "shown"]

LONGEST = 300  #: letters of a library's message that are kept
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_BIDI = {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_SPACES = {ord("\n"): "\n", ord("\t"): "\t"}


@dataclass(slots=True)
class Here:
    """Where in a file a reader is.

    Attributes
    ----------
    record
        The record that is read, empty if there is none yet; readers of records set it.
    """

    record: str = ""


@contextmanager
def border(
    source: object,
    error: type[RnaExploreError] = InputError,
    *,
    problem: str = "cannot be read",
    ours: tuple[type[RnaExploreError], ...] = (),
) -> Iterator[Here]:
    """Turn any exception of a library into one of ours.

    Errors of rnaexplore and warnings pass as they are; so do interruptions.

    Parameters
    ----------
    source
        Path or name of the file, for the message.
    error
        What to raise.
    problem
        What is wrong with the file, for the message.
    ours
        Errors of rnaexplore that are turned, too: what they say of a value is said of the file.

    Yields
    ------
    Here
        Set its ``record`` to name the record in the message.

    Examples
    --------
    >>> with border("a.json", InputError, problem="is damaged"):
    ...     int("x")
    Traceback (most recent call last):
    rnaexplore.errors.InputError: 'a.json' is damaged (invalid literal for int() with base 10: 'x')
    """
    here = Here()
    try:
        yield here
    except Exception as foreign:
        if isinstance(foreign, RnaExploreError | Warning) and not isinstance(foreign, ours):
            raise
        at = f", record {here.record!r}," if here.record else ""
        msg = f"{str(source)!r}{at} {problem} ({reason(foreign)})"
        raise error(msg) from foreign


def reason(error: BaseException) -> str:
    """Return the first line of an exception's message, or its type where it says nothing."""
    try:
        said = str(error).strip()
    except Exception:  # noqa: BLE001 - an object of a damaged file may fail to be shown
        said = ""
    first = shown(said.splitlines()[0]) if said else type(error).__name__
    return first if len(first) <= LONGEST else f"{first[:LONGEST]} …"


def shown(text: str) -> str:
    r"""Return a text without characters that steer a terminal; tabs and line ends stay.

    Examples
    --------
    >>> print(shown(chr(27) + "[31mred"))
    \x1b[31mred
    """
    return text.translate(_CONTROL | _BIDI | _SPACES)
