"""What training makes small."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.finetuning.examples import IGNORED
from rnaexplore.models.finetuned.network import Network, combine
from rnaexplore.models.finetuned.rows import Rows

__all__ = ["Objective"]


class Objective(nn.Module):
    """A network with its loss, as a trainer calls it.

    Cross-entropy for classes, half the squared error of standardised numbers, binary
    cross-entropy over all pairs of residues.

    Parameters
    ----------
    network
        The network.
    weights
        Weight of each class, shape (labels,), or ``None``.
    """

    weights: Tensor | None

    def __init__(self, network: Network, weights: Tensor | None) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("weights", weights, persistent=False)

    def forward(
        self, *, labels: Tensor, ids: Tensor, mask: Tensor, lengths: Tensor, owner: Tensor,
        share: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Return the loss of one batch under ``"loss"``.

        Parameters
        ----------
        labels
            As `rnaexplore.finetuning.batches.Collator` makes them.
        ids, mask, lengths, owner, share
            The fields of `rnaexplore.models.finetuned.rows.Rows`.
        """
        logits = self.network(Rows(ids, mask, lengths, owner, share))
        if self.network.tuning.task == "sequence":
            logits = combine(logits, owner, share, len(labels))
        return {"loss": self._loss(logits, labels)}

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        tuning = self.network.tuning
        if tuning.task == "contact":
            known = labels != IGNORED
            return functional.binary_cross_entropy_with_logits(logits[known], labels[known])
        if not tuning.labels:
            return functional.mse_loss(logits, labels) / 2
        flat, codes = logits.flatten(0, -2), labels.flatten()
        if bool((codes == IGNORED).all()):
            return flat.sum() * 0
        return functional.cross_entropy(flat, codes, weight=self.weights, ignore_index=IGNORED)

    def moving(self) -> dict[str, Tensor]:
        """Return what training changes: parameters with gradients, and the head's buffers."""
        found = {k: p for k, p in self.named_parameters() if p.requires_grad}
        buffers = {f"network.head.{k}": b for k, b in self.network.head.named_buffers()}
        return found | buffers

    def restore(self, state: dict[str, Tensor]) -> None:
        """Put back what `moving` returned."""
        moving = self.moving()
        if state.keys() != moving.keys():
            msg = "the checkpoint is of another run"
            raise ValueError(msg)
        with torch.no_grad():
            for name, value in state.items():
                moving[name].copy_(value)
