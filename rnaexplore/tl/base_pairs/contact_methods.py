"""The ways to a contact map: each turns a sequence into probabilities or scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import load
from rnaexplore.errors import InputError, MissingDependencyError
from rnaexplore.maps import ContactMap, CouplingMap
from rnaexplore.maps.coupling import CouplingKind, scaled_to_best
from rnaexplore.models.alphabet import normalise
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from rnaexplore.tl.base_pairs.contact_windows import Windowed
from rnaexplore.tl.base_pairs.jacobian import coupling_map
from rnaexplore.tl.evaluation.seen import Seen, seen_by_model, seen_in
from rnaexplore.tl.heads.attention import attention_maps
from rnaexplore.tl.heads.references import check_nucleotides, references
from rnaexplore.tl.heads.score_heads import head_scores

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = [
    "VIENNA",
    "ContactMethod",
    "Predictor",
    "check_options",
    "predictor",
    "what_was_seen",
]

ContactMethod = Literal["regression", "heads", "jacobian", "dependency", "supervised", "vienna"]
Predictor = Callable[[str], ContactMap]
Head = tuple[int, int]
Array = NDArray[np.float32]

VIENNA = "vienna"  #: stands for the model's name where there is no model


def check_options(
    method: str,
    heads: Sequence[Head] | None,
    fit_on: AnnData | None,
    regression: ContactRegression | None,
) -> None:
    """Raise if a method is unknown, or gets options that are not its own.

    Raises
    ------
    InputError
        With the methods there are, or the options to give.
    """
    if method not in get_args(ContactMethod):
        msg = f"method must be one of {', '.join(get_args(ContactMethod))}, got {method!r}"
        raise InputError(msg)
    if regression is not None and method != "regression":
        msg = f"regression= belongs to method='regression', not to {method!r}"
        raise InputError(msg)
    given = (heads is not None) + (fit_on is not None)
    if method == "heads" and given != 1:
        msg = (
            "method='heads' needs either heads=[(layer, head), …], or fit_on= an AnnData with "
            "known structures to choose the best heads on"
        )
        raise InputError(msg)
    if method != "heads" and given:
        msg = f"heads= and fit_on= belong to method='heads', not to {method!r}"
        raise InputError(msg)


def predictor(
    model: str | Model,
    method: ContactMethod,
    *,
    heads: Sequence[Head] | None,
    fit_on: AnnData | None,
    n_best: int,
    regression: ContactRegression | None = None,
    window: int | None = None,
    progress: bool = False,
) -> Predictor:
    """Return the function from a sequence to its contact map.

    Parameters
    ----------
    model, method, heads, fit_on, n_best, regression, progress
        As for `rnaexplore.tl.contacts`.
    window
        Residues per window for RNAs longer than that; the maps of windows are joined by
        `rnaexplore.models.inference.windows.join_pairs`, scores before they are scaled.
    """
    check_options(method, heads, fit_on, regression)
    if method == "vienna":
        read = Windowed(window, None)
        return lambda sequence: _vienna(sequence, read)
    loaded = load(model)
    read = Windowed(window, loaded.spec)
    if regression is not None:
        regression.check_model(loaded)
        return _fitted(loaded, regression, read)
    if method in {"regression", "supervised"}:
        return _trained(loaded, method, read)
    if method in get_args(CouplingKind):
        return _couplings(loaded, cast("CouplingKind", method), read, progress=progress)
    if fit_on is not None:
        return _heads(loaded, _best_heads(loaded, fit_on, n_best), read)
    assert heads is not None
    return _heads(loaded, _checked(loaded, heads), read)


def what_was_seen(
    model: str | Model, fit_on: AnnData | None, regression: ContactRegression | None
) -> list[Seen]:
    """Return what a contact method rests on has seen: the model, the fit, the choice of heads.

    Parameters
    ----------
    model
        A loaded model, or ``"vienna"``, which was trained on no RNA here.
    fit_on, regression
        As for `predictor`.
    """
    found = [] if isinstance(model, str) else [seen_by_model(model)]
    if fit_on is not None:
        found.append(seen_in("the choice of heads", fit_on))
    if regression is not None:
        found.append(regression.seen)
    return found


def _fitted(model: Model, regression: ContactRegression, read: Windowed) -> Predictor:
    def predict(sequence: str) -> ContactMap:
        text = normalise(sequence)
        values, places = read(lambda piece: regression.predict(model, piece).values, text)
        name, kind = model.spec.name, regression.kind
        return ContactMap(values, text, "regression", name, kind=kind, windows=places)

    return predict


def _trained(model: Model, method: str, read: Windowed) -> Predictor:
    """Return the model's own trained head, whether a regression or a deeper network."""

    def predict(sequence: str) -> ContactMap:
        values, places = read(model.contacts, sequence)
        return ContactMap(values, normalise(sequence), method, model.spec.name, windows=places)

    return predict


