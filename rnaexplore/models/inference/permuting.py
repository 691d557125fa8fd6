"""Weights in random places: the control that keeps their distribution."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from rnaexplore.models.inference.int8 import Int8Linear

__all__ = ["shuffle"]


def shuffle(module: nn.Module, *, seed: int) -> None:
    """Shuffle the entries of every trained tensor of a network within that tensor, in place.

    Tied tensors are shuffled once and stay tied. Buffers stay (rotary frequencies, say), but those
    that hold the weights of 8-bit layers do not; their scales move among each other.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.inference_mode(mode=False), torch.no_grad():
        for tensor in _trained(module):
            order = torch.randperm(tensor.numel(), generator=generator).to(tensor.device)
            tensor.copy_(tensor.flatten()[order].view_as(tensor))


def _trained(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    for part in module.modules():
        if isinstance(part, Int8Linear):
            yield from part.buffers()
