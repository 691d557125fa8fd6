"""From RNAs to a folder of structures, the work of ``rnaexplore fold``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.io.file_names import TABLE, file_stems, table_of_names
from rnaexplore.structure import DEFAULT

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.maps import ContactMap
    from rnaexplore.models.model import Model
    from rnaexplore.structure import Decoder
    from rnaexplore.tl._contact_methods import ContactMethod, Predictor

__all__ = ["fold_to_folder"]

FORMATS = (".dbn", ".ct")


def fold_to_folder(
    adata: AnnData,
    out: Path,
    *,
    model: str | Model = "mini",
    method: ContactMethod = "regression",
    decode: Decoder = DEFAULT.decoder,
    threshold: float | None = None,
    pairs_per_residue: float | None = None,
    canonical: bool = DEFAULT.canonical,
    min_loop: int = DEFAULT.min_loop,
    progress: bool = True,
) -> list[Path]:
    """Predict the structure of each RNA and write it. `adata` is not changed.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    out
        Folder to write into, made if it is missing. For each RNA ``<name>.dbn``, ``<name>.ct``,
        and ``<name>.csv``: the (L, L) map under the residues' letters and 1-based numbers, its
        first cell saying whether it holds probabilities or scores. Letters of a name that do not
        fit a file name become ``_``, long names are shortened, and a part of their digest keeps
        equal ones apart; ``names.csv`` then says which RNA has which files.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none.
    method
        How contact maps are made, see `rnaexplore.tl.contacts`.
    decode, threshold, pairs_per_residue, canonical, min_loop
        How a map becomes a structure, see `rnaexplore.tl.fold`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    list of Path
        The files, RNA by RNA, and ``names.csv`` if there is one.

    Raises
    ------
    InputError
        If two RNAs have the same name, or a setting is not allowed.
    """
    from tqdm.auto import tqdm

    from rnaexplore.tl._access import sequence_of

    stems = _stems(adata, out)
    predict = _predictor(adata, model, method)
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for name, stem in tqdm(stems.items(), desc="fold", unit="RNA", disable=not progress):
        contacts = predict(sequence_of(adata, name))
        structure = contacts.decode(
            decode,
            threshold=threshold,
            pairs_per_residue=pairs_per_residue,
            canonical=canonical,
            min_loop=min_loop,
        )
        files += _write(adata[[name]].copy(), structure.dot_bracket, contacts, stem)
    return files + _names_table(stems, out)


def _predictor(adata: AnnData, model: str | Model, method: ContactMethod) -> Predictor:
    """Return what makes contact maps, once it was said which RNAs the model has seen."""
    from rnaexplore.tl._access import load
    from rnaexplore.tl._contact_methods import VIENNA, check_options, predictor, what_was_seen
    from rnaexplore.tl._seen import check_exposure

    check_options(method, None, None, None)
    loaded = VIENNA if method == VIENNA else load(model)
    seen = what_was_seen(loaded, None, None)
    check_exposure(adata, range(adata.n_obs), seen, on_seen="warn")
    return predictor(loaded, method, heads=None, fit_on=None, n_best=1)


def _stems(adata: AnnData, out: Path) -> dict[str, Path]:
    """Return the path of each RNA's files without their ending."""
    if not adata.obs_names.is_unique:
        msg = "some RNAs would share a file name; make adata.obs_names unique"
        raise InputError(msg)
    stems = file_stems(map(str, adata.obs_names))
    return {name: out / stem for name, stem in stems.items()}


def _names_table(stems: dict[str, Path], out: Path) -> list[Path]:
    """Write which RNA has which files, where that is not plain from their names."""
    if all(name == stem.name for name, stem in stems.items()):
        return []
    names = {name: stem.name for name, stem in stems.items()}
    (out / TABLE).write_text(table_of_names(names), encoding="utf-8")
    return [out / TABLE]


def _write(rna: AnnData, dots: str, contacts: ContactMap, stem: Path) -> list[Path]:
    import pandas as pd

    from rnaexplore.io import write_structures

    rna.obs[_keys.STRUCTURE] = [dots]
    files = [stem.with_name(stem.name + ending) for ending in (*FORMATS, ".csv")]
    for file in files[: len(FORMATS)]:
        write_structures(rna, file)
    labels = [f"{residue}{i}" for i, residue in enumerate(contacts.residues, start=1)]
    table = pd.DataFrame(contacts.values, index=labels, columns=labels)
    table.to_csv(files[-1], float_format="%.6f", index_label=contacts.kind)
    return files
