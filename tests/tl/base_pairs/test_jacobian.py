"""Couplings: equal to brute force, a planted Potts model comes back, the controls lose it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from torch import Tensor, nn

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Adapter, Output, Request
from rnaexplore.models.model import Model
from rnaexplore.tl.base_pairs.jacobian import coupling_map


class Potts(nn.Module):
    """Fields (L, 4) and symmetric couplings (L, 4, L, 4) over A C G U."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.fields = nn.Parameter(torch.zeros(n, 4))
        self.couplings = nn.Parameter(torch.zeros(n, 4, n, 4))


class PottsAdapter(Adapter):
    """Logits of b at j: ``h[j, b]`` and the sum over k of ``J[k, x_k, j, b]``."""

    @classmethod
    def build(cls, spec):
        return Potts(spec.dim)

    @classmethod
    def convert(cls, spec, state):
        return dict(state)

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        letters = torch.tensor(self.spec.alphabet.residue_ids)
        one_hot = (ids[:, 1:-1, None] == letters).float()
        logits = torch.einsum("nka,kajb->njb", one_hot, self.module.couplings) + self.module.fields
        full = torch.full((*ids.shape, len(self.spec.alphabet.tokens)), -50.0)
        full[:, 1:-1, letters] = logits
        return Output(logits=full)


def potts_model(n: int, pairs: list[tuple[int, int]], *, seed: int) -> Model:
    """Return a Potts model of `n` residues that prefers Watson-Crick letters at some pairs."""
    rng = np.random.default_rng(seed)
    couplings = np.zeros((n, 4, n, 4), dtype=np.float32)
    for i, j in pairs:
        block = np.fliplr(np.eye(4)) * 3 + rng.normal(0, 0.3, (4, 4))
        couplings[i, :, j] = block
        couplings[j, :, i] = block.T
    module = Potts(n)
    with torch.no_grad():
        module.couplings.copy_(torch.from_numpy(couplings))
        module.fields.copy_(torch.from_numpy(rng.normal(0, 1, (n, 4)).astype(np.float32)))
    spec = replace(get_spec("mini"), name="potts", dim=n)
    return Model(
        PottsAdapter(spec, module.requires_grad_(requires_grad=False)),
        device=torch.device("cpu"),
        weights_sha256="",
        source="planted",
    )


def brute_jacobian(model: Model, sequence: str) -> np.ndarray:
    """Return the categorical Jacobian, one mutant at a time, by loops."""
    n = len(sequence)
    table = np.zeros((n, 4, n, 4))
    for i in range(n):
        for a, letter in enumerate("ACGU"):
            table[i, a] = model.logits(sequence[:i] + letter + sequence[i + 1 :])
    table -= model.logits(sequence)
    for axis in range(4):
        table = table - table.mean(axis, keepdims=True)
    norms = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            block = (table[i, :, j, :] + table[j, :, i, :].T) / 2
            norms[i, j] = 0 if i == j else np.linalg.norm(block)
    corrected = norms - np.outer(norms.sum(1), norms.sum(0)) / norms.sum()
    np.fill_diagonal(corrected, 0)
    return corrected


def brute_dependency(model: Model, sequence: str) -> np.ndarray:
    def odds(text: str, j: int, b: int) -> float:
        weights = np.exp(model.logits(text)[j].astype(float))
        return weights[b] / (weights.sum() - weights[b])

    n = len(sequence)
    found = np.zeros((n, n))
    for i in range(n):
        mutants = [sequence[:i] + x + sequence[i + 1 :] for x in "ACGU" if x != sequence[i]]
        for j in range(n):
            if i != j:
                found[i, j] = max(
                    abs(np.log2(odds(m, j, b) / odds(sequence, j, b)))
                    for m in mutants
                    for b in range(4)
                )
    return found


@pytest.mark.parametrize("sequence", ["GGCAGAAAUGCC", "ggct", "GGNAUUACC"])
def test_both_maps_equal_brute_force(tiny, sequence) -> None:
    spelled = sequence.upper().replace("T", "U")
    jacobian = coupling_map(tiny, sequence, kind="jacobian")
    np.testing.assert_allclose(jacobian.scores, brute_jacobian(tiny, spelled), atol=1e-5)
    np.testing.assert_array_equal(jacobian.scores, jacobian.scores.T)
    dependency = coupling_map(tiny, sequence, kind="dependency")
    np.testing.assert_allclose(dependency.scores, brute_dependency(tiny, spelled), atol=1e-5)


def test_batches_do_not_change_the_map(tiny, monkeypatch) -> None:
    whole = coupling_map(tiny, "GGCAGAAAUGCC", kind="jacobian")
    monkeypatch.setattr("rnaexplore.models.inference.packing.PACK_TOKENS", 30)
    monkeypatch.setattr("rnaexplore.tl.base_pairs.jacobian.BLOCK_ROWS", 5)
    small = coupling_map(tiny, "GGCAGAAAUGCC", kind="jacobian")
    np.testing.assert_allclose(small.scores, whole.scores, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["jacobian", "dependency"])
def test_the_couplings_of_a_potts_model_are_recovered(seed: int, kind) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    order = rng.permutation(n)[:16].reshape(8, 2)
    pairs = [tuple(sorted(p)) for p in order.tolist() if abs(p[0] - p[1]) >= 4]
    model = potts_model(n, pairs, seed=seed)
    found = coupling_map(model, "".join(rng.choice(list("ACGU"), n)), kind=kind).scores
    ranked = np.argwhere(np.triu(np.ones((n, n)), 1))
    best = ranked[np.argsort([-found[i, j] for i, j in ranked], kind="stable")][: len(pairs)]
    assert {tuple(p) for p in best.tolist()} == set(pairs)


