"""A tiny model with random weights, and RNAs whose labels are planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

from rnaexplore.finetuning import Settings, finetune
from rnaexplore.models import get_spec
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class

COMPLEMENT = str.maketrans("ACGU", "UGCA")


def random_model(spec, seed=0) -> Model:
    cls = adapter_class(spec)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        adapter = cls(spec, cls.build(spec).eval().requires_grad_(requires_grad=False))
    return Model(adapter, device=torch.device("cpu"), weights_sha256="0" * 64, source="random")


def shrunk(name, **changes):
    spec = get_spec(name)
    return replace(
        spec,
        name=f"tiny-{name}",
        n_layers=2,
        n_heads=4,
        dim=32,
        config={**spec.config, "intermediate_size": 64, **changes},
    )


@pytest.fixture(autouse=True)
def quick_baselines(monkeypatch):
    """Train the convolutional baseline for few steps, and few k-mers; all are tested elsewhere."""
    monkeypatch.setattr("rnaexplore.finetuning.convolution.STEPS", 10)
    monkeypatch.setattr("rnaexplore.finetuning.rna_methods.BASELINES", ("3-mers", "length"))


@pytest.fixture(scope="session")
def tiny() -> Model:
    """Two layers of four heads, 32 dim, everything that `mini` can."""
    return random_model(shrunk("mini"))


@pytest.fixture(scope="session")
def tiny_ernie() -> Model:
    """RNAErnie's shape and vocabulary, with its types of RNA."""
    return random_model(shrunk("rnaernie"))


def planted(n=60, *, seed=0) -> AnnData:
    """Return hairpins rich in GC or in AU, each a group of its own, with labels."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        kind = ("rich", "poor")[i % 2]
        share = [0.05, 0.45, 0.45, 0.05] if kind == "rich" else [0.45, 0.05, 0.05, 0.45]
        arm = "".join(rng.choice(list("ACGU"), int(rng.integers(6, 9)), p=share))
        loop = "".join(rng.choice(list("ACGU"), int(rng.integers(4, 7))))
        sequence = arm + loop + arm.translate(COMPLEMENT)[::-1]
        rows.append(
            {
                "sequence": sequence,
                "kind": kind,
                "gc": np.mean([c in "GC" for c in sequence]),
                "purine": "".join("R" if c in "AG" else "Y" for c in sequence),
                "structure": "(" * len(arm) + "." * len(loop) + ")" * len(arm),
                "alone": f"g{i}",
            }
        )
    frame = pd.DataFrame(rows, index=[f"rna{i}" for i in range(n)])
    frame["second"] = frame["sequence"].to_numpy()[rng.permutation(n)]
    gc = [np.mean([c in "GC" for c in s]) for s in frame["second"]]
    frame["richer"] = np.where(frame["gc"] >= gc, "first", "second")
    return AnnData(obs=frame)


@pytest.fixture
def rnas() -> AnnData:
    return planted()


@pytest.fixture
def tuned(tiny):
    """Fine-tune the tiny model quickly."""

    def run(
        adata, target, out, *, model=None, method="full", callbacks=(), split="group", **options
    ):
        chosen = {"epochs": 2, "n_boot": 20, "batch_size": 8, "learning_rate": 3e-3}
        keys = set(Settings.__dataclass_fields__)
        settings = Settings(**chosen | {k: v for k, v in options.items() if k in keys})
        others = {k: v for k, v in options.items() if k not in keys}
        groups = others.pop("groups", "alone")
        return finetune(
            adata, tiny if model is None else model, target, out=out, method=method, split=split,
            groups=groups, settings=settings, device="cpu", progress=False, callbacks=callbacks,
            **others,
        )  # fmt: skip

    return run
