"""Values for each RNA that views show beside ``obs``: derived from sequences, or given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from rnaexplore.models.model import Model
    from rnaexplore.widgets.core.columns import Annotated

__all__ = ["GC", "Values", "derived", "gc_content", "together", "trained_on", "with_values"]

GC = "GC"  #: share of G and C among the letters A, C, G and U
MOST_CHECKED = 20_000  #: RNAs; checking more against the training data would delay the view


@dataclass(frozen=True, slots=True)
class Values:
    """Columns by name, each of one value an RNA in the order of the AnnData."""

    columns: dict[str, NDArray[Any]]

    def added(self, adata: AnnData, name: str, values: ArrayLike) -> Values:
        """Return these and another column.

        Raises
        ------
        InputError
            If there is not one value for each RNA, or ``obs`` has a column of that name.
        """
        import pandas as pd

        if name in adata.obs:
            msg = f"obs has a column {name!r} already; choose another name, or set color={name!r}"
            raise InputError(msg)
        if isinstance(values, pd.Series):
            values = values.reindex(adata.obs_names)
        column = np.asarray(values)
        if column.shape != (adata.n_obs,):
            msg = f"values must have one entry for each of {adata.n_obs} RNAs, got {column.shape}"
            raise InputError(msg)
        return Values(self.columns | {name: column})


@dataclass(frozen=True, slots=True)
class _Joined:
    """``obs`` and further columns, with the colours of the AnnData."""

    obs: pd.DataFrame
    uns: Any


def together(first: Values, second: Values) -> Values:
    """Return the columns of both."""
    return Values(first.columns | second.columns)


def with_values(adata: AnnData, extra: Values) -> Annotated:
    """Return the AnnData's columns together with others."""
    new = {name: column for name, column in extra.columns.items() if name not in adata.obs}
    return _Joined(adata.obs.assign(**new), adata.uns) if new else adata


def derived(adata: AnnData) -> Values:
    """Return length and share of G and C of sequences, as far as ``obs`` lacks them."""
    if _keys.SEQUENCE not in adata.obs:
        return Values({})
    texts = adata.obs[_keys.SEQUENCE].astype(object)
    sequences = ["" if not isinstance(text, str) else text for text in texts]
    columns: dict[str, NDArray[Any]] = {}
    if _keys.LENGTH not in adata.obs:
        columns[_keys.LENGTH] = np.array([len(sequence) for sequence in sequences])
    if not {GC, GC.lower(), f"{GC.lower()}_content"} & set(adata.obs.columns):
        columns[GC] = gc_content(sequences)
    return Values(columns)


def trained_on(adata: AnnData, model: Model | None) -> tuple[Values, str]:
    """Return what a model was trained on: a column, and a sentence.

    The column holds ``"sequence"``, ``"relative"``, ``"family"`` or ``"no"`` per RNA. There is none
    if the training data are not known, or for more than 20,000 RNAs; the sentence is empty without
    a model, without sequences, or for more than 20,000 RNAs.
    """
    if model is None or _keys.SEQUENCE not in adata.obs or adata.n_obs > MOST_CHECKED:
        return Values({}), ""
    from rnaexplore.tl.evaluation.exposure import exposure_of

    found = exposure_of(adata, model)
    if not found.known:
        return Values({}), str(found)
    kinds = np.select(
        [found.seen, found.related, found.family_seen], ["sequence", "relative", "family"], "no"
    )
    return Values({f"in training of {found.model}": kinds}), str(found)


def gc_content(sequences: list[str]) -> NDArray[np.float32]:
    """Return the share of G and C among the letters A, C, G, U and T; NaN where there are none."""
    shares = (_share(text if text.isupper() else text.upper()) for text in sequences)
    return np.fromiter(shares, dtype=np.float32, count=len(sequences))


def _share(text: str) -> float:
    strong = text.count("G") + text.count("C")
    known = strong + text.count("A") + text.count("U") + text.count("T")
    return strong / known if known else np.nan
