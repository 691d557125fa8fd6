"""How many of the given RNAs and families a model was trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._adata import sequences_of, strings

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models import ModelSpec
    from rnaexplore.models.exposure import Exposure, Register
    from rnaexplore.models.model import Model

__all__ = ["ATTRS", "embedding_exposure", "exposure", "exposure_of"]

ATTRS = "exposure"  #: where tables of results keep the sentences


def exposure(
    adata: AnnData, model: str | Model = "mini", *, families: str = _keys.FAMILY
) -> pd.DataFrame:
    """Report which RNAs and families were in a model's training data.

    For `mini` a register of its training data comes with the package: hashes of all sequences, one
    in eight of their 14-mers, and the names of their families. For other models nothing is known
    but what their authors say.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one; no weights are needed.
    families
        ``obs`` column with accessions (``RF00005``) or names of families; it may be missing.

    Returns
    -------
    DataFrame
        Indexed by ``adata.obs_names``. Columns:

        ``seen`` : bool
            The sequence itself was trained on.
        ``related`` : bool
            It was, or it shares more than a tenth of its 14-mers with the training data (an
            estimate).
        ``family_seen`` : bool
            Its family was trained on.

        ``attrs["exposure"]`` holds one sentence for reports. For models without a register all
        columns are missing values and the sentence says what their authors publish.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownModelError
        If no model has this name.

    Notes
    -----
    Time grows with the total length of the RNAs and the logarithm of the size of the register,
    memory with the number of RNAs and the size of the register.
    """
    import pandas as pd

    found = exposure_of(adata, model, families=families)
    columns = {n: getattr(found, n) for n in ("seen", "related", "family_seen")}
    table = pd.DataFrame(columns, index=adata.obs_names, dtype="boolean")
    if not found.known:
        table[:] = pd.NA
    table.attrs[ATTRS] = str(found)
    return table


def exposure_of(adata: AnnData, model: str | Model, *, families: str = _keys.FAMILY) -> Exposure:
    """Return the exposure of the RNAs of an AnnData to a model's training data."""
    return _counted(adata, *_known(model), families)


def embedding_exposure(adata: AnnData, use_rep: Iterable[str]) -> dict[str, str]:
    """Return one sentence for each ``obsm`` key that `rnaexplore.tl.embed` wrote.

    Keys of other origin are left out.
    """
    from rnaexplore.models import get_spec
    from rnaexplore.models.exposure import register_of
    from rnaexplore.models.weights.sources import BUNDLED

    made = adata.uns.get(_keys.PROVENANCE, {})
    found = {}
    for key in use_rep:
        record = made.get(key, {})
        if "pooling" in record and record.get("source") == BUNDLED:
            spec = get_spec(str(record["model"]))
            found[key] = str(_counted(adata, spec, register_of(spec), _keys.FAMILY))
        elif "pooling" in record:
            found[key] = f"{record['model']}: not known which RNAs were trained on"
    return found


def _counted(adata: AnnData, spec: ModelSpec, register: Register | None, families: str) -> Exposure:
    """Return the exposure by the column of families or of accessions that the register knows."""
    from rnaexplore.models.exposure import exposure as of_sequences

    columns = [key for key in (families, _keys.ACCESSION) if key in adata.obs]
    named: list[list[str] | None] = [strings(adata, key, remedy="") for key in columns]
    texts = sequences_of(adata)
    found = [of_sequences(spec, register, texts, names) for names in named or [None]]
    return max(found, key=lambda one: int(one.family_seen.sum()))


def _known(model: str | Model) -> tuple[ModelSpec, Register | None]:
    """Return the spec of a model and the register of its training data, if there is one."""
    from rnaexplore.models import get_spec
    from rnaexplore.models.exposure import register_of, register_of_model

    if isinstance(model, str):
        spec = get_spec(model)
        return spec, register_of(spec)
    return model.spec, register_of_model(model)
