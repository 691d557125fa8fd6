"""What every loaded network can do: vectors of sequences, and states of residues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.inference import batching, embedding, inputs, windows
from rnaexplore.models.inference.inputs import InputReport
from rnaexplore.models.inference.int8 import Int8Linear
from rnaexplore.models.inference.linear import use_onednn
from rnaexplore.models.inference.runner import Hide, Runner
from rnaexplore.models.spec import ModelSpec

__all__ = ["Embedder"]

Array = NDArray[np.float32]


class Embedder:
    """A loaded encoder: sequences in, hidden states out.

    Parameters
    ----------
    adapter
        The loaded architecture.
    device
        Where it runs.
    weights_sha256
        SHA-256 of the checkpoint file, for provenance.
    source
        Where the checkpoint was found.
    training
        What the checkpoint says of its training, if it says something.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        device: torch.device,
        weights_sha256: str,
        source: str,
        training: Mapping[str, Any] | None = None,
    ) -> None:
        self._adapter = adapter
        self.device = device
        self.weights_sha256 = weights_sha256
        self.source = source
        self.training: dict[str, Any] = dict(training or {})
        use_onednn(adapter.module)
        self._runner = Runner(adapter, device)

    @property
    def spec(self) -> ModelSpec:
        """The model's facts."""
        return self._adapter.spec

    @property
    def adapter(self) -> Adapter:
        """The loaded architecture: tensors in and out, for those who extend rnaexplore."""
        return self._adapter

    @property
    def dtype(self) -> torch.dtype:
        """The precision that the network runs in; results are float32 in any case."""
        if any(isinstance(part, Int8Linear) for part in self._adapter.module.modules()):
            return torch.int8
        return next(self._adapter.module.parameters()).dtype

    def __repr__(self) -> str:
        s = self.spec
        return (
            f"<Model {s.name}: {s.n_layers} layers x {s.n_heads} heads, {s.dim} dim, {self.device}>"
        )

    def embed(
        self,
        sequences: Sequence[str],
        *,
        layer: int = -1,
        pooling: batching.Pooling = "mean",
        names: Sequence[str] | None = None,
        window: int | None = None,
        overlap: int | None = None,
        progress: bool = False,
    ) -> Array:
        """Return one vector for each sequence.

        Parameters
        ----------
        sequences
            RNA sequences.
        layer
            0 (embeddings) to ``n_layers`` (after the last layer), or negative from the end.
        pooling
            ``"mean"`` or ``"max"`` over residues, or ``"cls"``.
        names
            Names of the sequences, for error messages.
        window
            Residues a window, at most ``spec.max_length``: longer sequences are read in
            overlapping windows and their per-residue states averaged (`windows.weights`) before
            pooling. Without it a sequence longer than the model allows is an error.
        overlap
            Least residues that neighbouring windows share; half a window by default.
        progress
            Whether to show a progress bar.

        Returns
        -------
        ndarray of float32, shape (n, dim)
            In the order of `sequences`; the same vector alone or in any batch.

        Raises
        ------
        InvalidSequenceError, SequenceTooLongError, UnknownTokensError
            If the model cannot read a sequence.
        InputError
            If `layer`, `pooling`, `window` or `overlap` is not allowed, or ``pooling="cls"`` is
            asked of a sequence that is read in several windows.
        """
        job = self._job(sequences, [layer], pooling, names=names, window=window, overlap=overlap)
        result: Array = embedding.collect(job, progress=progress)[0]
        return result

    def stream_embeddings(
        self,
        sequences: Sequence[str],
        *,
        layer: int = -1,
        pooling: batching.Pooling = "mean",
        names: Sequence[str] | None = None,
        window: int | None = None,
        overlap: int | None = None,
        progress: bool = False,
    ) -> Iterator[tuple[NDArray[np.int64], Array]]:
        """Return what `embed` returns, batch by batch, for results that are written as they come.

        Everything is checked before the first one.

        Parameters
        ----------
        sequences, layer, pooling, names, window, overlap, progress
            As for `embed`.

        Yields
        ------
        positions : ndarray of int64, shape (k,)
            Where in `sequences` the vectors belong; each position comes once, longest sequences
            first.
        vectors : ndarray of float32, shape (k, dim)

        Raises
        ------
        InvalidSequenceError, SequenceTooLongError, UnknownTokensError, InputError
            As for `embed`, by this call and not by the first step.
        """
        job = self._job(sequences, [layer], pooling, names=names, window=window, overlap=overlap)
        return ((rows, vectors[0]) for rows, vectors in embedding.stream(job, progress=progress))

    def embed_layers(
        self,
        sequences: Sequence[str],
        *,
        pooling: batching.Pooling = "mean",
        names: Sequence[str] | None = None,
        window: int | None = None,
        overlap: int | None = None,
        progress: bool = False,
    ) -> Array:
        """Return what `embed` returns, for every layer in one pass.

        Returns
        -------
        ndarray of float32, shape (n_layers + 1, n, dim)
            Index 0 holds the pooled embeddings, the last index the last layer.
        """
        job = self._job(sequences, None, pooling, names=names, window=window, overlap=overlap)
        return embedding.collect(job, progress=progress)

    def inspect(
        self, sequences: Sequence[str], *, window: int | None = None, overlap: int | None = None
    ) -> InputReport:
        """Return what the model changes in sequences when it reads them: counts for the record.

        Parameters
        ----------
        sequences, window, overlap
            As for `embed`.
        """
        return inputs.inspect(self.spec, sequences, window=window, overlap=overlap)

    def hidden_states(
        self, sequence: str, *, window: int | None = None, overlap: int | None = None
    ) -> Array:
        """Return the hidden states of every layer.

        Parameters
        ----------
        sequence
            One RNA.
        window, overlap
            As for `embed`: windows are joined by weighted average.

        Returns
        -------
        ndarray of float32, shape (n_layers + 1, L, dim)
            Index 0 holds the embeddings, the last index the state after the last layer (and its
            final normalisation where the architecture has one).
        """
        self._check([sequence], None, window)
        request = Request(hidden=tuple(range(self.spec.n_layers + 1)))
        return self._per_residue(sequence, request, window=window, overlap=overlap)

    def stream_hidden_states(
        self,
        sequences: Sequence[str],
        *,
        layers: Iterable[int] = (-1,),
        names: Sequence[str] | None = None,
        window: int | None = None,
        overlap: int | None = None,
    ) -> Iterator[tuple[int, Array]]:
        """Return what `hidden_states` returns of chosen layers, for many sequences.

        Parameters
        ----------
        sequences, names, window, overlap
            As for `embed`.
        layers
            0 (embeddings) to ``n_layers`` (after the last layer), or negative from the end.

        Yields
        ------
        position : int
            In `sequences`; each comes once, longest sequences first, those in windows last.
        states : ndarray of float32, shape (layers, L, dim)
            In the order of `layers`.

        Raises
        ------
        InvalidSequenceError, SequenceTooLongError, UnknownTokensError, InputError
            As for `embed`, by this call and not by the first step.
        """
        job = self._job(sequences, layers, "mean", names=names, window=window, overlap=overlap)
        return embedding.states(job)

    def _job(
        self,
        sequences: Sequence[str],
        layers: Iterable[int] | None,
        pooling: batching.Pooling,
        *,
        names: Sequence[str] | None,
        window: int | None,
        overlap: int | None,
    ) -> embedding.Job:
        """Return the checked job of embedding sequences."""
        self._check(sequences, names, window)
        batching.check_pooling(pooling, self.spec.alphabet)
        return embedding.Job(
            runner=self._runner,
            spec=self.spec,
            sequences=sequences,
            layers=inputs.indices(self.spec, "layer", layers, self.spec.n_layers + 1),
            pooling=pooling,
            window=window,
            overlap=overlap,
        )

    def _per_residue(
        self,
        sequence: str,
        request: Request,
        *,
        masked: tuple[int, ...] = (),
        window: int | None = None,
        overlap: int | None = None,
    ) -> Array:
        """Return what `request` asks for, windows joined, shape (outputs, L, dim)."""
        pieces = windows.cut(self.spec.alphabet, sequence, window=window, overlap=overlap)
        hide = (
            self._hide([masked] * len(pieces), [start for start, _ in pieces]) if masked else None
        )
        return embedding.joined(self._runner, sequence, request, pieces, hide=hide)

    def _hide(self, masks: Sequence[tuple[int, ...]], starts: Sequence[int]) -> Hide:
        """Return what writes the mask token over the masked positions of a row's stretch."""
        first, token = self.spec.alphabet.n_prefix, inputs.mask_id(self.spec)
        rest = self.spec.alphabet.n_special - first

        def write(ids: torch.Tensor, row: int) -> None:
            inside = [k - starts[row] for k in masks[row]]
            body = ids[first : len(ids) - rest]
            body[[k for k in inside if 0 <= k < len(body)]] = token

        return write

    def _check(
        self, sequences: Sequence[str], names: Sequence[str] | None, window: int | None = None
    ) -> None:
        if isinstance(sequences, str):
            msg = "sequences must be a list of strings, got one string; pass [sequence]"
            raise InputError(msg)
        given = [f"#{i}" for i in range(len(sequences))] if names is None else names
        inputs.check_sequences(self.spec, sequences, given, window=window)
