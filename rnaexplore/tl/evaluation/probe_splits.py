"""Folds of a probe: what is held out together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import sequences_of, strings
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.identity import identity_groups

__all__ = ["Folds", "folds_of", "groups_of"]

Folds = list[tuple[NDArray[np.int64], NDArray[np.int64]]]  #: rows to train and to test on
IDENTITY = 0.6  #: least identity of relatives
TRAIN = frozenset({"train", "training"})
LEFT_OUT = frozenset({"valid", "validation", "val", "dev"})
TEST = frozenset({"test", "testing"})


def groups_of(
    adata: AnnData, rows: NDArray[np.int64], target: str, groups: str | None
) -> tuple[NDArray[np.int64], str]:
    """Return the group of each row as a number, and what the groups are.

    Parameters
    ----------
    adata, rows
        RNAs, and those that have a target.
    target
        What is predicted: families are no groups where they are the target.
    groups
        ``obs`` column, or ``None``: families if they are known, else relatives by sequence.
    """
    if groups is None and _keys.FAMILY in adata.obs and target != _keys.FAMILY:
        groups = _keys.FAMILY
    if groups is None:
        sequences = sequences_of(adata)
        return identity_groups([sequences[i] for i in rows], IDENTITY), f"identity {IDENTITY:g}"
    if groups == target:
        msg = (
            f"groups={groups!r} is the target itself, so no class tested would be in training; "
            "leave groups= out for relatives by sequence"
        )
        raise InputError(msg)
    named = np.array(strings(adata, groups, remedy="rx.tl.group_by_identity makes groups"))[rows]
    alone = np.array([name or f"\0{i}" for i, name in enumerate(named)])
    return np.unique(alone, return_inverse=True)[1].astype(np.int64), groups


def folds_of(
    adata: AnnData,
    rows: NDArray[np.int64],
    classes: NDArray[np.int64] | None,
    groups: NDArray[np.int64],
    *,
    split: str,
    n_splits: int,
    seed: int,
) -> Folds:
    """Return the rows to train and to test on, as positions in `rows`.

    Parameters
    ----------
    adata, rows
        RNAs, and those that have a target.
    classes
        Class of each row, ``None`` for numbers.
    groups
        Group of each row.
    split
        ``"group"``, ``"random"``, or an ``obs`` column.
    n_splits
        Folds, at least 2.
    seed
        Seed of the folds.
    """
    from sklearn import model_selection as sk

    if split not in {"group", "random"}:
        return _given(strings(adata, split, remedy="split= 'group', 'random' or a column"), rows)
    n = len(np.unique(groups)) if split == "group" else len(rows)
    if not 2 <= n_splits <= n:  # noqa: PLR2004
        what = "groups" if split == "group" else "RNAs"
        msg = f"n_splits must be in [2, {n}] for {n} {what}, got {n_splits}"
        raise InputError(msg)
    options = {"n_splits": n_splits, "shuffle": True, "random_state": seed}
    if split == "group" and classes is not None:
        folds = sk.StratifiedGroupKFold(**options).split(groups, classes, groups)
    elif split == "group":
        folds = sk.GroupKFold(**options).split(groups, None, groups)
    elif classes is not None and np.bincount(classes).min() >= n_splits:
        folds = sk.StratifiedKFold(**options).split(groups, classes)
    else:
        folds = sk.KFold(**options).split(groups)
    return [(np.asarray(train), np.asarray(test)) for train, test in folds if len(test)]


def _given(column: Sequence[str], rows: NDArray[np.int64]) -> Folds:
    """Return the folds that a column tells: train and test, or the number of a fold each."""
    values = np.array([column[i].lower() for i in rows])
    if TRAIN & set(values.tolist()):
        known = TRAIN | TEST | LEFT_OUT
        unknown = sorted(set(values.tolist()) - known)
        if unknown or not TEST & set(values.tolist()):
            what = f"got {unknown[0]!r}" if unknown else "there is no 'test'"
            msg = f"a split column with 'train' may hold train, valid and test; {what}"
            raise InputError(msg)
        train, test = (np.flatnonzero(np.isin(values, list(part))) for part in (TRAIN, TEST))
        return [(train, test)]
    names = sorted(set(values.tolist()))
    if len(names) < 2 or "" in names:  # noqa: PLR2004
        msg = "a split column names at least 2 folds and leaves none out, or train and test"
        raise InputError(msg)
    return [(np.flatnonzero(values != name), np.flatnonzero(values == name)) for name in names]
