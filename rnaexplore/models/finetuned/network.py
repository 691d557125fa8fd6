"""The network of a fine-tuned model: language model, head, and from one to the other."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.finetuned.heads import build_head
from rnaexplore.models.finetuned.pair_heads import Side
from rnaexplore.models.finetuned.rows import Rows
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.spec import ModelSpec

__all__ = ["Network", "combine"]


class Network(nn.Module):
    """A language model with a head.

    Parameters
    ----------
    adapter
        The language model.
    tuning
        Task and head.
    first
        The language model before fine-tuning, which guesses types of RNA; ``None`` where it is
        not needed, or has not changed.
    """

    def __init__(self, adapter: Adapter, tuning: Tuning, first: Adapter | None = None) -> None:
        super().__init__()
        self.spec: ModelSpec = adapter.spec
        self.tuning = tuning
        self.lm = adapter.module
        self.head = build_head(adapter.spec, tuning)
        if first is not None:
            self.first = first.module
        self._adapter = adapter
        self._guesser = adapter if first is None else first

    @property
    def adapter(self) -> Adapter:
        """The language model."""
        return self._adapter

    @property
    def guesser(self) -> Adapter:
        """The language model that guesses types of RNA."""
        return self._guesser

    def forward(self, rows: Rows) -> Tensor:
        """Return the logits of each row, before those of one RNA are averaged.

        Sequence and pair tasks: (rows, outputs), of a pair task half as many, since the second RNAs
        follow the first ones. Residue task: (rows, L, outputs). Contact task: (rows, L, L). L is
        the length of the longest RNA; values beyond the end of one mean nothing.
        """
        task = self.tuning.task
        if getattr(self.head, "reads_attention", False):
            return self._from_attention(rows)
        states = self.states(rows)
        if task == "sequence":
            return self._called(states, rows.mask, self._inside(rows))
        n_prefix = self.spec.alphabet.n_prefix
        if task == "residue":
            logits = self._called(states, self._inside(rows))
            return logits[:, n_prefix : n_prefix + int(rows.lengths.max())]
        if task == "pair":
            return self._of_pairs(states, rows)
        lengths = rows.lengths.tolist()
        pieces = [states[i : i + 1, n_prefix : n_prefix + n] for i, n in enumerate(lengths)]
        return _stacked([self._called(piece) for piece in pieces])

    def states(self, rows: Rows) -> Tensor:
        """Return the last hidden states in float32, (rows, tokens, dim)."""
        last = self.spec.n_layers
        wants_gradient = torch.is_grad_enabled() and self.tuning.method != "frozen"
        with torch.set_grad_enabled(wants_gradient):
            output = self._adapter.forward(rows.ids, rows.mask, Request(hidden=(last,)))
        return output.hidden[last].float()

    def _called(self, *given: Any) -> Tensor:
        logits: Tensor = self.head(*given)
        return logits

    def _inside(self, rows: Rows) -> Tensor:
        place = torch.arange(rows.ids.shape[1], device=rows.ids.device)[None]
        first = self.spec.alphabet.n_prefix
        return (place >= first) & (place < first + rows.lengths[:, None])

    def _of_pairs(self, states: Tensor, rows: Rows) -> Tensor:
        first = self.spec.alphabet.n_prefix
        half, longest = len(states) // 2, int(rows.lengths.max())
        body = slice(first, first + longest)
        kept = (states * self._inside(rows)[..., None])[:, body]
        ids = rows.ids[:, body]
        sides = [
            Side(kept[part], ids[part], rows.lengths[part])
            for part in (slice(0, half), slice(half, None))
        ]
        return self._called(*sides)

    def _from_attention(self, rows: Rows) -> Tensor:
        layers = tuple(range(self.spec.n_layers))
        found = self._adapter.forward(rows.ids, rows.mask, Request(attentions=layers)).attentions
        maps = torch.cat([found[k] for k in layers], dim=1).float()
        first = self.spec.alphabet.n_prefix
        spans = [slice(first, first + n) for n in rows.lengths.tolist()]
        return _stacked([self._called(maps[i : i + 1, :, s, s]) for i, s in enumerate(spans)])


def _stacked(maps: list[Tensor]) -> Tensor:
    """Return maps (1, L, L) of different lengths as one tensor, zero beyond the ends."""
    longest = max(m.shape[-1] for m in maps)
    whole = maps[0].new_zeros((len(maps), longest, longest))
    for i, m in enumerate(maps):
        whole[i, : m.shape[-1], : m.shape[-1]] = m[0]
    return whole


def combine(logits: Tensor, owner: Tensor, share: Tensor, n: int) -> Tensor:
    """Return the weighted mean of the logits of each RNA's rows, (n, outputs).

    Parameters
    ----------
    logits
        (rows, outputs).
    owner, share
        RNA and weight of each row, (rows,).
    n
        RNAs.
    """
    weighted = logits * share[:, None].to(logits.dtype)
    return logits.new_zeros((n, logits.shape[1])).index_add(0, owner, weighted)
