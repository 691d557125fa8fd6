"""Which weights move: all, low-rank updates (LoRA, Hu et al. 2021), or the head's alone."""

from __future__ import annotations

from typing import Any

from torch import nn

from rnaexplore.errors import MissingDependencyError
from rnaexplore.finetuning.settings import Settings
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.tuning import Method

__all__ = ["merge", "prepare", "require_libraries"]

#: parts of a language model behind its last states, which no task here reads
OUTPUTS = frozenset({"lm_head", "cls", "lm_mask_head", "contact_head", "pooler"})


def require_libraries() -> None:
    """Raise unless the libraries that train are there, which are installed with rnaexplore.

    Raises
    ------
    MissingDependencyError
        With the command that installs them.
    """
    try:
        import accelerate
        import peft

        del accelerate, peft
    except ImportError as error:
        msg = "fine-tuning needs accelerate and peft: pip install accelerate peft"
        raise MissingDependencyError(msg) from error


def prepare(network: Network, method: Method, settings: Settings) -> None:
    """Set what moves; with ``"lora"`` every linear layer below the last states gets an update."""
    network.requires_grad_(requires_grad=False)
    if method == "full":
        for name, parameter in network.lm.named_parameters():
            parameter.requires_grad = _is_below(name)
    if method == "lora":
        _add_updates(network.lm, settings)
    network.head.requires_grad_(requires_grad=True)


def _is_below(name: str) -> bool:
    return OUTPUTS.isdisjoint(name.split("."))


def _add_updates(module: nn.Module, settings: Settings) -> None:
    from peft import LoraConfig, inject_adapter_in_model

    layers = [
        name
        for name, part in module.named_modules()
        if isinstance(part, nn.Linear) and _is_below(name)
    ]
    config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=layers)
    inject_adapter_in_model(config, module)


def merge(module: nn.Module) -> None:
    """Add the updates to the weights that they belong to, and take their own parts away."""
    from peft.tuners.lora import LoraLayer

    for name, part in list(module.named_modules()):
        if isinstance(part, LoraLayer):
            layer: Any = part
            layer.merge()
            parent, _, leaf = name.rpartition(".")
            setattr(module.get_submodule(parent), leaf, layer.get_base_layer())
