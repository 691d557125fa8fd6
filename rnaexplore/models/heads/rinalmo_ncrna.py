"""RiNALMo's classifiers of non-coding RNA: the probabilities of 88 families.

Penić et al. 2025, arXiv:2403.00043. The files name no families; outputs are numbered as in the
authors' data.
"""

from __future__ import annotations

from torch import Tensor

from rnaexplore.models.heads.rinalmo_splice import RinalmoSequenceAdapter

__all__ = ["RinalmoNcRnaAdapter"]


class RinalmoNcRnaAdapter(RinalmoSequenceAdapter):
    """The probability of each family; the row sums to 1."""

    width = 256

    def predict(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.scores(ids, mask).softmax(-1)
