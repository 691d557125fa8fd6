"""What is wrong with an installation, and its cure."""

from __future__ import annotations

from rnaexplore._doctor.examination import doctor
from rnaexplore._doctor.report import Check, Diagnosis

__all__ = ["Check", "Diagnosis", "doctor"]
