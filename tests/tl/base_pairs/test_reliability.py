"""Reliability of a model's contact maps, against a slow count."""

from __future__ import annotations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, ExposureWarning, InputError
from rnaexplore.structure import Structure, calibration_error


@pytest.fixture(scope="module")
def few():
    adata = rx.datasets.rfam_sample()
    parts = [adata[adata.obs["family"] == name][:3] for name in ("tRNA", "U1")]
    return adata[[*parts[0].obs_names, *parts[1].obs_names]].copy()


def test_it_counts_pairs_of_the_models_own_maps(few) -> None:
    with pytest.warns(ExposureWarning, match="RNAs"):
        table = rx.tl.reliability(few, bins=[0, 0.5, 1], n_boot=20, progress=False)
    n, total, hits = np.zeros(2), np.zeros(2), np.zeros(2)
    for name in few.obs_names:
        sequence, dots = few.obs.loc[name, ["sequence", "structure"]]
        known = {tuple(p) for p in Structure.from_dot_bracket(sequence, dots).pairs.tolist()}
        values = rx.tl.contacts(few, name).probabilities
        for i in range(len(sequence)):
            for j in range(i + 4, len(sequence)):
                k = int(values[i, j] >= 0.5)
                n[k] += 1
                total[k] += values[i, j]
                hits[k] += (i, j) in known
    assert table["n"].tolist() == n.tolist()
    np.testing.assert_allclose(table["predicted"], total / n, rtol=1e-5)
    np.testing.assert_allclose(table["observed"], hits / n, rtol=1e-9)
    assert table["n_families"].tolist() == [2, 2]
    assert 0 <= calibration_error(table) <= 1


def test_scores_have_none(few) -> None:
    with pytest.raises(CapabilityError, match="holds scores"):
        rx.tl.reliability(few, method="dependency", n_rnas=2, progress=False)
    with pytest.raises(InputError, match="either heads="):
        rx.tl.reliability(few, method="heads", progress=False)


def test_of_thermodynamics_too(few) -> None:
    pytest.importorskip("RNA")
    table = rx.tl.reliability(few, method="vienna", n_boot=20, progress=False)
    assert table["n"].sum() > 10_000
