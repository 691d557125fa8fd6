"""The RNAs, maps and tables of the tests of `rnaexplore.pl`, and one call a figure for both."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rnaexplore.maps import AttentionMaps, ContactMap, MutationMap


def _beside():
    path = Path(__file__).parents[1] / "pl" / "conftest.py"
    spec = spec_from_file_location("conftest_of_pl", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_pl = _beside()
families, SEQUENCE = _pl.families, _pl.SEQUENCE
adata, many, cloverleaf, partly = _pl.adata, _pl.many, _pl.cloverleaf, _pl.partly
contact_map, maps, scores = _pl.contact_map, _pl.maps, _pl.scores
_no_window_and_no_leftovers = _pl._no_window_and_no_leftovers


@pytest.fixture
def attention_maps() -> type:
    return AttentionMaps


@pytest.fixture
def make_families():
    return families


@pytest.fixture
def other_map(contact_map) -> ContactMap:
    values = contact_map.values * np.float32(0.5)
    return ContactMap(values, SEQUENCE, "heads", "mini", kind="score")


@pytest.fixture
def substitutions() -> MutationMap:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(76, 4)).astype(np.float32)
    values[np.arange(76), ["ACGU".index(letter) for letter in SEQUENCE]] = 0
    gaps = rng.normal(size=76).astype(np.float32)
    return MutationMap(values, SEQUENCE, "mini", "masked-marginal", deletions=gaps)


@pytest.fixture
def heads() -> pd.DataFrame:
    """As from `rnaexplore.tl.score_heads`: two layers of six heads."""
    rng = np.random.default_rng(0)
    table = {"layer": np.repeat([0, 1], 6), "head": np.tile(np.arange(6), 2)}
    table |= {"auprc": rng.random(12), "auprc_shuffled": rng.random(12) * 0.1}
    table |= {"delta_low": rng.random(12) * 0.2, "delta_high": 0.3 + rng.random(12) * 0.2}
    table |= {"auprc_best_null": 0.2, "background": 0.02, "fdr": np.linspace(0, 0.1, 12)}
    return pd.DataFrame(table)


@pytest.fixture
def intervals(scores) -> pd.DataFrame:
    """A table of metrics, one with its intervals."""
    return scores.assign(ARI_low=scores["ARI"] - 0.05, ARI_high=scores["ARI"] + 0.03)


@pytest.fixture
def probes() -> dict[str, SimpleNamespace]:
    """As from `rnaexplore.tl.probe`: two splits of the same representations."""
    index = pd.Index(["X_mini", "4-mers", "shuffled labels"], name="representation")
    found = {}
    for name, shift in (("random", 0.0), ("held out", -0.2)):
        values = np.array([0.9, 0.7, 0.3]) + shift
        table = {"kind": ["embedding", "baseline", "null"], "macro_f1": values}
        table |= {"macro_f1_low": values - 0.04, "macro_f1_high": values + 0.02}
        table |= {"balanced_accuracy": values, "balanced_accuracy_low": values - 0.1}
        table |= {"balanced_accuracy_high": values + 0.1}
        found[name] = SimpleNamespace(scores=pd.DataFrame(table, index=index))
    return found


@pytest.fixture
def sweep() -> pd.DataFrame:
    """As from `rnaexplore.tl.layer_sweep` of two models, with intervals."""
    rows = [
        {"group": group, "representation": name, "kind": kind, "NMI": value + shift}
        for group, shift in (("mini", 0.0), ("large", 0.1))
        for name, kind, value in (
            ("layer 1", "embedding", 0.6),
            ("layer 0", "embedding", 0.2),
            ("layer 2", "embedding", 0.5),
            ("3-mers", "baseline", 0.4),
            ("shuffled labels", "null", 0.05),
        )
    ]
    table = pd.DataFrame(rows)
    return table.assign(NMI_low=table["NMI"] - 0.03, NMI_high=table["NMI"] + 0.04)


@pytest.fixture
def bins() -> pd.DataFrame:
    """As from `rnaexplore.tl.reliability`."""
    low = np.array([0.0, 0.01, 0.5])
    table = {"low": low, "high": np.array([0.01, 0.5, 1.0]), "n": [1000, 100, 10]}
    table |= {"predicted": [0.001, 0.2, 0.8], "observed": [0.002, 0.25, 0.6]}
    table |= {"observed_low": [0.001, 0.2, 0.4], "observed_high": [0.003, 0.3, 0.8]}
    return pd.DataFrame(table)


@pytest.fixture
def losses() -> pd.DataFrame:
    table = {"train_loss": [0.9, 0.5, 0.2], "valid_loss": [0.8, 0.6, 0.7]}
    return pd.DataFrame(table | {"best": [False, True, False]}, index=[1, 2, 3])


@pytest.fixture
def confused() -> pd.DataFrame:
    return pd.DataFrame(
        [[9, 1, 0], [2, 7, 1], [0, 0, 5]], index=["a", "b", "c"], columns=["a", "b", "c"]
    )


@pytest.fixture
def alike() -> pd.DataFrame:
    values = np.array([[1.0, 0.4], [0.4, 1.0], [0.2, 0.1]])
    index = pd.Index(["X_mini", "X_rnafm", "X_kmer4"], name="first")
    return pd.DataFrame(values, index=index, columns=pd.Index([0, 1], name="layer"))


@pytest.fixture
def close() -> pd.DataFrame:
    """Two pairs of representations that are alike, one of each pair first."""
    names = ["X_mini", "X_rnafm", "4-mers", "5-mers", "length"]
    values = np.full((5, 5), 0.1)
    values[0, 2] = values[2, 0] = 0.8
    values[1, 3] = values[3, 1] = 0.9
    values[4, 1] = values[1, 4] = 0.3
    np.fill_diagonal(values, 1)
    return pd.DataFrame(values, index=names, columns=names)


@pytest.fixture
def scan() -> pd.DataFrame:
    """As from `rnaexplore.tl.fitness`, with measurements."""
    rng = np.random.default_rng(0)
    score = rng.normal(size=40)
    table = pd.DataFrame(
        {
            "kind": ["substitution"] * 37 + ["indel", "indel", "wild type"],
            "n_mutations": pd.array([1, 2, 3, 5] * 10, dtype="Int64"),
            "score": score,
            "DMS_score": score + rng.normal(size=40),
        },
        index=[f"v{k}" for k in range(40)],
    )
    table.attrs = {"model": "mini", "method": "wt-fill"}
    return table


@pytest.fixture
def agreement() -> pd.DataFrame:
    """As from `rnaexplore.tl.evaluate_fitness`."""
    table = {"score": np.repeat(["score", "delta_mfe"], 3), "mutations": ["all", "1", "2"] * 2}
    table |= {"n": [40, 25, 15] * 2, "spearman": [0.5, 0.6, 0.2, 0.1, -0.1, np.nan]}
    frame = pd.DataFrame(table)
    low, high = frame["spearman"] - 0.1, frame["spearman"] + 0.2
    return frame.assign(spearman_low=low, spearman_high=high)


@pytest.fixture
def call(request):
    """Return a function that draws a figure by name, with the same values in `pl` and in `px`."""
    get = request.getfixturevalue
    clover, partly_right = get("cloverleaf"), get("partly")

    def draw(room, name):
        made = getattr(room, name)
        return {
            "arcs": lambda: made(partly_right, reference=clover, highlight=[(0, 71)]),
            "attention": lambda: made(
                get("maps"), layer=2, head=3, reference=clover, threshold=0.1
            ),
            "clustered_similarity": lambda: made(get("close")),
            "confusion": lambda: made(get("confused")),
            "contacts": lambda: made(
                get("contact_map"), clover, predicted=partly_right, highlight=[(0, 71)]
            ),
            "distribution": lambda: made(
                get("many"), "length", groupby="family", selection=get("many").obs_names[:99], top=4
            ),
            "embedding": lambda: made(get("many"), "X_umap", color="length"),
            "fitness": lambda: made(get("scan")),
            "fitness_metrics": lambda: made(get("agreement")),
            "head_grid": lambda: made(get("maps"), marked=(2, 3)),
            "head_scores": lambda: made(get("heads"), top=8),
            "history": lambda: made(get("losses")),
            "layers": lambda: made(get("sweep"), "NMI"),
            "metrics": lambda: made(get("intervals")),
            "mutations": lambda: made(get("substitutions"), structure=clover),
            "pair_arcs": lambda: made(clover.sequence, partly_right.pairs, reference=clover),
            "probe": lambda: made(get("probes"), "macro_f1"),
            "reliability": lambda: made({"mini": get("bins"), "other": get("bins")}),
            "similarity": lambda: made(get("alike")),
            "structure": lambda: made(clover, color=np.arange(76.0), highlight=[(0, 71)]),
            "umap": lambda: made(get("many"), color="family", top=5),
        }[name]()

    return draw
