"""transformers' Trainer, made to keep only what moves, and to go on exactly where it stopped."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainingArguments

from rnaexplore.finetuning.batches import Collator, Positions
from rnaexplore.finetuning.objective import Objective
from rnaexplore.finetuning.parts import Parts
from rnaexplore.finetuning.settings import Settings
from rnaexplore.models.tuned.tuning import Method

__all__ = ["train"]

MOVING = "moving.safetensors"


class _Trainer(Trainer):
    """Writes and reads moving weights alone; the others are those of the language model."""

    model: Objective

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        del state_dict
        folder = Path(str(output_dir or self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        state = {k: v.detach().cpu().contiguous() for k, v in self.model.moving().items()}
        save_file(state, folder / MOVING)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        del model
        self.model.restore(load_file(Path(resume_from_checkpoint) / MOVING))

    def _load_best_model(self) -> None:
        self._load_from_checkpoint(str(self.state.best_model_checkpoint))


def train(
    objective: Objective,
    collator: Collator,
    parts: Parts,
    *,
    method: Method,
    settings: Settings,
    folder: Path,
    device: str,
    progress: bool,
    callbacks: Sequence[Any] = (),
) -> pd.DataFrame:
    """Train until the validation loss has stopped falling, and leave the best weights in place.

    Parameters
    ----------
    objective
        Network and loss, changed in place.
    collator, parts
        The examples, and which are which.
    method, settings
        How to train.
    folder
        Where checkpoints are written, one an epoch; a run goes on from the last it finds.
    device
        ``"auto"`` or ``"cpu"``.
    progress
        Whether to show a progress bar.
    callbacks
        Further callbacks of transformers' Trainer.

    Returns
    -------
    DataFrame
        Indexed by epoch: train_loss, valid_loss, learning_rate (of the head), best (whether the
        epoch was kept).
    """
    steps = -(-len(parts.train) // settings.batch_size) * settings.epochs
    with _own_randomness():
        trainer = _Trainer(
            model=objective,
            args=_arguments(settings, folder, device, steps, progress=progress),
            data_collator=collator,
            train_dataset=Positions(parts.train.tolist()),
            eval_dataset=Positions(parts.valid.tolist()),
            optimizers=(_optimizer(objective, method, settings), None),
            callbacks=[EarlyStoppingCallback(settings.patience), *callbacks],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    return _history(trainer.state)


def _arguments(
    settings: Settings, folder: Path, device: str, steps: int, *, progress: bool
) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        warmup_steps=round(settings.warmup * steps),
        learning_rate=settings.head_rate,
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        restore_callback_states_from_checkpoint=True,
        prediction_loss_only=True,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to="none",
        disable_tqdm=not progress,
        dataloader_pin_memory=False,
        use_cpu=device == "cpu",
        bf16=settings.bf16,
        seed=settings.seed,
        log_level="error",
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # noqa: SLF001 - rows of one RNA stay on one GPU
    return arguments


def _optimizer(objective: Objective, method: Method, settings: Settings) -> torch.optim.Optimizer:
    head = [p for p in objective.network.head.parameters() if p.requires_grad]
    body = [p for p in objective.network.lm.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [{"params": head, "lr": settings.head_rate}]
    if body:
        groups.append({"params": body, "lr": settings.rate(method)})
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def _last_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint: the trainer's own state is written last."""
    found = [p.parent for p in folder.glob("checkpoint-*/trainer_state.json")]
    newest = max(found, key=lambda p: int(p.name.rpartition("-")[2]), default=None)
    return None if newest is None else str(newest)


def _history(state: Any) -> pd.DataFrame:
    rows: dict[int, dict[str, float]] = {}
    for entry in state.log_history:
        row = rows.setdefault(round(entry["epoch"]), {})
        if "loss" in entry:
            row |= {"train_loss": entry["loss"], "learning_rate": entry["learning_rate"]}
        if "eval_loss" in entry:
            row["valid_loss"] = entry["eval_loss"]
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("epoch").sort_index()
    frame = frame.reindex(columns=["train_loss", "valid_loss", "learning_rate"])
    frame["best"] = frame["valid_loss"] == frame["valid_loss"].min()
    return frame


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Leave the caller's global generators as they were; the trainer seeds them."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    cuda = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices=cuda):
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])  # noqa: NPY002
