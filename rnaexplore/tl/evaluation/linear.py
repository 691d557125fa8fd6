"""Linear probes whose strength of regularization is chosen on groups of the training RNAs alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "STRENGTHS",
    "Features",
    "LinearProbe",
    "fit_linear",
    "inner_folds",
    "principal_directions",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Folds = list[tuple[Ints, Ints]]

#: scikit-learn's C of the logistic regression; 1 / alpha of the ridge regression
STRENGTHS = (3e-3, 3e-2, 3e-1, 3.0)
RIDGE_STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
DEFAULT = 0.1  #: where there is one group of training RNAs, and so nothing to choose on
INNER = 3  #: folds of the training RNAs
MOST = 1024  #: principal directions that are kept, where RNAs and columns are more than that
LEAST = 1e-12  #: probability of a class that a fold has not got


@dataclass(frozen=True, slots=True)
class Features:
    """Columns that describe RNAs, and how they are scaled before a probe sees them.

    Attributes
    ----------
    values
        Shape (n, columns).
    n_whole
        The last so many columns share one scale, as frequencies of k-mers do; each of the others is
        standardized by itself. Where there are both, both have the same variance in all.
    """

    values: NDArray[np.float32]
    n_whole: int = 0

    @classmethod
    def whole(cls, values: NDArray[np.float32]) -> Features:
        """Return columns that all share one scale."""
        return cls(values, values.shape[1])

    def beside(self, other: Features) -> Features:
        """Return the columns of both; those of `other` share one scale if all of its own do."""
        values = np.concatenate([self.values, other.values], axis=1)
        return Features(values, other.n_whole)

    def take(self, rows: Ints) -> Features:
        """Return some rows."""
        return Features(self.values[rows], self.n_whole)

    def moments(self) -> tuple[Floats, Floats]:
        """Return the mean and the scale of each column, 1 for constant ones."""
        values = self.values.astype(np.float64)
        mean, variance = values.mean(0), values.var(0)
        if self.n_whole:
            others = values.shape[1] - self.n_whole
            variance[others:] = variance[others:].sum() / (others or self.n_whole)
        scale = np.sqrt(variance)
        return mean, np.where(scale > 0, scale, 1.0)


@dataclass(frozen=True, slots=True)
class LinearProbe:
    """A fitted probe: one linear layer on the columns as they were given.

    Attributes
    ----------
    weight, bias
        Shapes (outputs, columns) and (outputs,); one output for numbers, else one a class.
    classes
        Codes of the classes, ``None`` for numbers.
    strength
        The strength that was chosen: C, or 1 / alpha.
    held_out
        What was predicted of each training RNA when it was held out in the choice of the strength;
        empty if there was nothing to choose on.
    converged
        Whether the solver came to its end.
    """

    weight: Floats
    bias: Floats
    classes: Ints | None
    strength: float
    held_out: NDArray[Any]
    converged: bool

    def predict(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """Return numbers, or codes of classes."""
        logits = values @ self.weight.T + self.bias
        return logits[:, 0] if self.classes is None else self.classes[logits.argmax(1)]


def inner_folds(y: NDArray[Any], groups: Ints, *, is_class: bool, seed: int) -> Folds:
    """Return folds of training RNAs that keep groups together; none if there is one group."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    n = min(INNER, len(np.unique(groups)))
    if n < 2:  # noqa: PLR2004
        return []
    kind = StratifiedGroupKFold if is_class else GroupKFold
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        folds = list(kind(n, shuffle=True, random_state=seed).split(y, y, groups))
    return [
        (train, test)
        for train, test in folds
        if len(test) and len(np.unique(y[train])) >= 2  # noqa: PLR2004
    ]


def fit_linear(
    features: Features,
    y: NDArray[Any],
    groups: Ints,
    *,
    is_class: bool,
    seed: int,
    class_weight: dict[int, float] | None = None,
) -> LinearProbe:
    """Fit a logistic regression, or a ridge regression for numbers.

    Of the strengths that of the least loss (negative log-likelihood, squared error) is taken, in a
    cross-validation over groups of the RNAs given, which never sees another RNA.

    Parameters
    ----------
    features
        Of the training RNAs.
    y
        Codes of classes, or numbers, at least two different ones; shape (n,).
    groups
        Group of each, shape (n,).
    is_class
        Whether `y` has classes.
    seed
        Seed of the folds.
    class_weight
        Weight of each class in the loss; equal by default.
    """
    mean, scale = features.moments()
    turned, axes = principal_directions((features.values - mean) / scale)
    folds = inner_folds(y, groups, is_class=is_class, seed=seed)
    path = _class_path if is_class else _number_path
    strength, held_out = path(turned, y, folds, class_weight)
    weight, bias, classes, converged = _fitted(turned, y, strength, class_weight, is_class=is_class)
    flat = (weight if axes is None else weight @ axes.T) / scale
    return LinearProbe(flat, bias - flat @ mean, classes, strength, held_out, converged)


