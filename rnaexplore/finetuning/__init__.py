"""Fine-tuning: from a language model and your own labels to a model that predicts them.

`rnaexplore.finetune` trains, `rnaexplore.finetuning.predict` applies the result. Names are
resolved on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.finetuning.apply import predict
    from rnaexplore.finetuning.result import FinetuneResult
    from rnaexplore.finetuning.run import finetune
    from rnaexplore.finetuning.settings import Settings

__all__ = ["FinetuneResult", "Settings", "finetune", "predict"]

_MODULES = {
    "FinetuneResult": "result", "Settings": "settings", "finetune": "run", "predict": "apply",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(import_module(f"rnaexplore.finetuning.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.finetuning' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
