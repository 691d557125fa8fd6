"""Simple models that are trained on some RNAs and asked about others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.embedding.relatives import nearest_relatives
from rnaexplore.tl.evaluation.linear import Features, fit_linear, inner_folds, principal_directions

__all__ = ["NearestRelative", "Probe", "ProbeKind", "Teller", "Told"]

Ints = NDArray[np.int64]
ProbeKind = Literal["linear", "knn", "mlp"]

NEIGHBOURS = 5
HIDDEN = 128  #: units of the mlp


@dataclass(frozen=True, slots=True)
class Told:
    """Predictions.

    Attributes
    ----------
    values
        Of the RNAs that were asked about.
    held_out
        Of the training RNAs, each by a model that was not trained on its group; -1 or not a number
        where there is none.
    converged
        Whether the training came to its end.
    """

    values: NDArray[Any]
    held_out: NDArray[Any]
    converged: bool = True


class Teller(Protocol):
    """A method that is trained on some rows and asked about others."""

    def tell(self, y: NDArray[Any], groups: Ints, train: Ints, test: Ints) -> Told:
        """Return predictions of the rows `test`, learned from `y` of the rows `train`."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A linear probe, 5 nearest neighbors, or a perceptron, on columns.

    Attributes
    ----------
    features
        Of all rows.
    kind
        ``"linear"``, ``"knn"`` or ``"mlp"``.
    is_class
        Whether codes of classes are predicted, or numbers.
    seed
        Seed of inner folds and of the mlp.
    class_weight
        Weight of each class in the loss of a linear probe, by its code; equal by default.
    """

    features: Features
    kind: ProbeKind
    is_class: bool
    seed: int
    class_weight: dict[int, float] | None = None

    def __post_init__(self) -> None:
        assert self.kind in get_args(ProbeKind)

    def tell(self, y: NDArray[Any], groups: Ints, train: Ints, test: Ints) -> Told:
        """Return predictions of the rows `test`, learned from `y` of the rows `train`."""
        known, asked = self.features.take(train), self.features.values[test]
        if len(np.unique(y[train])) == 1 or not self.features.values.any():
            value = _usual(y[train], is_class=self.is_class)
            return Told(np.full(len(test), value), np.full(len(train), value))
        options: dict[str, Any] = {"is_class": self.is_class, "seed": self.seed}
        if self.kind == "linear":
            options["class_weight"] = self.class_weight
            fitted = fit_linear(known, y[train], groups[train], **options)
            return Told(fitted.predict(asked), fitted.held_out, fitted.converged)
        told, converged = self._fitted(known.values, y[train], asked)
        held_out = _nothing(y[train])
        for some, others in inner_folds(y[train], groups[train], **options):
            held_out[others] = self._fitted(
                known.values[some], y[train][some], known.values[others]
            )[0]
        return Told(told, held_out, converged)

    def _fitted(
        self, x: NDArray[np.float32], y: NDArray[Any], asked: NDArray[np.float32]
    ) -> tuple[NDArray[Any], bool]:
        from sklearn.exceptions import ConvergenceWarning

        mean, scale = Features(x, self.features.n_whole).moments()
        columns, axes = principal_directions((x - mean) / scale)
        others = (asked - mean) / scale if axes is None else (asked - mean) / scale @ axes
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model = self._model(len(x)).fit(columns, y)
        unfinished = any(issubclass(w.category, ConvergenceWarning) for w in caught)
        return model.predict(others), not unfinished

    def _model(self, n: int) -> Any:
        from sklearn import neighbors, neural_network

        if self.kind == "knn":
            by = neighbors.KNeighborsClassifier if self.is_class else neighbors.KNeighborsRegressor
            return by(n_neighbors=min(NEIGHBOURS, n))
        net = neural_network.MLPClassifier if self.is_class else neural_network.MLPRegressor
        return net((HIDDEN,), alpha=1e-2, tol=1e-3, max_iter=1000, random_state=self.seed)


@dataclass(frozen=True, slots=True)
class NearestRelative:
    """The target of the training RNA that is most identical by sequence.

    Attributes
    ----------
    sequences
        Of all rows; of pairs of RNAs, both sides.
    is_class, seed
        As for `Probe`.
    """

    sequences: Sequence[str]
    is_class: bool
    seed: int

    def tell(self, y: NDArray[Any], groups: Ints, train: Ints, test: Ints) -> Told:
        """Return predictions of the rows `test`, learned from `y` of the rows `train`."""
        held_out = _nothing(y[train])
        folds = inner_folds(y[train], groups[train], is_class=self.is_class, seed=self.seed)
        for some, others in folds:
            held_out[others] = self._nearest(y, train[some], train[others])
        return Told(self._nearest(y, train, test), held_out)

    def _nearest(self, y: NDArray[Any], train: Ints, test: Ints) -> NDArray[Any]:
        which, _ = nearest_relatives(
            [self.sequences[i] for i in test], [self.sequences[i] for i in train]
        )
        nearest: NDArray[Any] = y[train][which]
        return nearest


def _usual(y: NDArray[Any], *, is_class: bool) -> Any:
    """Return the most frequent class, or the mean."""
    return np.bincount(y).argmax() if is_class else y.mean()


def _nothing(y: NDArray[Any]) -> NDArray[Any]:
    """Return a place for predictions of each RNA, none made yet."""
    return np.full(len(y), -1 if y.dtype.kind == "i" else np.nan, dtype=y.dtype)
