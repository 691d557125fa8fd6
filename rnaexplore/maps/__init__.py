"""Maps: typed results with residues on their axes. numpy alone, no model and no AnnData."""

from __future__ import annotations

from rnaexplore.maps.attention import AttentionMaps
from rnaexplore.maps.contact import ContactMap
from rnaexplore.maps.coupling import CouplingMap
from rnaexplore.maps.mutation import MutationMap
from rnaexplore.maps.residue_probabilities import ResidueProbabilities

__all__ = ["AttentionMaps", "ContactMap", "CouplingMap", "MutationMap", "ResidueProbabilities"]