def principal_directions(columns: Floats) -> tuple[Floats, Floats | None]:
    """Return the columns along their own principal directions, and these, (columns, directions).

    With more columns than RNAs this changes no distance between RNAs, and so no penalized fit, but
    saves most of the time. Where there are more than 1,024 of both, the first directions are kept:
    1,024, or 512 of more than 2,048 RNAs. Few columns are left as they are.
    """
    from sklearn.utils.extmath import randomized_svd

    n, width = columns.shape
    if width <= min(n, MOST):
        return columns, None
    if n > 2 * MOST:
        axes: Floats = randomized_svd(columns, MOST // 2, n_iter=2, random_state=0)[2].T
    else:
        variances, vectors = np.linalg.eigh(columns @ columns.T)
        kept = np.argsort(-variances)[: min(n, MOST)]
        kept = kept[variances[kept] > variances.max() * LEAST]
        axes = columns.T @ (vectors[:, kept] / np.sqrt(variances[kept]))
    return columns @ axes, axes


def _class_path(
    x: Floats, y: Ints, folds: Folds, class_weight: dict[int, float] | None
) -> tuple[float, NDArray[Any]]:
    """Return the best C, and the classes that were predicted of held-out RNAs with it."""
    losses = np.zeros(len(STRENGTHS))
    told = np.full((len(STRENGTHS), len(y)), -1)
    for train, test in folds:
        for k, model in enumerate(_logistic_path(x[train], y[train], class_weight)):
            chances = model.predict_proba(x[test])
            told[k, test] = model.classes_[chances.argmax(1)]
            right = np.where(model.classes_ == y[test][:, None], chances, 0).sum(1)
            losses[k] -= np.log(np.maximum(right, LEAST)).sum()
    return _best(STRENGTHS, losses, told, folds)


def _logistic_path(x: Floats, y: Ints, class_weight: dict[int, float] | None) -> Iterator[Any]:
    """Yield the regression at each strength, each started from the one before."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        max_iter=500, tol=1e-3, warm_start=True, class_weight=_present(class_weight, y)
    )
    for strength in STRENGTHS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a rough fit is enough to choose by
            yield model.set_params(C=strength).fit(x, y)


def _number_path(
    x: Floats, y: Floats, folds: Folds, class_weight: dict[int, float] | None
) -> tuple[float, NDArray[Any]]:
    """Return the best 1 / alpha, and the numbers that were predicted of held-out RNAs with it."""
    del class_weight
    losses = np.zeros(len(RIDGE_STRENGTHS))
    told = np.full((len(RIDGE_STRENGTHS), len(y)), np.nan)
    for train, test in folds:
        mean, weights = _ridge(x[train], y[train], RIDGE_STRENGTHS)
        told[:, test] = y[train].mean() + weights @ (x[test] - mean).T
        losses += ((told[:, test] - y[test]) ** 2).sum(1)
    return _best(RIDGE_STRENGTHS, losses, told, folds)


def _best(
    strengths: tuple[float, ...], losses: Floats, told: NDArray[Any], folds: Folds
) -> tuple[float, NDArray[Any]]:
    if not folds:
        return DEFAULT, told[0, :0]
    return strengths[int(losses.argmin())], told[int(losses.argmin())]


def _fitted(
    x: Floats, y: NDArray[Any], strength: float, class_weight: dict[int, float] | None,
    *, is_class: bool,
) -> tuple[Floats, Floats, Ints | None, bool]:  # fmt: skip
    """Return weight, bias, classes, and whether the solver converged."""
    from sklearn import linear_model
    from sklearn.exceptions import ConvergenceWarning

    if not is_class:
        mean, weights = _ridge(x, y, (strength,))
        return weights, y.mean() - weights @ mean, None, True
    model = linear_model.LogisticRegression(
        C=strength, max_iter=2000, class_weight=_present(class_weight, y)
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(x, y)
    converged = not any(issubclass(w.category, ConvergenceWarning) for w in caught)
    weight, bias = model.coef_, model.intercept_
    if len(weight) == 1:  # one row for two classes
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight, bias, model.classes_, converged


def _ridge(x: Floats, y: Floats, strengths: Sequence[float]) -> tuple[Floats, Floats]:
    """Return the mean of the columns, and the weights at each strength, (strengths, columns)."""
    mean = x.mean(0)
    left, sizes, right = np.linalg.svd(x - mean, full_matrices=False)
    alphas = 1 / np.array(strengths)[:, None]
    shrunk = sizes / (sizes**2 + alphas) * (left.T @ (y - y.mean()))
    return mean, shrunk @ right


def _present(class_weight: dict[int, float] | None, y: NDArray[Any]) -> dict[int, float] | None:
    """Return the weights of the classes that are there."""
    there = set(y.tolist())
    return class_weight and {k: w for k, w in class_weight.items() if k in there}
