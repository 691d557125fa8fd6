"""What a page holds in place of a running Python: details and maps of some RNAs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import _keys
from rnaexplore.errors import RnaExploreError
from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.widgets.core import rna_details
from rnaexplore.widgets.core.codec import joined, quantise
from rnaexplore.widgets.core.indexing import resolve
from rnaexplore.widgets.core.maps import OnDemand, decoding, model_contacts, thumbnails
from rnaexplore.widgets.core.messages import NO_MODEL, NOT_EXPORTED, TEXT_NOT_EXPORTED, note
from rnaexplore.widgets.page.html import packed

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.models.model import Model

__all__ = [
    "closed_rna",
    "explorer_content",
    "packed_attention",
    "packed_contacts",
    "representatives",
]

MOST_WEIGHTS = 8_000_000  #: attention weights in a page by default, one byte each before packing
MOST_LETTERS = 3_000_000  #: letters of sequences and structures in a page


def closed_rna() -> dict[str, Any]:
    """Return the state of an explorer in which no RNA is open."""
    empty: dict[str, Any] = {}
    return {"_selected": -1, "_rna": empty} | dict.fromkeys(
        ("_attention", "_contacts", "_gallery", "_neighbours", "_kmers", "_found"), empty
    )


def explorer_content(
    adata: AnnData, model: Model | None, maps: Sequence[str] | None, opened: str | None
) -> dict[str, Any]:
    """Return what the page of an explorer answers with.

    Parameters
    ----------
    adata
        The RNAs.
    model
        Computes the maps.
    maps
        Names of the RNAs with maps; ``None`` for `representatives`.
    opened
        The RNA that is open at first.
    """
    chosen = representatives(adata, model, opened) if maps is None else _checked(adata, maps)
    mapped = {} if model is None else {i: _maps(adata, model, i) for i in chosen}
    first = opened if opened is not None else _first(adata, chosen)
    return {
        "rnas": mapped,
        "texts": _texts(adata, chosen),
        "opened": -1 if first is None else int(adata.obs_names.get_loc(first)),
        "without": NO_MODEL if model is None else NOT_EXPORTED,
        "no_text": TEXT_NOT_EXPORTED,
    }


def representatives(adata: AnnData, model: Model | None, opened: str | None) -> list[int]:
    """Return positions of the RNAs whose maps a page holds by default.

    The open RNA first, then of each family the RNA of median length (short families first), as
    long as their attention has at most 8 million weights together.
    """
    if model is None or _keys.SEQUENCE not in adata.obs:
        return []
    lengths = adata.obs[_keys.SEQUENCE].str.len().to_numpy()
    heads = model.spec.n_layers * model.spec.n_heads
    wanted = [] if opened is None else [int(adata.obs_names.get_loc(opened))]
    wanted += [i for i in _one_a_family(adata, lengths) if i not in wanted]
    weights = np.cumsum([heads * int(lengths[i]) ** 2 for i in wanted])
    return [i for i, total in zip(wanted, weights, strict=True) if total <= MOST_WEIGHTS]


def packed_attention(maps: AttentionMaps) -> dict[str, Any]:
    """Return all heads for a page: uint8 on a square-root scale of each head's largest weight."""
    tops = maps.values.max(axis=(-1, -2))
    heads = zip(maps.values.reshape(-1, *maps.values.shape[2:]), tops.ravel(), strict=True)
    levels = np.stack([quantise(values, float(top)) for values, top in heads])
    return {
        "layers": list(maps.layers),
        "heads": list(maps.heads),
        "n": maps.values.shape[-1],
        "residues": list(maps.residues),
        "tops": [round(float(top), 8) for top in tops.ravel()],
        "levels": packed(levels.tobytes()),
        "gallery": thumbnails(maps),
    }


def packed_contacts(contacts: ContactMap, reference: str | None) -> dict[str, Any]:
    """Return a contact map for a page: uint8 on a square-root scale of 1."""
    return {
        "n": len(contacts),
        "residues": list(contacts.residues),
        "what": contacts.kind,
        "decoding": decoding(),
        "levels": packed(quantise(contacts.values, 1.0).tobytes()),
        "reference": reference,
        "model": contacts.model,
        "method": contacts.method,
    }


def _maps(adata: AnnData, model: Model, position: int) -> dict[str, Any]:
    described = rna_details.describe(adata, str(adata.obs_names[position]))
    sequence = described["sequence"]
    if sequence is None:
        return {}
    return {
        "attention": _or_message(lambda: packed_attention(_all_heads(model, sequence))),
        "contacts": _or_message(
            lambda: packed_contacts(model_contacts(model, sequence), described["structure"])
        ),
    }


def _all_heads(model: Model, sequence: str) -> AttentionMaps:
    complete = OnDemand(model, sequence).complete
    if complete is not None:
        return complete
    values = model.attentions(sequence)
    layers, heads = tuple(range(len(values))), tuple(range(values.shape[1]))
    return AttentionMaps(values, layers, heads, sequence, model.spec.name)


def _or_message(make: Any) -> dict[str, Any]:
    try:
        result: dict[str, Any] = make()
    except RnaExploreError as error:
        return {"message": note(error)}
    return result


def _checked(adata: AnnData, names: Sequence[str]) -> list[int]:
    return [int(i) for i in resolve(adata.obs_names, names)]


def _first(adata: AnnData, chosen: list[int]) -> str | None:
    return str(adata.obs_names[chosen[0]]) if chosen else None


def _one_a_family(adata: AnnData, lengths: Any) -> list[int]:
    if _keys.FAMILY not in adata.obs:
        return list(np.argsort(lengths, kind="stable")[: len(lengths) // 2 + 1][-1:])
    families = adata.obs[_keys.FAMILY].astype(str).to_numpy()
    members = [np.flatnonzero(families == family) for family in np.unique(families)]
    medians = [rows[np.argsort(lengths[rows], kind="stable")[len(rows) // 2]] for rows in members]
    return sorted((int(i) for i in medians), key=lambda i: int(lengths[i]))


def _texts(adata: AnnData, chosen: list[int]) -> dict[str, Any]:
    """Return sequences and structures: of all RNAs if that is not too much, else of some."""
    held = [key for key in (_keys.SEQUENCE, _keys.STRUCTURE) if key in adata.obs]
    letters = sum(int(adata.obs[key].astype(str).str.len().sum()) for key in held)
    rows = list(range(adata.n_obs)) if letters <= MOST_LETTERS else chosen
    texts = {key: joined(_known(value) for value in adata.obs[key].iloc[rows]) for key in held}
    return {"rows": rows if len(rows) < adata.n_obs else None} | {
        key: packed(value) for key, value in texts.items()
    }


def _known(value: Any) -> str:
    return value if isinstance(value, str) else ""
