"""Probes: what a simple model can read from a representation, beside what it needs no model for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning, nearest
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl._access import representation, sequences_of
from rnaexplore.tl._probe_result import ProbeResult, Task
from rnaexplore.tl._probe_scores import class_scores, number_scores
from rnaexplore.tl._probe_splits import Folds, folds_of, groups_of
from rnaexplore.tl._scores import baselines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ProbeKind", "probe"]

ProbeKind = Literal["linear", "knn", "mlp"]
Array = NDArray[np.float32]

ONE_HOT = 256  #: residues from the 5' end in the one-hot baseline
NEIGHBOURS = 5
HIDDEN = 128  #: units of the mlp
CONSTANT = {"classes": "most frequent class", "numbers": "mean"}


def probe(
    adata: AnnData,
    target: str,
    *,
    use_rep: str | Sequence[str],
    kind: ProbeKind = "linear",
    split: str = "group",
    groups: str | None = None,
    n_splits: int = 5,
    n_boot: int = 1000,
    seed: int = 0,
) -> ProbeResult:
    """Predict a class or a number from representations, on RNAs unlike those trained on.

    The same probe on the same folds sees each representation, and the baselines. Nothing is written
    into `adata`. RNAs without a target are left out.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    target
        ``obs`` column: numbers are predicted as numbers, everything else (and booleans) as classes.
    use_rep
        One or more ``obsm`` keys.
    kind
        ``"linear"``: logistic or ridge regression on standardised columns; ``"knn"``: 5 nearest
        neighbours; ``"mlp"``: one hidden layer of 128. All scikit-learn's.
    split
        ``"group"``
            Cross-validation that holds out whole groups, see `groups`.
        ``"random"``
            Cross-validation that does not: relatives of a tested RNA are in training, and scores
            are too good.
        a column
            ``obs`` column with train, valid (left out) and test; or with the name of a fold.
    groups
        ``obs`` column of groups that are held out, and drawn for the intervals, together. By
        default families (``obs["family"]``) if they are known and not the target, else groups
        of RNAs that are 80 % identical (`rnaexplore.tl.group_by_identity`).
    n_splits
        Folds of a cross-validation.
    n_boot
        Draws of groups, with replacement, behind the 95 % intervals. These cover the choice of
        RNAs to test on, not that of RNAs to train on.
    seed
        Seed of folds, draws, shuffled targets and the mlp.

    Returns
    -------
    ProbeResult
        ``scores`` has `use_rep`, then the baselines ``"3-mers"``, ``"4-mers"``, ``"length"``,
        ``"one-hot"`` (the first 256 residues) and the most frequent class or the mean, and the
        null: ``"shuffled target"``, the first of `use_rep` trained on targets in random order.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If a setting is not allowed, there are fewer groups than folds, or only one class.
    """
    import pandas as pd

    _check(kind, n_boot)
    keys = [use_rep] if isinstance(use_rep, str) else list(use_rep)
    known = _target(adata, target)
    numbers, described = groups_of(adata, known.rows, target, groups)
    classes = known.values if known.names else None
    folds = folds_of(adata, known.rows, classes, numbers, split=split, n_splits=n_splits, seed=seed)
    tested = np.sort(np.concatenate([test for _, test in folds]))
    predictions = _frame(adata.obs_names[known.rows[tested]], known, tested, folds, numbers)
    table = []
    for name, what, vectors, values in _jobs(adata, keys, known, seed):
        told = _predicted(name, vectors, values, folds, lambda n: _model(kind, known.task, n, seed))
        predictions[name] = known.spelled(told[tested])
        found = _scored(known, told, tested, numbers, n_boot=n_boot, seed=seed)
        table.append({"representation": name, "kind": what} | found)
    scores = pd.DataFrame(table).set_index("representation")
    return ProbeResult(scores, predictions, known.task, kind, target, split, described)


@dataclass(frozen=True, slots=True)
class _Target:
    """What is predicted, of the RNAs of which it is known."""

    rows: NDArray[np.int64]
    values: NDArray[Any]  #: numbers, or codes of classes
    names: list[str] | None  #: of the classes, ``None`` for numbers

    @property
    def task(self) -> Task:
        return "numbers" if self.names is None else "classes"

    def spelled(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as they are, and classes by name."""
        return values if self.names is None else np.array(self.names)[values]


def _check(kind: str, n_boot: int) -> None:
    if kind not in get_args(ProbeKind):
        msg = f"kind must be one of {', '.join(get_args(ProbeKind))}, got {kind!r}"
        raise InputError(msg)
    if n_boot < 1:
        msg = f"n_boot must be at least 1, got {n_boot}"
        raise InputError(msg)


