"""Attention maps of one RNA."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.memory import BYTES, check_fits

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
    window: tuple[int, int] | None = None,
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
    window
        First and last residue (excluded) of a stretch of a long RNA, 0-based; codons for codon
        models. The model reads the stretch alone. All of the RNA by default.

    Returns
    -------
    AttentionMaps
        ``values`` float32 of shape (layers, heads, L, L), without special tokens; L counts the
        residues of the window, ``start`` tells where it begins, ``sequence`` is that of the window.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownNameError
        If no RNA has this name, with the nearest names.
    InputError
        If the model has no such layer or head, or cannot read the sequence (too long: pass
        `window`), or the window does not lie in it.

    Notes
    -----
    Time and memory grow with the square of the length: the maps take 4 bytes for each layer, head
    and pair of residues (3,000 nt and 12 layers of 20 heads: 8.6 GB). Maps that do not fit into
    memory are refused; pass `window`, `layers` or `heads`.
    """
    loaded, sequence = load(model), sequence_of(adata, obs_name)
    if window is None:
        return attention_maps(loaded, sequence, layers=layers, heads=heads)
    alphabet, (start, stop) = loaded.spec.alphabet, window
    n = alphabet.n_residues(sequence)
    if not 0 <= start < stop <= n:
        msg = f"window must be (start, stop) with 0 <= start < stop <= {n}, got {window}"
        raise InputError(msg)
    maps = attention_maps(loaded, alphabet.slice(sequence, start, stop), layers=layers, heads=heads)
    return replace(maps, start=start)


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
    n = spec.alphabet.n_residues(sequence)
    check_fits(
        BYTES * len(chosen) * len(kept) * n**2,
        f"attention maps of {n:,} residues, {len(chosen)} layers and {len(kept)} heads",
        "pass layers=, heads= or window=",
    )
    values = model.attentions(sequence, layers=chosen, heads=kept)
    return AttentionMaps(
        values,
        tuple(k % spec.n_layers for k in chosen),
        tuple(k % spec.n_heads for k in kept),
        normalise(sequence),
        spec.name,
    )
