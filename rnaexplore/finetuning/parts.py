"""Training, validation and test RNAs: relatives are never in two of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import strings
from rnaexplore.errors import InputError, RnaExploreWarning
from rnaexplore.finetuning.examples import Examples
from rnaexplore.tl.evaluation.probe_splits import LEFT_OUT, TEST, TRAIN, folds_of, groups_of

__all__ = ["Parts", "parts_of"]

Rows = NDArray[np.int64]
TEST_FOLDS, VALID_FOLDS = 5, 6  #: one fold of so many is the test, then the validation part
FEWEST = 3  #: groups


@dataclass(frozen=True, slots=True)
class Parts:
    """Positions among the examples.

    Attributes
    ----------
    train, valid, test
        RNAs to learn from, to stop by, and to be scored on.
    groups
        Group of every example.
    described
        What the groups are.
    """

    train: Rows
    valid: Rows
    test: Rows
    groups: NDArray[np.int64]
    described: str

    @property
    def learn(self) -> Rows:
        """Training and validation RNAs."""
        return np.concatenate([self.train, self.valid])

    def names(self) -> NDArray[np.str_]:
        """Return the part of each example by name; empty for those in none."""
        told = np.full(len(self.groups), "", dtype="<U5")
        for name in ("train", "valid", "test"):
            told[getattr(self, name)] = name
        return told


def parts_of(
    adata: AnnData, examples: Examples, target: str, *, split: str, groups: str | None, seed: int
) -> Parts:
    """Return the parts.

    Parameters
    ----------
    adata, examples, target
        What is learned.
    split
        ``"group"``, ``"random"``, or an ``obs`` column with train, test and perhaps valid.
    groups
        ``obs`` column of groups; by default as `rnaexplore.tl.probe` has it.
    seed
        Seed of the split.

    Raises
    ------
    InputError
        If there are fewer than 3 groups, or the column names no training or test RNAs.
    """
    parts = _divided(adata, examples, target, split=split, groups=groups, seed=seed)
    _check_classes(examples, parts)
    return parts


def _divided(
    adata: AnnData, examples: Examples, target: str, *, split: str, groups: str | None, seed: int
) -> Parts:
    numbers, described = groups_of(adata, examples.rows, target, groups)
    if split in {"group", "random"}:
        everything = np.arange(len(examples.rows))
        rest, test = _cut(
            adata, examples, everything, numbers, split=split, folds=TEST_FOLDS, seed=seed
        )
        train, valid = _cut(
            adata, examples, rest, numbers, split=split, folds=VALID_FOLDS, seed=seed
        )
        return Parts(train, valid, test, numbers, described)
    train, valid, test = _given(adata, examples.rows, split)
    if not len(valid):
        train, valid = _cut(
            adata, examples, train, numbers, split="group", folds=VALID_FOLDS, seed=seed
        )
    return Parts(train, valid, test, numbers, described)


def _check_classes(examples: Examples, parts: Parts) -> None:
    """Warn of classes that no training RNA has."""
    codes = examples.codes()
    if codes is None:
        return
    absent = sorted(set(codes.tolist()) - set(codes[parts.train].tolist()))
    if absent:
        shown = ", ".join(examples.labels[k] for k in absent[:5])
        msg = (
            f"{len(absent)} of {len(examples.labels)} classes have no RNA in the training part and "
            f"cannot be learned ({shown}): their RNAs are too few, or all relatives"
        )
        warnings.warn(msg, RnaExploreWarning, stacklevel=4)


def _cut(
    adata: AnnData,
    examples: Examples,
    which: Rows,
    groups: NDArray[np.int64],
    *,
    split: str,
    folds: int,
    seed: int,
) -> tuple[Rows, Rows]:
    """Return some examples in two: all folds but one, and that one."""
    codes = examples.codes()
    n = len(np.unique(groups[which])) if split == "group" else len(which)
    if n < FEWEST - 1:
        what = "groups of relatives" if split == "group" else "RNAs"
        msg = (
            f"training, validation and test need at least {FEWEST} {what}; pass groups= an obs "
            "column with finer groups, or split= a column with train, valid and test"
        )
        raise InputError(msg)
    folds = min(folds, n)
    if codes is not None and np.bincount(codes[which]).max() < folds:
        codes = None  # no class has so many RNAs that each fold could have one
    with warnings.catch_warnings():
        # of scikit-learn, on classes with few members; `_check_classes` tells of those that matter
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        kept, left = folds_of(
            adata,
            examples.rows[which],
            None if codes is None else codes[which],
            np.unique(groups[which], return_inverse=True)[1],
            split=split,
            n_splits=folds,
            seed=seed,
        )[0]
    return which[kept], which[left]


def _given(adata: AnnData, rows: Rows, column: str) -> tuple[Rows, Rows, Rows]:
    told = strings(adata, column, remedy="split= 'group', 'random' or a column with train and test")
    values = np.array([told[i].lower() for i in rows])
    train, valid, test = (
        np.flatnonzero(np.isin(values, list(part))) for part in (TRAIN, LEFT_OUT, TEST)
    )
    for name, part in (("train", train), ("test", test)):
        if not len(part):
            msg = f"split column {column!r} has no {name!r} among RNAs whose target is known"
            raise InputError(msg)
    unknown = sorted(set(values.tolist()) - TRAIN - TEST - LEFT_OUT - {""})
    if unknown:
        msg = f"split column {column!r} may hold train, valid, test or nothing; got {unknown[0]!r}"
        raise InputError(msg)
    return train, valid, test
