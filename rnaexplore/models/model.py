"""The object that `rx.load_model` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.models import engine, inputs, windows
from rnaexplore.models.adapters.base import Adapter, Output, Request
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.inputs import InputReport
from rnaexplore.models.spec import Capability, ModelSpec
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
        chosen = self._indices("layer", [layer], self.spec.n_layers + 1)
        vectors = self._pooled(
            sequences, chosen, pooling,
            names=names, window=window, overlap=overlap, progress=progress,
        )  # fmt: skip
        result: Array = vectors[0]
        return result

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
        layers = tuple(range(self.spec.n_layers + 1))
        return self._pooled(
            sequences, layers, pooling,
            names=names, window=window, overlap=overlap, progress=progress,
        )  # fmt: skip

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
        self._require("attention")
        chosen = self._indices("layer", layers, self.spec.n_layers)
        kept = list(self._indices("head", heads, self.spec.n_heads))
        self._check([sequence], None)
        batch = engine.collate(self.spec.alphabet, [sequence], np.zeros(1, dtype=np.int64))
        first = self.spec.alphabet.n_prefix
        inside = slice(first, first + int(batch.lengths[0]))
        output = self._run(batch, Request(attentions=chosen))
        maps = [output.attentions[k][0, kept][:, inside, inside] for k in chosen]
        return _array(torch.stack(maps))

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
        self._require("logits")
        self._check([sequence], None, window)
        n = self.spec.alphabet.n_residues(sequence)
        given = mask if isinstance(mask, Iterable) else [] if mask is None else [mask]
        masked = self._indices("position", given, n)
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
        self._require("logits")
        self._check(sequences, None)
        lengths = map(self.spec.alphabet.n_residues, sequences)
        given = [()] * len(sequences) if masks is None else masks
        hidden = [
            self._indices("position", mask, n) for mask, n in zip(given, lengths, strict=True)
        ]
        return self._streamed(sequences, hidden)

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
        self._require("contacts")
        self._check([sequence], None)
        batch = engine.collate(self.spec.alphabet, [sequence], np.zeros(1, dtype=np.int64))
        with torch.inference_mode():
            ids, mask = batch.ids.to(self.device), batch.mask.to(self.device)
            probabilities = self._adapter.contacts(ids, mask)[0].float()
        symmetric = (probabilities + probabilities.T) / 2
        return _array(symmetric.fill_diagonal_(0))

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
        self._require("predict")
        self._check(sequences, names)
        values = np.empty((len(sequences), len(self.spec.outputs)), dtype=np.float32)
        for batch in engine.batches(self.spec.alphabet, sequences):
            ids, mask = batch.ids.to(self.device), batch.mask.to(self.device)
            with torch.inference_mode():
                values[batch.rows] = _array(self._adapter.predict(ids, mask))
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
        module.to(device=self.device, dtype=self.dtype)
        return Model(
            cls(self.spec, module),
            device=self.device,
            weights_sha256="",
            source=f"random weights, seed {seed}",
        )

    def _pooled(
        self,
        sequences: Sequence[str],
        layers: tuple[int, ...],
        pooling: engine.Pooling,
        *,
        names: Sequence[str] | None,
        window: int | None,
        overlap: int | None,
        progress: bool,
    ) -> Array:
        """Return one vector a layer and sequence, shape (layers, n, dim)."""
        self._check(sequences, names, window)
        vectors = np.empty((len(layers), len(sequences), self.spec.dim), dtype=np.float32)
        pieces = [inputs.n_windows(self.spec, s, window=window, overlap=overlap) for s in sequences]
        whole = [i for i, n in enumerate(pieces) if n == 1]
        engine.check_pooling(pooling, self.spec.alphabet)
        request, alphabet, name = Request(hidden=layers), self.spec.alphabet, self.spec.name
        with tqdm(total=len(sequences), desc=name, unit="seq", disable=not progress) as bar:
            for batch in engine.batches(alphabet, [sequences[i] for i in whole]):
                output = self._run(batch, request)
                for i, layer in enumerate(layers):
                    pooled = engine.pool(output.hidden[layer], batch, alphabet, pooling)
                    vectors[i, np.array(whole)[batch.rows]] = pooled.cpu().numpy()
                bar.update(len(batch.rows))
            for row in (i for i, n in enumerate(pieces) if n > 1):
                states = self._per_residue(sequences[row], request, window=window, overlap=overlap)
                vectors[:, row] = engine.pool_residues(states, pooling)
                bar.update()
        return vectors

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
        alphabet = self.spec.alphabet
        n = alphabet.n_residues(sequence)
        size = n if window is None else window
        shared = windows.default_overlap(size) if overlap is None else overlap
        places = windows.spans(n, size, shared)
        pieces = [alphabet.slice(sequence, start, stop) for start, stop in places]
        parts: list[Array] = [np.empty(0, dtype=np.float32)] * len(places)
        for batch in engine.batches(alphabet, pieces):
            for i, row in enumerate(batch.rows):
                self._hide(batch.ids[i], masked, places[row])
            values = torch.stack(self._run(batch, request).per_residue())
            for i, row in enumerate(batch.rows):
                first = alphabet.n_prefix
                parts[row] = _array(values[:, i, first : first + int(batch.lengths[i])])
        return windows.stitch(parts, places, n)

    def _streamed(
        self, sequences: Sequence[str], masks: Sequence[tuple[int, ...]]
    ) -> Iterator[tuple[int, Array]]:
        first = self.spec.alphabet.n_prefix
        for batch in engine.batches(self.spec.alphabet, sequences):
            for ids, row in zip(batch.ids, batch.rows, strict=True):
                self._hide(ids, masks[row], (0, len(sequences[row])))
            logits = self._run(batch, Request(logits=True)).per_residue()[-1]
            for values, row, n in zip(logits, batch.rows, batch.lengths, strict=True):
                yield int(row), _array(values[first : first + int(n)])

    def _hide(self, ids: torch.Tensor, masked: tuple[int, ...], place: tuple[int, int]) -> None:
        """Write the mask token over the masked positions that lie in a window."""
        inside = [k - place[0] for k in masked if place[0] <= k < place[1]]
        if inside:
            ids[torch.tensor(inside) + self.spec.alphabet.n_prefix] = inputs.mask_id(self.spec)

    def _run(self, batch: engine.Batch, request: Request) -> Output:
        with torch.inference_mode():
            return self._adapter.forward(
                batch.ids.to(self.device), batch.mask.to(self.device), request
            )

    def _check(
        self, sequences: Sequence[str], names: Sequence[str] | None, window: int | None = None
    ) -> None:
        if isinstance(sequences, str):
            msg = "sequences must be a list of strings, got one string; pass [sequence]"
            raise InputError(msg)
        given = [f"#{i}" for i in range(len(sequences))] if names is None else names
        inputs.check_sequences(self.spec, sequences, given, window=window)

    def _require(self, what: Capability) -> None:
        if what not in self.spec.can:
            msg = (
                f"{self.spec.name!r} has no trained {what}; it can: "
                f"{', '.join(sorted(self.spec.can))}. rx.list_models() shows which models can"
            )
            raise CapabilityError(msg)

    def _indices(self, what: str, given: Iterable[int] | None, n: int) -> tuple[int, ...]:
        if given is None:
            return tuple(range(n))
        chosen = tuple(int(k) for k in given)
        for k in chosen:
            if not -n <= k < n:
                msg = f"{what} must be in [{-n}, {n - 1}] for {self.spec.name!r}, got {k}"
                raise InputError(msg)
        return tuple(k % n for k in chosen)


def _array(tensor: torch.Tensor) -> Array:
    result: Array = tensor.float().cpu().numpy()
    return result
