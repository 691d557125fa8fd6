"""Embeddings of chosen positions: one observation is one site."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load, note, sequence_of
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.mutations.sites import nucleotide_model

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["embed_sites"]

Array = NDArray[np.float32]

CARRIED = frozenset({_keys.SEQUENCE, _keys.STRUCTURE})  #: columns that sites do not repeat


def embed_sites(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    sites: str | pd.DataFrame,
    width: int = 1,
    layers: Iterable[int] = (-1,),
    flank: int = 50,
    window: int | None = None,
    progress: bool = True,
) -> AnnData:
    """Embed chosen positions of RNAs, and return them as an AnnData of sites.

    `adata` is not changed. This is a function of its own beside `rnaexplore.tl.embed`, which
    writes one vector an RNA into the AnnData that it is given.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model of nucleotides, or a loaded one.
    sites
        ``obs`` column with one 0-based position an RNA; or a DataFrame with columns name (in
        ``adata.obs_names``) and position (0-based), whose other columns are carried over.
    width
        Residues of a site, from its position on: 2 for a splice dinucleotide. Their vectors are
        concatenated, as in the analysis of Chen et al. 2024 (doi:10.1093/bib/bbae163).
    layers
        0 (embeddings) to ``n_layers`` (after the last layer), or negative from the end. All are
        read in one pass.
    flank
        Residues kept on each side of a site in ``obs["context"]``, for baselines.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged.
    progress
        Whether to show a progress bar.

    Returns
    -------
    AnnData
        One observation a site, named ``<RNA>:<1-based position>``:

        ``obsm["X_<model>_layer<k>"]`` : float32, shape (n_sites, width * dim)
            One for each of `layers`.
        ``obs`` : rna, position (int64, 0-based), residues (the letters of the site), context (as
            long for all sites, ``N`` beyond the ends), the columns of `sites`, and those of the
            RNA but its sequence and structure.
        ``uns["rnaexplore"][key]`` : dict
            Model, SHA-256 of its weights, layer, width, window (0 if none), package version.

    Raises
    ------
    MissingKeyError, UnknownNameError
        If a column or an RNA is missing.
    InputError
        If a site lies outside of its RNA, or a setting is not allowed.
    CapabilityError
        If the model reads codons or k-mers.

    Notes
    -----
    Each RNA with a site is read once: time grows with their total length and, in models with
    attention, with the square of each length or of `window`; memory with the number of sites times
    `width`, the dimension and the number of layers.
    """
    loaded = load(model)
    nucleotide_model(loaded)
    _check(width, flank)
    table = _table(adata, sites, width)
    n = loaded.spec.n_layers + 1
    chosen = _layers(layers, n)
    vectors = np.empty((len(chosen), len(table), width * loaded.spec.dim), dtype=np.float32)
    groups = table.groupby("rna", sort=False).indices
    names = [str(name) for name in groups]
    found = loaded.stream_hidden_states(
        [sequence_of(adata, name) for name in names], layers=chosen, names=names, window=window
    )
    bar = tqdm(found, total=len(names), desc=loaded.spec.name, unit="RNA", disable=not progress)
    for k, states in bar:
        for row in groups[names[k]]:
            at = int(table["position"].iloc[row])
            vectors[:, row] = states[:, at : at + width].reshape(len(chosen), -1)
    by_layer = dict(zip(chosen, vectors, strict=True))
    return _assembled(adata, table, loaded, by_layer, width=width, flank=flank, window=window or 0)


def _check(width: int, flank: int) -> None:
    if width < 1 or flank < 0:
        msg = f"width must be at least 1 and flank at least 0, got width={width}, flank={flank}"
        raise InputError(msg)


def _layers(layers: Iterable[int], n: int) -> list[int]:
    chosen = [int(k) for k in layers]
    wrong = [k for k in chosen if not -n <= k < n]
    if wrong or not chosen:
        msg = f"layers must be in [{-n}, {n - 1}], got {wrong[0] if wrong else 'none'}"
        raise InputError(msg)
    return sorted({k % n for k in chosen})


def _table(adata: AnnData, sites: str | pd.DataFrame, width: int) -> pd.DataFrame:
    """Return rna, position and the columns of `sites`, all sites within their RNAs."""
    import pandas as pd

    if isinstance(sites, str):
        if sites not in adata.obs:
            msg = f"adata.obs has no {sites!r}. {nearest(sites, map(str, adata.obs.columns))}"
            raise MissingKeyError(msg)
        table = pd.DataFrame({"rna": adata.obs_names, "position": adata.obs[sites].to_numpy()})
    else:
        missing = [c for c in ("name", "position") if c not in sites.columns]
        if missing:
            msg = f"sites needs columns name and position; there is no {missing[0]!r}"
            raise MissingKeyError(msg)
        table = sites.rename(columns={"name": "rna"}).reset_index(drop=True)
    lengths = {name: len(sequence_of(adata, str(name))) for name in table["rna"].unique()}
    numbers = pd.to_numeric(table["position"], errors="coerce")
    last = table["rna"].map(lengths).to_numpy() - width
    outside = ~((numbers >= 0) & (numbers <= last) & (numbers % 1 == 0))
    if outside.any():
        row = table[outside].iloc[0]
        msg = (
            f"site {row['position']} of {row['rna']!r} must be a whole number in "
            f"[0, {lengths[row['rna']] - width}] for {lengths[row['rna']]} residues, width {width}"
        )
        raise InputError(msg)
    return table.assign(rna=table["rna"].astype(str), position=numbers.astype("int64"))


def _assembled(
    adata: AnnData,
    table: pd.DataFrame,
    model: Model,
    vectors: dict[int, Array],
    *,
    width: int,
    flank: int,
    window: int,
) -> AnnData:
    spelled = {name: normalise(sequence_of(adata, name)) for name in table["rna"].unique()}
    texts = [spelled[name] for name in table["rna"]]
    places = table["position"].tolist()
    padded = ["N" * flank + text + "N" * flank for text in texts]
    obs = table.assign(
        residues=[text[i : i + width] for text, i in zip(texts, places, strict=True)],
        context=[text[i : i + width + 2 * flank] for text, i in zip(padded, places, strict=True)],
    )
    for column in adata.obs.columns.difference([*obs.columns, *CARRIED], sort=False):
        obs[column] = adata.obs[column].reindex(table["rna"]).to_numpy()
    obs.index = [f"{name}:{i + 1}" for name, i in zip(table["rna"], places, strict=True)]
    result = AnnData(obs=obs)
    result.obs_names_make_unique()
    for layer, values in vectors.items():
        key = _keys.layer_key(model.spec.name, layer)
        result.obsm[key] = values
        record = {"model": model.spec.name, "weights_sha256": model.weights_sha256}
        note(result, key, {**record, "layer": layer, "width": width, "window": window})
    return result
