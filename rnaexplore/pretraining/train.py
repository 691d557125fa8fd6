"""The training loop: plain, on one process or many, resumable to the bit."""

from __future__ import annotations

import time
from ast import literal_eval
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnaexplore.errors import CheckpointError, MissingDependencyError
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.pretraining.corpus import Corpus, TrainingBatch
from rnaexplore.pretraining.logs import Log
from rnaexplore.pretraining.model import Inputs, PretrainingModel
from rnaexplore.pretraining.optimizers import make_optimizers
from rnaexplore.pretraining.settings import Settings

__all__ = ["StepLosses", "Trainer"]


@dataclass(frozen=True, slots=True)
class StepLosses:
    """Losses of one step, in nats."""

    masked: float
    pairing: float
    family: float


class Trainer:
    """Trains a model on a corpus.

    Several processes (``accelerate launch -m rnaexplore.pretraining …``) draw batches of their
    own and share their gradients.

    Parameters
    ----------
    adapter
        The model, changed in place.
    corpus
        Training records.
    settings
        How to train.
    folder
        Where ``log.csv`` and ``checkpoint.pt`` are written.
    tensorboard
        Whether TensorBoard's events are written as well.
    device
        ``"auto"`` (a GPU if there is one) or ``"cpu"``.
    """

    def __init__(
        self,
        adapter: Adapter,
        corpus: Corpus,
        settings: Settings,
        folder: Path,
        *,
        tensorboard: bool = False,
        device: str = "auto",
    ) -> None:
        self.adapter = adapter
        self.corpus = corpus
        self.settings = settings
        self.folder = folder
        self._processes = _accelerator(device)
        model = PretrainingModel(adapter, settings).train()
        optimizers = make_optimizers(adapter.module, settings)
        self._model, *self._optimizers = self._processes.prepare(model, *optimizers)
        self._rng = np.random.default_rng([settings.seed, self._processes.process_index])
        folder.mkdir(parents=True, exist_ok=True)
        self._log = Log(folder, tensorboard=tensorboard) if self.is_main else None
        self.step = 0
        self.seconds = 0.0
        self.tokens = 0

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes."""
        return bool(self._processes.is_main_process)

    def run(self, *, log_every: int = 20, save_every: int = 200) -> None:
        """Train until ``settings.steps``, writing the log and checkpoints on the way."""
        recent: list[StepLosses] = []
        while self.step < self.settings.steps:
            recent.append(self.advance())
            if self.step % log_every == 0:
                self._write_log(recent)
                recent = []
            if self.step % save_every == 0 or self.step == self.settings.steps:
                self.save(self.folder / "checkpoint.pt")

    def advance(self) -> StepLosses:
        """Draw a batch, take one optimiser step, and count both."""
        started = time.perf_counter()
        batch = self._draw()
        losses = self._take_step(self._inputs(batch))
        self.step += 1
        self.tokens += int(batch.mask.sum()) * self._processes.num_processes
        self.seconds += time.perf_counter() - started
        return losses

    def _draw(self) -> TrainingBatch:
        s = self.settings
        if self.step < s.short_steps and self.corpus.has_structures:
            return self.corpus.draw_artificial(
                self._rng, tokens=s.batch_tokens, max_length=s.short_length
            )
        return self.corpus.draw(self._rng, tokens=s.batch_tokens)

    def _inputs(self, batch: TrainingBatch) -> Inputs:
        progress = self.step / max(1, self.settings.steps)
        ids, labels = self.settings.masking.hide(batch, self.corpus.alphabet, progress, self._rng)
        arrays = {
            "ids": ids, "labels": labels, "mask": batch.mask, "residues": batch.residues,
            "partner": batch.partner, "family": batch.family,
        }  # fmt: skip
        device = self._processes.device
        return Inputs(**{name: torch.from_numpy(a).to(device) for name, a in arrays.items()})

    def _take_step(self, inputs: Inputs) -> StepLosses:
        s = self.settings
        losses: Tensor = self._model(inputs)
        weights = losses.new_tensor([1.0, s.pairing_weight, s.family_weight])
        self._processes.backward((losses * weights).sum())
        self._processes.clip_grad_norm_(self._model.parameters(), 1.0)
        for optimizer, share in zip(self._optimizers, (1.0, s.other_rate), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = share * s.rate(self.step)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return StepLosses(*losses.detach().tolist())

    def _write_log(self, recent: list[StepLosses]) -> None:
        if self._log is None:
            return
        row: dict[str, float] = {"step": self.step, "tokens": self.tokens}
        row["seconds"] = round(self.seconds, 1)
        row["rate"] = self.settings.rate(self.step)
        for field in fields(StepLosses):
            row[field.name] = round(float(np.mean([getattr(r, field.name) for r in recent])), 4)
        self._log.write(row)

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs to go on with the same bits."""
        from accelerate.utils import gather_object

        random = {"numpy": str(self._rng.bit_generator.state), "torch": torch.get_rng_state()}
        everyone = gather_object([random])
        if not self.is_main:
            return
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "module": self.adapter.module.state_dict(),
                "optimizers": [o.state_dict() for o in self._optimizers],
                "random": everyone,
                "progress": [self.step, self.seconds, self.tokens],
                "settings": asdict(self.settings),
            },
            partial,
        )
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint that `save` wrote.

        Raises
        ------
        CheckpointError
            If it was written by another number of processes.
        """
        state = torch.load(path, weights_only=True, map_location="cpu")
        n = self._processes.num_processes
        if len(state["random"]) != n:
            msg = (
                f"{path} was written by {len(state['random'])} processes and cannot be continued "
                f"by {n}: start as many, or begin anew with --start and another folder"
            )
            raise CheckpointError(msg)
        self.adapter.module.load_state_dict(state["module"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        random = state["random"][self._processes.process_index]
        self._rng.bit_generator.state = literal_eval(random["numpy"])
        torch.set_rng_state(random["torch"])
        self.step, self.seconds, self.tokens = state["progress"]


def _accelerator(device: str) -> Any:
    try:
        from accelerate import Accelerator, DistributedDataParallelKwargs
    except ImportError as error:
        msg = "pretraining needs accelerate: pip install accelerate"
        raise MissingDependencyError(msg) from error
    unused = DistributedDataParallelKwargs(find_unused_parameters=True)
    return Accelerator(cpu=device == "cpu", kwargs_handlers=[unused])
