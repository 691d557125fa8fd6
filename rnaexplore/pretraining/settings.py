"""Settings of a pretraining run."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnaexplore.pretraining.masking import Masking

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a run.

    Parameters
    ----------
    steps
        Optimiser steps.
    batch_tokens
        Tokens a step and process, pads included.
    learning_rate
        Peak rate of Muon, which moves the layers' matrices (update scaled to AdamW's).
    other_rate
        Peak rate of AdamW, which moves everything else, as a share of `learning_rate`.
    warmup, decay
        Shares of the steps with rising and with falling rate; constant between.
    weight_decay
        Decoupled weight decay of the matrices.
    masking
        What is hidden from the model.
    pairing_weight, family_weight
        Weights of the two objectives beside the masked one; 0 leaves an objective out.
    pairing_layers, pairing_heads
        The last so many layers (all if there are fewer), and the leading so many heads in each,
        learn base pairs.
    unpaired_weight
        Weight of an unpaired residue in the pairing objective.
    temperature
        Temperature of the family objective.
    seed
        Seed of drawing and masking.
    bf16
        Whether matrix products run in bfloat16.
    short_steps, short_length
        In so many first steps only artificial structures of so many residues are drawn: partners
        are first sought by complementarity alone, among few residues.
    """

    steps: int = 4000
    batch_tokens: int = 4096
    learning_rate: float = 5e-3
    other_rate: float = 0.4
    warmup: float = 0.03
    decay: float = 0.35
    weight_decay: float = 0.05
    masking: Masking = field(default_factory=Masking)
    pairing_weight: float = 2.0
    family_weight: float = 0.2
    pairing_layers: int = 3
    pairing_heads: int = 2
    unpaired_weight: float = 0.3
    temperature: float = 0.07
    seed: int = 0
    bf16: bool = True
    short_steps: int = 1000
    short_length: int = 80

    def rate(self, step: int) -> float:
        """Return Muon's rate at a step: rise, plateau, linear fall to a hundredth."""
        rise = min(1.0, (step + 1) / max(1.0, self.warmup * self.steps))
        fall = min(1.0, (self.steps - step) / max(1.0, self.decay * self.steps))
        return self.learning_rate * min(rise, max(fall, 0.01))
