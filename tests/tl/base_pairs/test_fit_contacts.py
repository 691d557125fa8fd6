"""The contact regression: what it fits, how it is kept, and that seen families are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import CheckpointError, InputError, MissingKeyError


@pytest.fixture(scope="module")
def known() -> AnnData:
    """Hairpins of four families, three members each, stems drawn at random."""
    rng = np.random.default_rng(2)
    partner = dict(zip("ACGU", "UGCA", strict=True))
    rows = []
    for k in range(12):
        stem = "".join(rng.choice(list("ACGU"), 6))
        tail = "".join(rng.choice(list("ACGU"), 8))
        closing = "".join(partner[x] for x in stem[::-1])
        rows.append((stem + "GAAA" + closing + tail, "((((((....))))))........", f"F{k % 4}"))
    table = pd.DataFrame(rows, columns=["sequence", "structure", "family"])
    return AnnData(obs=table.set_index(pd.Index([f"r{k}" for k in range(12)])))


@pytest.fixture(scope="module")
def mini():
    return rx.load_model("mini")


@pytest.fixture(scope="module")
def fitted(known, mini):
    return rx.tl.fit_contacts(known[known.obs.family != "F0"].copy(), mini, progress=False)


def test_it_is_the_l1_regression_on_all_corrected_heads(known, tiny) -> None:
    features, labels = [], []
    for sequence in known.obs["sequence"]:
        maps = tiny.attentions(sequence).astype(float).reshape(8, 24, 24)
        maps = (maps + maps.swapaxes(1, 2)) / 2
        sums = maps.sum(1, keepdims=True) * maps.sum(2, keepdims=True)
        maps -= sums / maps.sum((1, 2), keepdims=True)
        for i in range(24):
            for j in range(i + 4, 24):
                features.append(maps[:, i, j])
                labels.append(i < 6 and j == 15 - i)
    x, y = np.array(features), np.array(labels, dtype=float)
    unit = np.sqrt((x**2).mean())
    found = rx.tl.fit_contacts(known, tiny, strength=0.15, progress=False)
    weights = np.array(found.coefficients)
    p = 1 / (1 + np.exp(-(x @ weights + found.intercept)))
    # at the optimum of C * loss + |w| the slope of the loss is 1 / C where w is not 0
    slope = 0.15 * (y - p) @ (x / unit)
    used = weights != 0
    assert 0 < used.sum() < 8
    np.testing.assert_allclose(slope[used], np.sign(weights[used]), atol=0.02)
    assert (np.abs(slope[~used]) <= 1.02).all()
    assert p.mean() == pytest.approx(y.mean(), rel=0.02)


def test_the_fit_predicts_the_pairs_of_a_new_family(known, mini, fitted) -> None:
    contacts = rx.tl.contacts(known, "r0", mini, regression=fitted)
    assert contacts.method == "regression"
    assert contacts.kind == "probability"
    upper = np.triu(contacts.probabilities)
    best = np.argsort(upper, axis=None)[::-1][:6]
    assert {(k // 24, k % 24) for k in best.tolist()} == {(i, 15 - i) for i in range(6)}
    i, j = np.tril_indices(24, 3)
    assert not contacts.probabilities[i, j][np.abs(i - j) < 4].any()


def test_background_pairs_that_are_drawn_stand_for_all(known, tiny, monkeypatch) -> None:
    monkeypatch.setattr("rnaexplore.tl.base_pairs.fit_contacts.BACKGROUND", 60)
    few = rx.tl.fit_contacts(known, tiny, progress=False)
    monkeypatch.undo()
    every = rx.tl.fit_contacts(known, tiny, progress=False)
    assert few.intercept == pytest.approx(every.intercept, abs=0.3)


def test_it_carries_what_it_was_fitted_on(fitted, mini) -> None:
    assert fitted.families == ("F1", "F2", "F3")
    assert set(fitted.names) == {f"r{k}" for k in range(12) if k % 4}
    assert (fitted.model, fitted.weights) == ("mini", mini.weights_sha256)
    assert "fitted on 9 RNAs of 3 families" in repr(fitted)


def test_families_it_was_fitted_on_are_kept_with_it(known, mini, fitted) -> None:
    unnamed = known[["r0"]].copy()
    del unnamed.obs["family"]
    with pytest.raises(InputError, match="cannot be told; add the column, or pass on_seen"):
        rx.tl.contacts(unnamed, "r0", mini, regression=fitted, on_seen="raise")
    with pytest.raises(MissingKeyError, match="Pass family="):
        rx.tl.fit_contacts(unnamed, mini, progress=False)
    blind = rx.tl.fit_contacts(known[4:].copy(), mini, family=None, progress=False)
    assert blind.families == ()
    with pytest.raises(InputError, match="1 of 1 RNAs"):
        rx.tl.contacts(known[["r5"]].copy(), "r5", mini, regression=blind, on_seen="raise")


def test_it_comes_back_from_a_file(fitted, known, mini, tmp_path) -> None:
    path = tmp_path / "fit.json"
    fitted.save(path)
    back = rx.tl.ContactRegression.load(path)
    assert back == fitted
    first = rx.tl.contacts(known, "r0", mini, regression=back)
    second = rx.tl.contacts(known, "r0", mini, regression=fitted)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record | {"format": "another"},
        lambda record: {k: v for k, v in record.items() if k != "weights"},
        lambda record: record | {"surprise": 1},
        lambda record: record | {"coefficients": None},
        lambda record: record | {"intercept": "high"},
        lambda record: record | {"intercept": float("nan")},
        lambda record: record | {"curve": [[0.0, 1.0], [1.0, 0.0]]},
        lambda record: record | {"curve": [[0.0, 1.0]]},
        lambda record: record | {"errors": None},
        lambda record: [record],
    ],
)
def test_damaged_files_are_refused(fitted, tmp_path, damage) -> None:
    path = tmp_path / "fit.json"
    fitted.save(path)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(CheckpointError, match=r"fit\.json"):
        rx.tl.ContactRegression.load(path)
    path.write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(CheckpointError, match=r"fit\.json"):
        rx.tl.ContactRegression.load(path)


def test_another_model_is_refused(known, mini, fitted, tiny) -> None:
    with pytest.raises(InputError, match=r"fitted on 'mini'.*not on 'tiny'"):
        rx.tl.contacts(known, "r0", tiny, regression=fitted)
    with pytest.raises(InputError, match="random weig"):
        rx.tl.contacts(known, "r0", mini.randomised(seed=0), regression=fitted)
    with pytest.raises(InputError, match="belongs to method='regression', not to 'vienna'"):
        rx.tl.contacts(known, "r0", method="vienna", regression=fitted)
    wrong = replace(fitted, weights="0" * 64)
    with pytest.raises(InputError, match="000000000000"):
        rx.tl.contacts(known, "r0", mini, regression=wrong)


def test_settings_are_checked(known, tiny) -> None:
    with pytest.raises(InputError, match="n_folds >= 0, got 20, 0 and 4"):
        rx.tl.fit_contacts(known, tiny, strength=0)
    found = rx.tl.fit_contacts(known, tiny, n_max=3, progress=False)
    assert len(found.names) == 3
    assert found == rx.tl.fit_contacts(known, tiny, n_max=3, progress=False)


def test_log_odds_are_calibrated_on_families_held_out_in_turn(known, mini, monkeypatch) -> None:
    """Each RNA's log odds come from a fit without its family, and the curve from these alone."""
    from rnaexplore.tl.base_pairs import fit_contacts

    fits, used = [], []
    real_fit, real_calibrate = fit_contacts._fit, fit_contacts.calibrate

    def fit(examples, settings):
        found = real_fit(examples, settings)
        fits.append((len(examples), found))
        return found

    def calibrate(logits, truths, families, **options):
        used.append((logits, truths, families))
        return real_calibrate(logits, truths, families, **options)

    monkeypatch.setattr(fit_contacts, "_fit", fit)
    monkeypatch.setattr(fit_contacts, "calibrate", calibrate)
    found = rx.tl.fit_contacts(known, mini, progress=False)
    assert [n for n, _ in fits] == [12, 9, 9, 9, 9]
    ((logits, *_),) = used
    for name, sequence, odds in zip(
        found.names, known.obs.loc[list(found.names), "sequence"], logits, strict=True
    ):
        maps, _ = fit_contacts.head_features(mini, sequence)
        i, j = np.triu_indices(len(sequence), 4)
        by = [np.tensordot(w, maps[:, i, j], axes=1) + b for _, (w, b) in fits[1:]]
        equal = [np.allclose(odds, one) for one in by]
        assert sum(equal) == 1, name
    assert len(found.curve) == 2
    assert found.errors[1] <= found.errors[0] + 0.05


