"""The contact head after training: planted overconfidence is repaired on families held out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnaexplore.errors import InputError
from rnaexplore.models import ModelSpec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.pretraining import readout
from rnaexplore.pretraining.records import Record
from rnaexplore.structure import calibration_error
from rnaexplore.structure.reliability import pair_reliability

PAIRS = 600


def planted(n: int, n_heads: int, *, seed: int):
    """Return pairs of RNAs, each a family: one head says much of them, the others nothing.

    What the head says is bent: half of what it can say means little less than all of it.
    """
    rng = np.random.default_rng(seed)
    examples = []
    for _ in range(n):
        features = rng.normal(0, 0.02, (PAIRS, n_heads)).astype(np.float32)
        level = rng.choice([0.0, 0.1, 0.5, 1.0], PAIRS, p=[0.85, 0.05, 0.05, 0.05])
        features[:, 0] += level
        share = np.select([level == 0.1, level == 0.5, level == 1.0], [0.4, 0.6, 0.75], 0.002)
        examples.append((features, rng.random(PAIRS) < share))
    records = [Record("ACGU", "....", family=f"F{k}") for k in range(n)]
    return records, examples


@pytest.fixture
def module(spec: ModelSpec):
    torch.manual_seed(0)
    return EsmAdapter.build(spec).eval()


@pytest.fixture
def given(monkeypatch, spec: ModelSpec):
    """Put planted examples in the place of attention maps, and note who asks for which."""

    def use(n: int, seed: int = 0):
        records, examples = planted(n, spec.n_layers * spec.n_heads, seed=seed)
        by_family = dict(zip([r.family for r in records], examples, strict=True))
        monkeypatch.setattr(
            readout, "_examples", lambda m, a, some: (by_family[r.family] for r in some)
        )
        return records

    return use


def told(module, examples) -> list[np.ndarray]:
    """Return what the head itself says of pairs."""
    head = module.esm.contact_head
    with torch.inference_mode():
        return [
            head.activation(head.regression(torch.from_numpy(x)))[:, 0].double().numpy()
            for x, _ in examples
        ]


def error_on_new_families(module, spec: ModelSpec) -> float:
    _, examples = planted(60, spec.n_layers * spec.n_heads, seed=99)
    truths = [y for _, y in examples]
    families = [str(k) for k in range(len(truths))]
    return calibration_error(pair_reliability(told(module, examples), truths, families, n_boot=5))


def overconfident(module) -> None:
    head = module.esm.contact_head.regression
    with torch.no_grad():
        head.weight.zero_()
        head.weight[0, 0] = 12.0
        head.bias.fill_(-6.0)


def test_an_overconfident_head_is_calibrated(module, spec, given) -> None:
    overconfident(module)
    assert error_on_new_families(module, spec) > 0.15
    found = readout.calibrate_contact_head(module, spec.alphabet, given(60))
    assert error_on_new_families(module, spec) < 0.03
    assert found.error_before > 0.15
    assert found.error_after < 0.03
    assert found.n_families == 60
    weight = module.esm.contact_head.regression.weight
    assert (weight[0, 0], weight[0, 1:].abs().max()) == (12, 0)  # ranks are those of before


def test_the_head_is_fitted_and_calibrated_on_families_held_out_in_turn(
    module, spec, given, monkeypatch
) -> None:
    records = given(40)
    fits = []
    real = readout._regression

    def regression(examples, strength):
        fits.append(len(examples))
        return real(examples, strength)

    monkeypatch.setattr(readout, "_regression", regression)
    found = readout.fit_calibrated_contact_head(module, spec.alphabet, records)
    assert fits == [32] * 5 + [40]
    assert error_on_new_families(module, spec) < 0.03
    assert found.error_after < 0.05
    weights = module.esm.contact_head.regression.weight[0].abs()
    assert weights[0] > 3 * weights[1:].max()


def test_fitting_takes_the_curve_away(module, spec, given) -> None:
    records = given(40)
    overconfident(module)
    readout.calibrate_contact_head(module, spec.alphabet, records)
    curve = module.esm.contact_head.activation.knots.clone()
    readout.fit_contact_head(module, spec.alphabet, records)
    straight = module.esm.contact_head.activation.knots
    assert not torch.equal(straight, curve)
    assert torch.equal(straight[0], straight[1])


def test_families_are_needed(module, spec, given) -> None:
    records = given(4)
    overconfident(module)
    with pytest.raises(InputError, match="1 RNAs have no family"):
        readout.fit_calibrated_contact_head(
            module, spec.alphabet, [*records[1:], Record("ACGU", "....")]
        )
    with pytest.raises(InputError, match="n_folds must be 2 to 1"):
        readout.calibrate_contact_head(module, spec.alphabet, records[:1])


def test_without_a_head_there_is_nothing_to_do(spec) -> None:
    module = torch.nn.Linear(2, 2)
    assert readout.calibrate_contact_head(module, spec.alphabet, []) is None
    assert readout.fit_calibrated_contact_head(module, spec.alphabet, []) is None


def test_logits_are_those_of_the_stock_head(module, spec) -> None:
    """The features that are fitted are the ones that the head reads."""
    record = Record("GGGGAAAACCCC", "((((....))))", family="F")
    ((features, paired),) = readout._examples(module, spec.alphabet, [record])
    head = module.esm.contact_head
    ids = torch.from_numpy(spec.alphabet.encode(record.sequence))[None]
    with torch.inference_mode():
        maps = torch.stack(module.esm(ids, output_attentions=True).attentions, 1)
        expected = head(ids, maps)[0]
        found = head.activation(head.regression(torch.from_numpy(features)))[:, 0]
    i, j = np.triu_indices(12, 4)
    torch.testing.assert_close(found, expected[i, j], atol=1e-5, rtol=1e-4)
    assert [(a, b) for a, b, y in zip(i, j, paired, strict=True) if y] == [
        (0, 11), (1, 10), (2, 9), (3, 8),
    ]  # fmt: skip
