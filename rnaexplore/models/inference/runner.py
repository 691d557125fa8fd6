"""Runs a network over many sequences, whose packs are read ahead."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnaexplore.models.adapters.base import Adapter, Output, Request
from rnaexplore.models.inference import packing
from rnaexplore.models.inference.attention import HeadMaps
from rnaexplore.models.inference.batching import Pooling
from rnaexplore.models.inference.packing import Pack
from rnaexplore.models.inference.prefetch import ahead

__all__ = ["MAP_BYTES", "Hide", "Runner", "Show", "array"]

Array = NDArray[np.float32]
Rows = NDArray[np.int64]
Show = Callable[[int, tuple[int, ...], Array], None]  #: a layer, heads, maps (heads, L, L)
MAP_BYTES = 28 * 2**20  #: size of the attention maps that are held at a time
T = TypeVar("T")
Hide = Callable[[Tensor, int], None]  #: writes mask tokens over the ids of one sequence, by row


class Runner:
    """A network on its device.

    Parameters
    ----------
    adapter
        The loaded architecture.
    device
        Where it runs.
    """

    def __init__(self, adapter: Adapter, device: torch.device) -> None:
        self._adapter = adapter
        self.alphabet = adapter.spec.alphabet
        self._device = device
        self._widest = adapter.widest()
        self._most: int | None = None  #: tokens that a pack may have, once one was too large

    def maps(self, sequence: str, layers: Sequence[int], heads: Sequence[int], show: Show) -> None:
        """Show the attention maps of chosen layers and heads, a block of heads at a time."""
        whole = packing.pack(self.alphabet, [sequence], np.zeros(1, dtype=np.int64))
        (inside,) = packing.residues(whole, self.alphabet)
        size = max(1, MAP_BYTES // (4 * len(whole.ids) ** 2))
        blocks = [tuple(heads[k : k + size]) for k in range(0, len(heads), size)]

        def visit(layer: int, maps: HeadMaps) -> None:
            for block in blocks if layer in layers else ():
                show(layer, block, array(maps(block)[:, inside, inside]))

        with torch.inference_mode():
            self._adapter.attend(whole.ids.to(self._device), visit)

    def vectors(
        self, sequences: Sequence[str], layers: tuple[int, ...], pooling: Pooling
    ) -> Iterator[tuple[Rows, Array]]:
        """Yield rows and their pooled vectors, shape (layers, rows, dim), longest first."""

        def pooled(pack: Pack, output: Output) -> Array:
            hidden = [output.hidden[k] for k in layers]
            return array(
                torch.stack([packing.pool(h, pack, self.alphabet, pooling) for h in hidden])
            )

        for pack, result in self._results(sequences, Request(hidden=layers), pooled):
            yield pack.rows, result

    def residues(
        self, sequences: Sequence[str], request: Request, hide: Hide | None = None
    ) -> Iterator[tuple[int, Array]]:
        """Yield each row and what was asked for, shape (outputs, residues, …), longest first."""

        def stripped(pack: Pack, output: Output) -> list[Array]:
            values = torch.stack(output.per_residue())
            return [array(values[:, place]) for place in packing.residues(pack, self.alphabet)]

        for pack, result in self._results(sequences, request, stripped, hide):
            yield from zip(map(int, pack.rows), result, strict=True)

    def _results(
        self,
        sequences: Sequence[str],
        request: Request,
        reduce: Callable[[Pack, Output], T],
        hide: Hide | None = None,
    ) -> Iterator[tuple[Pack, T]]:
        """Yield packs and what is kept of their outputs.

        The network runs in the thread of the caller: OpenMP keeps a team of threads for each
        thread that computes, and a second team makes every operation wait for the processor.
        """
        most = packing.pack_tokens(self._widest, self._device)
        packs = self._read(sequences, most, hide)
        if sum(map(self.alphabet.n_residues, sequences)) > most:
            packs = ahead(packs)
        with closing(packs):
            for pack in packs:
                yield from self._run(pack, request, reduce)

    def _read(self, sequences: Sequence[str], most: int, hide: Hide | None) -> Generator[Pack]:
        for pack in packing.packs(self.alphabet, sequences, max_tokens=most):
            if hide is not None:
                for ids, row in zip(packing.parts(pack), pack.rows, strict=True):
                    hide(ids, int(row))
            yield pack

    def _run(
        self, pack: Pack, request: Request, reduce: Callable[[Pack, Output], T]
    ) -> Iterator[tuple[Pack, T]]:
        """Run a pack; in two halves, and so all that follow, if it does not fit into memory."""
        if len(pack.rows) == 1:
            yield pack, self._forward(pack, request, reduce)
            return
        if self._most is None or len(pack.ids) <= self._most:
            try:
                result = self._forward(pack, request, reduce)
            except torch.OutOfMemoryError:
                self._most = len(pack.ids) // 2
            else:
                yield pack, result
                return
            torch.cuda.empty_cache()  # after the error, which holds the tensors of its frames
        for half in packing.halves(pack):
            yield from self._run(half, request, reduce)

    def _forward(self, pack: Pack, request: Request, reduce: Callable[[Pack, Output], T]) -> T:
        with torch.inference_mode():
            ids = pack.ids.to(self._device, non_blocking=True)
            return reduce(pack, self._adapter.forward_packed(ids, pack.lengths, request))


def array(tensor: Tensor) -> Array:
    """Return a tensor as a float32 array."""
    result: Array = tensor.float().cpu().numpy()
    return result
