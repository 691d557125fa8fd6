"""Which parameters are moved by which optimiser."""

from __future__ import annotations

import re

import torch
from torch import nn

from rnaexplore.pretraining.settings import Settings

__all__ = ["make_optimizers"]

_LAYERS = re.compile(r"\.(layer|layers|blocks)\.\d+\.")


def make_optimizers(module: nn.Module, settings: Settings) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers, AdamW for everything else.

    Muon: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; its update is scaled to
    AdamW's size, so that one learning rate serves both.
    """
    named = dict(module.named_parameters())
    inner = {n for n, p in named.items() if p.ndim == 2 and _LAYERS.search(n)}  # noqa: PLR2004
    matrices = [p for n, p in named.items() if n in inner]
    rest = [p for n, p in named.items() if n not in inner]
    return [
        torch.optim.Muon(
            matrices, weight_decay=settings.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, weight_decay=0.0, betas=(0.9, 0.98)),
    ]