def _target(adata: AnnData, target: str) -> _Target:
    import pandas as pd
    from pandas.api import types

    if target not in adata.obs:
        msg = f"adata.obs has no {target!r}. {nearest(target, map(str, adata.obs.columns))}"
        raise MissingKeyError(msg)
    column = adata.obs[target]
    rows = np.flatnonzero(column.notna().to_numpy())
    known = column.iloc[rows]
    if types.is_numeric_dtype(known) and not types.is_bool_dtype(known):
        numbers = known.to_numpy(dtype=np.float64)
        if not np.isfinite(numbers).all() or len(np.unique(numbers)) < 2:  # noqa: PLR2004
            msg = f"{target!r} must have at least 2 different, finite numbers"
            raise InputError(msg)
        return _Target(rows, numbers, None)
    codes, names = pd.factorize(known.astype(str), sort=True)
    if len(names) < 2:  # noqa: PLR2004
        msg = f"{target!r} must have at least 2 classes, got {len(names)}"
        raise InputError(msg)
    return _Target(rows, codes.astype(np.int64), [str(name) for name in names])


def _jobs(
    adata: AnnData, keys: Sequence[str], known: _Target, seed: int
) -> Iterator[tuple[str, str, Array, NDArray[Any]]]:
    """Yield name, kind, vectors and targets of everything that is probed."""
    rows, values = known.rows, known.values
    for key in keys:
        yield key, "embedding", representation(adata, key)[rows], values
    sequences = [sequences_of(adata)[i] for i in rows]
    for name, vectors in (baselines(sequences) | {"one-hot": _one_hot(sequences)}).items():
        yield name, "baseline", vectors, values
    nothing = np.zeros((len(rows), 1), dtype=np.float32)
    yield CONSTANT[known.task], "baseline", nothing, values
    mixed = np.random.default_rng(seed).permutation(values)
    yield "shuffled target", "null", representation(adata, keys[0])[rows], mixed


def _one_hot(sequences: Sequence[str]) -> Array:
    """Return the first residues as 0 and 1, shape (n, 4 * residues)."""
    width = min(ONE_HOT, max(map(len, sequences)))
    codes = np.full((len(sequences), width), -1)
    for row, sequence in zip(codes, map(normalise, sequences), strict=True):
        found = [NUCLEOTIDES.find(letter) for letter in sequence[:width]]
        row[: len(found)] = found
    hot: NDArray[np.bool_] = codes[:, :, None] == np.arange(len(NUCLEOTIDES))
    return hot.reshape(len(sequences), -1).astype(np.float32)


def _predicted(
    name: str,
    vectors: Array,
    values: NDArray[Any],
    folds: Folds,
    model: Callable[[int], Any],
) -> NDArray[Any]:
    """Return what is predicted of each row when it is tested; `model` takes how many train it."""
    from sklearn.exceptions import ConvergenceWarning

    told = np.zeros_like(values)
    unfinished = 0
    for train, test in folds:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            constant = len(np.unique(values[train])) == 1 or not vectors.any()
            fitted = model(0 if constant else len(train)).fit(vectors[train], values[train])
        told[test] = fitted.predict(vectors[test])
        unfinished += any(issubclass(w.category, ConvergenceWarning) for w in caught)
    if unfinished:
        msg = f"the probe of {name!r} did not converge in {unfinished} of {len(folds)} folds"
        warnings.warn(msg, RnaExploreWarning, stacklevel=3)
    return told


def _model(kind: ProbeKind, task: Task, n: int, seed: int) -> Any:
    """Return a probe to be trained on `n` RNAs, and one that knows constants alone for 0."""
    from sklearn import dummy, linear_model, neighbors, neural_network
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classes = task == "classes"
    if n == 0:
        return dummy.DummyClassifier() if classes else dummy.DummyRegressor()
    if kind == "linear":
        ridge = linear_model.RidgeCV(alphas=np.logspace(-1, 5, 13))
        model: Any = linear_model.LogisticRegression(max_iter=2000, C=0.1) if classes else ridge
    elif kind == "knn":
        by = neighbors.KNeighborsClassifier if classes else neighbors.KNeighborsRegressor
        model = by(n_neighbors=min(NEIGHBOURS, n))
    else:
        net = neural_network.MLPClassifier if classes else neural_network.MLPRegressor
        model = net((HIDDEN,), alpha=1e-2, tol=1e-3, max_iter=1000, random_state=seed)
    return make_pipeline(StandardScaler(), model)


def _scored(
    known: _Target,
    told: NDArray[Any],
    tested: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    n_boot: int,
    seed: int,
) -> dict[str, float]:
    true, guess, of = known.values[tested], told[tested], groups[tested]
    if known.names is None:
        return number_scores(true, guess, of, n_boot=n_boot, seed=seed)
    return class_scores(true, guess, of, n_classes=len(known.names), n_boot=n_boot, seed=seed)


def _frame(
    names: pd.Index[str],
    known: _Target,
    tested: NDArray[np.int64],
    folds: Folds,
    groups: NDArray[np.int64],
) -> pd.DataFrame:
    """Return the table of predictions, those still to come."""
    import pandas as pd

    fold = np.zeros(len(known.rows), dtype=np.int64)
    for k, (_, test) in enumerate(folds):
        fold[test] = k
    true = known.spelled(known.values[tested])
    return pd.DataFrame({"fold": fold[tested], "group": groups[tested], "true": true}, index=names)
