"""The last step of a contact head: calibrated probabilities of log odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["N_KNOTS", "CalibratedSigmoid", "with_curves"]

N_KNOTS = 8
_IDENTITY = tuple(float(k) for k in range(-N_KNOTS + 1, N_KNOTS, 2))  # whole in half precision


def _identity() -> Tensor:
    """Return the knots of the curve that changes nothing, shape (2, knots)."""
    return torch.tensor([_IDENTITY, _IDENTITY])


class CalibratedSigmoid(nn.Module):
    """A sigmoid of log odds on a rising curve, linear between knots and beyond them.

    Its twin in numpy is `rnaexplore.structure.CalibrationCurve`. Checkpoints that were written
    without a curve have the one that changes nothing.

    Attributes
    ----------
    knots
        Log odds, and calibrated log odds, at each knot: a buffer of shape (2, 8).
    """

    knots: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("knots", _identity())

    def forward(self, logits: Tensor) -> Tensor:
        """Return the probabilities of log odds, of any shape."""
        x, y = self.knots.float()
        z = logits.float()
        k = torch.searchsorted(x, z.contiguous()).clamp(1, len(x) - 1)
        slope = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
        curved = y[k - 1] + (z - x[k - 1]) * slope[k - 1]
        probabilities: Tensor = curved.sigmoid().to(logits.dtype)
        return probabilities

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        state_dict.setdefault(f"{prefix}knots", _identity())
        super()._load_from_state_dict(state_dict, prefix, *args)


def with_curves(module: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a module's state with the curves that a checkpoint from before there were any lacks.

    Parameters
    ----------
    module
        The network.
    state
        Its tensors by name.
    """
    curves = (
        f"{n}.knots" for n, part in module.named_modules() if isinstance(part, CalibratedSigmoid)
    )
    return {name: _identity() for name in curves} | dict(state)
