"""Fit a contact readout on the attention heads of a model, from a few known structures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load, strings
from rnaexplore.errors import InputError
from rnaexplore.structure import Calibration, calibrate
from rnaexplore.structure.resampling import family_folds
from rnaexplore.tl.base_pairs.contact_regression import (
    ContactRegression,
    fingerprint,
    head_features,
)
from rnaexplore.tl.evaluation.seen import digest
from rnaexplore.tl.heads.pair_scores import candidates
from rnaexplore.tl.heads.references import References, check_nucleotides, references

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["fit_contacts"]

BACKGROUND = 5000  #: most unpaired candidates of one RNA that are kept; they count for all
FEWEST_FAMILIES = 3  #: with which a calibration means something
FEWEST_FOLDS = 2

Examples = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]


class Settings(NamedTuple):
    """How regressions are fitted: strength of the penalty, number of folds, seed."""

    strength: float
    n_folds: int
    state: int


def fit_contacts(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    reference: str = _keys.STRUCTURE,
    family: str | None = _keys.FAMILY,
    n_max: int = 20,
    strength: float = 0.15,
    n_folds: int = 4,
    seed: int = 0,
    progress: bool = True,
) -> ContactRegression:
    """Fit the contact regression of the ESM protocol on known structures, and calibrate it.

    A logistic regression with an L1 penalty from the symmetrised and corrected attention of all
    heads to base pairs, over pairs of residues at least 4 apart, fitted on few RNAs (Rao et al.
    2021, doi:10.1101/2020.12.15.422761). Pairs count as they occur: of an RNA with more
    than 5,000 unpaired candidates a random 5,000 stand for all. Nothing is written into `adata`.

    What a regression says of the RNAs that it was fitted on is surer than what it says of new
    families. So its log odds are calibrated (`rnaexplore.structure.calibrate`) on families held
    out in turn: regressions are fitted without each fold of families and tell the log odds of its
    pairs, to which a curve is fitted. Without families, or with fewer than 3, there is no such
    curve, and the maps of the regression are scores, not probabilities.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and known structures.
    model
        Name of a model, or a loaded one, that reads nucleotides.
    reference
        ``obs`` key of dot-bracket structures. RNAs without a base pair there are left out.
    family
        ``obs`` key of the families, held out in turn for the calibration, and kept with the result
        so that no prediction for one of them is mistaken for one of a new family; ``None`` if they
        are not known.
    n_max
        Most RNAs to fit on; a random choice if there are more.
    strength
        Inverse strength of the L1 penalty, scikit-learn's ``C``, above 0, with features in units
        of their root mean square over all heads: models differ in the size of their attention.
    n_folds
        Parts into which families are divided for the calibration, at most their number; 0 to leave
        it out.
    seed
        Seed of the choice of RNAs and pairs, and of the division.
    progress
        Whether to show a progress bar.

    Returns
    -------
    ContactRegression
        With ``.save(path)``; pass it to `rnaexplore.tl.contacts` as ``regression=``.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    CapabilityError
        If the model has no attention.
    InputError
        If fewer than 2 RNAs have base pairs, the model reads codons, or a setting is not allowed.

    Notes
    -----
    One RNA is read at a time: time grows with the number of RNAs drawn (`n_max`), the number of
    heads and the square of the lengths; memory with the number of RNAs times heads times their true
    pairs and some hundred others, beside the maps of the longest RNA.
    """
    if n_max < 1 or strength <= 0 or n_folds < 0:
        msg = (
            "n_max must be >= 1, strength > 0 and n_folds >= 0, got "
            f"{n_max}, {strength} and {n_folds}"
        )
        raise InputError(msg)
    loaded = load(model)
    check_nucleotides(loaded)
    families = _families(adata, family)
    rng = np.random.default_rng(seed)
    chosen = references(adata, reference, n_max=n_max, rng=rng)
    examples = [
        _examples(loaded, sequence, truth, rng)
        for sequence, truth in _shown(chosen, "fit contacts", progress=progress)
    ]
    settings = Settings(strength, n_folds, int(rng.integers(2**31)))
    coefficients, intercept = _fit(examples, settings)
    of = [families[row] for row in chosen.rows]
    found = _calibrated(loaded, chosen, examples, of, settings, progress=progress)
    curve = () if found is None else (found.curve.logits, found.curve.calibrated)
    return ContactRegression(
        model=loaded.spec.name,
        weights=fingerprint(loaded),
        coefficients=tuple(coefficients.tolist()),
        intercept=intercept,
        family_key=family or "",
        families=tuple(sorted({name for name in of if name})),
        names=tuple(str(adata.obs_names[row]) for row in chosen.rows),
        sequences=tuple(map(digest, chosen.sequences)),
        strength=strength,
        curve=curve,
        errors=() if found is None else (found.error_before, found.error_after),
    )


def _shown(
    chosen: References, what: str, *, progress: bool
) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    """Yield sequences and true pairs under a progress bar."""
    sequences = tqdm(chosen.sequences, desc=what, unit="RNA", disable=not progress)
    return zip(sequences, chosen.truths, strict=True)


def _families(adata: AnnData, family: str | None) -> list[str]:
    if family is None:
        return [""] * adata.n_obs
    return strings(adata, family, remedy="Pass family= the obs key of the families, or None")


def _fit(examples: Sequence[Examples], settings: Settings) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    features, labels, counts = (np.concatenate(part) for part in zip(*examples, strict=True))
    unit = float(np.sqrt(np.mean(features**2, dtype=np.float64))) or 1.0
    solver = {"solver": "liblinear", "tol": 1e-5, "max_iter": 1000, "intercept_scaling": 10}
    fitted = LogisticRegression(
        l1_ratio=1, C=settings.strength, random_state=settings.state, **solver
    ).fit(features / unit, labels, sample_weight=counts)
    return fitted.coef_[0].astype(np.float64) / unit, float(fitted.intercept_[0])


def _calibrated(
    model: Model,
    chosen: References,
    examples: Sequence[Examples],
    families: Sequence[str],
    settings: Settings,
    *,
    progress: bool,
) -> Calibration | None:
    """Return the calibration on families held out in turn; ``None`` if there are too few.

    RNAs without a family take no part: whether they are relatives of a held-out one is not known.
    """
    rows = [k for k, family in enumerate(families) if family]
    of = [families[k] for k in rows]
    n_folds = min(settings.n_folds, len(set(of)))
    if n_folds < FEWEST_FOLDS or len(set(of)) < FEWEST_FAMILIES:
        return None
    folds = family_folds(of, n_folds, seed=settings.state)
    fitted = [
        _fit([examples[rows[k]] for k in np.flatnonzero(folds != fold)], settings)
        for fold in range(n_folds)
    ]
    logits = []
    held_out = tqdm(rows, desc="calibrate", unit="RNA", disable=not progress)
    for k, fold in zip(held_out, folds, strict=True):
        maps, _ = head_features(model, chosen.sequences[k])
        weights, intercept = fitted[fold]
        i, j = candidates(len(chosen.sequences[k]))
        logits.append(np.tensordot(weights, maps[:, i, j], axes=1) + intercept)
    truths = [chosen.truths[k] for k in rows]
    return calibrate(logits, truths, of, n_folds=n_folds, seed=settings.state)


def _examples(
    model: Model, sequence: str, truth: NDArray[np.bool_], rng: np.random.Generator
) -> Examples:
    """Return features, labels and how many candidates each stands for."""
    maps, _ = head_features(model, sequence)
    rows, columns = candidates(len(sequence))
    paired, unpaired = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = rng.choice(unpaired, min(BACKGROUND, len(unpaired)), replace=False)
    kept = np.concatenate([paired, drawn])
    counts = np.ones(len(kept))
    counts[len(paired) :] = len(unpaired) / max(1, len(drawn))
    return maps[:, rows[kept], columns[kept]].T.astype(np.float32), truth[kept], counts
