"""Names of RNAs as names of files: safe on every system, unique, and not too long."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from io import StringIO

from rnaexplore import _keys

__all__ = ["LONGEST", "TABLE", "file_stems", "spreadsheet_safe", "table_of_names"]

LONGEST = 100  #: letters of a name without its ending
TABLE = "names.csv"  #: file that says which RNA has which files
_DIGEST = 8  #: hexadecimal digits that tell shortened or equal names apart
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def file_stems(names: Iterable[str], taken: Iterable[str] = (TABLE,)) -> dict[str, str]:
    """Return for each name a name of a file, without its ending.

    Letters that do not fit become ``_``. Where that, or shortening to `LONGEST` letters, could
    make two names equal (upper and lower case are the same on some systems), a digest of the name
    follows it.

    Parameters
    ----------
    names
        Names of RNAs.
    taken
        Files that are written beside; no name has the stem of one.

    Examples
    --------
    >>> file_stems(["tRNA-Phe", "a/b"])
    {'tRNA-Phe': 'tRNA-Phe', 'a/b': 'a_b'}
    """
    plain = {name: _plain(name) for name in names}
    beside = [file.rpartition(".")[0] for file in taken]
    count = Counter(stem.casefold() for stem in (*plain.values(), *beside))
    used = set(count)
    made = {}
    for name, stem in plain.items():
        unique = count[stem.casefold()] == 1 and len(stem) <= LONGEST
        made[name] = stem if unique else _marked(name, stem, used)
    return made


def _plain(name: str) -> str:
    """Return a name of letters that every system takes, which is no folder and no device."""
    stem = _keys.safe(name).rstrip(".")
    if not stem or stem.startswith((".", "-")) or _DEVICES.fullmatch(stem):
        return f"_{stem.lstrip('.')}"
    return stem


def _marked(name: str, stem: str, used: set[str]) -> str:
    """Return a stem with a part of the digest of the name, a longer one if that is taken."""
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    marked = (f"{stem[: LONGEST - n - 1]}-{digest[:n]}" for n in (_DIGEST, len(digest)))
    found = next(stem for stem in marked if stem.casefold() not in used)
    used.add(found.casefold())
    return found


def table_of_names(stems: Mapping[str, str]) -> str:
    """Return a CSV table of the names of RNAs and of their files, without endings."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", "files"])
    table.writerows((spreadsheet_safe(name), stem) for name, stem in stems.items())
    return out.getvalue()


def spreadsheet_safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that could be begins with ``'``.

    Numbers stay as they are.

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("-1.5")
    ("'=1+1", '-1.5')
    """
    if not text.startswith(_FORMULA) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
