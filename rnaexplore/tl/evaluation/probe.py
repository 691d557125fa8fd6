"""Probes: what a simple model can read from a representation, beside what it needs no model for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import load, representation, representations, sequences_of
from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning, nearest
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl.evaluation.baseline_features import BASELINES, JOINED, baseline_feature
from rnaexplore.tl.evaluation.controls import control_vectors, made_by
from rnaexplore.tl.evaluation.exposure import embedding_exposure
from rnaexplore.tl.evaluation.linear import Features
from rnaexplore.tl.evaluation.probe_models import NearestRelative, Probe, ProbeKind, Teller, Told
from rnaexplore.tl.evaluation.probe_result import ProbeResult, Task
from rnaexplore.tl.evaluation.probe_scores import class_scores, main_value, number_scores
from rnaexplore.tl.evaluation.probe_splits import Folds, folds_of, groups_of

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["CONSTANT", "ProbeKind", "one_hot", "probe"]

Array = NDArray[np.float32]

ONE_HOT = 256  #: residues from the 5' end in the one-hot baseline
CONSTANT = {"classes": "most frequent class", "numbers": "mean"}


def probe(
    adata: AnnData,
    target: str,
    *,
    use_rep: str | Sequence[str] | None = None,
    model: str | Model | None = None,
    kind: ProbeKind = "linear",
    split: str = "group",
    groups: str | None = None,
    n_splits: int = 5,
    n_boot: int = 1000,
    seed: int = 0,
) -> ProbeResult:
    """Predict a class or a number from representations, on RNAs unlike those trained on.

    The same probe on the same folds sees each representation, and the baselines. What a probe has
    to choose (the strength of its penalty) it chooses by cross-validation over groups of its
    training RNAs. Nothing is written into `adata`. RNAs without a target are left out.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    target
        ``obs`` column: numbers are predicted as numbers, everything else (and booleans) as classes.
    use_rep
        One or more ``obsm`` keys; by default the embedding of `rnaexplore.tl.embed`, if there is
        only one.
    model
        The model that made the embeddings, a name or a loaded one: adds nulls, the same
        architecture with random weights and with its weights permuted (`Model.permuted`), of the
        layer and pooling noted by `rnaexplore.tl.embed`. The RNAs are embedded twice for that.
    kind
        ``"linear"``: logistic or ridge regression; ``"knn"``: 5 nearest neighbors; ``"mlp"``: one
        hidden layer of 128. All scikit-learn's. Columns of embeddings are standardized one by one,
        frequencies of k-mers and one-hot letters as a whole.
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
        of RNAs that are 60 % identical, or 70 % if they are shorter than 80 nt
        (`rnaexplore.tl.group_by_identity`).
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
        ``scores`` has `use_rep`, the first of them joined with 6-mers, then the baselines: k-mers
        of 3 to 6, raw and square-rooted, ``"length"``, ``"one-hot"`` (the first 256 residues),
        ``"nearest relative"`` (the target of the training RNA that is most identical by sequence),
        and the most frequent class or the mean; and the nulls: with `model`, ``"X_mini random
        weights"`` and ``"X_mini permuted weights"``; and ``"shuffled target"``, the first of
        `use_rep` trained on targets in random order. ``best_baseline`` is picked on training RNAs,
        ``difference`` compares two rows by a paired bootstrap.

    Raises
    ------
    MissingKeyError
        If a key is missing.
    InputError
        If a setting is not allowed, there are fewer groups than folds, only one class, or `model`
        made none of the embeddings.

    Notes
    -----
    Time grows with the number of RNAs times the square of the dimension, for each fold, penalty and
    representation; memory with the number of RNAs times the dimension. Splits by identity compare
    all pairs of RNAs, see `rnaexplore.tl.group_by_identity`.
    """
    import pandas as pd

    _check(kind, n_boot)
    keys = representations(adata, use_rep)
    known = _target(adata, target)
    numbers, described = groups_of(adata, known.rows, target, groups)
    classes = known.values if known.names else None
    folds = folds_of(adata, known.rows, classes, numbers, split=split, n_splits=n_splits, seed=seed)
    tested = np.sort(np.concatenate([test for _, test in folds]))
    predictions = _frame(adata.obs_names[known.rows[tested]], known, tested, folds, numbers)
    untrained = _untrained(adata, model, keys, seed)
    table = []
    for name, what, method, values in _jobs(adata, keys, untrained, known, kind, seed):
        told, found = _predicted(name, method, values, numbers, folds)
        predictions[name] = known.spelled(told[tested])
        row = _scored(known, told, tested, numbers, n_boot=n_boot, seed=seed)
        row["validation"] = _validation(known, values, folds, found)
        table.append({"representation": name, "kind": what} | row)
    scores = pd.DataFrame(table).set_index("representation")
    seen = embedding_exposure(adata[known.rows], keys)
    return ProbeResult(scores, predictions, known.task, kind, target, split, described, seen)


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


def _untrained(
    adata: AnnData, model: str | Model | None, keys: Sequence[str], seed: int
) -> dict[str, Array]:
    """Return by name the vectors of models that have learned nothing."""
    if model is None:
        return {}
    loaded = load(model)
    own = made_by(adata, loaded, keys)
    return {f"{key} {name}": x for key, name, x in control_vectors(adata, loaded, own, seed)}


def _jobs(  # noqa: PLR0917
    adata: AnnData,
    keys: Sequence[str],
    untrained: Mapping[str, Array],
    known: _Target,
    kind: ProbeKind,
    seed: int,
) -> Iterator[tuple[str, str, Teller, NDArray[Any]]]:
    """Yield name, kind, method and targets of everything that is probed."""
    rows, values, is_class = known.rows, known.values, known.names is not None

    def told_by(features: Features) -> Probe:
        return Probe(features, kind, is_class, seed)

    vectors = {key: Features(representation(adata, key)[rows]) for key in keys}
    for key, features in vectors.items():
        yield key, "embedding", told_by(features), values
    sequences = [sequences_of(adata)[i] for i in rows]
    both = vectors[keys[0]].beside(Features.whole(baseline_feature(sequences, JOINED)))
    yield f"{keys[0]} + {JOINED}", "combined", told_by(both), values
    for name in BASELINES:
        found = Features.whole(baseline_feature(sequences, name))
        yield name, "baseline", told_by(found), values
    yield "one-hot", "baseline", told_by(Features.whole(one_hot(sequences))), values
    yield "nearest relative", "baseline", NearestRelative(sequences, is_class, seed), values
    nothing = Features(np.zeros((len(rows), 1), dtype=np.float32))
    yield CONSTANT[known.task], "baseline", told_by(nothing), values
    for name, null in untrained.items():
        yield name, "null", told_by(Features(null[rows])), values
    mixed = np.random.default_rng(seed).permutation(values)
    yield "shuffled target", "null", told_by(vectors[keys[0]]), mixed


def one_hot(sequences: Sequence[str]) -> Array:
    """Return the first residues as 0 and 1, shape (n, 4 * residues)."""
    width = min(ONE_HOT, max(map(len, sequences)))
    codes = np.full((len(sequences), width), -1)
    for row, sequence in zip(codes, map(normalise, sequences), strict=True):
        found = [NUCLEOTIDES.find(letter) for letter in sequence[:width]]
        row[: len(found)] = found
    hot: NDArray[np.bool_] = codes[:, :, None] == np.arange(len(NUCLEOTIDES))
    return hot.reshape(len(sequences), -1).astype(np.float32)


def _predicted(
    name: str, method: Teller, values: NDArray[Any], groups: NDArray[np.int64], folds: Folds
) -> tuple[NDArray[Any], list[Told]]:
    """Return what is predicted of each row when it is tested, and what each fold's model told."""
    told = np.zeros_like(values)
    found: list[Told] = []
    for train, test in folds:
        found.append(method.tell(values, groups, train, test))
        told[test] = found[-1].values
    unfinished = sum(not one.converged for one in found)
    if unfinished:
        msg = f"the probe of {name!r} did not converge in {unfinished} of {len(folds)} folds"
        warnings.warn(msg, RnaExploreWarning, stacklevel=3)
    return told, found


def _validation(known: _Target, values: NDArray[Any], folds: Folds, found: Sequence[Told]) -> float:
    """Return the mean score of training RNAs that were held out, over folds."""
    n_classes = None if known.names is None else len(known.names)
    scores = []
    for (train, _), told in zip(folds, found, strict=True):
        if not len(told.held_out):
            continue
        there = np.flatnonzero(told.held_out >= 0 if n_classes else np.isfinite(told.held_out))
        if len(there):
            true = values[train][there]
            scores.append(main_value(true, told.held_out[there], n_classes))
    return float(np.mean(scores)) if scores else float("nan")


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
    options: dict[str, int] = {"n_boot": n_boot, "seed": seed}
    if known.names is None:
        return number_scores(true, guess, of, **options).row()
    return class_scores(true, guess, of, n_classes=len(known.names), **options).row()


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
