"""Scores of a probe with their intervals: representations beside baselines and nulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from rnaexplore._figure_data.scores import probe_rows
from rnaexplore.px._scores import score_figure

if TYPE_CHECKING:
    from rnaexplore.tl import ProbeResult

__all__ = ["probe"]


def probe(results: ProbeResult | Mapping[str, ProbeResult], score: str | None = None) -> go.Figure:
    """Draw a score of a probe with its 95 % intervals, a row a representation.

    Parameters
    ----------
    results
        From `rnaexplore.tl.probe`; or several by name, of the same representations, to be
        compared: for example a random split and one that holds out relatives.
    score
        For example ``"macro_f1"``; by default balanced accuracy for classes, R² for numbers.

    Returns
    -------
    Figure
        Baselines and nulls lie below a line, on a grey ground, with hollow marks.

    Raises
    ------
    MissingKeyError
        If there is no such score.
    InputError
        If there is no result, or they have different representations.
    """
    return score_figure(probe_rows(results, score))
