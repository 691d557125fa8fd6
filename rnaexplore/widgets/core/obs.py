"""What a view writes into ``obs``: selections as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore._keys import is_storable
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["check_column", "save_mask"]


def check_column(adata: AnnData, name: str, n: int, *, overwrite: bool) -> None:
    """Raise `InputError` if a column of `n` values cannot be written."""
    if not is_storable(name):
        msg = (
            f"name must be a key without '/' that files can hold, such as 'my_group'; got {name!r}"
        )
        raise InputError(msg)
    if name in adata.obs and not overwrite:
        msg = f"obs has a column {name!r} already; choose another name, or pass overwrite=True"
        raise InputError(msg)
    if len(adata.obs_names) != n:
        msg = (
            f"the AnnData had {n} RNAs when this view was made and has {adata.n_obs} now; "
            "make a new view"
        )
        raise InputError(msg)


def save_mask(adata: AnnData, mask: NDArray[np.bool_], name: str, label: str | None) -> None:
    """Write a mask as a boolean column, or a label where it is true."""
    from rnaexplore._adata import note

    adata.obs[name] = mask if label is None else _labelled(adata.obs, name, mask, label)
    made = {"function": "save_selection", "n_selected": int(mask.sum())}
    note(adata, name, made)


def _labelled(obs: pd.DataFrame, name: str, mask: NDArray[np.bool_], label: str) -> pd.Series[Any]:
    import pandas as pd

    kept = obs[name].astype(object) if name in obs else pd.Series(None, obs.index, dtype=object)
    return kept.where(~mask, label).astype("category")
