"""RNAErnie as the multimolecule project converted it, read without that library.

Files converted before May 2026 kept the square matrices (query, key, value, and the transform of
the masked-language head) the way Paddle stores them. No shape tells; the masked-language loss on
real RNA does.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import torch
from torch import Tensor

from rnaexplore.errors import CheckpointError, RnaExploreWarning
from rnaexplore.models import sanity
from rnaexplore.models.adapters.base import Adapter, State
from rnaexplore.models.adapters.bert import BertAdapter, renamed, without
from rnaexplore.models.spec import ModelSpec
from rnaexplore.models.vocabularies import MULTIMOLECULE, MULTIMOLECULE_EARLY

__all__ = ["RnaErnieMultimoleculeAdapter"]

MARGIN = 0.05  #: nats by which the loss must lie below guessing, and below the other layout

_RULES = [
    (r"^(model|rnaernie)\.", "bert."),
    (r"^lm_head\.transform\.", "cls.predictions.transform."),
    (r"^lm_head\.", "cls.predictions."),
    (r"\.layer_norm\.", ".LayerNorm."),
]
_SQUARE = (
    ".attention.self.query.weight",
    ".attention.self.key.weight",
    ".attention.self.value.weight",
    "cls.predictions.transform.dense.weight",
)


class RnaErnieMultimoleculeAdapter(BertAdapter):
    """Names of multimolecule with either prefix, 26 or 28 tokens, defective matrices repaired."""

    @classmethod
    def resolve(cls, spec: ModelSpec, state: State) -> ModelSpec:
        """Return the facts with the vocabulary that is as high as the embedding matrix."""
        heights = [len(v) for k, v in state.items() if k.endswith("word_embeddings.weight")]
        early = heights == [len(MULTIMOLECULE_EARLY.tokens)]
        return replace(spec, alphabet=MULTIMOLECULE_EARLY if early else MULTIMOLECULE)

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        names = renamed(state, _RULES)
        unused = ("bert.pooler.", "bert.embeddings.position_ids")
        return super().convert(spec, without(names, unused))

    @classmethod
    def load(cls, spec: ModelSpec, state: State) -> Adapter:
        """Return the model in the layout that predicts real RNA.

        Warns
        -----
        RnaExploreWarning
            If the file has the defect and was repaired.

        Raises
        ------
        CheckpointError
            If the file is not complete, or predicts real RNA in neither layout.
        """
        stored = super().load(spec, state)
        turned = super().load(spec, _turn_square(state))
        device = torch.device("cpu")
        losses = [sanity.masked_loss(adapter, device) for adapter in (stored, turned)]
        best, other = min(losses), max(losses)
        if best > min(sanity.GUESSING, other) - MARGIN:
            raise CheckpointError(_undecided(losses))
        if best == losses[0]:
            return stored
        msg = (
            "this checkpoint of rnaernie-multimolecule has its square matrices stored the wrong "
            f"way round (masked-language loss on tRNAs {losses[0]:.2f}, turned {losses[1]:.2f} "
            "nats); they were turned. A file converted since June 2026 needs no repair"
        )
        warnings.warn(msg, RnaExploreWarning, stacklevel=2)
        return turned


def _turn_square(state: State) -> dict[str, Tensor]:
    by_name = renamed({key: torch.empty(0) for key in state}, _RULES)
    names = dict(zip(state, by_name, strict=True))
    return {k: v.T.contiguous() if names[k].endswith(_SQUARE) else v for k, v in state.items()}


def _undecided(losses: list[float]) -> str:
    return (
        "neither layout of this checkpoint's square matrices predicts real RNA: masked-language "
        f"loss on tRNAs {losses[0]:.3f} as stored and {losses[1]:.3f} turned, where guessing gives "
        f"{sanity.GUESSING:.3f} nats. The file was not used; take a newer one from "
        "https://huggingface.co/multimolecule/rnaernie, or the authors' own ('rnaernie')"
    )
