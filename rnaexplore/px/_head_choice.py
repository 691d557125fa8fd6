"""Choosing a head inside a figure: a menu of layers, a slider of heads."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.attention import attention_image
from rnaexplore._figure_data.head_grid import Grid, Ranked, shrunk
from rnaexplore._figure_data.theme import NESTED, RAMPS
from rnaexplore.maps import AttentionMaps
from rnaexplore.px._figure import heatmap

__all__ = ["HeadChoice", "controls"]

_MOST_WEIGHTS = 4_000_000  #: of all maps together; larger ones are shrunk
_DETAIL = 1  #: which trace the chosen map is

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class HeadChoice:
    """What menu and slider put into the figure for each thumbnail."""

    maps: AttentionMaps
    places: list[Place]
    grid: Grid
    scores: dict[Place, float]
    side: int

    @classmethod
    def of(
        cls, maps: AttentionMaps, places: list[Place], grid: Grid, ranked: Ranked | None
    ) -> HeadChoice:
        """Return the choice among some maps."""
        scores = {(layer, head): score for layer, head, score in ranked or ()}
        side = max(1, int((_MOST_WEIGHTS / len(places)) ** 0.5))
        return cls(maps, places, grid, scores, min(maps.values.shape[-1], side))

    def title(self, slot: int) -> str:
        """Return a head in words."""
        layer, head = self.places[slot]
        score = self.scores.get((layer, head))
        return f"layer {layer}, head {head}" + ("" if score is None else f", score {score:.2f}")

    def values(self, slot: int) -> tuple[NDArray[np.float32], float, str]:
        """Return the map of a head, the end of its scale, and what it holds."""
        image = attention_image(self.maps, *self.places[slot])
        return shrunk(image.values.astype(np.float32), self.side), image.end, image.label

    def detail(self, slot: int) -> go.Heatmap:
        """Return the map of a head as a trace."""
        values, end, label = self.values(slot)
        hover = f"%{{y}} attends to %{{x}}<br>{label} %{{z:.4f}}"
        trace = heatmap(values, ramp=RAMPS["attention"], ends=(0, end), label=label, hover=hover)
        step = self.maps.values.shape[-1] / self.side
        start = (1 + step) / 2
        return trace.update(xaxis="x2", yaxis="y2", x0=start, y0=start, dx=step, dy=step)

    def frame(self, slot: int) -> dict[str, Any]:
        """Return the rectangle around a thumbnail."""
        row, column = self.grid.corner(slot)
        side = self.grid.length
        return {
            "type": "rect", "xref": "x", "yref": "y", "line": {"color": NESTED, "width": 3},
            "x0": column + 0.5, "y0": row + 0.5, "x1": column + side + 0.5, "y1": row + side + 0.5,
        }  # fmt: skip

    def change(self, slot: int) -> tuple[dict[str, Any], dict[str, Any], list[int]]:
        """Return what showing a head changes: the chosen map, the layout, in which trace."""
        values, end, _ = self.values(slot)
        words = {"shapes": [self.frame(slot)], "annotations": [_caption(self.title(slot))]}
        return {"z": [_typed(values)], "zmax": [end]}, words, [_DETAIL]

    def slider(self, slots: list[int], active: int) -> dict[str, Any]:
        """Return a slider over some heads."""
        steps = [
            {"method": "update", "label": self._label(slot), "args": list(self.change(slot))}
            for slot in slots
        ]
        return {
            "active": active, "steps": steps, "x": 0.54, "len": 0.46, "y": 0.1,
            "pad": {"t": 0}, "currentvalue": {"visible": False},
        }  # fmt: skip

    def _label(self, slot: int) -> str:
        layer, head = self.places[slot]
        return f"{layer}·{head}" if self.scores else str(head)


def controls(layout: go.Layout, choice: HeadChoice, first: int, *, by_layer: bool) -> None:
    """Put a slider of heads into a layout, and a menu of layers unless heads are ranked."""
    slots = list(range(len(choice.places)))
    layer = choice.places[first][0]
    if by_layer:
        layout.updatemenus = [_menu(choice, layer)]
        slots = _of_layer(choice, layer)
    layout.sliders = [choice.slider(slots, slots.index(first))]
    layout.shapes = [choice.frame(first)]
    layout.annotations = [_caption(choice.title(first))]


def _of_layer(choice: HeadChoice, layer: int) -> list[int]:
    return [slot for slot, place in enumerate(choice.places) if place[0] == layer]


def _menu(choice: HeadChoice, shown: int) -> dict[str, Any]:
    """Return the menu of layers; each brings the slider of its heads."""
    buttons = []
    for layer in choice.maps.layers:
        slots = _of_layer(choice, layer)
        data, words, traces = choice.change(slots[0])
        words |= {"sliders": [choice.slider(slots, 0)]}
        args = [data, words, traces]
        buttons.append({"method": "update", "label": f"layer {layer}", "args": args})
    return {
        "buttons": buttons, "active": choice.maps.layers.index(shown), "x": 0.54, "xanchor": "left",
        "y": 1.0, "yanchor": "bottom", "pad": {"b": 8},
    }  # fmt: skip


def _typed(values: NDArray[np.float32]) -> dict[str, str]:
    """Return a map as plotly writes arrays; in arguments of controls it leaves that to us."""
    data = b64encode(np.ascontiguousarray(values).tobytes()).decode()
    return {"dtype": "f4", "bdata": data, "shape": ", ".join(map(str, values.shape))}


def _caption(text: str) -> dict[str, Any]:
    return {
        "text": text, "x": 1.0, "y": 1.0, "xref": "paper", "yref": "paper", "showarrow": False,
        "xanchor": "right", "yanchor": "bottom",
    }  # fmt: skip
