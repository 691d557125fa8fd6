"""What verbs cost: said by each of them, and refused where it does not fit."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.tl import memory
from rnaexplore.tl.embedding import identity
from rnaexplore.tl.embedding.compare import _shared
from rnaexplore.tl.memory import available, check_fits

VERBS = [name for name in rx.tl.__all__ if name.islower()]
SIZES = re.compile(r"\b(number of|length|lengths|dimension|dimensions|size|passes)\b")


def cost_of(name: str) -> str:
    """Return what a verb says of its cost."""
    found = re.search(r"Notes\n-----\n(.*?)(?:\n\n|\Z)", inspect.getdoc(getattr(rx.tl, name)), re.S)
    assert found, f"rx.tl.{name} does not say what it costs"
    return " ".join(found[1].split())


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_says_how_its_cost_grows(name: str) -> None:
    told = cost_of(name)
    assert re.search(r"\btime\b", told, re.IGNORECASE), told
    assert re.search(r"\bmemory\b", told, re.IGNORECASE), told
    assert "grow" in told, told
    assert SIZES.search(told), told


def test_a_verb_that_says_nothing_is_found(monkeypatch) -> None:
    def bare() -> None:
        """Do something."""

    monkeypatch.setattr(rx.tl, "kmers", bare)
    with pytest.raises(AssertionError, match=r"rx\.tl\.kmers does not say"):
        cost_of("kmers")


def test_memory_that_is_free_is_known() -> None:
    room = available()
    assert room is not None
    assert 10**7 < room < 10**14


def test_containers_and_other_systems(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    assert available() > 10**7  # from the size of the machine
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2000 kB\n")
    assert available() == 2_048_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("900\n")
    assert available() == 2_048_000
    (tmp_path / "memory.max").write_text("1000\n")
    assert available() == 100


@pytest.fixture
def room(monkeypatch):
    """Return a function that says how much memory is free."""
    return lambda n: monkeypatch.setattr(memory, "available", lambda: n)


def test_what_does_not_fit_is_told_with_what_to_do(room) -> None:
    room(10**9)
    check_fits(8 * 10**8, "maps", "pass fewer")
    with pytest.raises(InputError, match=r"maps need 0\.9 GB of memory, .* 1 GB are free; pass f"):
        check_fits(9 * 10**8, "maps", "pass fewer")
    room(None)
    check_fits(10**18, "maps", "pass fewer")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda a, m: rx.tl.kmers(a, k=6), "smaller k="),
        (lambda a, m: rx.tl.embed(a, m, progress=False), r"rx\.tl\.embed_to"),
        (lambda a, m: rx.tl.attention(a, a.obs_names[0], m), "window="),
        (lambda a, m: rx.tl.jacobian(a, a.obs_names[0], m, progress=False), "part of the RNA"),
        (lambda a, m: rx.tl.layer_sweep(a, m, labels="family", progress=False), "fewer RNAs"),
    ],
)  # fmt: skip
def test_verbs_refuse_what_does_not_fit_and_write_nothing(call, told, rnas, tiny, room) -> None:
    room(100)
    before = rnas.copy()
    with pytest.raises(InputError, match=told):
        call(rnas, tiny)
    assert list(rnas.obsm) == list(before.obsm)
    assert rnas.uns.keys() == before.uns.keys()


def test_sites_that_do_not_fit_are_refused(rnas, tiny, room) -> None:
    rnas.obs["site"] = 3
    sites = rx.tl.embed_sites(rnas, tiny, sites="site", progress=False)
    room(1000)
    with pytest.raises(InputError, match="flank="):
        rx.tl.evaluate_sites(sites, labels="family")


def test_a_hundred_thousand_rnas_can_be_compared() -> None:
    """Kernels of all pairs would take 80 GB each."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(100_000, 8)).astype(np.float32)
    obsm = {"X_a": first, "X_b": first @ np.linalg.qr(rng.normal(size=(8, 8)))[0]}
    adata = AnnData(obs=pd.DataFrame(index=np.arange(100_000).astype(str)), obsm=obsm)
    assert rx.tl.cka(adata, "X_a", "X_b") == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6)])
def test_kernels_of_rows_and_of_columns_share_the_same(shape) -> None:
    a, b = np.random.default_rng(1).normal(size=(2, *shape))
    expected = sum((a[i] @ a[j]) * (b[i] @ b[j]) for i in range(len(a)) for j in range(len(a)))
    assert _shared(a, b) == pytest.approx(expected)


def test_links_of_relatives_are_as_many_as_rnas(monkeypatch) -> None:
    """All of these are alike: as many links as pairs would be 19,900."""
    rng = np.random.default_rng(0)
    base = rng.choice(list("ACGU"), 120)
    texts = []
    for _ in range(200):
        changed = base.copy()
        changed[rng.integers(0, 120, 5)] = rng.choice(list("ACGU"), 5)
        texts.append("".join(changed))
    monkeypatch.setattr(identity, "ROWS", 16)
    rows, columns = identity._linked(texts, 0.6)
    assert len(rows) == len(columns) < 200
    assert set(identity.identity_groups(texts, 0.6).tolist()) == {0}
