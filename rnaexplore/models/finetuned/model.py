"""The object that `rx.load_model` returns for a folder that `rnaexplore.finetune` wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.models.finetuned.adapter import TunedAdapter
from rnaexplore.models.finetuned.network import combine
from rnaexplore.models.finetuned.rows import Row, padded, rows_of
from rnaexplore.models.finetuned.tuning import Task, Tuning, tuning_of
from rnaexplore.models.finetuned.types import SPECIALS, guided
from rnaexplore.models.inference import inputs
from rnaexplore.models.model import Model

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TunedModel", "check_readable"]

Array = NDArray[np.float32]

BATCH_TOKENS = 4096


class TunedModel(Model):
    """A language model fine-tuned with a head: everything a `Model` is, and its predictions.

    Parameters
    ----------
    adapter
        The loaded network.
    folder
        Where it was read from, with its metrics and history.
    training
        How it was trained: settings, data, versions.
    device, weights_sha256, source
        As for `Model`.
    """

    def __init__(
        self,
        adapter: TunedAdapter,
        *,
        folder: Path,
        training: dict[str, Any],
        device: torch.device,
        weights_sha256: str,
        source: str,
    ) -> None:
        super().__init__(
            adapter,
            device=device,
            weights_sha256=weights_sha256,
            source=source,
            training=training,
        )
        self.folder = folder
        self._network = adapter.network

    @property
    def tuning(self) -> Tuning:
        """Task, head, labels."""
        return tuning_of(self.spec)

    @property
    def task(self) -> Task:
        """What is predicted: of sequences, residues, contacts, or pairs."""
        return self.tuning.task

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes, in the order of the columns of predictions; none for numbers and contacts."""
        return self.tuning.labels

    @property
    def metrics(self) -> pd.DataFrame:
        """Scores on held-out RNAs beside baselines, as `rnaexplore.finetune` returned them."""
        return _table(self.folder / "metrics.csv")

    @property
    def history(self) -> pd.DataFrame:
        """Losses by epoch, for `rnaexplore.pl.history`."""
        return _table(self.folder / "history.csv")

    def __repr__(self) -> str:
        t = self.tuning
        what = f"{len(t.labels)} classes" if t.labels else "numbers"
        what = "pairs of residues" if t.task == "contact" else what
        return (
            f"<TunedModel {self.spec.name}: {t.target!r}, {what}, head {t.head!r}, {self.device}>"
        )

    def predict(self, sequences: Sequence[str], *, names: Sequence[str] | None = None) -> Array:
        """Return what the head predicts of each RNA.

        RNAs longer than the chunks of the training are read in chunks, and their logits averaged.

        Parameters
        ----------
        sequences
            RNA sequences.
        names
            Names of the sequences, for error messages.

        Returns
        -------
        ndarray of float32, shape (n, labels) or (n, 1)
            Probabilities in the order of `labels`, or numbers in the unit of the training.

        Raises
        ------
        CapabilityError
            If the model was fine-tuned for another task.
        InvalidSequenceError, SequenceTooLongError, UnknownTokensError
            If the model cannot read a sequence.
        """
        self._require_task("sequence")
        check_readable(self, sequences, names)
        t = self.tuning
        rows = rows_of(self.spec.alphabet, sequences, chunk=t.chunk, max_chunks=t.max_chunks)
        if t.n_types:
            rows = guided(self._network.guesser, rows, t.n_types, self.device)
        logits = torch.zeros(len(rows), t.n_outputs)
        for which, values in self._run_rows(rows):
            logits[which] = values
        owner = torch.tensor([row.owner for row in rows], dtype=torch.long)
        share = torch.tensor([row.share for row in rows])
        return self._spelled(combine(logits, owner, share, len(sequences)))

    def predict_residues(self, sequence: str) -> Array:
        """Return the probabilities of the classes of each residue.

        Returns
        -------
        ndarray of float32, shape (L, labels)
            Rows sum to 1.

        Raises
        ------
        CapabilityError
            If the model was fine-tuned for another task.
        InvalidSequenceError, SequenceTooLongError, UnknownTokensError
            If the model cannot read the sequence.
        """
        return self.predict_many_residues([sequence])[0]

    def predict_many_residues(self, sequences: Sequence[str]) -> list[Array]:
        """Return what `predict_residues` returns, for several RNAs at once."""
        self._require_task("residue")
        check_readable(self, sequences, None)
        rows = rows_of(self.spec.alphabet, sequences, chunk=None, max_chunks=None)
        found: list[Array] = [np.empty(0, dtype=np.float32)] * len(rows)
        for which, values in self._run_rows(rows):
            for k, logits in zip(which, values, strict=True):
                found[k] = self._spelled(logits[: rows[k].length])
        return found

    def predict_pairs(self, first: Sequence[str], second: Sequence[str]) -> Array:
        """Return what the head predicts of pairs of RNAs.

        Parameters
        ----------
        first, second
            As many sequences each, in the roles that they had in training.

        Returns
        -------
        ndarray of float32, shape (n, labels) or (n, 1)
            Probabilities in the order of `labels`, or numbers in the unit of the training.

        Raises
        ------
        CapabilityError
            If the model was fine-tuned for another task.
        InputError
            If there are not as many, or one is longer than the head's fixed width.
        """
        self._require_task("pair")
        if len(first) != len(second):
            msg = f"pairs need as many second as first RNAs, got {len(first)} and {len(second)}"
            raise InputError(msg)
        for sequences in (first, second):
            check_readable(self, sequences, None)
        self.check_widths(first, second)
        alphabet = self.spec.alphabet
        rows = [rows_of(alphabet, s, chunk=None, max_chunks=None) for s in (first, second)]
        size = max(1, BATCH_TOKENS // (2 * max(len(r.ids) for side in rows for r in side)))
        parts = []
        for k in range(0, len(first), size):
            batch = padded(alphabet, rows[0][k : k + size] + rows[1][k : k + size])
            with torch.inference_mode():
                parts.append(self._network(batch.to(self.device)).float().cpu())
        return self._spelled(torch.cat(parts))

    def _run_rows(self, rows: Sequence[Row]) -> Iterator[tuple[list[int], Tensor]]:
        """Yield positions in `rows` and their logits, in batches of similar length."""
        order = sorted(range(len(rows)), key=lambda k: -len(rows[k].ids))
        start = 0
        while start < len(order):
            size = max(1, BATCH_TOKENS // len(rows[order[start]].ids))
            which = order[start : start + size]
            batch = padded(self.spec.alphabet, [rows[k] for k in which])
            with torch.inference_mode():
                yield which, self._network(batch.to(self.device)).float().cpu()
            start += size

    def _spelled(self, logits: Tensor) -> Array:
        """Return probabilities, or numbers in their own unit."""
        t = self.tuning
        values = logits.softmax(-1) if t.labels else logits * t.std + t.mean
        result: Array = values.float().numpy()
        return result

    def _require_task(self, task: Task) -> None:
        if self.task != task:
            call = {
                "sequence": "predict", "residue": "predict_residues", "contact": "contacts",
                "pair": "predict_pairs",
            }[self.task]  # fmt: skip
            msg = f"{self.spec.name!r} was fine-tuned for the {self.task} task; call .{call}"
            raise CapabilityError(msg)

    def check_widths(self, first: Sequence[str], second: Sequence[str]) -> None:
        """Raise if an RNA of a pair is longer than the head's fixed width.

        Raises
        ------
        InputError
            Naming the width.
        """
        widths = self.tuning.widths
        if widths is None or self.tuning.head == "linear":
            return
        for which, sequences, width in zip(
            ("first", "second"), (first, second), widths, strict=True
        ):
            longest = max(map(self.spec.alphabet.n_residues, sequences), default=0)
            if longest > width:
                msg = (
                    f"head {self.tuning.head!r} was built for {which} RNAs of at most {width} "
                    f"residues, got {longest}"
                )
                raise InputError(msg)


def check_readable(
    model: Model,
    sequences: Sequence[str],
    names: Sequence[str] | None,
    tuning: Tuning | None = None,
) -> None:
    """Raise if a model, with chunks and types as fine-tuned, cannot read one of the sequences.

    Parameters
    ----------
    model
        A fine-tuned model, or the one that is to be fine-tuned.
    sequences, names
        The sequences, and what to call them.
    tuning
        How it is to be fine-tuned; by default as it was.

    Raises
    ------
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        Naming the sequence.
    InputError
        If chunks are longer than the model reads.
    """
    if isinstance(sequences, str):
        msg = "sequences must be a list of strings, got one string; pass [sequence]"
        raise InputError(msg)
    t = tuning_of(model.spec) if tuning is None else tuning
    limit = model.spec.max_length
    if limit is not None and t.n_types:
        limit -= SPECIALS
    if limit is not None and t.chunk is not None and t.chunk > limit:
        msg = f"chunk={t.chunk} exceeds the {limit} residues that {model.spec.name!r} reads here"
        raise InputError(msg)
    given = [f"#{i}" for i in range(len(sequences))] if names is None else names
    inputs.check_sequences(model.spec, sequences, given, window=t.chunk)
    for name, sequence in zip(given, sequences, strict=True):
        n = model.spec.alphabet.n_residues(sequence)
        if t.n_types and t.chunk is None and limit is not None and n > limit:
            msg = f"record {name!r} has {n} residues; with types appended at most {limit} are read"
            raise InputError(msg + "; set chunk=")


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(path, index_col=0, keep_default_na=False, na_values=[""])
