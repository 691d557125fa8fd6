"""The object that `rx.load_model` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.models.adapters.base import Request
from rnaexplore.models.alphabet import normalise
from rnaexplore.models.embedder import Embedder
from rnaexplore.models.inference import batching, inputs
from rnaexplore.models.inference.int8 import use_int8
from rnaexplore.models.inference.permuting import shuffle
from rnaexplore.models.inference.runner import Show, array
from rnaexplore.models.verify import VerifyReport, verify
from rnaexplore.structure import Structure

__all__ = ["Model"]

Array = NDArray[np.float32]

MAP_NUMBERS = 1 << 24  #: of attention maps in a batch of contact maps: 64 MB


class Model(Embedder):
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
    training
        What the checkpoint says of its training, if it says something.
    """

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
        chosen = inputs.indices(self.spec, "layer", layers, self.spec.n_layers)
        kept = inputs.indices(self.spec, "head", heads, self.spec.n_heads)
        n = self.spec.alphabet.n_residues(sequence)
        values = np.empty((len(chosen), len(kept), n, n), dtype=np.float32)

        def keep(layer: int, some: tuple[int, ...], maps: Array) -> None:
            for k, head in enumerate(kept):
                if head in some:
                    values[[i for i, m in enumerate(chosen) if m == layer], k] = maps[
                        some.index(head)
                    ]

        self.visit_attentions(sequence, keep, layers=set(chosen), heads=sorted(set(kept)))
        return values

    def visit_attentions(
        self,
        sequence: str,
        visit: Show,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
    ) -> None:
        """Show attention maps one after the other, so that never all of them are in memory.

        Parameters
        ----------
        sequence, layers, heads
            As for `attentions`.
        visit
            Called with the number of a layer, the numbers of some of its heads, and their maps,
            float32 of shape (heads, L, L), in the order of the network; the maps of a call take
            at most 28 MB, or are one.
        """
        inputs.require(self.spec, "attention")
        chosen = inputs.indices(self.spec, "layer", layers, self.spec.n_layers)
        kept = inputs.indices(self.spec, "head", heads, self.spec.n_heads)
        self._check([sequence], None)
        self._runner.maps(sequence, chosen, kept, visit)

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
        return next(self.stream_contacts([sequence]))[1]

    def stream_contacts(self, sequences: Sequence[str]) -> Iterator[tuple[int, Array]]:
        """Return what `contacts` does for many sequences, such as mutants of one RNA, in batches.

        Parameters
        ----------
        sequences
            RNA sequences. Those with equally many residues are read together.

        Returns
        -------
        iterator of (int, ndarray of float32, shape (L, L))
            Position in `sequences`, longest first, and probabilities.

        Raises
        ------
        CapabilityError
            If the model has no trained contact head.
        """
        inputs.require(self.spec, "contacts")
        self._check(sequences, None)
        most = MAP_NUMBERS // max(1, self.spec.n_layers * self.spec.n_heads)
        found = batching.same_length(self.spec.alphabet, sequences, max_pairs=most)
        return (pair for batch in found for pair in self._contacts_of(batch))

    def _contacts_of(self, batch: batching.Batch) -> list[tuple[int, Array]]:
        with torch.inference_mode():
            ids, mask = batch.ids.to(self.device), batch.mask.to(self.device)
            maps = self._adapter.contacts(ids, mask).float()
        symmetric = (maps + maps.transpose(1, 2)) / 2
        symmetric.diagonal(dim1=1, dim2=2).zero_()
        return list(zip(batch.rows.tolist(), array(symmetric), strict=True))

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
        for batch in batching.batches(self.spec.alphabet, sequences):
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

    def permuted(self, *, seed: int) -> Model:
        """Return the same network with its weights in random places: a null that is no blank.

        The entries of each trained tensor (weights, biases, gains) are shuffled within that
        tensor. What random weights of the initialization lack is kept: how large the weights of
        each layer are, and how they are distributed. What was learned is lost.

        Parameters
        ----------
        seed
            Seed of the permutations.

        Returns
        -------
        Model
            On the same device, in the same precision. This model is left as it is.
        """
        module = deepcopy(self._adapter.module)
        shuffle(module, seed=seed)
        return Model(
            type(self._adapter)(self.spec, module),
            device=self.device,
            weights_sha256="",
            source=f"weights permuted within tensors, seed {seed}",
        )
