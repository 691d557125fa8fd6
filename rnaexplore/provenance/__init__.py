"""From what an AnnData says of itself to the code that makes it again."""

from __future__ import annotations

from rnaexplore.provenance.script import Script, repro

__all__ = ["Script", "repro"]
