"""Fit a contact readout on the attention heads of a model, from a few known structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore.errors import InputError
from rnaexplore.tl._access import load, strings
from rnaexplore.tl._contact_regression import ContactRegression, digest, fingerprint, head_features
from rnaexplore.tl._pair_scores import candidates
from rnaexplore.tl._references import References, check_nucleotides, references

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["fit_contacts"]

BACKGROUND = 5000  #: most unpaired candidates of one RNA that are kept; they count for all


def fit_contacts(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    reference: str = _keys.STRUCTURE,
    family: str | None = _keys.FAMILY,
    n_max: int = 20,
    strength: float = 0.15,
    seed: int = 0,
    progress: bool = True,
) -> ContactRegression:
    """Fit the contact regression of the ESM protocol on known structures.

    A logistic regression with an L1 penalty from the symmetrised and corrected attention of all
    heads to base pairs, over pairs of residues at least 4 apart, fitted on few RNAs (Rao et al.
    2021, doi:10.1101/2020.12.15.422761). Pairs count as they occur: of an RNA with more
    than 5,000 unpaired candidates a random 5,000 stand for all. Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and known structures.
    model
        Name of a model, or a loaded one, that reads nucleotides.
    reference
        ``obs`` key of dot-bracket structures. RNAs without a base pair there are left out.
    family
        ``obs`` key of the families, kept with the result so that no prediction for one of them
        is mistaken for one of a new family; ``None`` if they are not known.
    n_max
        Most RNAs to fit on; a random choice if there are more.
    strength
        Inverse strength of the L1 penalty, scikit-learn's ``C``, above 0, with features in units
        of their root mean square over all heads: models differ in the size of their attention.
    seed
        Seed of the choice of RNAs and pairs.
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
    """
    if n_max < 1 or strength <= 0:
        msg = f"n_max must be >= 1 and strength > 0, got {n_max} and {strength}"
        raise InputError(msg)
    loaded = load(model)
    check_nucleotides(loaded)
    families = _families(adata, family)
    rng = np.random.default_rng(seed)
    chosen = references(adata, reference, n_max=n_max, rng=rng)
    coefficients, intercept = _fit(loaded, chosen, strength, rng, progress=progress)
    return ContactRegression(
        model=loaded.spec.name,
        weights=fingerprint(loaded),
        coefficients=tuple(coefficients.tolist()),
        intercept=intercept,
        family_key=family or "",
        families=tuple(sorted({families[row] for row in chosen.rows if families[row]})),
        names=tuple(str(adata.obs_names[row]) for row in chosen.rows),
        sequences=tuple(map(digest, chosen.sequences)),
        strength=strength,
    )


def _families(adata: AnnData, family: str | None) -> list[str]:
    if family is None:
        return [""] * adata.n_obs
    return strings(adata, family, remedy="Pass family= the obs key of the families, or None")


def _fit(
    model: Model,
    chosen: References,
    strength: float,
    rng: np.random.Generator,
    *,
    progress: bool,
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    examples = [
        _examples(model, sequence, truth, rng)
        for sequence, truth in zip(
            tqdm(chosen.sequences, desc="fit contacts", unit="RNA", disable=not progress),
            chosen.truths,
            strict=True,
        )
    ]
    features, labels, counts = (np.concatenate(part) for part in zip(*examples, strict=True))
    unit = float(np.sqrt(np.mean(features**2, dtype=np.float64))) or 1.0
    solver = {"solver": "liblinear", "tol": 1e-5, "max_iter": 1000, "intercept_scaling": 10}
    fitted = LogisticRegression(
        l1_ratio=1, C=strength, random_state=int(rng.integers(2**31)), **solver
    ).fit(features / unit, labels, sample_weight=counts)
    return fitted.coef_[0].astype(np.float64) / unit, float(fitted.intercept_[0])


def _examples(
    model: Model, sequence: str, truth: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]:
    """Return features, labels and how many candidates each stands for."""
    maps, _ = head_features(model, sequence)
    rows, columns = candidates(len(sequence))
    paired, unpaired = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = rng.choice(unpaired, min(BACKGROUND, len(unpaired)), replace=False)
    kept = np.concatenate([paired, drawn])
    counts = np.ones(len(kept))
    counts[len(paired) :] = len(unpaired) / max(1, len(drawn))
    return maps[:, rows[kept], columns[kept]].T.astype(np.float32), truth[kept], counts
