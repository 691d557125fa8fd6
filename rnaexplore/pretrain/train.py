"""The training loop: plain, resumable to the bit, with its log as a table."""

from __future__ import annotations

import csv
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretrain.corpus import Corpus, TrainingBatch
from rnaexplore.pretrain.objectives import (
    IGNORED,
    family_loss,
    mask_tokens,
    masked_loss,
    pairing_loss,
)
from rnaexplore.pretrain.pairing import PairingAttention

__all__ = ["Settings", "StepLosses", "Trainer"]

WHOLE = 0.25  #: share of sequences in which nothing is hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a run.

    Parameters
    ----------
    steps
        Optimiser steps.
    batch_tokens
        Tokens a step, pads included.
    learning_rate
        Peak rate of Muon, which moves the layers' matrices (update scaled to AdamW's).
    other_rate
        Peak rate of AdamW, which moves everything else, as a share of `learning_rate`.
    warmup, decay
        Shares of the steps with rising and with falling rate; constant between.
    weight_decay
        Decoupled weight decay of the matrices.
    mask_rate
        Share of residues hidden in a sequence; one sequence in four is left whole.
    pairing_weight, family_weight
        Weights of the two objectives beside the masked one.
    pairing_layers, pairing_heads
        The last so many layers (all if there are fewer), and the leading so many heads in each,
        learn base pairs.
    unpaired_weight
        Weight of an unpaired residue in the pairing objective.
    temperature
        Temperature of the family objective.
    seed
        Seed of weights, drawing and masking.
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
    mask_rate: float = 0.15
    pairing_weight: float = 2.0
    family_weight: float = 0.2
    pairing_layers: int = 3
    pairing_heads: int = 1
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


@dataclass(frozen=True, slots=True)
class StepLosses:
    """Losses of one step, in nats."""

    masked: float
    pairing: float
    family: float


class Trainer:
    """Trains a stock ESM module on a corpus.

    Parameters
    ----------
    module
        An `EsmForMaskedLM`, changed in place.
    corpus
        Training records.
    settings
        How to train.
    folder
        Where ``log.csv`` and ``checkpoint.pt`` are written.
    """

    def __init__(self, module: Any, corpus: Corpus, settings: Settings, folder: Path) -> None:
        self.module = module.train()
        self.corpus = corpus
        self.settings = settings
        self.folder = folder
        self.alphabet: Alphabet = corpus.alphabet
        n = module.config.num_hidden_layers
        self._pairing = PairingAttention(
            module,
            layers=tuple(range(max(0, n - settings.pairing_layers), n)),
            heads=settings.pairing_heads,
        )
        self._optimizers = _optimizers(module, settings)
        self._rng = np.random.default_rng(settings.seed)
        self._generator = torch.Generator().manual_seed(settings.seed)
        self.step = 0
        self.seconds = 0.0
        self.tokens = 0

    def run(self, *, log_every: int = 20, save_every: int = 200) -> None:
        """Train until ``settings.steps``, writing the log and checkpoints on the way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        recent: list[StepLosses] = []
        while self.step < self.settings.steps:
            recent.append(self.advance())
            if self.step % log_every == 0:
                self._log(recent)
                recent = []
            if self.step % save_every == 0 or self.step == self.settings.steps:
                self.save(self.folder / "checkpoint.pt")

    def advance(self) -> StepLosses:
        """Draw a batch, take one optimiser step, and count both."""
        started = time.perf_counter()
        batch = self._draw()
        losses = self.train_step(batch)
        self.step += 1
        self.tokens += int(batch.mask.sum())
        self.seconds += time.perf_counter() - started
        return losses

    def _draw(self) -> TrainingBatch:
        s = self.settings
        if self.step < s.short_steps:
            return self.corpus.draw_artificial(
                self._rng, tokens=s.batch_tokens, max_length=s.short_length
            )
        return self.corpus.draw(self._rng, tokens=s.batch_tokens)

    def train_step(self, batch: TrainingBatch) -> StepLosses:
        """Take one optimiser step."""
        masked, pairing, family = self.losses(batch)
        s = self.settings
        total = masked + s.pairing_weight * pairing + s.family_weight * family
        torch.autograd.backward(total)
        nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        for optimizer, share in zip(self._optimizers, (1.0, s.other_rate), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = share * s.rate(self.step)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return StepLosses(masked.item(), pairing.item(), family.item())

    def losses(self, batch: TrainingBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the masked, pairing and family losses of a batch."""
        s = self.settings
        mask = torch.from_numpy(batch.mask)
        whole = torch.rand(len(mask), generator=self._generator) < WHOLE
        rate = torch.where(whole | ~torch.from_numpy(batch.natural), 0.0, s.mask_rate)
        ids, labels = mask_tokens(
            torch.from_numpy(batch.ids), mask, self.alphabet, rate, self._generator
        )
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=s.bf16):
            hidden = self.module.esm(input_ids=ids, attention_mask=mask).last_hidden_state
            chosen = labels != IGNORED
            logits = self.module.lm_head(hidden[chosen][None])
        partner = torch.from_numpy(batch.partner)
        maps = self._pairing.take()
        pairing = torch.stack(
            [pairing_loss(a, partner, unpaired_weight=s.unpaired_weight) for a in maps]
        ).mean()
        return (
            masked_loss(logits, labels[chosen][None]),
            pairing,
            family_loss(
                _means(hidden, mask, self.alphabet),
                torch.from_numpy(batch.family),
                temperature=s.temperature,
            ),
        )

    def _log(self, recent: list[StepLosses]) -> None:
        row: dict[str, float] = {"step": self.step, "tokens": self.tokens}
        row["seconds"] = round(self.seconds, 1)
        row["rate"] = self.settings.rate(self.step)
        for field in fields(StepLosses):
            row[field.name] = round(float(np.mean([getattr(r, field.name) for r in recent])), 4)
        path = self.folder / "log.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs to go on with the same bits."""
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "module": self.module.state_dict(),
                "optimizers": [o.state_dict() for o in self._optimizers],
                "numpy": str(self._rng.bit_generator.state),
                "torch": self._generator.get_state(),
                "progress": [self.step, self.seconds, self.tokens],
                "settings": asdict(self.settings),
            },
            partial,
        )
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint that `save` wrote."""
        from ast import literal_eval

        state = torch.load(path, weights_only=True)
        self.module.load_state_dict(state["module"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self._rng.bit_generator.state = literal_eval(state["numpy"])
        self._generator.set_state(state["torch"])
        self.step, self.seconds, self.tokens = state["progress"]


def _means(hidden: Tensor, mask: Tensor, alphabet: Alphabet) -> Tensor:
    """Return the mean over residues, (batch, dim): no pads, no special tokens."""
    keep = mask.clone()
    keep[:, : alphabet.n_prefix] = 0
    keep.scatter_(1, mask.sum(1, keepdim=True) - 1, 0)
    weight = keep[..., None].float()
    return (hidden.float() * weight).sum(1) / weight.sum(1)


def _optimizers(module: nn.Module, settings: Settings) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers, AdamW for everything else."""
    named = dict(module.named_parameters())
    inner = {n for n, p in named.items() if p.ndim == 2 and ".layer." in n}  # noqa: PLR2004
    matrices = [p for n, p in named.items() if n in inner]
    rest = [p for n, p in named.items() if n not in inner]
    return [
        torch.optim.Muon(
            matrices, weight_decay=settings.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, weight_decay=0.0, betas=(0.9, 0.98)),
    ]
