"""What reading changed: counted while records are read, kept in provenance, said once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rnaexplore.errors import InputError
from rnaexplore.io.records import Clean, Record

__all__ = ["OnInvalid", "Report", "check_on_invalid"]

OnInvalid = Literal["raise", "drop"]

_SHOWN = 5  # names in a message


def check_on_invalid(on_invalid: str) -> None:
    """Raise `InputError` if this is no way to treat invalid records."""
    if on_invalid not in {"raise", "drop"}:
        msg = f"on_invalid must be 'raise' or 'drop', got {on_invalid!r}"
        raise InputError(msg)


@dataclass(slots=True, kw_only=True)
class Report:
    """Counts of what was changed or left out.

    Attributes
    ----------
    source
        Name of the file, or of the kind of object.
    reader
        The public function that reads, as it is called: ``"read_fasta"``, ``"datasets.rfam"``.
    sha256
        Checksum of the file, empty if there is none.
    on_invalid
        What was asked for.
    aligned
        Whether gaps and lower case belong to the format, so that they are counted but not warned
        about.
    kept
        Positions of the records that were read, among all.
    """

    source: str
    reader: str
    sha256: str = ""
    on_invalid: OnInvalid = "raise"
    aligned: bool = False
    kept: list[int] = field(default_factory=list)
    letters_made_u: int = 0
    letters_made_upper: int = 0
    gaps_removed: int = 0
    pairs_dropped: int = 0
    dropped: list[str] = field(default_factory=list)
    dropped_reasons: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)

    def count(self, cleaned: Clean) -> None:
        """Add what one record needed."""
        self.kept.append(len(self.kept) + len(self.dropped))
        self.letters_made_u += cleaned.letters_made_u
        self.letters_made_upper += cleaned.letters_made_upper
        self.gaps_removed += cleaned.gaps_removed
        self.pairs_dropped += cleaned.pairs_dropped

    def drop(self, record: Record, reason: Exception) -> None:
        """Note a record that is left out."""
        self.dropped.append(record.identifier)
        self.dropped_reasons.append(str(reason))

    def provenance(self) -> dict[str, str | int | list[str]]:
        """Return everything as what ``uns`` may hold."""
        return {
            "source": self.source,
            "reader": self.reader,
            "sha256": self.sha256,
            "on_invalid": self.on_invalid,
            "records": len(self.kept),
            "letters_made_u": self.letters_made_u,
            "letters_made_upper": self.letters_made_upper,
            "gaps_removed": self.gaps_removed,
            "pairs_dropped": self.pairs_dropped,
            "dropped": self.dropped,
            "dropped_reasons": self.dropped_reasons,
            "renamed": self.renamed,
        }

    def summary(self) -> str:
        """Return what the user has to know as one sentence, empty if nothing."""
        counts = [
            (len(self.dropped), f"invalid records dropped ({_few(self.dropped)})"),
            (len(self.renamed), f"names made unique ({_few(self.renamed)})"),
            (self.letters_made_u, "T read as U"),
        ]
        if not self.aligned:
            counts += [
                (self.letters_made_upper, "letters made upper case"),
                (self.gaps_removed, "gaps removed"),
                (self.pairs_dropped, "base pairs with a gap dropped"),
            ]
        said = [f"{n} {what}" for n, what in counts if n]
        return f"{self.source}: {len(self.kept)} RNAs read; {', '.join(said)}" if said else ""


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
