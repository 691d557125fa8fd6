"""The viewer of a mutation map."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap, MutationMap
from rnaexplore.maps.mutation import MARGINAL
from rnaexplore.structure import Structure
from rnaexplore.widgets.core import figures
from rnaexplore.widgets.core.bundle import esm, stylesheet
from rnaexplore.widgets.core.codec import float32_bytes
from rnaexplore.widgets.core.maps import model_contacts
from rnaexplore.widgets.mutations.mutation_state import Mutation, MutationState, parse
from rnaexplore.widgets.page.html import synced, write_page

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from rnaexplore.models.model import Model

__all__ = ["MutationViewer"]


class MutationViewer(MutationState, anywidget.AnyWidget):
    """Scores of all substitutions over sequence, structure and entropy; a click shows the effect.

    Parameters
    ----------
    scores
        The scores, from ``rx.tl.mutate``; with ``effect="contacts"`` a second block of rows shows
        the base pairs that each substitution loses, and rings where the two disagree.
    structure
        Known or predicted structure, drawn as arcs.
    model
        A model with a trained contact head: it shows the contact map before and after the
        mutation that is clicked.

    Raises
    ------
    InputError
        If the structure is of another length.

    Notes
    -----
    `mutation` is a trait (``"G5A"``), `selection` the same as a named tuple. ``to_csv`` and
    ``to_vcf`` write the scores. What is known to be weak about the model's scores
    (`MutationMap.caution`) is shown below the title, and is in the description of the figure and in
    the header of the VCF file.
    """

    _esm = esm("mutations/mutation_widget", "renderMutationWidget")
    _css = stylesheet()

    def __init__(
        self,
        scores: MutationMap,
        *,
        structure: Structure | None = None,
        model: Model | None = None,
    ) -> None:
        if structure is not None and len(structure) != len(scores.sequence):
            msg = f"the structure has {len(structure)} residues, the RNA {len(scores.sequence)}"
            raise InputError(msg)
        self._map = scores
        self._structure = structure
        self._sequence = scores.sequence
        self._predict = None if model is None else _Remembering(model)
        predicts = {"predicts": model is not None}
        super().__init__(_scores=_payload(scores, structure) | predicts)

    def __repr__(self) -> str:
        return f"<MutationViewer of {self._map!r}, {self.mutation or 'nothing chosen'}>"

    @property
    def selection(self) -> Mutation | None:
        """The mutation looked at, ``None`` if none is."""
        return parse(self.mutation, self._sequence) if self.mutation else None

    def to_html(self, path: str | PathLike[str], *, effects: Iterable[str] = ()) -> Path:
        """Write the viewer as one page that needs no network.

        Parameters
        ----------
        path
            File to write.
        effects
            Mutations, such as ``"G5A"``, whose contact maps the page holds beside that of the one
            looked at; the scores of all of them stay in it.
        """
        chosen = [*effects, *([self.mutation] if self.mutation else [])]
        held = {text: self._effect_of(text) for text in chosen}
        state = synced(self) | {"_live": False, "_effects": held}
        return write_page(
            path, "mutations/mutation_widget", "renderMutationWidget", state, title="Mutations"
        )

    def to_plotly(self) -> Figure:
        """Return the scores as a plotly figure, drawn by `rnaexplore.px`."""
        from rnaexplore.px import mutations

        return mutations(self._map, structure=self._structure)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the scores as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return figures.save_mutations(path, self._map, self._structure)

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write one row per mutation, as of `MutationMap.to_frame`."""
        target = Path(path)
        self._map.to_frame().to_csv(target, index=False, float_format="%.6g")
        return target

    def to_vcf(self, path: str | PathLike[str], *, name: str = "rna") -> Path:
        """Write the scores as VCF, see `rnaexplore.io.write_variants`.

        Parameters
        ----------
        path
            File to write.
        name
            Name of the RNA in the file.
        """
        from rnaexplore.io import write_variants

        write_variants({name: self._map}, path)
        return Path(path)


class _Remembering:
    """Contact maps of a model's own head; that of the unchanged RNA is computed once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._first: ContactMap | None = None

    def __call__(self, sequence: str) -> ContactMap:
        if self._first is None or self._first.sequence != sequence:
            found = model_contacts(self._model, sequence)
            self._first = self._first or found
            return found
        return self._first


def _contacts(scores: MutationMap) -> dict[str, Any]:
    """Return lost base pairs and where they disagree with the scores, if they are there."""
    if scores.contacts is None:
        return {}
    end = float(np.nanmax(-scores.contacts, initial=0)) or 1.0
    return {
        "contacts": float32_bytes(np.ascontiguousarray(scores.contacts.T)),
        "contacts_end": end,
        "disagreement": float32_bytes(np.ascontiguousarray(scores.disagreement.T)),
    }


def _payload(scores: MutationMap, structure: Structure | None) -> dict[str, Any]:
    """Return scores and tracks for the view; NaN where a residue is ambiguous."""
    rows = [*scores.values.T]
    if scores.deletions is not None:
        rows.append(scores.deletions)
    marginal = scores.method in MARGINAL
    return _contacts(scores) | {
        "sequence": scores.sequence,
        "structure": None if structure is None else structure.dot_bracket,
        "letters": list("ACGU-"[: len(rows)]),
        "values": float32_bytes(np.stack(rows)),
        "entropy": float32_bytes(scores.entropy) if marginal else None,
        "end": figures.mutation_scale(scores),
        "model": scores.model,
        "method": scores.method,
        "caution": scores.caution,
    }
