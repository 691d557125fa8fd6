"""What an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "Diagnosis", "Status", "note", "ok", "problem"]

Status = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    area
        ``"packages"``, ``"front end"``, ``"compute"`` or ``"models"``.
    subject
        What was looked at.
    status
        ``"ok"``; ``"note"``: something is limited, and may well be meant so; ``"problem"``:
        something will fail.
    found
        What was found.
    cure
        What to do, empty if there is nothing to do.
    """

    area: str
    subject: str
    status: Status
    found: str
    cure: str = ""


def ok(area: str, subject: str, found: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(area, subject, "ok", found)


def note(area: str, subject: str, found: str, cure: str) -> Check:
    """Return a check that found a limit."""
    return Check(area, subject, "note", found, cure)


def problem(area: str, subject: str, found: str, cure: str) -> Check:
    """Return a check that found something that will fail."""
    return Check(area, subject, "problem", found, cure)


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """Everything that `rnaexplore.doctor` looked at.

    Attributes
    ----------
    checks
        One a thing, in the order of the areas.
    """

    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[Check, ...]:
        """The checks that found something that will fail."""
        return tuple(check for check in self.checks if check.status == "problem")

    @property
    def ok(self) -> bool:
        """Whether there is no problem; there may be notes."""
        return not self.problems

    def __str__(self) -> str:
        lines: list[str] = []
        area = ""
        for check in self.checks:
            if check.area != area:
                area = check.area
                lines += [area]
            lines += _lines(check)
        count = len(self.problems)
        verdict = "no problems" if not count else f"{count} problem{'s' * (count > 1)}"
        return "\n".join([*lines, verdict])

    __repr__ = __str__


def _lines(check: Check) -> list[str]:
    mark = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}[check.status]
    cure = [f"          → {line}" for line in check.cure.splitlines()]
    return [f"  {mark} {check.subject}: {check.found}", *cure]
