"""Static twins of the views, drawn by `rnaexplore.pl`."""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnaexplore import pl
from rnaexplore.maps import AttentionMaps, MutationMap
from rnaexplore.widgets.core.drawn_map import drawn_map, grouping

if TYPE_CHECKING:
    from rnaexplore.structure import Structure
    from rnaexplore.widgets.attention.viewer import AttentionViewer
    from rnaexplore.widgets.contacts.studio import ContactStudio
    from rnaexplore.widgets.core.drawn_map import MapView

__all__ = [
    "attention_title",
    "mutation_scale",
    "save_attention",
    "save_map",
    "save_mutations",
    "save_studio",
    "studio_bytes",
]

_FAINTEST = 0.01  #: opacity that a figure can have
_POINTS_PER_PIXEL = 0.75

#: Where figure files have a place for a text about themselves, by format.
_DESCRIPTIONS = {"png": "Description", "svg": "Description", "pdf": "Subject"}


def save_map(path: str | PathLike[str], view: MapView) -> Path:
    """Write a map as a figure, of the RNAs that it holds, as it looks."""
    drawn, _ = drawn_map(view)
    return _save(
        path,
        pl.embedding(
            drawn, next(iter(drawn.obsm)), color=view.color, group=grouping(view),
            palette=view.palette, alpha=max(view.opacity, _FAINTEST),
            size=None if view.size is None else view.size * _POINTS_PER_PIXEL,
        ),
    )  # fmt: skip


def save_attention(
    path: str | PathLike[str],
    view: AttentionViewer,
    maps: AttentionMaps,
    reference: Structure | None,
) -> Path:
    """Write the heads, one attention map and its best pairs as one figure."""
    ranked = view.ranking if view.order == "ranked" else None
    ringed = reference if view.show_reference else None
    with pl.style("nature", width="double"):
        _, axes = pl.panels("ab;cc", height=150, height_ratios=[2, 1])
        pl.head_grid(maps, ranked=ranked, marked=(view.layer, view.head), ax=axes["a"])
        pl.attention(
            view.shown,
            layer=view.layer,
            head=0,
            reference=ringed,
            threshold=view.threshold,
            ax=axes["b"],
        )
        axes["b"].set_title(attention_title(view, maps))
        pl.pair_arcs(_letters(maps), view.pairs, reference=reference, ax=axes["c"])
        return _save(path, axes["a"])


def _letters(maps: AttentionMaps) -> str:
    """Return a letter a residue; codons have none."""
    n = maps.values.shape[-1]
    return maps.sequence if len(maps.sequence) == n else "·" * n


def attention_title(view: AttentionViewer, maps: AttentionMaps) -> str:
    """Return in words which map a viewer shows."""
    which = "mean of heads" if view.head is None else f"head {view.head}"
    done = ["symmetrised"] * view.symmetrize + ["corrected"] * view.apc
    return ", ".join([maps.model, f"layer {view.layer}", which, *done])


def save_studio(path: str | PathLike[str], studio: ContactStudio) -> Path:
    """Write what a studio shows as a figure."""
    with pl.style("nature", width="double"):
        return _save(path, _draw_studio(studio), _caution_of(studio))


def studio_bytes(studio: ContactStudio, kind: str) -> bytes:
    """Return what a studio shows as the content of a figure file."""
    from matplotlib import pyplot as plt

    out = BytesIO()
    with pl.style("nature", width="double"):
        figure = _draw_studio(studio).get_figure(root=True)
        described = _description(kind, _caution_of(studio))
        figure.savefig(out, format=kind, bbox_inches="tight", metadata=described)
    plt.close(figure)
    return out.getvalue()


def _caution_of(studio: ContactStudio) -> str:
    """Return what is known to be weak about the maps that a studio shows."""
    maps = (studio.shown_map, studio.against_map)
    return " ".join(dict.fromkeys(m.caution for m in maps if m is not None and m.caution))


def _draw_studio(studio: ContactStudio) -> Any:
    """Draw maps, structures and arcs; return the axes of the maps."""
    upper, lower = studio.shown_map, studio.against_map
    structure, other, lit = studio.structure, studio.other, studio.helix
    names = (studio.shown, studio.against)
    mosaic = "ab;cc" if other is None else "abc;ddd"
    _, axes = pl.panels(mosaic, height=140, height_ratios=[2, 1.1])
    *drawn, arcs = list(axes.values())[1:]
    pl.contacts(upper, other, predicted=structure, other=lower, highlight=lit, ax=axes["a"])
    structures = [structure] if other is None else [structure, other]
    for ax, drawing, label in zip(drawn, structures, names, strict=False):
        pl.structure(drawing, highlight=lit, ax=ax)
        ax.set_title(label)
    pl.arcs(structure, reference=other, highlight=lit, names=names, ax=arcs)
    return axes["a"]


def save_mutations(
    path: str | PathLike[str], scores: MutationMap, structure: Structure | None
) -> Path:
    """Write a mutation map as a figure, in two columns of a journal."""
    with pl.style("nature", width="double"):
        return _save(path, pl.mutations(scores, structure=structure), scores.caution)


def mutation_scale(scores: MutationMap) -> float:
    """Return the absolute score at which colours end, in the view as in the figure."""
    from rnaexplore._figure_data.mutations import scale_end

    return scale_end(scores)


def _description(kind: str, caution: str) -> dict[str, str] | None:
    """Return the metadata that tell a caution in a figure file; ``None`` without one."""
    field = _DESCRIPTIONS.get(kind)
    return {field: caution} if caution and field else None


def _save(path: str | PathLike[str], axes: Any, caution: str = "") -> Path:
    """Save the figure that holds `axes`, and close it: it was made for the file."""
    from matplotlib import pyplot as plt

    target = Path(path)
    figure = axes.get_figure(root=True)
    described = _description(target.suffix.lower().removeprefix("."), caution)
    figure.savefig(target, bbox_inches="tight", metadata=described)
    plt.close(figure)
    return target
