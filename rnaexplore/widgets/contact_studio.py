"""The viewer of a contact map."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import anywidget

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure
from rnaexplore.widgets import _figures
from rnaexplore.widgets._bundle import esm, stylesheet
from rnaexplore.widgets._contact_state import ContactState
from rnaexplore.widgets._html import synced, write_page
from rnaexplore.widgets._sources import contact_payload

__all__ = ["ContactStudio"]


class ContactStudio(ContactState, anywidget.AnyWidget):
    """A contact map above the diagonal, a reference structure below it, and how well they agree.

    Parameters
    ----------
    contacts
        The map, for example from ``rx.tl.contacts``.
    reference
        Structure to compare with.

    Raises
    ------
    InputError
        If the reference is of another length.

    Notes
    -----
    `threshold` is a trait. Agreement is counted strictly, and with each end allowed one residue
    off; it is a property of the threshold, not of a decoded structure.
    """

    _esm = esm("contact_widget", "renderContactWidget")
    _css = stylesheet()

    def __init__(self, contacts: ContactMap, reference: Structure | None = None) -> None:
        n = len(contacts.probabilities)
        if reference is not None and len(reference.sequence) != n:
            msg = f"the map has {n} residues, the reference {len(reference.sequence)}"
            raise InputError(msg)
        self._map = contacts
        self._reference = reference
        dots = None if reference is None else reference.dot_bracket
        super().__init__(_contacts=contact_payload(contacts, dots))

    def __repr__(self) -> str:
        return f"<ContactStudio of {self._map!r}, threshold {self.threshold:g}>"

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the viewer as one page that needs no network; the threshold stays movable."""
        name = "renderContactWidget"
        return write_page(path, "contact_widget", name, synced(self), title="Contacts")

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map as a figure, drawn by `rnaexplore.pl`; the ending sets the format."""
        return _figures.save_contacts(path, self._map, self._reference)
