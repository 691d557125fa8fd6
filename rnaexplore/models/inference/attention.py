"""Attention of packed sequences, each alone and without pads, and its maps head by head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "PACKED",
    "HeadMaps",
    "Watch",
    "head_maps",
    "implementation",
    "packed_attention",
    "register",
    "varlen_kernel",
]

PACKED = "rnaexplore_packed"  #: name of the attention function in transformers' registry


HeadMaps = Callable[[Sequence[int]], Tensor]  #: heads to maps (heads, tokens, tokens), float32
Watch = Callable[[Tensor, Tensor, float], None]  #: is shown the q, k and scale of each layer


def head_maps(q: Tensor, k: Tensor, scale: float) -> HeadMaps:
    """Return what computes the maps of chosen heads when they are asked for.

    Parameters
    ----------
    q, k
        Of one sequence, (tokens, heads, head dim).
    scale
        Factor of the scores before the softmax.
    """

    def maps(heads: Sequence[int]) -> Tensor:
        chosen = list(heads)
        scores = q[:, chosen].float().transpose(0, 1) @ k[:, chosen].float().permute(1, 2, 0)
        return torch.softmax(scores.mul_(scale), -1, out=scores)

    return maps


def packed_attention(
    q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], *, scale: float
) -> Tensor:
    """Return the attention of sequences that lie end to end.

    Parameters
    ----------
    q, k, v
        (tokens, heads, head dim).
    lengths
        Tokens of each sequence, in order.
    scale
        Factor of the scores before the softmax.

    Returns
    -------
    Tensor
        (tokens, heads, head dim). On a GPU in half precision by a kernel for variable lengths
        (flash-attn, or PyTorch's own); elsewhere by one call for each run of equal lengths.
    """
    kernel = varlen_kernel() if q.is_cuda and q.dtype in {torch.float16, torch.bfloat16} else None
    if kernel is not None:
        bounds = torch.tensor([0, *lengths], device=q.device).cumsum(0, dtype=torch.int32)
        longest = max(lengths)
        fused: Tensor = kernel(q, k, v, bounds, bounds, longest, longest, scale)
        return fused
    mixed = torch.empty_like(v)
    start = 0
    for n, run in groupby(lengths):
        count = len(list(run))
        here = slice(start, start + n * count)
        parts = [x[here].view(count, n, *x.shape[1:]).transpose(1, 2) for x in (q, k, v)]
        alone = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], scale=scale)
        mixed[here] = alone.transpose(1, 2).flatten(0, 1)
        start = here.stop
    return mixed


@cache
def varlen_kernel() -> Any | None:
    """Return attention over variable lengths for GPUs: flash-attn's, PyTorch's, or ``None``.

    Called with q, k, v, the bounds of queries and keys, their greatest lengths, and the scale.
    """
    if find_spec("flash_attn") is not None:
        flash_attn_varlen_func = import_module("flash_attn").flash_attn_varlen_func

        return lambda *given: flash_attn_varlen_func(*given[:-1], softmax_scale=given[-1])
    if find_spec("torch.nn.attention.varlen") is not None:
        from torch.nn.attention.varlen import varlen_attn

        return lambda *given: varlen_attn(*given[:-1], scale=given[-1])
    return None


@cache
def register() -> None:
    """Make `PACKED` known to transformers."""
    from transformers import AttentionInterface

    AttentionInterface.register(PACKED, _packed_in_transformers)


def _packed_in_transformers(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    lengths: tuple[int, ...],
    scaling: float | None = None,
    watch: Watch | None = None,
    **_unused: Any,
) -> tuple[Tensor, None]:
    """Attend within each sequence of (1, heads, tokens, head dim); transformers' signature."""
    del module, attention_mask
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    q, k, v = (x[0].transpose(0, 1) for x in (query, key, value))
    if watch is not None:
        watch(q, k, scale)
    return packed_attention(q, k, v, lengths, scale=scale)[None], None


@contextmanager
def implementation(module: Any, name: str) -> Iterator[None]:
    """Let a transformers module use another attention for this block alone."""
    before = module.config._attn_implementation  # noqa: SLF001
    if before == name:
        yield
        return
    module.set_attn_implementation(name)
    try:
        yield
    finally:
        module.set_attn_implementation(before)
