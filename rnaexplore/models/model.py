"""The object that `rx.load_model` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models import embedding, engine, inputs, windows
from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.inputs import InputReport
from rnaexplore.models.int8 import Int8Linear, use_int8
from rnaexplore.models.linear import use_onednn
from rnaexplore.models.runner import Hide, Runner, array
from rnaexplore.models.spec import ModelSpec
from rnaexplore.models.verify import VerifyReport, verify
from rnaexplore.structure import Structure

__all__ = ["Model"]

Array = NDArray[np.float32]


class Model:
    """A loaded RNA language model: sequences in, arrays out.

    Arrays are float32 and indexed by residue (codon for codon models); special tokens and pads
    never show. Sequences may be upper or lower case, with U or T.

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
    """

    def __init__(
        self, adapter: Adapter, *, device: torch.device, weights_sha256: str, source: str
    ) -> None:
        self._adapter = adapter
        self.device = device
        self.weights_sha256 = weights_sha256
        self.source = source
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
        pooling: engine.Pooling = "mean",
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
        pooling: engine.Pooling = "mean",
        names: Sequence[str] | None = None,
        window: int | None = None,
        overlap: int | None = None,
        progress: bool = False,
    ) -> Iterator[tuple[NDArray[np.int64], Array]]:
        """Return what `embed` returns, batch by batch, for results that are written as they come.

        The next batch is computed while the last one is written. Everything is checked before
        the first one.

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
        pooling: engine.Pooling = "mean",
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

    def attentions(
        self,
        sequence: str,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
    ) -> Array:
        """Return attention maps.

        Parameters
        ----------
        sequence
            One RNA.
        layers
            Layers to return, 0 to ``n_layers - 1`` or negative; all by default.
        heads
            Heads to return, 0 to ``n_heads - 1`` or negative; all by default.

        Returns
        -------
        ndarray of float32, shape (layers, heads, L, L)
            ``[l, h, i, j]`` is the weight with which residue i attends to residue j. Weights on
            special tokens are left out, so rows sum to at most 1.
        """
        inputs.require(self.spec, "attention")
        chosen = inputs.indices(self.spec, "layer", layers, self.spec.n_layers)
        kept = list(inputs.indices(self.spec, "head", heads, self.spec.n_heads))
        self._check([sequence], None)
        batch = engine.collate(self.spec.alphabet, [sequence], np.zeros(1, dtype=np.int64))
        first = self.spec.alphabet.n_prefix
        inside = slice(first, first + int(batch.lengths[0]))
        output = self._runner.padded(batch.ids, batch.mask, Request(attentions=chosen))
        maps = [output.attentions[k][0, kept][:, inside, inside] for k in chosen]
        return array(torch.stack(maps))

    def logits(
        self,
        sequence: str,
        *,
        mask: int | Iterable[int] | None = None,
        window: int | None = None,
        overlap: int | None = None,
    ) -> Array:
        """Return the masked-language head's scores of the unambiguous residues.

        Parameters
        ----------
        sequence
            One RNA.
        mask
            0-based positions to hide behind the mask token, if any.
        window, overlap
            As for `embed`: windows are joined by weighted average.

        Returns
        -------
        ndarray of float32, shape (L, 4) over A C G U
            Unnormalised. Codon models: (L, 64) over the codons in alphabetical order.

        Raises
        ------
        CapabilityError
            If the model has no trained masked-language head.
        InputError
            If a masked position lies outside the sequence.
        """
        inputs.require(self.spec, "logits")
        self._check([sequence], None, window)
        n = self.spec.alphabet.n_residues(sequence)
        given = mask if isinstance(mask, Iterable) else [] if mask is None else [mask]
        masked = inputs.indices(self.spec, "position", given, n)
        request = Request(logits=True)
        values = self._per_residue(sequence, request, masked=masked, window=window, overlap=overlap)
        result: Array = values[0][:, self.spec.alphabet.residue_ids]
        return result

    def stream_logits(
        self, sequences: Sequence[str], *, masks: Sequence[Iterable[int]] | None = None
    ) -> Iterator[tuple[int, Array]]:
        """Run many sequences, such as masked or mutated copies of one RNA, batch by batch.

        Parameters
        ----------
        sequences
            RNA sequences, each short enough to be read whole.
        masks
            Of each sequence the 0-based positions to hide behind the mask token.

        Returns
        -------
        iterator of (int, ndarray of float32, shape (L, vocabulary))
            Position in `sequences`, longest first, and unnormalised scores over all of
            ``spec.alphabet.tokens``; columns ``spec.alphabet.residue_ids`` are those of `logits`.
        """
        inputs.require(self.spec, "logits")
        self._check(sequences, None)
        lengths = map(self.spec.alphabet.n_residues, sequences)
        given = [()] * len(sequences) if masks is None else masks
        hidden = [
            inputs.indices(self.spec, "position", mask, n)
            for mask, n in zip(given, lengths, strict=True)
        ]
        hide = self._hide(hidden, [0] * len(sequences)) if any(hidden) else None
        found = self._runner.residues(sequences, Request(logits=True), hide)
        return ((row, values[-1]) for row, values in found)

    def contacts(self, sequence: str) -> Array:
        """Return the probabilities of the model's own trained contact head.

        Returns
        -------
        ndarray of float32, shape (L, L)
            0 to 1, symmetric, zero on the diagonal.

        Raises
        ------
        CapabilityError
            If the model has no trained contact head.
        """
        inputs.require(self.spec, "contacts")
        self._check([sequence], None)
        batch = engine.collate(self.spec.alphabet, [sequence], np.zeros(1, dtype=np.int64))
        with torch.inference_mode():
            ids, mask = batch.ids.to(self.device), batch.mask.to(self.device)
            probabilities = self._adapter.contacts(ids, mask)[0].float()
        symmetric = (probabilities + probabilities.T) / 2
        return array(symmetric.fill_diagonal_(0))

    def structure(self, sequence: str) -> Structure:
        """Return the secondary structure that a trained structure head predicts.

        Probabilities are those of `contacts`; the threshold and the decoding are the ones that
        the authors of the head use.

        Returns
        -------
        Structure
            Its sequence in upper case with U.

        Raises
        ------
        CapabilityError
            If the model has no trained structure head.
        """
        pairs = self._adapter.pairs(self.contacts(sequence), sequence)
        return Structure(normalise(sequence), pairs)

    def predict(self, sequences: Sequence[str], *, names: Sequence[str] | None = None) -> Array:
        """Return what a trained task head predicts of each sequence.

        Parameters
        ----------
        sequences, names
            As for `embed`.

        Returns
        -------
        ndarray of float32, shape (n, outputs)
            Columns are named by ``spec.outputs``; probabilities, or the quantity itself in its
            own unit.

        Raises
        ------
        CapabilityError
            If the model has no trained task head.
        """
        inputs.require(self.spec, "predict")
        self._check(sequences, names)
        values = np.empty((len(sequences), len(self.spec.outputs)), dtype=np.float32)
        for batch in engine.batches(self.spec.alphabet, sequences):
            ids, mask = batch.ids.to(self.device), batch.mask.to(self.device)
            with torch.inference_mode():
                values[batch.rows] = array(self._adapter.predict(ids, mask))
        return values

    def verify(self) -> VerifyReport:
        """Check that the model is what its numbers are taken for.

        Complete checkpoint, evaluation mode, finite weights, the same vector for U and T, upper
        and lower case, alone and in a batch, and twice in a row; no unknown tokens for A C G U.

        Returns
        -------
        VerifyReport
            Prints as a table; ``report.ok`` says whether all checks passed.
        """
        return verify(self)

    def randomised(self, *, seed: int) -> Model:
        """Return the same architecture with random weights: the null of any claim about this model.

        Parameters
        ----------
        seed
            Seed of the weights, which are drawn the way the architecture initialises itself.
        """
        cls = type(self._adapter)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = cls.build(self.spec).eval().requires_grad_(requires_grad=False)
        adapter = cls(self.spec, module)
        if self.dtype is torch.int8:
            use_int8(adapter.layers(), self.device)
        else:
            module.to(device=self.device, dtype=self.dtype)
        return Model(
            adapter,
            device=self.device,
            weights_sha256="",
            source=f"random weights, seed {seed}",
        )

    def _job(
        self,
        sequences: Sequence[str],
        layers: Iterable[int] | None,
        pooling: engine.Pooling,
        *,
        names: Sequence[str] | None,
        window: int | None,
        overlap: int | None,
    ) -> embedding.Job:
        """Return the checked job of embedding sequences."""
        self._check(sequences, names, window)
        engine.check_pooling(pooling, self.spec.alphabet)
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
