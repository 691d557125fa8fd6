"""Small random models of every architecture, in the layouts in which their authors publish them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings
from torch import Tensor

from rnaexplore.models import ModelSpec, get_spec
from rnaexplore.models.adapters.base import Adapter, Output, Request
from rnaexplore.models.inference import batching
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

Shrink = Callable[..., ModelSpec]


@pytest.fixture
def shrink() -> Shrink:
    """Return a catalog entry with few and narrow layers."""

    def make(
        name: str, *, layers: int = 3, heads: int = 4, dim: int = 32, **config: Any
    ) -> ModelSpec:
        spec = get_spec(name)
        settings = {**spec.config, "intermediate_size": 2 * dim, **config}
        return replace(spec, n_layers=layers, n_heads=heads, dim=dim, config=settings)

    return make


@pytest.fixture
def randomise() -> Callable[[torch.nn.Module], torch.nn.Module]:
    """Give every parameter and floating buffer of a network a random value."""

    def fill(module: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, value in module.state_dict().items():
                if value.is_floating_point() and "inv_freq" not in name:
                    noise = torch.randn(value.shape, generator=generator)
                    gain = {1: 0.3, 2: 1.5}.get(value.ndim, 0.7)
                    scale = gain / max(1, value[:1].numel() if value.ndim > 1 else 1) ** 0.5
                    is_gain = value.ndim == 1 and name.endswith(("weight", "gamma", "running_var"))
                    value.copy_(1 + 0.2 * noise.tanh() if is_gain else scale * noise)
        return module.eval()

    return fill


@pytest.fixture
def forward() -> Callable[[Adapter, Sequence[str]], tuple[batching.Batch, Output]]:
    """Run sequences as one padded batch and keep every output."""

    def run(adapter: Adapter, sequences: Sequence[str]) -> tuple[batching.Batch, Output]:
        spec = adapter.spec
        batch = batching.collate(spec.alphabet, sequences, np.arange(len(sequences)))
        request = Request(
            hidden=tuple(range(spec.n_layers + 1)),
            attentions=tuple(range(spec.n_layers)),
            logits="logits" in spec.can,
        )
        with torch.inference_mode():
            return batch, adapter.forward(batch.ids, batch.mask, request)

    return run


@pytest.fixture
def random_model() -> Callable[[ModelSpec], Model]:
    """Return a model with random weights."""

    def make(spec: ModelSpec, seed: int = 0) -> Model:
        cls = adapter_class(spec)
        torch.manual_seed(seed)
        adapter = cls(spec, cls.build(spec).eval().requires_grad_(requires_grad=False))
        return Model(
            adapter, device=torch.device("cpu"), weights_sha256="0" * 64, source="random weights"
        )

    return make


@pytest.fixture
def agree() -> Callable[[Tensor, Tensor, Tensor], None]:
    """Assert that two tensors (batch, tokens, …) are equal to 1e-5 on the tokens of a mask."""

    def check(ours: Tensor, theirs: Tensor, mask: Tensor, *, atol: float = 1e-5) -> None:
        keep = mask.bool()
        torch.testing.assert_close(ours[keep], theirs[keep], atol=atol, rtol=1e-5)

    return check


@pytest.fixture
def agree_maps() -> Callable[[Tensor, Tensor, Tensor], None]:
    """Assert that two (batch, heads, tokens, tokens) are equal to 1e-5 where both are tokens."""

    def check(ours: Tensor, theirs: Tensor, mask: Tensor) -> None:
        pairs = (mask[:, None, :, None] * mask[:, None, None, :]).expand_as(ours).bool()
        torch.testing.assert_close(ours[pairs], theirs[pairs], atol=1e-5, rtol=1e-5)

    return check


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of real data, which is not part of the repository."""
    default = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("RNAEXPLORE_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no folder of real data: set RNAEXPLORE_TEST_DATA ({folder} does not exist)")
    return folder
