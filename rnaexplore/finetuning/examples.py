"""What is learned from: RNAs of an AnnData whose target is known, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore._adata import sequences_of, strings
from rnaexplore.errors import InputError, MissingKeyError, nearest
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.finetuned.tuning import Task
from rnaexplore.structure import Structure

__all__ = ["UNKNOWN", "Examples", "examples_of"]

UNKNOWN = "?"  #: label of a residue whose class is not known
IGNORED = -100  #: code of such a residue
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Examples:
    """RNAs with a known target.

    Attributes
    ----------
    rows
        Positions in the AnnData.
    sequences
        The RNAs; the first RNAs of a pair task.
    seconds
        The second RNAs of a pair task, ``None`` otherwise.
    targets
        Of each RNA: the code of its class, its number, codes of its residues (``IGNORED`` where not
        known), or its base pairs (n, 2).
    labels
        Names of classes; none for numbers and contacts.
    task
        The task.
    """

    rows: NDArray[np.int64]
    sequences: list[str]
    seconds: list[str] | None
    targets: list[Any]
    labels: tuple[str, ...]
    task: Task

    def codes(self) -> NDArray[np.int64] | None:
        """Return the class of each RNA, ``None`` if it has none of its own."""
        if not self.labels or self.task == "residue":
            return None
        return np.array(self.targets, dtype=np.int64)

    def spelled(self, i: int) -> object:
        """Return the target of one RNA as it was given: class, number, labels, or dot-bracket."""
        target = self.targets[i]
        if self.task == "contact":
            return Structure(self.sequences[i], target).dot_bracket
        if self.task == "residue":
            return "".join(UNKNOWN if c == IGNORED else self.labels[c] for c in target)
        return self.labels[target] if self.labels else float(target)


def examples_of(
    adata: AnnData, target: str, *, task: Task, partner: str | None, alphabet: Alphabet
) -> Examples:
    """Return the RNAs whose target is known.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If the target cannot be learned: one class, numbers that are not finite, labels that are
        not as long as their RNA.
    """
    sequences = sequences_of(adata)
    if target not in adata.obs:
        msg = f"adata.obs has no {target!r}. {nearest(target, map(str, adata.obs.columns))}"
        raise MissingKeyError(msg)
    if (partner is not None) != (task == "pair"):
        msg = "partner= is the obs column with the second RNA: give it with task='pair', only there"
        raise InputError(msg)
    seconds = None if partner is None else strings(adata, partner, remedy="It has the second RNAs")
    known = adata.obs[target].notna().to_numpy() & (adata.obs[target].astype(str) != "").to_numpy()
    if seconds is not None:
        known &= np.array([bool(s) for s in seconds])
    rows = np.flatnonzero(known)
    kept = [sequences[i] for i in rows]
    names = [str(adata.obs_names[i]) for i in rows]
    targets, labels = _targets(adata.obs[target].iloc[rows], kept, names, task, alphabet)
    second = None if seconds is None else [seconds[i] for i in rows]
    return Examples(rows, kept, second, targets, labels, task)


def _targets(
    column: Any, sequences: Sequence[str], names: Sequence[str], task: Task, alphabet: Alphabet
) -> tuple[list[Any], tuple[str, ...]]:
    if task in {"sequence", "pair"}:
        return _of_rnas(column)
    texts = [str(value) for value in column]
    for name, sequence, text in zip(names, sequences, texts, strict=True):
        n = alphabet.n_residues(sequence) if task == "residue" else len(sequence)
        if len(text) != n:
            msg = f"record {name!r}: {column.name!r} has {len(text)} characters for {n} residues"
            raise InputError(msg)
    if task == "residue":
        return _of_residues(texts, str(column.name))
    if alphabet.unit != "nucleotide":
        msg = f"contacts are learned between nucleotides, and this model reads {alphabet.unit}s"
        raise InputError(msg)
    structures = zip(sequences, texts, strict=True)
    return [Structure.from_dot_bracket(s, d).pairs for s, d in structures], ()


def _of_rnas(column: Any) -> tuple[list[Any], tuple[str, ...]]:
    """Return numbers if the column has numbers (and no booleans), else codes and classes."""
    import pandas as pd
    from pandas.api import types

    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=np.float64)
        if not np.isfinite(numbers).all() or len(np.unique(numbers)) < FEWEST:
            msg = f"{column.name!r} must have at least 2 different, finite numbers"
            raise InputError(msg)
        return list(numbers), ()
    codes, names = pd.factorize(column.astype(str), sort=True)
    if len(names) < FEWEST:
        msg = f"{column.name!r} must have at least 2 classes, got {len(names)}"
        raise InputError(msg)
    return list(codes), tuple(str(name) for name in names)


def _of_residues(texts: Sequence[str], target: str) -> tuple[list[Any], tuple[str, ...]]:
    letters = tuple(sorted(set("".join(texts)) - {UNKNOWN}))
    if len(letters) < FEWEST:
        msg = f"{target!r} must have at least 2 kinds of residues, got {len(letters)}"
        raise InputError(msg)
    code = {letter: k for k, letter in enumerate(letters)} | {UNKNOWN: IGNORED}
    return [np.array([code[c] for c in text], dtype=np.int64) for text in texts], letters
