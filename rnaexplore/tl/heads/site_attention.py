"""Attention between pairs of sites, such as donors and acceptors, as published with SpliceBERT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["SiteAttention", "site_attention"]

FLANK = 100  #: residues on either side of a site that its attention is compared with
NEAR = 1  #: residues on either side of a site that belong to it

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SiteAttention:
    """How much two sites attend to each other.

    Attributes
    ----------
    pairs
        One row a pair: ``rna``, ``first``, ``second`` (0-based) and ``score``, the attention of
        the two sites, averaged over layers and over both directions.
    layers
        Indexed by layer: ``first_to_second`` and ``second_to_first``, the mean attention of a
        site to the other over the mean attention to the 100 residues on either side of it. 1 is no
        preference.
    left_out
        Pairs whose window does not lie in their RNA.
    model
        Name of the model.
    """

    pairs: pd.DataFrame
    layers: pd.DataFrame
    left_out: int
    model: str

    @property
    def mean(self) -> float:
        """Mean score over all pairs."""
        return float(self.pairs["score"].mean())


def site_attention(
    adata: AnnData,
    model: str | Model,
    pairs: Mapping[str, ArrayLike],
    *,
    window: int | None = None,
    progress: bool = True,
) -> SiteAttention:
    """Measure the attention between given pairs of sites. Nothing is written into `adata`.

    The statistics of Chen et al. 2024 (SpliceBERT, doi:10.1093/bib/bbae163), for any model: of
    each layer the maximum over heads; for the score of a pair (p, q) the mean over the rows
    p - 1 to p + 1 and over layers, at q - 1, q and q + 1, added to the same with p and q
    exchanged, the largest of the three halved; for the layers the row of the site itself, its
    mean at the other site and the residues beside it over its mean within 100 residues of it.
    Call it for intron, exon, unpaired and random pairs to compare them: a score alone means little.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one.
    pairs
        For each name in ``adata.obs_names`` 0-based residues, shape (n, 2): for introns the
        donor and the acceptor.
    window
        Residues that are read around the middle of each pair, as in the paper (1,000); pairs
        whose window does not lie in the RNA are left out and counted. The whole RNA by default.
    progress
        Whether to show a progress bar.

    Returns
    -------
    SiteAttention
        Scores of the pairs, and the enrichment of each layer.

    Raises
    ------
    UnknownNameError, MissingKeyError
        If no RNA has such a name, or there are no sequences.
    CapabilityError
        If the model has no attention.
    InputError
        If no pair is left, or a site lies outside its RNA.

    Notes
    -----
    Time and memory grow with the square of what is read, an RNA or a `window` of it; with a window
    time grows with the number of pairs, too, and memory does not depend on their number or on the
    length of the RNAs.
    """
    import pandas as pd

    loaded = load(model)
    wanted = {name: _checked(name, given, loaded, adata) for name, given in pairs.items()}
    total = sum(map(len, wanted.values()))
    rows: list[tuple[str, int, int, float]] = []
    profiles: list[Floats] = []
    with tqdm(total=total, desc=loaded.spec.name, unit="pair", disable=not progress) as bar:
        for name, sites in wanted.items():
            for p, q, maps, start in _maps(loaded, sequence_of(adata, name), sites, window):
                rows.append((name, p, q, _score(maps, p - start, q - start)))
                profiles.append(_profiles(maps, p - start, q - start))
                bar.update()
    if not rows:
        msg = f"none of {total} pairs can be read; give pairs whose window lies in their RNA"
        raise InputError(msg)
    table = pd.DataFrame(rows, columns=["rna", "first", "second", "score"])
    return SiteAttention(table, _layers(np.array(profiles)), total - len(rows), loaded.spec.name)


def _checked(name: str, given: ArrayLike, model: Model, adata: AnnData) -> NDArray[np.int64]:
    sites = np.asarray(given, dtype=np.int64).reshape(-1, 2)
    n = model.spec.alphabet.n_residues(sequence_of(adata, name))
    if len(sites) and (sites.min() < 0 or sites.max() >= n):
        msg = f"sites of {name!r} reach from {sites.min()} to {sites.max()}; it has {n} residues"
        raise InputError(msg)
    return sites


def _maps(
    model: Model, sequence: str, sites: NDArray[np.int64], window: int | None
) -> Iterator[tuple[int, int, Floats, int]]:
    """Yield each pair with the maxima over heads, (layers, L, L), and where they begin."""
    alphabet = model.spec.alphabet
    if window is None:
        maps = model.attentions(sequence).max(1) if len(sites) else None
        for p, q in sites.tolist():
            assert maps is not None
            yield p, q, maps.astype(np.float64), 0
        return
    n = alphabet.n_residues(sequence)
    for p, q in sites.tolist():
        start = (p + q) // 2 - window // 2
        inside = start <= min(p, q) and max(p, q) < start + window
        if start < 0 or start + window > n or not inside:
            continue
        stretch = alphabet.slice(sequence, start, start + window)
        yield p, q, model.attentions(stretch).max(1).astype(np.float64), start


def _score(maps: Floats, p: int, q: int) -> float:
    there = _around(_rows(maps, p), q, NEAR)
    back = _around(_rows(maps, q), p, NEAR)
    return float(np.nanmax(there + back) / 2)


def _rows(maps: Floats, site: int) -> Floats:
    """Return the mean over layers and over the rows of a site and its neighbours, (L,)."""
    rows: Floats = maps[:, max(0, site - NEAR) : site + NEAR + 1].mean((0, 1))
    return rows


def _around(values: Floats, centre: int, flank: int) -> Floats:
    """Return the last axis from `centre` - `flank` to `centre` + `flank`, NaN outside."""
    places = np.arange(centre - flank, centre + flank + 1)
    inside = (places >= 0) & (places < values.shape[-1])
    found = values[..., np.clip(places, 0, values.shape[-1] - 1)]
    return np.where(inside, found, np.nan)


def _profiles(maps: Floats, p: int, q: int) -> Floats:
    """Return the attention of p around q, and of q around p: (2, layers, 2 FLANK + 1)."""
    return np.stack([_around(maps[:, p], q, FLANK), _around(maps[:, q], p, FLANK)])


def _layers(profiles: Floats) -> pd.DataFrame:
    """Return the enrichment of each layer from profiles (pairs, 2, layers, 2 FLANK + 1)."""
    import pandas as pd

    near = profiles[..., FLANK - NEAR : FLANK + NEAR + 1]
    means = np.nanmean(near, axis=(0, 3)) / np.nanmean(profiles, axis=(0, 3))
    table = pd.DataFrame(means.T, columns=["first_to_second", "second_to_first"])
    return table.rename_axis("layer")