def test_without_families_to_hold_out_maps_are_scores(known, mini, tmp_path) -> None:
    two = known[known.obs.family.isin(["F1", "F2"])].copy()
    for fitted in (
        rx.tl.fit_contacts(known, mini, family=None, progress=False),
        rx.tl.fit_contacts(two, mini, progress=False),
        rx.tl.fit_contacts(known, mini, n_folds=0, progress=False),
    ):
        assert fitted.curve == ()
        assert "not calibrated" in repr(fitted)
        contacts = rx.tl.contacts(known, "r0", mini, regression=fitted, on_seen="ignore")
        assert contacts.kind == "score"
    fitted.save(tmp_path / "old.json")
    record = json.loads((tmp_path / "old.json").read_text())
    del record["curve"], record["errors"]
    record["format"] = "rnaexplore contact regression 1"
    (tmp_path / "old.json").write_text(json.dumps(record))
    assert rx.tl.ContactRegression.load(tmp_path / "old.json") == fitted


def test_an_overconfident_fit_is_repaired_on_new_families() -> None:
    """Planted: heads that are always right on the RNAs of the fit, and often wrong elsewhere."""
    from rnaexplore.structure import calibrate, calibration_error
    from rnaexplore.structure.calibration import sigmoid
    from rnaexplore.structure.reliability import pair_reliability

    rng = np.random.default_rng(0)

    def features(sure: bool):
        truth = rng.random(400) < 0.05
        right = np.ones(400, bool) if sure else rng.random(400) < np.where(truth, 0.6, 0.97)
        return np.where(right == truth, 1.0, 0.0), truth

    seen = [features(sure=True) for _ in range(20)]
    new = [features(sure=False) for _ in range(40)]
    weight = 12.0  # what a fit on the seen ones would nearly take
    before = [weight * x - 6 for x, _ in new]
    assert all((sigmoid(weight * x - 6).round() == t).all() for x, t in seen)
    families = [f"F{k}" for k in range(40)]
    found = calibrate(before[:20], [t for _, t in new[:20]], families[:20])
    after = [sigmoid(found.curve(z)) for z in before]
    truths = [t for _, t in new[20:]]
    raw = pair_reliability([sigmoid(z) for z in before[20:]], truths, families[20:], n_boot=10)
    mended = pair_reliability(after[20:], truths, families[20:], n_boot=10)
    assert calibration_error(raw) > 0.3
    assert calibration_error(mended) < 0.05
