"""The ways to a contact map that a view offers, each computed when it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import _keys
from rnaexplore.errors import RnaExploreError
from rnaexplore.maps import ContactMap
from rnaexplore.widgets.core.maps import contact_payload, model_contacts
from rnaexplore.widgets.core.messages import note

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.models.model import Model
    from rnaexplore.tl.base_pairs.contact_methods import ContactMethod

__all__ = [
    "VIENNA",
    "Source",
    "known_structures",
    "live_contacts",
    "method_names",
    "method_sources",
    "vienna_source",
]

Source = Callable[[], ContactMap]

VIENNA = "ViennaRNA"
MOST_KNOWN = 20  #: RNAs that heads are chosen on
LONGEST_KNOWN = 200  #: residues of such an RNA
FEWEST_KNOWN = 2
NUCLEOTIDES = frozenset("ACGUT")


def vienna_source(sequence: str) -> dict[str, Source]:
    """Return ViennaRNA as a source, nothing if it is not installed or reads no such sequence."""
    if find_spec("RNA") is None or not set(sequence.upper()) <= NUCLEOTIDES:
        return {}
    return {VIENNA: cache(partial(_predict, VIENNA, "vienna", sequence, None))}


def method_sources(model: Model, sequence: str, known: AnnData | None) -> dict[str, Source]:
    """Return the methods that a model can be asked with, by the name of the method.

    Parameters
    ----------
    model
        The model.
    sequence
        The RNA.
    known
        RNAs with structures on which ``"heads"`` chooses the best heads; without them that method
        is not offered.
    """
    methods: list[ContactMethod] = []
    if "contacts" in model.spec.can:
        methods.append("regression")
    if known is not None and "attention" in model.spec.can:
        methods.append("heads")
    if "logits" in model.spec.can:
        methods += ["jacobian", "dependency"]
    chosen_on = {"heads": known}
    return {
        method: cache(partial(_predict, model, method, sequence, chosen_on.get(method)))
        for method in methods
    }


def known_structures(adata: AnnData, name: str) -> AnnData | None:
    """Return up to 20 RNAs of other families with structures, ``None`` if there are not enough.

    Other families: the heads that follow this family's structure must not be chosen on it.
    """
    needed = {_keys.SEQUENCE, _keys.STRUCTURE, _keys.FAMILY}
    if not needed <= set(adata.obs.columns):
        return None
    obs = adata.obs
    short = obs[_keys.SEQUENCE].str.len().to_numpy() <= LONGEST_KNOWN
    paired = obs[_keys.STRUCTURE].astype(str).str.contains("(", regex=False).to_numpy()
    other = (obs[_keys.FAMILY].astype(str) != str(obs[_keys.FAMILY].loc[name])).to_numpy()
    rows = np.flatnonzero(short & paired & other)
    if len(rows) < FEWEST_KNOWN:
        return None
    if len(rows) > MOST_KNOWN:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_KNOWN, replace=False))
    return adata[rows]


def method_names(model: Model, adata: AnnData) -> list[str]:
    """Return the methods that an explorer of these RNAs offers, the model's own head first."""
    structured = {_keys.SEQUENCE, _keys.STRUCTURE, _keys.FAMILY} <= set(adata.obs.columns)
    families = adata.obs[_keys.FAMILY].nunique() if structured else 0
    names = list(method_sources(model, "", adata if families > 1 else None)) or ["regression"]
    return names + ([VIENNA] if find_spec("RNA") is not None else [])


def live_contacts(
    model: Model, sequence: str, structure: str | None, method: str, known: AnnData | None
) -> dict[str, Any]:
    """Return the contact map of an RNA for the view, or why there is none."""
    try:
        if method == "regression":
            contacts = model_contacts(model, sequence)
        else:
            contacts = (method_sources(model, sequence, known) | vienna_source(sequence))[method]()
        return contact_payload(contacts, structure)
    except KeyError:
        return {"message": f"{method} cannot be asked about this RNA: {_why(method, sequence)}."}
    except (RnaExploreError, MemoryError) as error:
        return {"message": note(error)}


def _why(method: str, sequence: str) -> str:
    if method == VIENNA:
        strange = "".join(sorted(set(sequence.upper()) - NUCLEOTIDES))
        return f"it reads A, C, G and U, but the sequence holds {strange}"
    return "no RNAs of other families with known structures are there to choose heads on"


def _predict(
    model: Model | str, method: ContactMethod, sequence: str, fit_on: AnnData | None
) -> ContactMap:
    from rnaexplore.tl.base_pairs.contact_methods import predictor

    return predictor(model, method, heads=None, fit_on=fit_on, n_best=5)(sequence)
