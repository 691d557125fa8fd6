"""RNAs that no training of `mini` has seen: lists of hashes, made once.

``python -m rnaexplore.pretraining.split`` made them. Choices (decoder, threshold, calibration,
layer) are made on the development part; the test part is for the final numbers of
`benchmarks.mini` alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from rnaexplore.pretraining.split import read_hashes

__all__ = ["Part", "part"]

Part = Literal["development", "test"]


def part(name: Part) -> pd.DataFrame:
    """Return the list of a part, indexed by hash: family, clan, inferred."""
    return read_hashes(Path(__file__).parent / f"{name}.tsv.gz")
