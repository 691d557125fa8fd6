from __future__ import annotations

import math

import pytest
import torch

from rnaexplore.pretraining.objectives import family_loss, masked_loss, pairing_loss


def test_masked_loss_is_the_cross_entropy_of_hidden_residues() -> None:
    logits = torch.zeros(1, 3, 10)
    labels = torch.tensor([[-100, 5, -100]])
    assert masked_loss(logits, labels).item() == pytest.approx(math.log(10))
    assert masked_loss(logits, torch.full_like(labels, -100)).item() == 0.0


def test_pairing_loss_by_hand() -> None:
    attention = torch.tensor([[[0.25, 0.5, 0.25], [0.1, 0.1, 0.8], [1.0, 0.0, 0.0]]])
    partner = torch.tensor([[-100, 2, 0]])
    expected = -(math.log(0.8 + 1e-6) + 0.3 * math.log(1 + 1e-6)) / 1.3
    got = pairing_loss(attention, partner, unpaired_weight=0.3)
    assert got.item() == pytest.approx(expected, rel=1e-5)


def test_family_loss_equals_brute_force() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(6, 5, generator=generator)
    family = torch.tensor([3, 3, 1, 1, -1, 1])
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    terms = []
    for i in range(6):
        others = [j for j in range(6) if j != i]
        positives = [j for j in others if family[j] == family[i] and family[i] >= 0]
        if positives:
            total = sum(math.exp(unit[i] @ unit[j] / 0.5) for j in others)
            logs = [float(unit[i] @ unit[j]) / 0.5 - math.log(total) for j in positives]
            terms.append(-sum(logs) / len(logs))
    expected = sum(terms) / len(terms)
    assert family_loss(vectors, family, temperature=0.5).item() == pytest.approx(expected, rel=1e-5)
