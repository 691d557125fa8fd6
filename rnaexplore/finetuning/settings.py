"""Settings of a fine-tuning run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from rnaexplore.errors import InputError
from rnaexplore.models.finetuned.tuning import Method

__all__ = ["Settings"]

RATES: Mapping[str, float] = {"lora": 3e-4, "full": 5e-5, "frozen": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a run, beyond what is predicted from what.

    Parameters
    ----------
    probe_first
        Whether a linear head begins as the probe of the frozen model (Kumar et al. 2022,
        arXiv:2202.10054), and a head of contacts as the model's own, instead of with random
        weights.
    epochs
        Most passes over the training RNAs.
    patience
        Stop after so many epochs without a smaller loss on the validation RNAs. The epoch with the
        smallest loss is kept in any case; epoch 0, before any training, is one of them.
    refit
        Whether the model is trained anew on training and validation RNAs together, for as many
        epochs as were best, and so are the baselines; else all are trained on training RNAs alone.
    batch_size
        RNAs (or pairs) an optimiser step.
    learning_rate
        Peak rate of what moves in the language model; by default 3e-4 for LoRA, 5e-5 for all
        weights (1e-5 suits large models better): below that of the head.
    head_rate
        Peak rate of the head.
    weight_decay
        Of AdamW.
    warmup
        Share of the steps with rising rate; it falls linearly afterwards.
    rank, alpha
        Of LoRA: rank of the updates, and their scale times `rank`.
    chunk
        Residues a chunk (sequence task): longer RNAs are cut, the chunks' logits averaged. By
        default an RNA longer than the model reads is an error.
    max_chunks
        Chunks of one RNA that are read, from its 5' end; all by default.
    types
        RNAErnie's type-guided inference with so many types of RNA (sequence task; models whose
        vocabulary has types); 0 for none.
    n_boot
        Draws of groups behind the 95 % intervals.
    bf16
        Whether the training runs in bfloat16 where it can (automatic mixed precision).
    seed
        Seed of the split, the head, the order of RNAs and the draws.
    """

    probe_first: bool = True
    epochs: int = 30
    patience: int = 5
    refit: bool = True
    batch_size: int = 16
    learning_rate: float | None = None
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    rank: int = 8
    alpha: int = 16
    chunk: int | None = None
    max_chunks: int | None = None
    types: int = 0
    n_boot: int = 1000
    bf16: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"epochs": 1, "patience": 1, "batch_size": 1, "rank": 1, "types": 0, "n_boot": 1}
        for name, value in least.items():
            if getattr(self, name) < value:
                msg = f"{name} must be at least {value}, got {getattr(self, name)}"
                raise InputError(msg)
        for name in ("chunk", "max_chunks"):
            given = getattr(self, name)
            if given is not None and given < 1:
                msg = f"{name} must be at least 1, or None, got {given}"
                raise InputError(msg)
        if self.max_chunks is not None and self.chunk is None:
            msg = "max_chunks= needs chunk=, the residues a chunk"
            raise InputError(msg)

    def rate(self, method: Method) -> float:
        """Return the peak rate of the language model.

        Raises
        ------
        InputError
            If there is no such method.
        """
        if method not in get_args(Method):
            msg = f"method must be one of {', '.join(get_args(Method))}, got {method!r}"
            raise InputError(msg)
        return RATES[method] if self.learning_rate is None else self.learning_rate
