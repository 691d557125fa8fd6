"""cluster: planted groups are found, twice the same, with both methods."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.tl.embedding.cluster import by_size


@pytest.fixture
def planted(rnas):
    rng = np.random.default_rng(0)
    centres = {"rich": [9, 0, 0], "poor": [0, 9, 0], "flat": [0, 0, 9]}
    rnas.obsm["X_planted"] = np.array(
        [centres[f] for f in rnas.obs["family"]] + rng.normal(size=(60, 3)), dtype=np.float32
    )
    return rnas


@pytest.mark.parametrize("method", ["leiden", "hdbscan"])
def test_planted_families_are_found(planted, method) -> None:
    assert rx.tl.cluster(planted, use_rep="X_planted", method=method, resolution=0.3) is None
    assert adjusted_rand_score(planted.obs["family"], planted.obs[method]) == 1


def test_leiden_is_scanpys_with_exact_neighbours(planted) -> None:
    import scanpy as sc

    theirs = planted.copy()
    sc.pp.neighbors(theirs, n_neighbors=7, use_rep="X_planted", transformer="sklearn")
    sc.tl.leiden(theirs, flavor="igraph", n_iterations=2, directed=False, random_state=0)
    rx.tl.cluster(planted, use_rep="X_planted", n_neighbors=7)
    named = dict(zip(theirs.obs["leiden"], planted.obs["leiden"], strict=True))
    assert list(planted.obs["leiden"]) == list(theirs.obs["leiden"].map(named))
    assert len(set(named.values())) == len(named)
    assert (planted.obsp["connectivities"] != theirs.obsp["connectivities"]).nnz == 0


def test_hdbscan_calls_outliers_noise(planted) -> None:
    planted.obsm["X_planted"][0] = 500
    rx.tl.cluster(planted, use_rep="X_planted", method="hdbscan")
    assert planted.obs["hdbscan"].iloc[0] == "-1"
    assert planted.obs["hdbscan"].cat.categories[0] == "-1"


def test_the_same_seed_gives_the_same_clusters(rnas) -> None:
    rx.tl.kmers(rnas, k=3)
    first = rx.tl.cluster(rnas, use_rep="X_kmer3", seed=3, copy=True)
    second = rx.tl.cluster(rnas, use_rep="X_kmer3", seed=3, copy=True)
    assert list(first.obs["leiden"]) == list(second.obs["leiden"])
    assert "leiden" not in rnas.obs


def test_key_added_keeps_two_clusterings(planted) -> None:
    rx.tl.cluster(planted, use_rep="X_planted", resolution=0.1, key_added="coarse")
    rx.tl.cluster(planted, use_rep="X_planted", resolution=3, key_added="fine")
    assert planted.obs["coarse"].nunique() < planted.obs["fine"].nunique()
    assert planted.uns["rnaexplore"]["fine"]["resolution"] == 3


def test_errors_say_what_to_do(planted) -> None:
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.embed\(adata, 'rnafm'\) creates it"):
        rx.tl.cluster(planted, use_rep="X_rnafm")
    with pytest.raises(InputError, match="leiden, hdbscan, got 'kmeans'"):
        rx.tl.cluster(planted, use_rep="X_planted", method="kmeans")
    with pytest.raises(InputError, match=r"n_neighbors must be in \[2, 59\] for 60 RNAs, got 60"):
        rx.tl.cluster(planted, use_rep="X_planted", n_neighbors=60)
    with pytest.raises(InputError, match="min_cluster_size"):
        rx.tl.cluster(planted, use_rep="X_planted", method="hdbscan", min_cluster_size=1)


def test_labels_count_down_in_size() -> None:
    labels = np.array(["7", "a", "a", "b", "b", "7", "7", "c"], dtype=object)
    named = by_size(labels)
    assert list(named) == ["0", "1", "1", "2", "2", "0", "0", "3"]
    assert list(named.categories) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("method", ["leiden", "hdbscan"])
def test_the_largest_cluster_is_0(planted, method) -> None:
    """Groups of 20, 15 and 5, the smallest first in the table."""
    chosen = [
        name
        for family, n in (("flat", 5), ("poor", 15), ("rich", 20))
        for name in planted.obs_names[planted.obs["family"] == family][:n]
    ]
    some = planted[chosen].copy()
    options = {"n_neighbors": 4, "resolution": 0.01, "min_cluster_size": 3}
    rx.tl.cluster(some, use_rep="X_planted", method=method, **options)
    sizes = some.obs[method].value_counts(sort=False)
    assert [size for name, size in sizes.items() if name != "-1"] == sorted(
        (size for name, size in sizes.items() if name != "-1"), reverse=True
    )
    assert sizes["0"] >= 19
    assert set(some.obs.loc[some.obs[method] == "0", "family"]) == {"rich"}