def _couplings(model: Model, kind: CouplingKind, read: Windowed, *, progress: bool) -> Predictor:
    def scores(sequence: str) -> Array:
        return coupling_map(model, sequence, kind=kind, progress=progress).scores

    def predict(sequence: str) -> ContactMap:
        text = normalise(sequence)
        values, places = read(scores, text)
        caution = model.spec.caution("logits")
        found = CouplingMap(values, text, kind, model.spec.name, caution).contacts()
        return replace(found, windows=places)

    return predict


def _heads(model: Model, heads: Sequence[Head], read: Windowed) -> Predictor:
    """Return the mean of heads, scaled: scores, not probabilities."""
    layers = sorted({layer for layer, _ in heads})

    def mean(sequence: str) -> Array:
        maps = attention_maps(model, sequence, layers=layers).symmetrize().apc()
        result: Array = np.mean([maps.at(layer, head) for layer, head in heads], axis=0)
        return result

    def predict(sequence: str) -> ContactMap:
        text = normalise(sequence)
        found, places = read(mean, text)
        values, name = scaled_to_best(found), model.spec.name
        return ContactMap(values, text, "heads", name, kind="score", windows=places)

    return predict


def _checked(model: Model, heads: Sequence[Head]) -> list[Head]:
    spec = model.spec
    for layer, head in heads:
        if not (0 <= layer < spec.n_layers and 0 <= head < spec.n_heads):
            msg = (
                f"{spec.name!r} has no head ({layer}, {head}); layers are 0 to "
                f"{spec.n_layers - 1}, heads 0 to {spec.n_heads - 1}"
            )
            raise InputError(msg)
    if not heads:
        msg = "heads must name at least one (layer, head)"
        raise InputError(msg)
    return list(heads)


def _best_heads(model: Model, fit_on: AnnData, n_best: int) -> list[Head]:
    """Return the heads with the largest mean average precision on known structures."""
    spec = model.spec
    check_nucleotides(model)
    if not 1 <= n_best <= spec.n_layers * spec.n_heads:
        msg = f"n_best must be in [1, {spec.n_layers * spec.n_heads}], got {n_best}"
        raise InputError(msg)
    chosen = references(fit_on, _keys.STRUCTURE, n_max=None, rng=np.random.default_rng(0))
    mean = head_scores(model, chosen).auprc.mean(0)
    best = np.argsort(-mean, kind="stable")[:n_best].tolist()
    return [divmod(k, spec.n_heads) for k in best]


def _vienna(sequence: str, read: Windowed) -> ContactMap:
    """Return the base-pair probabilities of the thermodynamic ensemble (ViennaRNA, McCaskill)."""
    text = normalise(sequence)
    values, places = read(_pair_probabilities, text)
    return ContactMap(values, text, "vienna", "ViennaRNA", windows=places)


def _pair_probabilities(sequence: str) -> Array:
    try:
        import RNA
    except ImportError as error:
        msg = "method='vienna' needs ViennaRNA: pip install 'rnaexplore[vienna]'"
        raise MissingDependencyError(msg) from error
    fold = RNA.fold_compound(sequence)
    fold.pf()
    upper = np.array(fold.bpp(), dtype=np.float64)[1:, 1:]
    probabilities: Array = np.clip(upper + upper.T, 0, 1).astype(np.float32)
    return probabilities
