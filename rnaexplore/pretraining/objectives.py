"""The three objectives: masked residues, base-pair partners, families."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["IGNORED", "family_loss", "masked_loss", "pairing_loss"]

IGNORED = -100  #: label of positions that a loss leaves out


def masked_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats over hidden residues.

    Parameters
    ----------
    logits
        (batch, tokens, vocabulary).
    labels
        (batch, tokens), -100 where nothing was hidden.
    """
    chosen = labels != IGNORED
    if not chosen.any():
        return logits.sum() * 0.0
    return functional.cross_entropy(logits[chosen].float(), labels[chosen])


def pairing_loss(attention: Tensor, partner: Tensor, *, unpaired_weight: float) -> Tensor:
    """Return the cross-entropy of each residue's attention with its base-pair partner.

    An unpaired residue should attend to the first special token.

    Parameters
    ----------
    attention
        Attention of one head, (batch, tokens, tokens); rows sum to 1.
    partner
        Token position of the partner, 0 for unpaired, -100 for unknown, (batch, tokens).
    unpaired_weight
        Weight of an unpaired residue; a paired one weighs 1.
    """
    known = partner >= 0
    if not known.any():
        return attention.sum() * 0.0
    probability = attention.gather(2, partner.clamp(min=0)[..., None])[..., 0]
    nats = -(probability[known] + 1e-6).log()
    weight = torch.where(partner[known] > 0, 1.0, unpaired_weight)
    return (nats * weight).sum() / weight.sum()


def family_loss(vectors: Tensor, family: Tensor, *, temperature: float) -> Tensor:
    """Return the supervised contrastive loss (Khosla et al. 2020) of pooled vectors.

    Parameters
    ----------
    vectors
        (batch, dim); compared by cosine.
    family
        (batch,), -1 where unknown: such rows are negatives of all others only.
    temperature
        Divides the cosines.
    """
    unit = functional.normalize(vectors.float(), dim=1)
    itself = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    similarity = (unit @ unit.T / temperature).masked_fill(itself, -torch.inf)
    positive = (family[:, None] == family[None, :]) & (family[:, None] >= 0) & ~itself
    anchors = positive.any(1)
    if not anchors.any():
        return vectors.sum() * 0.0
    log_probability = functional.log_softmax(similarity[anchors], dim=1)
    chosen = positive[anchors]
    return -(log_probability.masked_fill(~chosen, 0.0).sum(1) / chosen.sum(1)).mean()
