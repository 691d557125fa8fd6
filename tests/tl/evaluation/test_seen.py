"""What was seen is told by one rule: for a model's head, a fitted regression, chosen heads."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import ExposureWarning, InputError
from rnaexplore.tl.evaluation.seen import Seen, check_exposure, digest, seen_by_model, seen_in

STEM = "GGGGCCGAAAGGCCCCAAAAAAAA"
DOTS = "((((((....))))))........"


def rnas(families, *, sequence: str = STEM) -> AnnData:
    rng = np.random.default_rng(len(families))
    tails = ["".join(rng.choice(list("ACGU"), 8)) for _ in families]
    table = pd.DataFrame({"sequence": [sequence[:16] + tail for tail in tails], "structure": DOTS})
    table["family"] = list(families)
    return AnnData(obs=table.set_index(pd.Index([f"r{k}" for k in range(len(families))])))


@pytest.fixture
def trained(tiny, monkeypatch):
    """The tiny model, its weights said to be trained on family A."""
    monkeypatch.setattr(tiny, "training", {"trained": {"families": ["A"]}})
    return tiny


def ways(trained) -> dict[str, tuple[object, dict]]:
    """Return each way to have seen family A: a model and the options of `rx.tl.contacts`."""
    plain = trained.randomised(seed=0)
    fit = rnas(["A", "A", "A"])
    fitted = rx.tl.fit_contacts(fit, plain, progress=False)
    return {
        "head": (trained, {}),
        "regression": (plain, {"regression": fitted}),
        "heads": (plain, {"method": "heads", "fit_on": fit, "n_best": 1}),
    }


@pytest.mark.parametrize("way", ["head", "regression", "heads"])
def test_one_rule_holds_for_all(trained, way) -> None:
    model, options = ways(trained)[way]
    told = {"head": "training of 'tiny'", "regression": "fit of the", "heads": "choice of heads"}
    seen, new = rnas(["A", "B"]), rnas(["B"])
    with pytest.warns(ExposureWarning, match=f"1 of 1 RNAs and 1 of 1 families.*{told[way]}"):
        rx.tl.contacts(seen, "r0", model, **options)
    with pytest.raises(InputError, match=f"were seen in the {told[way]}"):
        rx.tl.contacts(seen, "r0", model, on_seen="raise", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rx.tl.contacts(seen, "r0", model, on_seen="ignore", **options)
        rx.tl.contacts(new, "r0", model, on_seen="raise", **options)
    with pytest.warns(ExposureWarning, match="1 of 2 RNAs and 1 of 2 families"):
        rx.tl.fold(seen, model, progress=False, **options)
    told_by = seen.uns["rnaexplore"]["structure_tiny"]["exposure"]
    assert (told_by["rnas"], told_by["seen_rnas"], told_by["seen_families"]) == (2, 1, 1)
    unnamed = AnnData(obs=new.obs[["sequence", "structure"]])
    with pytest.raises(InputError, match=r"adata\.obs has no 'family'"):
        rx.tl.contacts(unnamed, "r0", model, on_seen="raise", **options)


def test_a_sequence_is_recognised_without_its_family(trained) -> None:
    model, options = ways(trained)["heads"]
    same = rnas(["A", "A", "A"])[["r1"]].copy()
    same.obs["family"] = ["another"]
    same.obs["sequence"] = [same.obs.loc["r1", "sequence"].lower().replace("u", "t")]
    with pytest.warns(ExposureWarning, match="choice of heads"):
        rx.tl.contacts(same, "r1", model, **options)


def test_families_are_known_by_name_and_by_accession() -> None:
    adata = rnas(["tRNA", "U1"])
    adata.obs["accession"] = ["RF00005", "RF00003"]
    for name in ("tRNA", "RF00005"):
        seen = Seen(what="a list", families=frozenset({name}))
        found = check_exposure(adata, [0, 1], [seen], on_seen="ignore")
        assert found.rnas.tolist() == [True, False]
    both = seen_in("these", adata)
    assert {"tRNA", "RF00005"} <= both.families
    assert digest(adata.obs["sequence"].iloc[0]) in both.sequences


def test_nothing_known_is_not_nothing_seen(tiny, hairpins) -> None:
    assert not seen_by_model(tiny).is_known
    assert seen_by_model(tiny.randomised(seed=1)).is_known
    found = check_exposure(hairpins, [0], [seen_by_model(tiny)], on_seen="raise")
    assert found.unknown == ("the training of 'tiny'",)
    assert not found.rnas.any()
    with pytest.raises(InputError, match="on_seen must be one of warn, raise, ignore, got 'tell'"):
        check_exposure(hairpins, [0], [], on_seen="tell")  # type: ignore[arg-type]


def test_the_bundled_model_tells_what_it_was_trained_on() -> None:
    adata = rx.datasets.rfam_sample()
    name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
    with pytest.warns(ExposureWarning, match="training of 'mini'"):
        rx.tl.contacts(adata, name)
    with pytest.warns(ExposureWarning, match="training of 'mini'"):
        rx.tl.contacts(adata, name, method="jacobian", progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pytest.importorskip("RNA")
        rx.tl.contacts(adata, name, method="vienna")


def test_numbers_of_seen_and_new_rnas_stand_apart(trained) -> None:
    adata = rnas(["A", "A", "B", "C"])
    with pytest.warns(ExposureWarning, match="2 of 4 RNAs and 1 of 3 families"):
        table = rx.tl.evaluate_contacts(adata, trained, progress=False, n_boot=20)
    apart = table.loc["regression"]["n"]
    assert apart["relatives in training: yes"] == 2
    assert apart["relatives in training: no"] == 2
    blind = rx.tl.evaluate_contacts(adata, trained.randomised(seed=0), method="heads",
                                    heads=[(0, 0)], progress=False, n_boot=20)  # fmt: skip
    assert blind.loc[("heads", "relatives in training: no"), "n"] == 4
