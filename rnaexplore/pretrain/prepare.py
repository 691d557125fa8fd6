"""From files to a training set: merge, hold out families, leave out test sets and their kin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretrain.records import Record, held_out, overlapping, read_records

__all__ = ["Division", "Rule", "divide", "merge", "readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How records are divided, decided before training.

    Parameters
    ----------
    family_pattern
        Regular expression that a label must match in full to count as a family.
    held_out_share
        Share of families kept out of training, by the SHA-256 of their names.
    test_splits
        Names of published splits whose members are kept out of training.
    min_length
        Shorter records are left out.
    overlap_k, overlap_share
        Training records that share more than this part of their k-mers with a held-out record
        are left out as well.
    """

    family_pattern: str = r"(RF|MIPF)\d+"
    held_out_share: float = 0.1
    test_splits: frozenset[str] = frozenset()
    min_length: int = 16
    overlap_k: int = 14
    overlap_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Division:
    """Records by their use.

    Attributes
    ----------
    train
        What is trained on.
    unseen
        Records of held-out families.
    test
        Members of the published test splits.
    kin
        Left out: records too similar to those of `unseen` or `test`.
    """

    train: list[Record]
    unseen: list[Record]
    test: list[Record]
    kin: list[Record]

    def counts(self) -> dict[str, int]:
        """Return the number of records of each use."""
        return {name: len(getattr(self, name)) for name in ("train", "unseen", "test", "kin")}


def merge(paths: Iterable[Path], *, family_pattern: str) -> list[Record]:
    """Read files and merge equal sequences: the first known structure and family win."""
    family = re.compile(family_pattern)
    merged: dict[str, Record] = {}
    for path in paths:
        for record in read_records(path):
            known = record.family if family.fullmatch(record.family) else ""
            old = merged.get(record.sequence, Record(record.sequence))
            merged[record.sequence] = replace(
                old,
                structure=old.structure or record.structure,
                family=old.family or known,
                splits=old.splits | record.splits,
                rna_type=old.rna_type or record.rna_type,
            )
    return list(merged.values())


def readable(record: Record, alphabet: Alphabet) -> bool:
    """Return whether an alphabet can read a record; codons need a length divisible by 3."""
    length = len(record.sequence)
    return length >= alphabet.width and length % alphabet.step == 0


def divide(records: Iterable[Record], rule: Rule) -> Division:
    """Divide records by a rule; the outcome depends on the records and the rule alone."""
    long_enough = [r for r in records if len(r.sequence) >= rule.min_length]
    unseen = [r for r in long_enough if held_out(r.family, share=rule.held_out_share)]
    seen = [r for r in long_enough if not held_out(r.family, share=rule.held_out_share)]
    test = [r for r in seen if r.splits & rule.test_splits]
    rest = [r for r in seen if not r.splits & rule.test_splits]
    reference = unseen + [r for r in test if not r.family]
    close = overlapping(rest, reference, k=rule.overlap_k, share=rule.overlap_share)
    return Division(
        train=[r for r, c in zip(rest, close, strict=True) if not c],
        unseen=unseen,
        test=test,
        kin=[r for r, c in zip(rest, close, strict=True) if c],
    )
