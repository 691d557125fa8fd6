"""RNAErnie's type-guided inference: guess the type of an RNA, then read it with that type.

Wang et al. 2024, doi:10.1038/s42256-024-00836-4. The first stage is the language model as it was
pretrained; the most probable types are appended in turn, and the logits of the second stage are
averaged with the types' probabilities as weights.
"""

from __future__ import annotations

import numpy as np
import torch

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.models.adapters.base import Adapter, Request
from rnaexplore.models.finetuned.rows import Row, padded, with_type
from rnaexplore.models.spec import ModelSpec

__all__ = ["SPECIALS", "check_types", "guided"]

SPECIALS = 2  #: tokens that a type adds: its indicator and itself
BATCH = 16


def check_types(spec: ModelSpec, n_types: int) -> None:
    """Raise if a model cannot guess types.

    Raises
    ------
    CapabilityError
        If its vocabulary has no types, or it has no masked-language head.
    InputError
        If there are not so many types.
    """
    known = spec.alphabet.rna_types
    if not known or "logits" not in spec.can or spec.alphabet.eos is None:
        msg = (
            f"{spec.name!r} has no tokens for types of RNA, or no masked-language head to guess "
            "them with; among the catalog's models, 'rnaernie' has both"
        )
        raise CapabilityError(msg)
    if n_types > len(known):
        msg = f"types must be in [0, {len(known)}] for {spec.name!r}, got {n_types}"
        raise InputError(msg)


def guided(adapter: Adapter, rows: list[Row], n_types: int, device: torch.device) -> list[Row]:
    """Return `n_types` rows for each, with the most probable types behind the residues.

    Parameters
    ----------
    adapter
        The pretrained language model.
    rows
        Rows without types.
    n_types
        How many types are appended in turn.
    device
        Where the language model is.
    """
    found: list[Row] = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        for row, chances in zip(part, _chances(adapter, part, device), strict=True):
            best = np.argsort(-chances, kind="stable")[:n_types]
            weights = chances[best] / chances[best].sum()
            types = [adapter.spec.alphabet.ids[adapter.spec.alphabet.rna_types[k]] for k in best]
            found += [
                with_type(adapter.spec.alphabet, row, t, float(w))
                for t, w in zip(types, weights, strict=True)
            ]
    return found


def _chances(adapter: Adapter, rows: list[Row], device: torch.device) -> np.ndarray:
    """Return the probability of each type, (rows, types): the slot of the type is left empty."""
    alphabet = adapter.spec.alphabet
    batch = padded(alphabet, [with_type(alphabet, r, alphabet.pad_id, 1.0) for r in rows]).to(
        device
    )
    with torch.inference_mode():
        logits = adapter.forward(batch.ids, batch.mask, Request(logits=True)).logits
    assert logits is not None
    slot = batch.lengths + alphabet.n_prefix + 1
    at = logits[torch.arange(len(rows), device=device), slot].float()
    known = [alphabet.ids[name] for name in alphabet.rna_types]
    chances: np.ndarray = at[:, known].softmax(-1).cpu().numpy()
    return chances