def test_the_jacobian_of_a_potts_model_has_the_size_of_its_couplings() -> None:
    pairs = [(2, 11), (5, 17)]
    model = potts_model(40, pairs, seed=3)
    couplings = model.adapter.module.couplings.numpy().astype(float)
    found = coupling_map(model, "ACGU" * 10, kind="jacobian").scores
    sizes = []
    for i, j in pairs:
        block = couplings[i, :, j]
        block = block - block.mean(0) - block.mean(1, keepdims=True) + block.mean()
        sizes.append(np.linalg.norm(block))
    assert found[2, 11] / found[5, 17] == pytest.approx(sizes[0] / sizes[1], rel=0.05)


def potts_rna(model: Model) -> AnnData:
    n = model.spec.dim
    sequence = "".join(np.random.default_rng(1).choice(list("ACGU"), n))
    obs = pd.DataFrame({"sequence": [sequence], "structure": ["((((....))))" + "." * (n - 12)]})
    return AnnData(obs=obs.set_index(pd.Index(["rna"])))


def test_controls_show_what_the_model_knows_of_the_positions() -> None:
    model = potts_model(24, [(0, 11), (1, 10), (2, 9), (3, 8)], seed=0)
    adata = potts_rna(model)
    found = rx.tl.jacobian_controls(adata, "rna", model, n_shuffles=2, progress=False)
    assert found.scores.index.tolist() == ["sequence", "mirror", "shuffled 1", "shuffled 2"]
    assert found.scores.loc["sequence", "auprc"] == pytest.approx(1)
    assert found.scores.loc["sequence", "precision_at_pairs"] == 1
    assert found.scores.loc["sequence", "correlation"] == pytest.approx(1)
    # couplings of this model are tied to positions: turned around they are elsewhere
    assert found.scores.loc["mirror", "auprc"] < 0.2
    assert found.scores["background"].tolist() == pytest.approx([4 / 210] * 4)
    again = rx.tl.jacobian_controls(adata, "rna", model, n_shuffles=2, progress=False)
    pd.testing.assert_frame_equal(found.scores, again.scores)


def test_the_mirror_lies_on_the_axes_of_the_rna(hairpins, tiny) -> None:
    found = rx.tl.jacobian_controls(hairpins, "h3", tiny, progress=False)
    sequence = hairpins.obs.loc["h3", "sequence"]
    backwards = coupling_map(tiny, sequence[::-1], kind="jacobian").scores
    for i in range(12):
        for j in range(12):
            assert found.mirror.scores[i, j] == backwards[11 - i, 11 - j]
    assert found.mirror.sequence == sequence
    assert found.map.sequence == sequence
    assert found.shuffled[0].sequence != sequence


def test_controls_without_a_structure_say_so(hairpins, tiny) -> None:
    del hairpins.obs["structure"]
    found = rx.tl.jacobian_controls(hairpins, "h1", tiny, progress=False)
    assert found.scores[["auprc", "background"]].isna().all(axis=None)
    with pytest.raises(InputError, match="n_shuffles must be 1 or more, got 0"):
        rx.tl.jacobian_controls(hairpins, "h1", tiny, n_shuffles=0, progress=False)


def test_cost_is_told_before(hairpins, tiny, capsys) -> None:
    cost = rx.tl.jacobian_cost(hairpins, "h1", tiny)
    assert cost.passes == 3 * 12 + 1
    assert cost.seconds > 0
    assert cost.megabytes == pytest.approx(12 * 4 * 12 * 4 * 4 / 1e6)
    rx.tl.jacobian(hairpins, "h1", tiny)
    shown = capsys.readouterr().err
    assert "jacobian tiny (37 passes, about" in shown.split("\r")[1]
    assert "37/37" in shown
    rx.tl.jacobian(hairpins, "h1", tiny, progress=False)
    assert capsys.readouterr().err == ""


def test_contacts_are_the_scaled_map(hairpins, tiny) -> None:
    contacts = rx.tl.contacts(hairpins, "h1", tiny, method="jacobian")
    scores = np.maximum(rx.tl.jacobian(hairpins, "h1", tiny, progress=False).scores, 0)
    far = np.abs(np.subtract.outer(np.arange(12), np.arange(12))) >= 4
    expected = np.where(far, scores, 0) / np.where(far, scores, 0).max()
    np.testing.assert_allclose(contacts.values, expected, atol=1e-6)
    assert (contacts.method, contacts.model) == ("jacobian", "tiny")
    dependency = rx.tl.contacts(hairpins, "h1", tiny, method="dependency")
    assert dependency.method == "dependency"
    assert dependency.values.max() == 1


def test_what_cannot_be_done_is_refused(hairpins, tiny) -> None:
    with pytest.raises(InputError, match="kind must be one of jacobian, dependency, got 'fast'"):
        rx.tl.jacobian(hairpins, "h1", tiny, kind="fast")
    codons = replace(tiny.spec, name="codons", alphabet=get_spec("mrnafm").alphabet)
    model = Model(
        type(tiny.adapter)(codons, tiny.adapter.module),
        device=tiny.device, weights_sha256="", source="random",
    )  # fmt: skip
    with pytest.raises(InputError, match="'codons' reads codons, but base pairs"):
        rx.tl.jacobian(hairpins, "h1", model)
    silent = replace(tiny.spec, name="silent", can=tiny.spec.can - {"logits"})
    model = Model(
        type(tiny.adapter)(silent, tiny.adapter.module),
        device=tiny.device, weights_sha256="", source="random",
    )  # fmt: skip
    with pytest.raises(CapabilityError, match="no trained logits"):
        rx.tl.jacobian(hairpins, "h1", model)
