"""What a visitor may ask for; the server tells each page through its environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rnaexplore.errors import InputError

__all__ = ["Limits"]

VARIABLE = "RNAEXPLORE_APP"
MEGABYTE = 1_000_000
LEAST_GIGABYTES = 2  #: libraries alone reserve nearly as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of an upload, and the file that is open from the start.

    Parameters
    ----------
    megabytes
        Largest upload, as it is sent and as it is when unpacked.
    rnas
        Most RNAs in an upload.
    nucleotides
        Most nucleotides of all RNAs of an upload together.
    pages
        Most pages at a time; further visitors wait in a queue.
    gigabytes
        Most memory that the process of a page may take, 0 for no limit.
    file
        Path of an ``.h5ad`` file that every page starts with, empty for none.
    """

    megabytes: int = 20
    rnas: int = 2000
    nucleotides: int = 1_000_000
    pages: int = 8
    gigabytes: float = 4.0
    file: str = ""

    def __post_init__(self) -> None:
        for name in ("megabytes", "rnas", "nucleotides", "pages"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, got {getattr(self, name)}"
                raise InputError(msg)
        if not (self.gigabytes == 0 or self.gigabytes >= LEAST_GIGABYTES):
            msg = f"gigabytes must be 0 or at least {LEAST_GIGABYTES}, got {self.gigabytes}"
            raise InputError(msg)

    @property
    def bytes(self) -> int:
        """Largest upload in bytes."""
        return self.megabytes * MEGABYTE

    def environment(self) -> dict[str, str]:
        """Return what the process of a page needs to know."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Return the limits that the server set, or the default ones."""
        return cls(**json.loads(environment.get(VARIABLE, "{}")))
