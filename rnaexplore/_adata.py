"""What every tool needs: read an AnnData with errors that teach, and note how a key was made."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError, UnknownNameError, nearest

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = [
    "check_anndata",
    "chosen_key",
    "labels_of",
    "load",
    "note",
    "noted",
    "own_embedding",
    "representation",
    "representations",
    "row_of",
    "sequence_of",
    "sequences_of",
    "strings",
]

Array = NDArray[np.float32]

N_AXES = 2
#: what results depend on, beside this package
COMPUTES = (
    "numpy", "torch", "transformers", "scikit-learn", "umap-learn", "scanpy", "igraph", "ViennaRNA"
)  # fmt: skip


def load(model: str | Model) -> Model:
    """Return a model that was given by name or loaded already."""
    if isinstance(model, str):
        from rnaexplore.models import load_model

        return load_model(model)
    return model


def chosen_key(given: str | None, default: str) -> str:
    """Return the key to write: the one given, if there is one that files can hold.

    Raises
    ------
    InputError
        If there is one, and files cannot.
    """
    if given is None:
        return default
    if not isinstance(given, str) or not _keys.is_storable(given):
        msg = f"key_added must be a key that a store can hold, such as 'X_mine', got {given!r}"
        raise InputError(msg)
    return given


def note(adata: AnnData, key: str, record: Mapping[str, object]) -> None:
    """Write how a key was made into ``uns["rnaexplore"][key]``.

    To the record are added: the package's version, those of what it computes with, the number of
    RNAs, and the number of the step, the first being 1. `rnaexplore.repro` reads all of it.
    """
    made = adata.uns.setdefault(_keys.PROVENANCE, {})
    made[key] = noted(record, made, adata.n_obs)


def noted(record: Mapping[str, object], made: Mapping[str, Any], n_obs: int) -> dict[str, object]:
    """Return a record with what `note` adds to it.

    Parameters
    ----------
    record
        How a key was made.
    made
        The records that are there already.
    n_obs
        Number of RNAs.
    """
    steps = [int(other.get("step", 0)) for other in made.values()]
    return {
        **record,
        "step": 1 + max(steps, default=0),
        "n_obs": n_obs,
        "rnaexplore": version("rnaexplore"),
        "versions": dict(_versions()),
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return ("python", platform.python_version()), *(
        (name, found) for name in COMPUTES if (found := _version(name))
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def check_anndata(given: object) -> None:
    """Raise if RNAs were given as something else than an AnnData, such as a file name or a list.

    Raises
    ------
    InputError
        With the call that makes an AnnData of it.
    """
    if isinstance(given, AnnData):
        return
    if isinstance(given, str | os.PathLike):
        what, remedy = f"the text {str(given)!r}", _reader(str(given))
    elif isinstance(given, list | tuple | dict | set):
        what = f"a {type(given).__name__} of {len(given)}"
        remedy = "make one of sequences first: adata = rx.from_sequences(…)"
    else:
        what, remedy = f"a {type(given).__name__}", "the AnnData comes first, the model after it"
    msg = f"expected an AnnData, got {what}; {remedy}"
    raise InputError(msg)


def _reader(text: str) -> str:
    """Return how to make an AnnData of a text: a file name, a sequence, or the name of a model."""
    suffixes = set(PurePath(text).suffixes)
    if ".h5ad" in suffixes:
        return f"read the file first: adata = anndata.read_h5ad({text!r})"
    if ".zarr" in suffixes:
        return f"open the store first: adata = rx.read_lazy({text!r})"
    if suffixes & {".sto", ".stk", ".stockholm"}:
        return f"read the file first: adata = rx.read_stockholm({text!r})"
    if suffixes or "/" in text:
        return f"read the file first: adata = rx.read_fasta({text!r})"
    if text and set(text.upper()) <= set("ACGTUN"):
        return f"make one of the sequence first: adata = rx.from_sequences([{text!r}])"
    return "the AnnData comes first, the model after it; rx.read_fasta reads a file of RNAs"


def strings(adata: AnnData, key: str, *, remedy: str) -> list[str]:
    """Return a text column of ``obs``, missing values as empty strings.

    Raises
    ------
    MissingKeyError
        If there is no such column; `remedy` names the call that creates it.
    """
    check_anndata(adata)
    if key not in adata.obs:
        msg = f"adata.obs has no {key!r}. {nearest(key, map(str, adata.obs.columns))} {remedy}"
        raise MissingKeyError(msg)
    column = adata.obs[key]
    return ["" if missing else str(v) for v, missing in zip(column, column.isna(), strict=True)]


def sequences_of(adata: AnnData) -> list[str]:
    """Return the sequences of all RNAs.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    """
    return strings(
        adata,
        _keys.SEQUENCE,
        remedy="rx.read_fasta, rx.read_stockholm and rx.from_sequences make an AnnData with it",
    )


def sequence_of(adata: AnnData, obs_name: str) -> str:
    """Return the sequence of one RNA.

    Raises
    ------
    UnknownNameError
        If no RNA has this name, with the nearest names.
    InputError
        If several RNAs have this name.
    """
    return sequences_of(adata)[row_of(adata, obs_name)]


def row_of(adata: AnnData, obs_name: str) -> int:
    """Return the row of one RNA.

    Raises
    ------
    UnknownNameError, InputError
        As `sequence_of`.
    """
    rows = np.flatnonzero(adata.obs_names == obs_name)
    if len(rows) == 0:
        msg = f"no RNA is named {obs_name!r} in adata.obs_names. {_few_nearest(adata, obs_name)}"
        raise UnknownNameError(msg)
    if len(rows) > 1:
        msg = f"{len(rows)} RNAs are named {obs_name!r}; call adata.obs_names_make_unique() first"
        raise InputError(msg)
    return int(rows[0])


def _few_nearest(adata: AnnData, obs_name: str, limit: int = 10) -> str:
    names = [str(name) for name in adata.obs_names]
    suggestion = nearest(str(obs_name), names)
    if suggestion.startswith("Known") and len(names) > limit:
        return f"There are {len(names)}, the first: {', '.join(names[:limit])}."
    return suggestion


def representations(adata: AnnData, use_rep: str | Sequence[str] | None) -> list[str]:
    """Return the ``obsm`` keys that were asked for; the one embedding of `embed` if none was.

    Raises
    ------
    MissingKeyError, InputError
        As `own_embedding`; or if the list is empty.
    """
    check_anndata(adata)
    if use_rep is None:
        return [own_embedding(adata)]
    keys = [use_rep] if isinstance(use_rep, str) else list(use_rep)
    if not keys:
        msg = "use_rep must name at least one obsm key"
        raise InputError(msg)
    return keys


def representation(adata: AnnData, use_rep: str) -> Array:
    """Return an ``obsm`` array as float32, shape (n, dim).

    Raises
    ------
    MissingKeyError
        If there is no such key, naming the call that creates it.
    InputError
        If it is not a matrix of finite numbers.
    """
    check_anndata(adata)
    if use_rep not in adata.obsm:
        model = _keys.model_of_key(use_rep)
        known = nearest(use_rep, map(str, adata.obsm))
        msg = f"adata.obsm has no {use_rep!r}. {known} rx.tl.embed(adata, {model!r}) creates it"
        raise MissingKeyError(msg)
    vectors = np.asarray(adata.obsm[use_rep], dtype=np.float32)
    if vectors.ndim != N_AXES or not np.isfinite(vectors).all():
        msg = f"adata.obsm[{use_rep!r}] must be a matrix of finite numbers, got {vectors.shape}"
        raise InputError(msg)
    return vectors


def own_embedding(adata: AnnData) -> str:
    """Return the one ``obsm`` key that `rnaexplore.tl.embed` made.

    Raises
    ------
    MissingKeyError
        If there is none.
    InputError
        If there are several.
    """
    made = adata.uns.get(_keys.PROVENANCE, {})
    keys = [key for key in adata.obsm if "pooling" in made.get(key, {})]
    if not keys:
        msg = "adata.obsm has no embeddings; rx.tl.embed(adata) creates them, or pass use_rep="
        raise MissingKeyError(msg)
    if len(keys) > 1:
        msg = f"adata.obsm has several embeddings; pass use_rep= one of {', '.join(keys)}"
        raise InputError(msg)
    return str(keys[0])


def labels_of(adata: AnnData, key: str) -> NDArray[np.str_]:
    """Return the labels of all RNAs.

    Raises
    ------
    MissingKeyError
        If there is no such ``obs`` column.
    InputError
        If an RNA has no label, or there are fewer than 2 labels.
    """
    labels = strings(adata, key, remedy="Pass labels= the obs column that holds the classes")
    missing = sum(not label for label in labels)
    if missing:
        msg = (
            f"{missing} of {len(labels)} RNAs have no {key!r}; leave them out: "
            f"adata[adata.obs[{key!r}].notna()]"
        )
        raise InputError(msg)
    if len(set(labels)) in {0, 1, len(labels)}:
        msg = f"{key!r} must have at least 2 values and fewer than RNAs, got {len(set(labels))}"
        raise InputError(msg)
    return np.array(labels, dtype=np.str_)
