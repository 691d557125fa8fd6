"""From RNAs to a folder of structures, the work of ``rnaexplore fold``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore import _keys
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.maps import ContactMap
    from rnaexplore.models.model import Model
    from rnaexplore.structure import Decoder
    from rnaexplore.tl._contact_methods import ContactMethod

__all__ = ["fold_to_folder"]

FORMATS = (".dbn", ".ct")


def fold_to_folder(
    adata: AnnData,
    out: Path,
    *,
    model: str | Model = "mini",
    method: ContactMethod = "regression",
    decode: Decoder = "mea",
    threshold: float = 0.5,
    progress: bool = True,
) -> list[Path]:
    """Predict the structure of each RNA and write it. `adata` is not changed.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    out
        Folder to write into, made if it is missing. For each RNA ``<name>.dbn``, ``<name>.ct``,
        and ``<name>.csv``: the (L, L) probabilities under the residues' letters and 1-based
        numbers. Letters of a name that do not fit a file name become ``_``.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none.
    method
        How contact maps are made, see `rnaexplore.tl.contacts`.
    decode
        How a map becomes a structure, see `ContactMap.decode`.
    threshold
        Pairs less probable than that are not considered, 0 to 1.
    progress
        Whether to show a progress bar.

    Returns
    -------
    list of Path
        The files, RNA by RNA.

    Raises
    ------
    InputError
        If two RNAs would share a file name, or a setting is not allowed.
    """
    from tqdm.auto import tqdm

    from rnaexplore import tl
    from rnaexplore.models import load_model

    stems = _stems(adata, out)
    loaded = load_model(model) if isinstance(model, str) and method != "vienna" else model
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for name, stem in tqdm(stems.items(), desc="fold", unit="RNA", disable=not progress):
        contacts = tl.contacts(adata, name, loaded, method=method, progress=False)
        dots = contacts.decode(decode, threshold=threshold).dot_bracket
        files += _write(adata[[name]].copy(), dots, contacts, stem)
    return files


def _stems(adata: AnnData, out: Path) -> dict[str, Path]:
    """Return the path of each RNA's files without their ending."""
    stems = {str(name): out / _keys.safe(str(name)) for name in adata.obs_names}
    if len(set(stems.values())) < adata.n_obs:
        msg = "some RNAs would share a file name; make adata.obs_names unique, without / and spaces"
        raise InputError(msg)
    return stems


def _write(rna: AnnData, dots: str, contacts: ContactMap, stem: Path) -> list[Path]:
    import pandas as pd

    from rnaexplore.io import write_structures

    rna.obs[_keys.STRUCTURE] = [dots]
    files = [stem.with_name(stem.name + ending) for ending in (*FORMATS, ".csv")]
    for file in files[: len(FORMATS)]:
        write_structures(rna, file)
    labels = [f"{residue}{i}" for i, residue in enumerate(contacts.residues, start=1)]
    table = pd.DataFrame(contacts.probabilities, index=labels, columns=labels)
    table.to_csv(files[-1], float_format="%.6f")
    return files
