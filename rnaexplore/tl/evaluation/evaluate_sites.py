"""How well clusters of embedded sites agree with their kinds: the analysis of SpliceBERT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import labels_of, representation, strings
from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import NUCLEOTIDES
from rnaexplore.tl.embedding.cluster import cluster
from rnaexplore.tl.embedding.kmers import kmer_frequencies
from rnaexplore.tl.embedding.neighbors import check_neighbours
from rnaexplore.tl.memory import DOUBLE, check_fits

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluate_sites"]

Array = NDArray[np.float32]
CONTEXT, RESIDUES = "context", "residues"
COLUMNS = ("group", "representation", "kind", "n", "clusters", "NMI", "ARI", "NMI_halves")


def evaluate_sites(
    adata: AnnData,
    *,
    labels: str = "label",
    groups: str | None = "residues",
    use_rep: str | Sequence[str] | None = None,
    n_pcs: int = 128,
    n_neighbors: int = 15,
    resolution: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Score how well clusters of sites agree with their kinds, layer by layer.

    For each group (the dinucleotide) and representation: principal components, neighbors, Leiden
    clusters, then the normalized mutual information of clusters and labels. Chen et al. 2024
    (doi:10.1093/bib/bbae163) report NMI for GU and AG sites apart, because the letters themselves
    would tell donors from acceptors. Nothing is written into `adata`.

    The highest NMI of many layers is too high, for it was chosen with the labels it is scored
    with. The row ``"best layer"`` is corrected for that (nested choice): the RNAs are dealt into
    two halves at random, the layer is chosen on one half and scored on the other, both ways.

    Parameters
    ----------
    adata
        Sites, from `rnaexplore.tl.embed_sites`.
    labels
        ``obs`` column with the kinds of sites, at least 2 in a group.
    groups
        ``obs`` column within whose values sites are compared, or ``None``.
    use_rep
        ``obsm`` keys; all by default.
    n_pcs
        Principal components, fewer where there are fewer sites or columns.
    n_neighbors, resolution
        Of the Leiden clusters, see `rnaexplore.tl.cluster`.
    seed
        Seed of components, clusters, halves and shuffled labels.

    Returns
    -------
    DataFrame
        One row per group and representation: group, representation, kind (``"embedding"``,
        ``"chosen"``, ``"baseline"``, ``"null"``), n (sites), clusters, NMI (0 to 1), ARI (-0.5 to
        1), and NMI_halves, the mean NMI of two halves of the sites, each with the clusters of all
        sites. Compare ``"best layer"``, which has NMI_halves alone, with the NMI_halves of
        baselines; it is there if there are several representations.

        The baselines are made of the letters on both sides of the site (``obs["context"]``):
        ``"one-hot"``; ``"composition"``, the shares of A, C, G and U on either side; and ``"3-mers
        sqrt"``, square roots of the frequencies of 3-mers on either side. The null is the first
        representation's clusters against shuffled labels.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If a site has no label, a group has one kind alone, or too few sites.

    Notes
    -----
    Time grows with the number of sites, the square of the dimension of each representation, and for
    the clusters with the square of the number of sites; memory with the number of sites times the
    dimension, or times four times the length of the context. What does not fit into memory is
    refused.
    """
    import pandas as pd

    keys = [use_rep] if isinstance(use_rep, str) else list(use_rep or map(str, adata.obsm))
    if not keys:
        msg = "adata.obsm has no embeddings of sites; rx.tl.embed_sites makes them"
        raise InputError(msg)
    contexts = strings(adata, CONTEXT, remedy="rx.tl.embed_sites makes an AnnData of sites")
    known = _baselines(contexts, strings(adata, RESIDUES, remedy="rx.tl.embed_sites makes it"))
    vectors = {key: representation(adata, key) for key in keys} | known
    widest = max(values.shape[1] for values in vectors.values())
    check_fits(
        3 * DOUBLE * adata.n_obs * widest,
        f"principal components of {adata.n_obs:,} sites and {widest:,} columns",
        "pass fewer sites, or embed them with a smaller flank=",
    )
    half = _halves(adata, seed)
    rows: list[dict[str, object]] = []
    for group, members in _groups(adata, groups):
        true = labels_of(adata[members], labels)
        check_neighbours(n_neighbors, len(members), least=2)
        found = {
            key: _clusters(values[members], n_pcs, n_neighbors, resolution, seed)
            for key, values in vectors.items()
        }
        scored = {key: _agreement(of, true, half[members]) for key, of in found.items()}
        mixed = np.random.default_rng(seed).permutation(true)
        null = _agreement(found[keys[0]], mixed, half[members])
        table = [(key, "embedding", scored[key]) for key in keys]
        if len(keys) > 1:
            table.append(("best layer", "chosen", _chosen([scored[key] for key in keys])))
        table += [(name, "baseline", scored[name]) for name in known]
        table.append(("shuffled labels", "null", null))
        start = {"group": group, "n": len(members)}
        rows += [
            start | {"representation": name, "kind": kind} | found_there.row()
            for name, kind, found_there in table
        ]
    return pd.DataFrame(rows)[list(COLUMNS)].astype({"clusters": "Int64"})


