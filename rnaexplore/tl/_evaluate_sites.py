"""How well embeddings of sites separate their kinds, without being told: SpliceBERT's analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import NUCLEOTIDES
from rnaexplore.tl._access import labels_of, representation, strings
from rnaexplore.tl._cluster import cluster
from rnaexplore.tl._neighbours import check_neighbours

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluate_sites"]

Array = NDArray[np.float32]
CONTEXT = "context"


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

    For each group (the dinucleotide) and representation: principal components, neighbours, Leiden
    clusters, then the normalised mutual information of clusters and labels. Chen et al. 2024
    (doi:10.1093/bib/bbae163) report NMI for GU and AG sites apart, because the letters themselves
    would tell donors from acceptors. Nothing is written into `adata`.

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
        Seed of components, clusters and shuffled labels.

    Returns
    -------
    DataFrame
        One row a group and representation: group, representation, kind (``"embedding"``,
        ``"baseline"``, ``"null"``), n (sites), clusters, NMI (0 to 1), ARI (-0.5 to 1). The
        baseline is ``"one-hot"``, the letters around the site; the null the first representation's
        clusters against shuffled labels.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If a site has no label, a group has one kind alone, or too few sites.
    """
    import pandas as pd

    keys = [use_rep] if isinstance(use_rep, str) else list(use_rep or map(str, adata.obsm))
    if not keys:
        msg = "adata.obsm has no embeddings of sites; rx.tl.embed_sites makes them"
        raise InputError(msg)
    contexts = strings(adata, CONTEXT, remedy="rx.tl.embed_sites makes an AnnData of sites")
    vectors = {key: representation(adata, key) for key in keys} | {"one-hot": _one_hot(contexts)}
    kinds = dict.fromkeys(keys, "embedding") | {"one-hot": "baseline"}

    def clusters_of(values: Array) -> NDArray[np.str_]:
        return _clusters(values, n_pcs, n_neighbors, resolution, seed)

    rows = []
    for group, members in _groups(adata, groups):
        known = labels_of(adata[members], labels)
        check_neighbours(n_neighbors, len(members), least=2)
        found = {key: clusters_of(values[members]) for key, values in vectors.items()}
        mixed = np.random.default_rng(seed).permutation(known)
        jobs = [(key, kinds[key], found[key], known) for key in found]
        jobs.append(("shuffled labels", "null", found[keys[0]], mixed))
        rows += [
            {"group": group, "representation": name, "kind": kind} | _agreement(clusters, true)
            for name, kind, clusters, true in jobs
        ]
    return pd.DataFrame(rows)


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


def _agreement(clusters: NDArray[np.str_], known: NDArray[np.str_]) -> dict[str, float]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return {
        "n": len(known),
        "clusters": len(set(clusters.tolist())),
        "NMI": float(normalized_mutual_info_score(known, clusters)),
        "ARI": float(adjusted_rand_score(known, clusters)),
    }
