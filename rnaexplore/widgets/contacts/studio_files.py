"""What a studio writes: structures and pairs as texts, its state as a figure."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure

__all__ = ["FIGURES", "TEXTS", "kind_of", "text_of"]

TEXTS = ("dbn", "ct", "csv")
FIGURES = ("svg", "pdf", "png")


def kind_of(path: Path) -> str:
    """Return the format that the ending of a path names.

    Raises
    ------
    InputError
        If there is no such format.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in (*TEXTS, *FIGURES):
        allowed = ", ".join(f".{name}" for name in (*TEXTS, *FIGURES))
        msg = f"{path.name!r} must end in one of {allowed}"
        raise InputError(msg)
    return kind


def text_of(
    kind: str, name: str, structure: Structure, contacts: ContactMap, reference: Structure | None
) -> str:
    """Return a structure as dot-bracket or connectivity table, or its pairs as a table."""
    from rnaexplore.io.ct import format_ct
    from rnaexplore.io.dbn import format_dbn

    if kind == "dbn":
        return format_dbn(name, "", structure)
    if kind == "ct":
        return format_ct(name, "", structure)
    return _pairs_table(structure, contacts, reference)


def _pairs_table(structure: Structure, contacts: ContactMap, reference: Structure | None) -> str:
    """Return one row per pair: 1-based positions, bases, value, in the reference or not."""
    known = None if reference is None else {tuple(p) for p in reference.pairs.tolist()}
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["i", "j", "base_i", "base_j", contacts.kind, "in_reference"])
    for i, j in structure.pairs.tolist():
        value = f"{contacts.values[i, j]:.6f}"
        judged = "" if known is None else int((i, j) in known)
        bases = structure.sequence[i], structure.sequence[j]
        table.writerow([i + 1, j + 1, *bases, value, judged])
    return out.getvalue()
