"""Secondary structures: pairs, dot-bracket orders, decoding, metrics, layout; no AnnData."""

from rnaexplore.structure.decoding import (
    CANONICAL,
    Decoder,
    decode,
    greedy,
    matching,
    mea,
    mutual,
    nussinov,
)
from rnaexplore.structure.dot_bracket import (
    dot_bracket_from_pairs,
    pair_orders,
    pairs_from_dot_bracket,
    pairs_from_wuss,
)
from rnaexplore.structure.layout import radial_layout
from rnaexplore.structure.metrics import precision_at, score
from rnaexplore.structure.structure import Structure
from rnaexplore.structure.vienna_layout import vienna_layout

__all__ = [
    "CANONICAL",
    "Decoder",
    "Structure",
    "decode",
    "dot_bracket_from_pairs",
    "greedy",
    "matching",
    "mea",
    "mutual",
    "nussinov",
    "pair_orders",
    "pairs_from_dot_bracket",
    "pairs_from_wuss",
    "precision_at",
    "radial_layout",
    "score",
    "vienna_layout",
]
