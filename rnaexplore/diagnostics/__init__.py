"""What is wrong with an installation, and its cure."""

from __future__ import annotations

from rnaexplore.diagnostics.examination import doctor
from rnaexplore.diagnostics.report import Check, Diagnosis

__all__ = ["Check", "Diagnosis", "doctor"]
