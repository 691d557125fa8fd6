"""The model while it is trained: from a batch to the losses of its objectives."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnaexplore.models.adapters.base import Adapter
from rnaexplore.pretraining.attention import PairingHeads
from rnaexplore.pretraining.objectives import family_loss, masked_loss, pairing_loss
from rnaexplore.pretraining.settings import Settings

__all__ = ["Inputs", "PretrainingModel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Tensors of one step, as in `rnaexplore.pretraining.corpus.TrainingBatch`.

    Attributes
    ----------
    ids, mask, residues, labels, partner
        (batch, tokens); `ids` with residues hidden, `labels` their true ids and -100 elsewhere.
    family
        (batch,).
    """

    ids: Tensor
    mask: Tensor
    residues: Tensor
    labels: Tensor
    partner: Tensor
    family: Tensor


class PretrainingModel(nn.Module):
    """A model of the catalog with its objectives.

    Parameters
    ----------
    adapter
        The model; its module is trained in place.
    settings
        Which heads learn base pairs, and the constants of the losses.
    """

    def __init__(self, adapter: Adapter, settings: Settings) -> None:
        super().__init__()
        self.adapter = adapter
        self.network = adapter.module.requires_grad_(requires_grad=True)
        self.settings = settings
        wanted = settings.pairing_heads if settings.pairing_weight else 0
        self._pairing = PairingHeads(adapter, layers=settings.pairing_layers, heads=wanted)

    def forward(self, inputs: Inputs) -> Tensor:
        """Return the masked, the pairing and the family loss in nats, shape (3,)."""
        s = self.settings
        n = self.adapter.spec.n_layers
        with torch.autocast(inputs.ids.device.type, dtype=torch.bfloat16, enabled=s.bf16):
            output = self.adapter.forward(inputs.ids, inputs.mask, self._pairing.request(n))
        assert output.logits is not None
        masked = masked_loss(output.logits, inputs.labels)
        family = masked.new_zeros(())
        if s.family_weight:
            vectors = _means(output.hidden[n], inputs.residues)
            family = family_loss(vectors, inputs.family, temperature=s.temperature)
        return torch.stack([masked, self._paired(output.attentions, inputs.partner), family])

    def _paired(self, returned: dict[int, Tensor], partner: Tensor) -> Tensor:
        maps = self._pairing.take(returned)
        weight = self.settings.unpaired_weight
        losses = [pairing_loss(m, partner, unpaired_weight=weight) for m in maps]
        return torch.stack(losses).mean() if losses else torch.zeros((), device=partner.device)


def _means(hidden: Tensor, residues: Tensor) -> Tensor:
    """Return the mean over residues, (batch, dim): no pads, no special tokens."""
    weight = residues[..., None].float()
    return (hidden.float() * weight).sum(1) / weight.sum(1)
