"""What a fine-tuned model says of many RNAs, spelled as the target was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import sequences_of, strings
from rnaexplore.errors import RnaExploreError
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.models.finetuned.model import TunedModel, check_readable

__all__ = ["Told", "prediction_table", "tell"]

BATCH = 64  #: RNAs whose residues are labelled at a time


@dataclass(frozen=True, slots=True)
class Told:
    """Predictions.

    Attributes
    ----------
    values
        Of each RNA: a class, a number, labels of its residues, or a dot-bracket.
    chances
        Probabilities of the classes of RNAs or pairs, columns ``p_<label>``; no columns otherwise.
    """

    values: list[Any]
    chances: pd.DataFrame


def tell(model: TunedModel, sequences: Sequence[str], seconds: Sequence[str] | None) -> Told:
    """Return what a model says of RNAs (or pairs) that it can read."""
    if model.task == "contact":
        return _bare([model.structure(s).dot_bracket for s in sequences])
    if model.task == "residue":
        starts = range(0, len(sequences), BATCH)
        found = [a for k in starts for a in model.predict_many_residues(sequences[k : k + BATCH])]
        return _bare(["".join(model.labels[c] for c in a.argmax(1)) for a in found])
    if seconds is not None:
        return _of_rnas(model, model.predict_pairs(sequences, seconds))
    return _of_rnas(model, model.predict(sequences))


def _bare(values: list[Any]) -> Told:
    return Told(values, pd.DataFrame(index=range(len(values))))


def _of_rnas(model: TunedModel, found: NDArray[np.float32]) -> Told:
    if not model.labels:
        return _bare(found[:, 0].astype(float).tolist())
    columns = [f"p_{label}" for label in model.labels]
    return Told([model.labels[k] for k in found.argmax(1)], pd.DataFrame(found, columns=columns))


def prediction_table(
    model: TunedModel, adata: AnnData, examples: Examples, parts: Parts, partner: str | None
) -> pd.DataFrame:
    """Return part, true and predicted target of all RNAs, and the probabilities of classes.

    RNAs without a target are predicted where the model can read them, and missing otherwise.
    """
    sequences = sequences_of(adata)
    seconds = None if partner is None else strings(adata, partner, remedy="It has the second RNAs")
    learned = set(examples.rows.tolist())
    rows = [
        i for i in range(adata.n_obs) if i in learned or _readable(model, i, sequences, seconds)
    ]
    second = None if seconds is None else [seconds[i] for i in rows]
    told = tell(model, [sequences[i] for i in rows], second)
    spelled = [examples.spelled(k) for k in range(len(examples.rows))]
    n = adata.n_obs
    columns = {
        "part": _spread(n, examples.rows.tolist(), parts.names().tolist()),
        "true": _spread(n, examples.rows.tolist(), spelled),
        "predicted": _spread(n, rows, told.values),
    }
    chances = {str(c): _spread(n, rows, told.chances[c].tolist()) for c in told.chances}
    return pd.DataFrame(columns | chances, index=adata.obs_names.copy())


def _spread(n: int, rows: Sequence[int], values: Sequence[Any]) -> list[Any]:
    """Return a column with values at some rows and nothing elsewhere."""
    column: list[Any] = [None] * n
    for i, value in zip(rows, values, strict=True):
        column[i] = value
    return column


def _readable(
    model: TunedModel, i: int, sequences: Sequence[str], seconds: Sequence[str] | None
) -> bool:
    try:
        check_readable(model, [sequences[i]], None)
        if seconds is not None:
            check_readable(model, [seconds[i]], None)
            model.check_widths([sequences[i]], [seconds[i]])
    except RnaExploreError:
        return False
    return True
