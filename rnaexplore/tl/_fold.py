"""Secondary structures of all RNAs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore.structure import Decoder
from rnaexplore.tl._access import load, note, sequences_of
from rnaexplore.tl._contact_methods import VIENNA, ContactMethod, predictor
from rnaexplore.tl._contact_regression import ContactRegression, refuse_seen
from rnaexplore.tl._embed import distinct

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["fold"]


@overload
def fold(
    adata: AnnData,
    model: str | Model = ...,
    *,
    method: ContactMethod = ...,
    decode: Decoder = ...,
    threshold: float = ...,
    heads: Sequence[tuple[int, int]] | None = ...,
    fit_on: AnnData | None = ...,
    n_best: int = ...,
    regression: ContactRegression | None = ...,
    allow_seen_families: bool = ...,
    key_added: str | None = ...,
    copy: Literal[False] = ...,
    progress: bool = ...,
) -> None: ...
@overload
def fold(
    adata: AnnData,
    model: str | Model = ...,
    *,
    method: ContactMethod = ...,
    decode: Decoder = ...,
    threshold: float = ...,
    heads: Sequence[tuple[int, int]] | None = ...,
    fit_on: AnnData | None = ...,
    n_best: int = ...,
    regression: ContactRegression | None = ...,
    allow_seen_families: bool = ...,
    key_added: str | None = ...,
    copy: Literal[True],
    progress: bool = ...,
) -> AnnData: ...
def fold(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    method: ContactMethod = "regression",
    decode: Decoder = "mea",
    threshold: float = 0.5,
    heads: Sequence[tuple[int, int]] | None = None,
    fit_on: AnnData | None = None,
    n_best: int = 5,
    regression: ContactRegression | None = None,
    allow_seen_families: bool = False,
    key_added: str | None = None,
    copy: bool = False,
    progress: bool = True,
) -> AnnData | None:
    """Predict the secondary structure of every RNA.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none.
    method
        How contact maps are made: see `rnaexplore.tl.contacts`.
    decode
        How a map becomes a structure: see `ContactMap.decode`.
    threshold
        Pairs less probable than that are not considered, 0 to 1.
    heads, fit_on, n_best
        For ``method="heads"``: see `rnaexplore.tl.contacts`.
    regression, allow_seen_families
        For ``method="regression"``: see `rnaexplore.tl.contacts`.
    key_added
        ``obs`` key to write; ``"structure_<model>"`` if not given, ``"structure_vienna"`` for
        ``method="vienna"``.
    copy
        Whether to return a changed copy instead of changing `adata`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obs[key_added]`` : str
            Dot-bracket as long as the sequence.
        ``uns["rnaexplore"][key_added]`` : dict
            Model, SHA-256 of its weights, method, settings, package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If a method or a setting is not allowed.
    CapabilityError
        If the model cannot make contact maps this way.
    MissingDependencyError
        If ViennaRNA is needed and not installed.
    """
    sequences = sequences_of(adata)
    loaded = None if method == VIENNA else load(model)
    predict = predictor(
        loaded or VIENNA,
        method,
        heads=heads,
        fit_on=fit_on,
        n_best=n_best,
        regression=regression,
    )
    if regression is not None and not allow_seen_families:
        refuse_seen(regression, adata, list(map(str, adata.obs_names)))
    first, inverse = distinct(sequences)
    name = VIENNA if loaded is None else loaded.spec.name
    found = [
        predict(sequences[i]).decode(decode, threshold=threshold).dot_bracket
        for i in tqdm(first, desc=f"fold {name}", unit="RNA", disable=not progress)
    ]
    target = adata.copy() if copy else adata
    key = _keys.predicted_structure_key(name) if key_added is None else key_added
    target.obs[key] = [found[i] for i in inverse]
    settings: dict[str, object] = {"method": method, "decode": decode, "threshold": threshold}
    if heads is not None:
        settings["heads"] = [list(head) for head in heads]
    given = {"fit_on": fit_on, "regression": regression}
    if objects := [option for option, value in given.items() if value is not None]:
        settings["objects_given"] = objects
    sha256 = "" if loaded is None else loaded.weights_sha256
    note(target, key, {"model": name, "weights_sha256": sha256, **settings})
    return target if copy else None
