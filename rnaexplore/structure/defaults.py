"""How maps become structures unless something else is asked for: the one place where it is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DEFAULT", "Decoder", "DecodingSettings", "MapKind"]

Decoder = Literal["mea", "nussinov", "greedy", "matching", "threshold"]
MapKind = Literal["probability", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """How a map of probabilities or of scores becomes a structure.

    Attributes
    ----------
    decoder
        Method of `rnaexplore.structure.decode`.
    threshold
        For probabilities: pairs below it are not considered, 0 to 1.
    pairs_per_residue
        For scores, which have no common scale: only so many of the best pairs are considered,
        times the length of the RNA.
    canonical
        Whether only AU, GC and GU pairs are considered.
    min_loop
        Fewest residues between the partners of a pair.
    """

    decoder: Decoder = "nussinov"
    threshold: float = 0.1
    pairs_per_residue: float = 0.4
    canonical: bool = True
    min_loop: int = 3

    def cut(
        self, kind: MapKind, threshold: float | None = None, pairs_per_residue: float | None = None
    ) -> dict[str, float]:
        """Return the argument of `decode` that says which pairs of a map are considered.

        Parameters
        ----------
        kind
            What the map holds.
        threshold, pairs_per_residue
            What a caller asked for; if neither, the one of these settings that fits the map.
        """
        if threshold is not None or pairs_per_residue is not None:
            given = {"threshold": threshold, "pairs_per_residue": pairs_per_residue}
            return {name: value for name, value in given.items() if value is not None}
        if kind == "score":
            return {"pairs_per_residue": self.pairs_per_residue}
        return {"threshold": self.threshold}


#: Chosen on development families: ``python -m benchmarks.structure --choose-defaults``. Every
#: function, command and view takes its defaults from here.
DEFAULT = DecodingSettings()
