"""What a model with a task head says of RNAs: a fine-tuned one, or a published one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from anndata import AnnData

from rnaexplore._adata import load, sequences_of, strings
from rnaexplore.errors import InputError
from rnaexplore.finetuning.predictions import tell
from rnaexplore.models.finetuned.model import TunedModel

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["predict"]


def predict(adata: AnnData, model: str | Model, *, partner: str | None = None) -> pd.DataFrame:
    """Predict with a fine-tuned model, or a published task head. Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation per RNA (or pair), with ``obs["sequence"]``.
    model
        Folder that `rnaexplore.finetune` wrote, name of a model that can ``predict``
        (`rnaexplore.list_models`), or a loaded one.
    partner
        ``obs`` column with the second RNA, for models of pairs.

    Returns
    -------
    DataFrame
        Indexed by ``name``, one row per RNA. Of a fine-tuned model ``predicted`` (a class, a number
        in the unit of the training, one letter per residue, or a dot-bracket), and for classes of
        RNAs and pairs their probabilities ``p_<label>``. Of a published head its outputs, as
        ``model.spec.outputs`` names them.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` or the column of partners is missing.
    InputError
        If a model of pairs gets no `partner`, or another one does.
    CapabilityError
        If the model has no trained task head.
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If the model cannot read an RNA.
    """
    sequences, loaded = sequences_of(adata), load(model)
    index = pd.Index(adata.obs_names.astype(str), name="name")
    pairs = isinstance(loaded, TunedModel) and loaded.task == "pair"
    if pairs != (partner is not None):
        need = "a model of pairs needs partner=" if pairs else "partner= is for models of pairs"
        msg = f"{need}, the obs column with the second RNA; {loaded.spec.name!r} got {partner!r}"
        raise InputError(msg)
    if not isinstance(loaded, TunedModel):
        values = loaded.predict(sequences, names=list(index))
        return pd.DataFrame(values, index=index, columns=list(loaded.spec.outputs))
    remedy = "It has to hold the second RNAs"
    seconds = None if partner is None else strings(adata, partner, remedy=remedy)
    told = tell(loaded, sequences, seconds)
    found = pd.DataFrame({"predicted": told.values}, index=index)
    return found.join(told.chances.set_axis(index))
