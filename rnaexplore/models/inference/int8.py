"""Linear layers in 8-bit integers: about a quarter of the time and memory, nearly the same vectors.

Weights are rounded once, with one scale an output; inputs as they come, with one scale a token
(Dettmers et al. 2022, arXiv:2208.07339, without the mixed part). A token's result depends on no
other token, so a sequence gives the same vector alone and in any batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.errors import InputError
from rnaexplore.models.inference.linear import Activation

__all__ = ["Int8Linear", "rounded_rows", "scaled_back", "use_int8"]

_LARGEST = 127  #: of the symmetric range of an 8-bit integer
_TINY = 1e-12  #: least scale, so that a token of zeros stays zero
_BLOCK = 256  #: tokens whose intermediate integers fit into a processor's cache


class Int8Linear(nn.Module):
    """A linear layer with 8-bit weights and inputs; results are float32.

    Parameters
    ----------
    layer
        The trained layer.
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        scale = layer.weight.abs().amax(1).clamp(min=_TINY) / _LARGEST
        self.register_buffer("weight", (layer.weight / scale[:, None]).round().to(torch.int8))
        self.register_buffer("scale", scale)
        bias = torch.zeros_like(scale) if layer.bias is None else layer.bias.detach()
        self.register_buffer("bias", bias)

    def forward(self, rows: Tensor, activation: Activation = "none") -> Tensor:
        """Return the layer's result, shape (…, outputs), after the activation that follows it."""
        flat = rows.reshape(-1, rows.shape[-1])
        result = flat.new_empty(len(flat), len(self.weight))
        for part, place in zip(torch.split(flat, _BLOCK), torch.split(result, _BLOCK), strict=True):
            self._multiply(part, place, activation)
        return result.view(*rows.shape[:-1], -1)

    def _multiply(self, rows: Tensor, result: Tensor, activation: Activation) -> None:
        rounded, scale = rounded_rows(rows)
        product: Tensor = torch._int_mm(rounded, self.weight.t())  # noqa: SLF001
        scaled_back(product, scale, self.scale, self.bias, result)
        if activation == "gelu":
            result.copy_(functional.gelu(result))
        elif activation == "relu":
            result.relu_()


def rounded_rows(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return tokens as 8-bit integers, and the scale of each, shape (tokens, 1)."""
    scale = rows.abs().amax(1, keepdim=True).clamp_(min=_TINY).div_(_LARGEST)
    return (rows / scale).round_().to(torch.int8), scale


def scaled_back(product: Tensor, rows: Tensor, columns: Tensor, bias: Tensor, out: Tensor) -> None:
    """Write into `out` the product of integers times both scales, and the bias."""
    torch.addcmul(bias, product * rows, columns, out=out)


def use_int8(layers: nn.Module, device: torch.device) -> None:
    """Replace every linear layer of a stack of layers by its 8-bit twin; its weights are let go.

    Raises
    ------
    InputError
        If the network does not run on a CPU.
    """
    if device.type != "cpu":
        msg = f"dtype='int8' runs on a CPU, got {device}; on a GPU dtype='bfloat16' is faster"
        raise InputError(msg)
    with torch.inference_mode(mode=False), torch.no_grad():
        for part in list(layers.modules()):
            for name, child in part.named_children():
                if isinstance(child, nn.Linear):
                    setattr(part, name, Int8Linear(child))