@dataclass(frozen=True, slots=True)
class _Agreement:
    """What clusters share with labels, in all sites and in two halves of them."""

    clusters: int | None
    whole: tuple[float, float]  #: NMI and ARI
    halves: tuple[float, float]  #: NMI

    def row(self) -> dict[str, object]:
        return {
            "clusters": self.clusters,
            "NMI": self.whole[0],
            "ARI": self.whole[1],
            "NMI_halves": float(np.mean(self.halves)),
        }


def _agreement(
    clusters: NDArray[np.str_], known: NDArray[np.str_], half: NDArray[np.bool_]
) -> _Agreement:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    whole, first, second = (
        float(normalized_mutual_info_score(known[some], clusters[some]))
        for some in (np.ones_like(half), half, ~half)
    )
    adjusted = float(adjusted_rand_score(known, clusters))
    return _Agreement(len(set(clusters.tolist())), (whole, adjusted), (first, second))


def _chosen(candidates: Sequence[_Agreement]) -> _Agreement:
    """Return the best of some representations, chosen on one half and scored on the other."""
    halves = np.array([one.halves for one in candidates])
    best = halves.argmax(0)
    nothing = float("nan")
    scored = (float(halves[best[1], 0]), float(halves[best[0], 1]))
    return _Agreement(None, (nothing, nothing), scored)


def _halves(adata: AnnData, seed: int) -> NDArray[np.bool_]:
    """Return which of two halves a site is in; sites of one RNA are in one."""
    rnas = adata.obs.get("rna", adata.obs_names)
    names, of = np.unique(np.asarray(rnas, dtype=np.str_), return_inverse=True)
    dealt: NDArray[np.bool_] = np.random.default_rng(seed).permutation(len(names)) % 2 == 0
    return dealt[of]


def _baselines(contexts: Sequence[str], residues: Sequence[str]) -> dict[str, Array]:
    """Return what the letters around sites tell without a model."""
    flanks = [(len(c) - len(r)) // 2 for c, r in zip(contexts, residues, strict=True)]
    sides = [
        [c[:n] for c, n in zip(contexts, flanks, strict=True)],
        [c[len(c) - n :] for c, n in zip(contexts, flanks, strict=True)],
    ]
    return {
        "one-hot": _one_hot(contexts),
        "composition": np.hstack([kmer_frequencies(side, 1) for side in sides]),
        "3-mers sqrt": np.hstack([kmer_frequencies(side, 3, "sqrt") for side in sides]),
    }


def _groups(adata: AnnData, groups: str | None) -> list[tuple[str, NDArray[np.int64]]]:
    if groups is None:
        return [("all", np.arange(adata.n_obs))]
    values = np.array(strings(adata, groups, remedy="groups=None compares all sites"))
    return [(str(name), np.flatnonzero(values == name)) for name in np.unique(values)]


def _one_hot(contexts: Sequence[str]) -> Array:
    letters = np.array([list(context) for context in contexts])
    hot: NDArray[np.bool_] = letters[:, :, None] == np.array(list(NUCLEOTIDES))
    return hot.reshape(len(contexts), -1).astype(np.float32)


def _clusters(
    vectors: Array, n_pcs: int, n_neighbors: int, resolution: float, seed: int
) -> NDArray[np.str_]:
    from sklearn.decomposition import PCA

    n = min(n_pcs, *vectors.shape)
    reduced = PCA(n, svd_solver="full", random_state=seed).fit_transform(vectors)
    sites = AnnData(obsm={"X_pca": reduced.astype(np.float32)})
    cluster(sites, use_rep="X_pca", n_neighbors=n_neighbors, resolution=resolution, seed=seed)
    return np.array(sites.obs["leiden"].astype(str))
