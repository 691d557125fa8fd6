"""The studio of contact maps and the structures they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from rnaexplore import _keys
from rnaexplore.errors import InputError, RnaExploreError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure
from rnaexplore.widgets.contacts import studio_files
from rnaexplore.widgets.contacts.sources import (
    VIENNA,
    Source,
    known_structures,
    method_sources,
    vienna_source,
)
from rnaexplore.widgets.contacts.studio_page import STEP, answers
from rnaexplore.widgets.contacts.studio_results import (
    Settings,
    comparisons,
    decoded,
    map_payload,
    structure_payload,
)
from rnaexplore.widgets.contacts.studio_state import NOTHING, REFERENCE, StudioState
from rnaexplore.widgets.core import figures, rna_details
from rnaexplore.widgets.core.bundle import esm, stylesheet
from rnaexplore.widgets.core.messages import note
from rnaexplore.widgets.page.html import synced, write_page

if TYPE_CHECKING:
    from anndata import AnnData
    from plotly.graph_objects import Figure

    from rnaexplore.models.model import Model

__all__ = ["ContactStudio"]


class ContactStudio(StudioState, anywidget.AnyWidget):
    """Contact maps, the structures they stand for, and how well these agree with what is known.

    One map takes the upper triangle; the reference, or another map, the lower one. Sliders for
    decoding change the dot-bracket, the drawing, the arcs and the scores; a helix under the mouse
    lights up in every view, a click keeps it lit.

    Parameters
    ----------
    contacts
        One map or several of the same RNA, for example from ``rx.tl.contacts``. Where ViennaRNA
        is installed its probabilities are offered beside them.
    reference
        Structure to compare with.
    name
        Name of the RNA in files.

    Attributes
    ----------
    shown, against : str
        The maps in the upper and in the lower triangle, of those that `maps` lists; `against` may
        also be ``"reference"`` or ``"nothing"``.
    decoder : str
        Method of `rnaexplore.maps.ContactMap.decode`. It and the settings below are at first those
        of `rnaexplore.structure.DEFAULT`.
    threshold : float
        0 to 1; in maps of probabilities, pairs less probable are not considered.
    pairs_per_residue : float
        Above 0, to 2; in maps of scores, so many of the best pairs, times the length, are
        considered.
    min_loop : int
        Fewest residues between the partners of a pair, 0 to 30.
    canonical : bool
        Whether only AU, GC and GU pairs are considered.
    helix : list of [int, int]
        Pairs that are lit up in every view, 0-based.

    Raises
    ------
    InputError
        If there is no map, or maps and reference are not of the same length.

    Notes
    -----
    Maps travel to the browser with 8 bits per value on a square-root scale; structures and
    scores come from the full maps.
    """

    _esm = esm("contacts/studio", "renderStudio")
    _css = stylesheet()

    def __init__(
        self,
        contacts: ContactMap | Sequence[ContactMap],
        reference: Structure | None = None,
        *,
        name: str = "RNA",
    ) -> None:
        given = [contacts] if isinstance(contacts, ContactMap) else list(contacts)
        if not given:
            msg = "contacts must hold at least one contact map"
            raise InputError(msg)
        sequence = given[0].sequence
        _check_lengths(given, reference)
        sources = {label: _given(held) for label, held in _labelled(given).items()}
        beside = {k: v for k, v in vienna_source(sequence).items() if k not in sources}
        against = list(sources)[1] if len(given) > 1 and reference is None else None
        self._open(sources | beside, sequence, reference, name=name, against=against)

    @classmethod
    def of(
        cls,
        adata: AnnData,
        obs_name: str,
        model: str | Model | Sequence[str | Model] = "mini",
    ) -> ContactStudio:
        """Return a studio of one RNA in which models and methods can be chosen.

        Parameters
        ----------
        adata
            One observation an RNA, with ``obs["sequence"]``, and ``obs["structure"]`` for the
            reference if there is one.
        obs_name
            Name of the RNA in ``adata.obs_names``.
        model
            Name of a model, or a loaded one, or several. Each is offered with what it can do: its
            own contact head (``"regression"``), its best heads on up to 20 RNAs of other families
            (``"heads"``), its categorical Jacobian (``"jacobian"``, ``"dependency"``: about 3 L
            passes, once). A map is computed when it is chosen.

        Raises
        ------
        UnknownNameError
            If no RNA has this name.
        UnknownModelError
            If no model has that name.
        InputError
            If none of the models can make a contact map.
        """
        from rnaexplore._adata import load, sequence_of

        sequence = sequence_of(adata, obs_name).upper().replace("T", "U")
        known = known_structures(adata, obs_name)
        several = [model] if isinstance(model, str) or not isinstance(model, Sequence) else model
        sources: dict[str, Source] = {}
        for loaded in map(load, several):
            made = method_sources(loaded, sequence, known)
            sources |= {f"{loaded.spec.name} {method}": source for method, source in made.items()}
        if not sources:
            msg = "none of the models can make a contact map: they have no trained head for one"
            raise InputError(msg)
        studio = cls.__new__(cls)
        dots = rna_details.text(adata, _keys.STRUCTURE, obs_name)
        reference = None if dots is None else Structure.from_dot_bracket(sequence, dots)
        studio._open(sources | vienna_source(sequence), sequence, reference, name=obs_name)  # noqa: SLF001
        return studio

    def __repr__(self) -> str:
        n = len(self._sequence)
        dials = ", ".join(f"{dial} {getattr(self, dial):g}" for dial in self._dials)
        return (
            f"<ContactStudio of {n} residues, {self.shown} against {self.against}, "
            f"{self.decoder}, {dials}>"
        )

    @property
    def maps(self) -> list[str]:
        """Names of the maps that can be shown."""
        return list(self._sources)

    @property
    def shown_map(self) -> ContactMap:
        """The map in the upper triangle."""
        return self._sources[self.shown]()

    @property
    def against_map(self) -> ContactMap | None:
        """The map in the lower triangle, ``None`` if a structure or nothing is there."""
        return self._sources[self.against]() if self.against in self._sources else None

    @property
    def structure(self) -> Structure:
        """The structure that the map in the upper triangle stands for."""
        return decoded(self.shown_map, self._settings)

    @property
    def other(self) -> Structure | None:
        """The structure in the lower triangle, ``None`` if there is none."""
        if self.against == REFERENCE:
            return self._reference
        other = self.against_map
        return None if other is None else decoded(other, self._settings)

    @property
    def scores(self) -> list[dict[str, Any]]:
        """Rows of the scores: ``of``, ``rule``, ``precision``, ``recall``, ``f1``, ``mcc``.

        ``rule`` is ``"strict"`` or ``"±1"``, where ``mcc`` is ``None``.
        """
        lower = None if self.against in (REFERENCE, NOTHING) else self.other
        return comparisons((self.shown, self.against), self.structure, lower, self._reference)

    def export(self, path: str | PathLike[str]) -> Path:
        """Write what is shown; the ending sets the format.

        ``.dbn`` and ``.ct`` hold the structure; ``.csv`` its pairs (1-based), their probabilities
        or scores, and whether the reference has them; ``.svg``, ``.pdf`` and ``.png`` the figure
        that `savefig` writes.

        Raises
        ------
        InputError
            If there is no such format.
        """
        target = Path(path)
        kind = studio_files.kind_of(target)
        if kind in studio_files.FIGURES:
            return self.savefig(target)
        contacts = self.shown_map
        text = studio_files.text_of(kind, self._name, self.structure, contacts, self._reference)
        target.write_text(text, encoding="utf-8")
        return target

    def to_plotly(self) -> Figure:
        """Return the maps as a plotly figure with their structures, drawn by `rnaexplore.px`."""
        from rnaexplore.widgets.core.plotly_figures import studio_figure

        return studio_figure(self)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write maps, drawings and arcs as a figure of `rnaexplore.pl`, as the ending says."""
        return figures.save_studio(path, self)

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the studio as one page that needs no network.

        Decoder, canonical pairs and the threshold (in steps of 0.05; that of ranks if all maps
        hold scores) stay movable; the maps and `min_loop` are those that are set now.
        """
        dial = self._dials[0]
        fixed = {
            "_shown_choices": [self.shown],
            "_against_choices": [self.against],
            "_step": STEP,
            "_dials": [dial],
        }
        state = synced(self) | fixed
        exported = {"studio": answers(self._answer_for, self._settings, self._candidates, dial)}
        return write_page(
            path, "contacts/studio", "renderStudio", state, title=self._name, exported=exported
        )

    def _open(
        self,
        sources: dict[str, Source],
        sequence: str,
        reference: Structure | None,
        *,
        name: str,
        against: str | None = None,
    ) -> None:
        self._sources = sources
        self._sequence = sequence
        self._reference = reference
        self._name = name
        self._ready = False
        labels = list(sources)
        ends = ([] if reference is None else [REFERENCE]) + labels + [NOTHING]
        super().__init__(
            _shown_choices=labels,
            _against_choices=ends,
            shown=labels[0],
            against=against or (NOTHING if reference is None else REFERENCE),
            _rna={
                "name": name,
                "sequence": sequence,
                "reference": None if reference is None else reference.dot_bracket,
                "vienna": VIENNA in labels,
            },
        )
        self._ready = True
        self._draw()
        self.on_msg(self._answer)

    @property
    def _settings(self) -> Settings:
        return Settings(
            decoder=self.decoder,
            threshold=self.threshold,
            pairs_per_residue=self.pairs_per_residue,
            min_loop=self.min_loop,
            canonical=self.canonical,
        )

    @traitlets.observe("shown", "against")
    def _draw(self, change: Any = None) -> None:  # noqa: ARG002
        if not self._ready:
            return
        try:
            upper = map_payload(self.shown, self.shown_map)
            other = self.against_map
            lower = {} if other is None else map_payload(self.against, other)
            dials = self._dials_for([self.shown_map, other])
            result = self._answer_for(self._settings)
        except (RnaExploreError, MemoryError) as error:
            upper, lower, result, dials = {"message": note(error)}, {}, {}, self._dials
        with self.hold_sync():
            self._upper, self._lower, self._result, self._dials = upper, lower, result, dials

    @staticmethod
    def _dials_for(maps: Sequence[ContactMap | None]) -> list[str]:
        """Return which thresholds the maps have: of values, of ranks, or both."""
        kinds = {contacts.kind for contacts in maps if contacts is not None}
        both = {"threshold": "probability", "pairs_per_residue": "score"}
        return [dial for dial, kind in both.items() if kind in kinds]

    @traitlets.observe("decoder", "threshold", "pairs_per_residue", "min_loop", "canonical")
    def _decode(self, change: Any) -> None:  # noqa: ARG002
        if self._ready and self._result:
            asked = f"{self.decoder} {self.threshold:.2f}"
            self._result = self._answer_for(self._settings) | {"asked": asked}

    def _answer_for(self, settings: Settings) -> dict[str, Any]:
        """Return what the views draw, or why some settings have no structure."""
        try:
            return self._result_for(settings)
        except InputError as error:
            return {"message": note(error)}

    def _result_for(self, settings: Settings) -> dict[str, Any]:
        """Return structures, scores and their places for some settings."""
        contacts, other = self.shown_map, self.against_map
        upper = decoded(contacts, settings)
        lower = None if other is None else decoded(other, settings)
        below = self._reference if self.against == REFERENCE else lower
        labels = (self.shown, self.against)
        return {
            "upper": structure_payload(upper, contacts),
            "lower": None if below is None else structure_payload(below, other),
            "scores": comparisons(labels, upper, lower, self._reference),
        }

    def _candidates(self, settings: Settings) -> int:
        """Return how many pairs are considered in the maps that are shown, at most."""
        maps = [m for m in (self.shown_map, self.against_map) if m is not None]
        counts = [
            int(settings.pairs_per_residue * len(m))
            if m.kind == "score"
            else int((m.values >= settings.threshold).sum()) // 2
            for m in maps
        ]
        return max(counts)

    def _answer(self, _: Any, content: dict[str, Any], buffers: Any) -> None:  # noqa: ARG002
        """Send a figure that the browser asked for."""
        kind = content.get("figure")
        if kind in studio_files.FIGURES:
            name = f"{_keys.safe(self._name)}.{kind}"
            self.send({"file": name}, [figures.studio_bytes(self, str(kind))])


def _given(contacts: ContactMap) -> Source:
    return lambda: contacts


def _labelled(maps: Sequence[ContactMap]) -> dict[str, ContactMap]:
    """Return maps by model and method, numbered where these are alike."""
    labelled: dict[str, ContactMap] = {}
    for contacts in maps:
        vienna = contacts.method == "vienna"
        label = first = VIENNA if vienna else f"{contacts.model} {contacts.method}"
        number = 2
        while label in labelled:
            label, number = f"{first} {number}", number + 1
        labelled[label] = contacts
    return labelled


def _check_lengths(maps: Sequence[ContactMap], reference: Structure | None) -> None:
    n = len(maps[0])
    if reference is not None and len(reference) != n:
        msg = f"the map has {n} residues, the reference {len(reference)}"
        raise InputError(msg)
    for contacts in maps[1:]:
        if contacts.sequence != maps[0].sequence:
            msg = "the maps must be of the same RNA, but their sequences differ"
            raise InputError(msg)
