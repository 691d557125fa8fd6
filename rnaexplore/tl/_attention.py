"""Attention maps of one RNA."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore.maps import AttentionMaps
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl._access import load, sequence_of

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["attention", "attention_maps"]


def attention(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    layers: Iterable[int] | None = None,
    heads: Iterable[int] | None = None,
) -> AttentionMaps:
    """Compute the attention maps of one RNA. Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model, or a loaded one.
    layers
        0-based layers, or negative from the end; all by default.
    heads
        0-based heads, or negative from the end; all by default.

    Returns
    -------
    AttentionMaps
        ``values`` float32 of shape (layers, heads, L, L), without special tokens.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownNameError
        If no RNA has this name, with the nearest names.
    InputError
        If the model has no such layer or head, or cannot read the sequence.
    """
    return attention_maps(load(model), sequence_of(adata, obs_name), layers=layers, heads=heads)


def attention_maps(
    model: Model,
    sequence: str,
    *,
    layers: Iterable[int] | None = None,
    heads: Iterable[int] | None = None,
) -> AttentionMaps:
    """Return the attention maps of one sequence, as `attention` does."""
    spec = model.spec
    chosen = list(range(spec.n_layers)) if layers is None else list(layers)
    kept = list(range(spec.n_heads)) if heads is None else list(heads)
    values = model.attentions(sequence, layers=chosen, heads=kept)
    return AttentionMaps(
        values,
        tuple(k % spec.n_layers for k in chosen),
        tuple(k % spec.n_heads for k in kept),
        normalise(sequence),
        spec.name,
    )
