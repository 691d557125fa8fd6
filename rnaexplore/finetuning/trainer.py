"""transformers' Trainer, made to keep only what moves, and to go on exactly where it stopped."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
)

from rnaexplore.finetuning.batches import Collator, Positions
from rnaexplore.finetuning.objective import Objective
from rnaexplore.finetuning.settings import Settings
from rnaexplore.models.finetuned.tuning import Method

__all__ = ["Run", "retrain", "search"]

Rows = NDArray[np.int64]
MOVING, STATE = "moving.safetensors", "trainer_state.json"


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

    def load_best(self) -> None:
        """Put the best weights in place."""
        self._load_best_model()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How and where a network is trained.

    Attributes
    ----------
    method, settings
        What moves, and how fast.
    folder
        Where checkpoints are written, one an epoch.
    device
        ``"auto"`` or ``"cpu"``.
    progress
        Whether to show a progress bar.
    """

    method: Method
    settings: Settings
    folder: Path
    device: str
    progress: bool


def search(  # noqa: PLR0917 - what, from what, how
    objective: Objective,
    collator: Collator,
    train: Rows,
    valid: Rows,
    run: Run,
    callbacks: Sequence[Any] = (),
) -> pd.DataFrame:
    """Train until the validation loss has stopped falling, and leave the best weights in place.

    The weights at the start are a candidate as those after any epoch are.

    Parameters
    ----------
    objective
        Network and loss, changed in place.
    collator
        The examples.
    train, valid
        Positions of the examples to learn from, and to stop by.
    run
        How, where, and on what to train; a run goes on from the last checkpoint in its folder.
    callbacks
        Further callbacks of transformers' Trainer.

    Returns
    -------
    DataFrame
        Indexed by epoch, the first being 0, before any training: train_loss, valid_loss,
        learning_rate (of the head), best (whether the epoch was kept).
    """
    with _own_randomness():
        start = _Start()
        stop = EarlyStoppingCallback(run.settings.patience)
        trainer = _trainer(objective, collator, train, valid, run, [stop, start, *callbacks])
        begun = {name: value.detach().clone() for name, value in objective.moving().items()}
        start.loss = float(trainer.evaluate()["eval_loss"])
        last = _last_checkpoint(run.folder)
        if last is not None and _has_stopped(last, run.settings):
            trainer.state = TrainerState.load_from_json(str(last / STATE))
        else:
            trainer.train(resume_from_checkpoint=None if last is None else str(last))
        if trainer.state.best_model_checkpoint is None:
            objective.restore(begun)
        else:
            trainer.load_best()
    return _history(trainer.state, start.loss)


def retrain(  # noqa: PLR0917 - as for search
    objective: Objective,
    collator: Collator,
    train: Rows,
    n_epochs: int,
    run: Run,
    callbacks: Sequence[Any] = (),
) -> None:
    """Train for as many epochs as were best in `search`, at the same rates.

    Parameters
    ----------
    objective, collator, train, run, callbacks
        As for `search`.
    n_epochs
        How many epochs; the learning rate falls as if it were all of the settings.
    """
    with _own_randomness():
        end = _End(n_epochs)
        trainer = _trainer(objective, collator, train, None, run, [end, *callbacks])
        last = _last_checkpoint(run.folder)
        if last is not None and _step(last) >= n_epochs * _steps(len(train), run.settings):
            objective.restore(load_file(last / MOVING))
        else:
            trainer.train(resume_from_checkpoint=None if last is None else str(last))


class _Start(TrainerCallback):
    """Makes the loss before any training the one to beat."""

    loss: float

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:
        """Set the loss to beat, unless a checkpoint has one."""
        del args, control, kwargs
        if state.best_metric is None:
            state.best_metric = self.loss


class _End(TrainerCallback):
    """Ends a training after some epochs."""

    def __init__(self, n_epochs: int) -> None:
        self.n_epochs = n_epochs

    def on_epoch_end(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:
        """Stop after the last epoch that is wanted."""
        del args, kwargs
        control.should_training_stop |= round(state.epoch or 0) >= self.n_epochs


def _trainer(  # noqa: PLR0917 - as for search
    objective: Objective,
    collator: Collator,
    train: Rows,
    valid: Rows | None,
    run: Run,
    callbacks: Sequence[Any],
) -> _Trainer:
    trainer = _Trainer(
        model=objective,
        args=_arguments(run, len(train), evaluates=valid is not None),
        data_collator=collator,
        train_dataset=Positions(train.tolist()),
        eval_dataset=None if valid is None else Positions(valid.tolist()),
        optimizers=(_optimizer(objective, run.method, run.settings), None),
        callbacks=list(callbacks),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(run: Run, n: int, *, evaluates: bool) -> TrainingArguments:
    settings = run.settings
    arguments = TrainingArguments(
        output_dir=str(run.folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        warmup_steps=round(settings.warmup * _steps(n, settings) * settings.epochs),
        learning_rate=settings.head_rate,
        eval_strategy="epoch" if evaluates else "no",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=evaluates,
        metric_for_best_model="eval_loss" if evaluates else None,
        greater_is_better=False if evaluates else None,
        restore_callback_states_from_checkpoint=evaluates,
        prediction_loss_only=True,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to="none",
        disable_tqdm=not run.progress,
        dataloader_pin_memory=False,
        use_cpu=run.device == "cpu",
        bf16=settings.bf16,
        seed=settings.seed,
        log_level="error",
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # noqa: SLF001 - rows of one RNA stay on one GPU
    return arguments


def _steps(n: int, settings: Settings) -> int:
    """Return the steps of one epoch."""
    return -(-n // settings.batch_size)


def _optimizer(objective: Objective, method: Method, settings: Settings) -> torch.optim.Optimizer:
    head = [p for p in objective.network.head.parameters() if p.requires_grad]
    body = [p for p in objective.network.lm.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [{"params": head, "lr": settings.head_rate}]
    if body:
        groups.append({"params": body, "lr": settings.rate(method)})
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def _last_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint: the trainer's own state is written last."""
    found = [p.parent for p in folder.glob(f"checkpoint-*/{STATE}")]
    return max(found, key=_step, default=None)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _has_stopped(checkpoint: Path, settings: Settings) -> bool:
    """Return whether a checkpoint is that of the last epoch of a search."""
    state = TrainerState.load_from_json(str(checkpoint / STATE))
    kept: Any = state.stateful_callbacks["EarlyStoppingCallback"]
    waited = kept["attributes"]["early_stopping_patience_counter"]
    return bool(waited >= settings.patience or round(state.epoch or 0) >= settings.epochs)


def _history(state: TrainerState, first_loss: float) -> pd.DataFrame:
    rows: dict[int, dict[str, float]] = {0: {"valid_loss": first_loss}}
    for entry in state.log_history:
        row = rows.setdefault(round(entry["epoch"]), {})
        if "loss" in entry:
            row |= {"train_loss": entry["loss"], "learning_rate": entry["learning_rate"]}
        if "eval_loss" in entry:
            row["valid_loss"] = entry["eval_loss"]
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("epoch").sort_index()
    frame = frame.reindex(columns=["train_loss", "valid_loss", "learning_rate"])
    frame["best"] = frame.index == frame["valid_loss"].idxmin()
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
