"""Attention between sites: SpliceBERT's statistics against an independent computation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnaexplore as rx
from rnaexplore.errors import InputError, UnknownNameError
from rnaexplore.models import get_spec
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class


@pytest.fixture(scope="module")
def splicebert() -> Model:
    """SpliceBERT's architecture with three layers of random weights."""
    spec = get_spec("splicebert")
    small = replace(
        spec, n_layers=3, n_heads=4, dim=32, config={**spec.config, "intermediate_size": 64}
    )
    adapter = adapter_class(small)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        module = adapter.build(small).eval().requires_grad_(requires_grad=False)
        for parameter in module.parameters():
            if parameter.ndim == 2:
                parameter.mul_(15)  # so that attention is far from even
    device = torch.device("cpu")
    return Model(adapter(small, module), device=device, weights_sha256="", source="random")


@pytest.fixture
def transcripts():
    rng = np.random.default_rng(4)
    return rx.from_sequences({f"t{k}": "".join(rng.choice(list("ACGU"), 330)) for k in range(3)})


PAIRS = {"t0": [(20, 210), (60, 329)], "t2": [(250, 120)]}


def by_loops(model: Model, transcripts, pairs, *, window: int | None):
    """Return scores and enrichments as the publication's notebook defines them, step by step."""
    scores, donor_rows, acceptor_rows = [], [], []
    for name, sites in pairs.items():
        whole = transcripts.obs.loc[name, "sequence"]
        for p, q in sites:
            left = 0 if window is None else (p + q) // 2 - window // 2
            sequence = whole if window is None else whole[left : left + window]
            a, b = p - left, q - left
            maps = model.attentions(sequence).astype(float)
            layers, _, n, _ = maps.shape
            top = np.zeros((layers, n, n))
            for layer in range(layers):
                for i in range(n):
                    for j in range(n):
                        top[layer, i, j] = max(maps[layer, :, i, j])
            best = -1.0
            for d in (-1, 0, 1):
                if b + d >= n:
                    continue
                there = np.mean(
                    [top[k, r, b + d] for k in range(layers) for r in (a - 1, a, a + 1)]
                )
                rows = [r for r in (b - 1, b, b + 1) if r < n]
                back = np.mean([top[k, r, a + d] for k in range(layers) for r in rows])
                best = max(best, (there + back) / 2)
            scores.append(best)
            pad = np.full((layers, 100), np.nan)
            for rows, (i, j) in ((donor_rows, (a, b)), (acceptor_rows, (b, a))):
                padded = np.concatenate([pad, top[:, i], pad], axis=1)
                rows.append(padded[:, j : j + 201])
    ratios = []
    for rows in (donor_rows, acceptor_rows):
        aligned = np.array(rows)
        ratios.append(
            [
                np.nanmean(aligned[:, k, 99:102]) / np.nanmean(aligned[:, k])
                for k in range(aligned.shape[1])
            ]
        )
    return scores, np.array(ratios).T


@pytest.mark.parametrize("window", [None, 300])
def test_equal_to_the_published_definitions(splicebert, transcripts, window) -> None:
    pairs = PAIRS if window is None else {"t0": [(60, 250)], "t2": [(245, 110)]}
    scores, ratios = by_loops(splicebert, transcripts, pairs, window=window)
    found = rx.tl.site_attention(transcripts, splicebert, pairs, window=window, progress=False)
    np.testing.assert_allclose(found.pairs["score"], scores, rtol=1e-5)
    np.testing.assert_allclose(found.layers.to_numpy(), ratios, rtol=1e-5)
    assert np.ptp(ratios) > 0.05
    assert found.mean == pytest.approx(np.mean(scores))
    assert found.left_out == 0
    assert found.pairs["rna"].tolist() == [name for name, sites in pairs.items() for _ in sites]


def test_windows_that_do_not_fit_are_left_out_and_counted(splicebert, transcripts) -> None:
    pairs = {"t0": [(20, 40), (150, 170)], "t1": [(10, 300)]}
    found = rx.tl.site_attention(transcripts, splicebert, pairs, window=100, progress=False)
    assert found.left_out == 2
    assert found.pairs[["first", "second"]].to_numpy().tolist() == [[150, 170]]
    with pytest.raises(InputError, match="none of 1 pairs can be read"):
        rx.tl.site_attention(transcripts, splicebert, {"t0": [(0, 5)]}, window=100, progress=False)


def test_sites_are_checked(splicebert, transcripts) -> None:
    with pytest.raises(InputError, match="sites of 't1' reach from 5 to 330; it has 330 residues"):
        rx.tl.site_attention(transcripts, splicebert, {"t1": [(5, 330)]}, progress=False)
    with pytest.raises(UnknownNameError, match="'t9'"):
        rx.tl.site_attention(transcripts, splicebert, {"t9": [(5, 33)]}, progress=False)
