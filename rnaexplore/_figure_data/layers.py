"""What the scores of layers show: lines, levels of what they have to beat, ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore._figure_data.scores import EMBEDDING, KIND, METRIC_NAMES, NULL
from rnaexplore._figure_data.theme import EDGE
from rnaexplore.errors import InputError, MissingKeyError, nearest

__all__ = ["Dash", "LayerFigure", "LayerLine", "Level", "layer_figure"]

Values = NDArray[np.float64]
Dash = Literal[
    "solid", "dash", "dot", "dashdot", "longdashdot", "rare dots", "rare dashes", "rare dashdots"
]

_GROUP, _LAYER, _DISTANCE, _COSINE = "group", "layer", "distance", "cosine"
_NUMBER = re.compile(rf"[_ ]layer ?(\d+)(?: {_COSINE})?$")
_SINGLE = re.compile(rf"\d-mers(?: sqrt)?(?: {_COSINE})?$")
_BEST = "best k-mers"
_DASHES: tuple[Dash, ...] = ("dash", "dot", "dashdot", "longdashdot")
_NULLS: tuple[Dash, ...] = ("rare dots", "rare dashes", "rare dashdots")


class LayerLine(NamedTuple):
    """The layers of one group by one distance; the band is ``None`` without intervals."""

    label: str
    colour: str
    hollow: bool
    layers: NDArray[np.int64]
    values: Values
    low: Values | None
    high: Values | None

    @property
    def best(self) -> int:
        """Where on the line the best layer is."""
        return int(np.nanargmax(self.values))


class Level(NamedTuple):
    """A baseline or a null."""

    label: str
    value: float
    colour: str
    dash: Dash


class LayerFigure(NamedTuple):
    """Everything in the figure; ``legend`` are levels of one name, each once."""

    lines: tuple[LayerLine, ...]
    levels: tuple[Level, ...]
    legend: tuple[Level, ...]
    last: int
    range: tuple[float, float]
    label: str


def layer_figure(frame: pd.DataFrame, score: str, levels: Sequence[str] | None) -> LayerFigure:
    """Return a score of every layer and the levels as they are drawn.

    Raises
    ------
    MissingKeyError
        If the table has no such score, no column ``kind``, or no such level.
    InputError
        If no row is a layer.
    """
    table = _table(frame, score)
    groups = list(dict.fromkeys(table[_GROUP]))
    colours = dict(zip(groups, (OKABE_ITO[k % 6] for k in range(len(groups))), strict=True))
    rest = _rest(table, levels)
    looks = _looks(rest, groups)
    drawn = [
        Level(name, float(value), looks[name].colour or colours[group], looks[name].dash)
        for name, group, value in zip(
            rest["representation"], rest[_GROUP], rest["value"], strict=True
        )
    ]
    legend = [look._replace(colour=look.colour or EDGE) for look in looks.values()]
    values = pd.concat([table[table[KIND] == EMBEDDING], rest])["value"]
    return LayerFigure(
        tuple(_lines(table, colours, score)),
        tuple(drawn),
        tuple(legend),
        int(table[_LAYER].max()),
        _range(values),
        METRIC_NAMES.get(score, score),
    )


def _table(frame: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return the table with group, distance, layer (-1 for none), and the score as ``value``."""
    if KIND not in frame:
        msg = f"frame has no column {KIND!r}; rx.tl.layer_sweep(adata, model) makes such a table"
        raise MissingKeyError(msg)
    if score not in frame or not pd.api.types.is_numeric_dtype(frame[score]):
        known = [str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
        msg = f"frame has no score {score!r}. {nearest(score, known)}"
        raise MissingKeyError(msg)
    table = frame.reset_index(drop="representation" in frame).reset_index(drop=True)
    names = table["representation"].astype(str)
    table = table.assign(representation=names, value=table[score].astype(float))
    table[_LAYER] = [_layer_of(name) for name in names]
    for column, value in ((_GROUP, "layers"), (_DISTANCE, "")):
        if column not in table:
            table[column] = value
    of_layers = table[table[KIND] == EMBEDDING][_LAYER]
    if len(of_layers) == 0 or (of_layers < 0).any():
        msg = "frame must have rows named as layers, such as 'layer 3' or 'X_mini_layer3'"
        raise InputError(msg)
    return table


def _layer_of(name: str) -> int:
    found = _NUMBER.search(" " + name)
    return int(found[1]) if found else -1


def _rest(table: pd.DataFrame, levels: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows that are drawn as levels."""
    rest = table[(table[KIND] != EMBEDDING) & table["value"].notna()]
    names = rest["representation"]
    if levels is None:
        kmers = rest[names.str.fullmatch(_SINGLE)]
        known = (names == _BEST).any()
        best = [] if known else kmers.groupby(_GROUP)["value"].idxmax().tolist()
        return rest.drop(index=kmers.index.difference(pd.Index(best)))
    missing = [name for name in levels if name not in set(names)]
    if missing:
        msg = (
            f"frame has no level {missing[0]!r}. {nearest(missing[0], list(dict.fromkeys(names)))}"
        )
        raise MissingKeyError(msg)
    return rest[names.isin(list(levels))]


def _looks(rest: pd.DataFrame, groups: list[str]) -> dict[str, Level]:
    """Return how the level of each baseline and null is drawn, without a color if groups share it.

    What only one of several groups has is a baseline for all.
    """
    found: dict[str, Level] = {}
    n_known = n_null = 0
    for name, rows in rest.groupby("representation", sort=False):
        if (rows[KIND] == NULL).all():
            own, dash = EDGE, _NULLS[n_null % len(_NULLS)]
            n_null += 1
        else:
            own = OKABE_ITO[(len(groups) + n_known) % 6]
            dash = _DASHES[n_known % len(_DASHES)]
            n_known += 1
        shared = len(set(rows[_GROUP])) > 1
        found[str(name)] = Level(str(name), np.nan, "" if shared else own, dash)
    return found


def _lines(table: pd.DataFrame, colours: dict[str, str], score: str) -> list[LayerLine]:
    """Return the layers of each group by each distance, in order."""
    of_layers = table[table[KIND] == EMBEDDING].sort_values(_LAYER, kind="stable")
    found = []
    for group, colour in colours.items():
        own = of_layers[of_layers[_GROUP] == group]
        for distance in dict.fromkeys(table[table[_GROUP] == group][_DISTANCE]):
            rows = own[own[_DISTANCE] == distance]
            hollow = distance == _COSINE
            label = f"{group}, {_COSINE}" if hollow else group
            if len(rows):
                at, values = rows[_LAYER].to_numpy(int), rows["value"].to_numpy(float)
                ends = _ends(rows, score)
                found.append(LayerLine(label, colour, hollow, at, values, *ends))
    return found


def _ends(rows: pd.DataFrame, score: str) -> tuple[Values | None, Values | None]:
    """Return the 95 % intervals, if there are some."""
    ends = [f"{score}_low", f"{score}_high"]
    if set(ends) <= set(rows.columns) and rows[ends].notna().all(axis=None):
        low, high = rows[ends].to_numpy(float).T
        return low, high
    return None, None


def _range(values: pd.Series[float]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return min(0.0, 1.08 * low), max(0.05, 1.08 * high) if high < 1 / 1.08 else 1.0
