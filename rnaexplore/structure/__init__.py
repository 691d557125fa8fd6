"""Secondary structures: pairs, dot-bracket orders, decoding, metrics, layout; no AnnData."""

from rnaexplore.structure.calibration import Calibration, CalibrationCurve, calibrate, fit_curve
from rnaexplore.structure.decoding import (
    CANONICAL,
    decode,
    greedy,
    matching,
    mea,
    mutual,
    nussinov,
)
from rnaexplore.structure.defaults import DEFAULT, Decoder, DecodingSettings, MapKind
from rnaexplore.structure.dot_bracket import (
    dot_bracket_from_pairs,
    pair_orders,
    pairs_from_dot_bracket,
    pairs_from_wuss,
)
from rnaexplore.structure.evaluation import difference_table, score_table
from rnaexplore.structure.layout import radial_layout
from rnaexplore.structure.metrics import precision_at, score
from rnaexplore.structure.reliability import calibration_error, reliability
from rnaexplore.structure.strata import hairpin_count, is_branched, noncanonical_pairs, strata
from rnaexplore.structure.structure import Structure
from rnaexplore.structure.vienna_layout import vienna_layout

__all__ = [
    "CANONICAL",
    "DEFAULT",
    "Calibration",
    "CalibrationCurve",
    "Decoder",
    "DecodingSettings",
    "MapKind",
    "Structure",
    "calibrate",
    "calibration_error",
    "decode",
    "difference_table",
    "dot_bracket_from_pairs",
    "fit_curve",
    "greedy",
    "hairpin_count",
    "is_branched",
    "matching",
    "mea",
    "mutual",
    "noncanonical_pairs",
    "nussinov",
    "pair_orders",
    "pairs_from_dot_bracket",
    "pairs_from_wuss",
    "precision_at",
    "radial_layout",
    "reliability",
    "score",
    "score_table",
    "strata",
    "vienna_layout",
]
