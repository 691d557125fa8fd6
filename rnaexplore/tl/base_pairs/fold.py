"""Secondary structures of all RNAs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, load, note, sequences_of
from rnaexplore.models.inference.inputs import check_sequences
from rnaexplore.structure import DEFAULT, Decoder, MapKind
from rnaexplore.tl.base_pairs.contact_methods import (
    VIENNA,
    ContactMethod,
    check_options,
    predictor,
    what_was_seen,
)
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from rnaexplore.tl.embedding.embed import distinct
from rnaexplore.tl.evaluation.seen import OnSeen, check_exposure

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
    threshold: float | None = ...,
    pairs_per_residue: float | None = ...,
    canonical: bool = ...,
    min_loop: int = ...,
    heads: Sequence[tuple[int, int]] | None = ...,
    fit_on: AnnData | None = ...,
    n_best: int = ...,
    regression: ContactRegression | None = ...,
    window: int | None = ...,
    on_seen: OnSeen = ...,
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
    threshold: float | None = ...,
    pairs_per_residue: float | None = ...,
    canonical: bool = ...,
    min_loop: int = ...,
    heads: Sequence[tuple[int, int]] | None = ...,
    fit_on: AnnData | None = ...,
    n_best: int = ...,
    regression: ContactRegression | None = ...,
    window: int | None = ...,
    on_seen: OnSeen = ...,
    key_added: str | None = ...,
    copy: Literal[True],
    progress: bool = ...,
) -> AnnData: ...
def fold(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    method: ContactMethod = "regression",
    decode: Decoder = DEFAULT.decoder,
    threshold: float | None = None,
    pairs_per_residue: float | None = None,
    canonical: bool = DEFAULT.canonical,
    min_loop: int = DEFAULT.min_loop,
    heads: Sequence[tuple[int, int]] | None = None,
    fit_on: AnnData | None = None,
    n_best: int = 5,
    regression: ContactRegression | None = None,
    window: int | None = None,
    on_seen: OnSeen = "warn",
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
    decode, threshold, pairs_per_residue, canonical, min_loop
        How a map becomes a structure: the arguments of `rnaexplore.maps.ContactMap.decode`, where
        `decode` is its ``method``, with the same defaults, `rnaexplore.structure.DEFAULT`.
        `threshold` is for probabilities, `pairs_per_residue` for scores.
    heads, fit_on, n_best
        For ``method="heads"``: see `rnaexplore.tl.contacts`.
    regression
        For ``method="regression"``: see `rnaexplore.tl.contacts`.
    window
        Residues per window for RNAs longer than that: see `rnaexplore.tl.contacts`.
    on_seen
        What to do if RNAs, or others of their families, were in the training of the model, in the
        fit of `regression` or among `fit_on`: see `rnaexplore.tl.contacts`.
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
            Model, SHA-256 of its weights, method, settings, window (0 if none), how many RNAs and
            families were seen, package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If a method or a setting is not allowed, or as `on_seen` says.
    SequenceTooLongError
        If an RNA is longer than the model reads and there is no `window`, before anything is
        computed, naming the RNA.
    CapabilityError
        If the model cannot make contact maps this way.
    MissingDependencyError
        If ViennaRNA is needed and not installed.

    Notes
    -----
    One RNA is read at a time: time grows with the number of RNAs and the square of their lengths,
    with decoders that optimize the whole structure and with ViennaRNA with the cube; memory with
    the square of the longest.
    """
    sequences = sequences_of(adata)
    check_options(method, heads, fit_on, regression)
    loaded = VIENNA if method == VIENNA else load(model)
    predict = predictor(
        loaded,
        method,
        heads=heads,
        fit_on=fit_on,
        n_best=n_best,
        regression=regression,
        window=window,
    )
    seen = what_was_seen(loaded, fit_on, regression)
    exposure = check_exposure(adata, range(adata.n_obs), seen, on_seen=on_seen)
    name = loaded if isinstance(loaded, str) else loaded.spec.name
    key = chosen_key(key_added, _keys.predicted_structure_key(name))
    rule: dict[str, object] = {"decode": decode, "canonical": canonical, "min_loop": min_loop}
    first, inverse = distinct(sequences)
    _check(loaded, adata, sequences, first, window)
    found: list[str] = []
    kind: MapKind = "probability"
    for i in tqdm(first, desc=f"fold {name}", unit="RNA", disable=not progress):
        contacts = predict(sequences[i])
        kind = contacts.kind
        structure = contacts.decode(
            decode,
            threshold=threshold,
            pairs_per_residue=pairs_per_residue,
            canonical=canonical,
            min_loop=min_loop,
        )
        found.append(structure.dot_bracket)
    target = adata.copy() if copy else adata
    target.obs[key] = [found[i] for i in inverse]
    cut = DEFAULT.cut(kind, threshold, pairs_per_residue)
    settings = {"method": method, **rule, **cut, "window": window or 0}
    settings["exposure"] = exposure.record
    given = {"fit_on": fit_on, "regression": regression}
    note(target, key, _described(loaded, settings, heads, given))
    return target if copy else None


def _check(
    model: str | Model,
    adata: AnnData,
    sequences: Sequence[str],
    chosen: Sequence[int],
    window: int | None,
) -> None:
    """Raise if the model cannot read one of the RNAs, naming it."""
    if isinstance(model, str):
        return
    names = [str(adata.obs_names[i]) for i in chosen]
    check_sequences(model.spec, [sequences[i] for i in chosen], names, window=window)


def _described(
    model: str | Model,
    settings: dict[str, object],
    heads: Sequence[tuple[int, int]] | None,
    given: dict[str, object],
) -> dict[str, object]:
    """Return how structures were made, for the provenance."""
    name, sha256 = (
        (model, "") if isinstance(model, str) else (model.spec.name, model.weights_sha256)
    )
    described: dict[str, object] = {"model": name, "weights_sha256": sha256, **settings}
    if heads is not None:
        described["heads"] = [list(head) for head in heads]
    if objects := [option for option, value in given.items() if value is not None]:
        described["objects_given"] = objects
    return described
