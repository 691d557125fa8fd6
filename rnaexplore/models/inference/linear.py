"""Matrix products of a CPU by oneDNN, which is not tied to one maker's processors."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Activation", "OneDnnLinear", "linear", "onednn_is_possible", "use_onednn"]

Activation = Literal["none", "gelu", "relu"]

_ONEDNN = (
    torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    and hasattr(torch.ops.mkldnn, "_linear_pointwise")
)
_ALGORITHM = {"none": "", "gelu": "none", "relu": ""}  #: gelu "none" is the exact one


def linear(x: Tensor, weight: Tensor, bias: Tensor | None, activation: Activation) -> Tensor:
    """Return ``activation(x @ weight.T + bias)`` in one pass over the result where possible.

    PyTorch multiplies float32 matrices with MKL, which runs on AMD processors at about half the
    rate of oneDNN; both ship with it. oneDNN also applies the activation before it stores.
    """
    if onednn_is_possible(x, weight):
        product: Tensor = torch.ops.mkldnn._linear_pointwise(  # noqa: SLF001
            x.contiguous(), weight, bias, activation, [], _ALGORITHM[activation]
        )
        return product
    plain = functional.linear(x, weight, bias)
    if activation == "none":
        return plain
    return functional.gelu(plain) if activation == "gelu" else functional.relu(plain)


def onednn_is_possible(x: Tensor, weight: Tensor) -> bool:
    """Return whether oneDNN can multiply: float32 on a CPU that it knows, and no gradient."""
    return (
        _ONEDNN
        and x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and x.numel() > 0
        and not torch.is_grad_enabled()
    )


class OneDnnLinear(nn.Linear):
    """A stock linear layer, its parameters its own, multiplied by `linear`."""

    def forward(self, rows: Tensor, activation: Activation = "none") -> Tensor:  # noqa: D102
        return linear(rows, self.weight, self.bias, activation)


def use_onednn(module: nn.Module) -> None:
    """Let every stock linear layer of a network multiply by `linear`; no parameter moves."""
    for part in module.modules():
        if type(part) is nn.Linear:
            part.__class__ = OneDnnLinear
