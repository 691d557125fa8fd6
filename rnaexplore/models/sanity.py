"""A few real RNAs by which a loaded model shows whether its weights make sense."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.inference import batching

__all__ = ["GUESSING", "STRIDE", "TRNAS", "masked_loss"]

#: transfer RNAs of E. coli (Ala, Phe, Asp, Gln) and yeast (Phe, Asp) without the added CCA, as in
#: the compilation of tRNA sequences of Sprinzl et al.
TRNAS = (
    "GGGGCUAUAGCUCAGCUGGGAGAGCGCCUGCUUUGCACGCAGGAGGUCUGCGGUUCGAUCCCGCAUAGCUCC",
    "GCCCGGAUAGCUCAGUCGGUAGAGCAGGGGAUUGAAAAUCCCCGUGUCCUUGGUUCGAUUCCGAGUCCGGGC",
    "GGAGCGGUAGUUCAGUCGGUUAGAAUACCUGCCUGUCACGCAGGGGGUCGCGGGUUCGAGUCCCGUCCGUUCCG",
    "UGGGGUAUCGCCAAGCGGUAAGGCACCGGAUUCUGAUUCCGGCAUUCCGAGGUUCGAAUCCUCGUACCCCAG",
    "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCA",
    "UCCGUGAUAGUUUAAUGGUCAGAAUGGGCGCUUGUCGCGUGCCAGAUCGGGGUUCAAUUCCCCGUCGCGGA",
)
GUESSING = math.log(4)  #: loss in nats of a model that knows nothing of four nucleotides
STRIDE = 7  #: every so many residues one is hidden, which is about the 15 % of training


def masked_loss(adapter: Adapter, device: torch.device) -> float:
    """Return the masked-language loss on transfer RNAs, with each residue hidden once.

    Parameters
    ----------
    adapter
        A model that reads nucleotides and has a masked-language head.
    device
        Where it runs.

    Returns
    -------
    float
        Mean cross-entropy in nats over A C G U; `GUESSING` (1.386) for a model that knows
        nothing, clearly less for trained weights that were read rightly.
    """
    losses = [loss for rna in TRNAS for loss in _losses(adapter, rna, device)]
    return float(torch.cat(losses).mean())


def _losses(adapter: Adapter, rna: str, device: torch.device) -> list[Tensor]:
    alphabet = adapter.spec.alphabet
    batch = batching.collate(alphabet, [rna] * STRIDE, np.arange(STRIDE))
    truth = torch.tensor([alphabet.residues.index(letter) for letter in rna])
    for i in range(STRIDE):
        batch.ids[i, alphabet.n_prefix + i : alphabet.n_prefix + len(rna) : STRIDE] = (
            alphabet.mask_id or 0
        )
    with torch.inference_mode():
        output = adapter.forward(batch.ids.to(device), batch.mask.to(device), Request(logits=True))
    assert output.logits is not None
    logits = output.logits.float().cpu()[:, alphabet.n_prefix : alphabet.n_prefix + len(rna)]
    logits = logits[..., torch.from_numpy(alphabet.residue_ids)]
    return [
        functional.cross_entropy(logits[i, i::STRIDE], truth[i::STRIDE], reduction="none")
        for i in range(STRIDE)
    ]
