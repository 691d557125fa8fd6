"""From files to a training set: merge, hold out clans, leave out test sets and all relatives."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.families import ALIASES, assign_families
from rnaexplore.pretraining.records import Record, overlapping, read_records
from rnaexplore.pretraining.relatives import FINE_SEED, SEED, has_relative

__all__ = ["PARTS", "Division", "Rule", "divide", "merge", "readable"]

PARTS = ("train", "development", "test", "published", "relatives")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How records are divided, decided before training.

    Parameters
    ----------
    family_pattern
        Regular expression that a label must match in full to count as a family.
    development_share, test_share
        Shares of clans held out for development and for the test, by the SHA-256 of their names.
    largest_clan
        Clans with more records are never held out.
    test_splits
        Names of published splits whose members are kept out of training.
    min_length
        Shorter records are left out.
    overlap_k, overlap_share
        Records that share more than this part of their k-mers with a held-out record are left
        out of training as well, as are those that align to one (`has_relative`).
    """

    family_pattern: str = r"(RF|MIPF)\d+|RFseed\S+"
    development_share: float = 0.1
    test_share: float = 0.1
    largest_clan: int = 600
    test_splits: frozenset[str] = frozenset()
    min_length: int = 16
    overlap_k: int = 14
    overlap_share: float = 0.1

    def held_out(self, clan: str) -> str:
        """Return the part that a clan is held out for, or ``"train"``: by its name alone."""
        place = int.from_bytes(hashlib.sha256(clan.encode()).digest()[:8], "big") / 2**64
        if place < self.test_share:
            return "test"
        return "development" if place < self.test_share + self.development_share else "train"


@dataclass(frozen=True, slots=True)
class Division:
    """Records by their use; each knows its family, clan and part.

    Attributes
    ----------
    train
        What is trained on.
    development, test
        Members of clans held out, once for choices and once for the final numbers.
    published
        Members of the published test splits.
    relatives
        Left out: similar to a record of another part.
    """

    train: list[Record]
    development: list[Record]
    test: list[Record]
    published: list[Record]
    relatives: list[Record]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Division:
        """Return records that carry their part, divided by it."""
        parts: dict[str, list[Record]] = {part: [] for part in PARTS}
        for record in records:
            parts[record.part].append(record)
        return cls(**parts)

    def counts(self) -> dict[str, int]:
        """Return the number of records of each part."""
        return {name: len(getattr(self, name)) for name in PARTS}


def merge(paths: Iterable[Path], *, family_pattern: str) -> list[Record]:
    """Read files and merge equal sequences: the first known structure and family win."""
    family = re.compile(family_pattern)
    merged: dict[str, Record] = {}
    for path in paths:
        for record in read_records(path):
            label = ALIASES.get(record.family, record.family)
            known = label if family.fullmatch(label) else ""
            old = merged.get(record.sequence, Record(record.sequence))
            merged[record.sequence] = replace(
                old,
                structure=old.structure or record.structure,
                family=old.family or known,
                splits=old.splits | record.splits,
                rna_type=old.rna_type or record.rna_type,
                labels=old.labels | ({known} - {""}),
                names=old.names | ({(known, record.name)} if known and record.name else set()),
                clan=old.clan or record.clan,
                inferred=old.inferred or record.inferred,
                part=old.part or record.part,
            )
    return list(merged.values())


def readable(record: Record, alphabet: Alphabet) -> bool:
    """Return whether an alphabet can read a record; codons need a length divisible by 3."""
    length = len(record.sequence)
    return length >= alphabet.width and length % alphabet.step == 0


def divide(records: Iterable[Record], rule: Rule) -> Division:
    """Divide records by a rule; the outcome depends on the records and the rule alone.

    Relatives of what is held out leave the training part first; then what is held out loses those
    members of which a more sensitive search still finds a relative in training.

    Records that carry a part already (`python -m rnaexplore.pretraining.split`) keep it.
    """
    kept = [r for r in records if len(r.sequence) >= rule.min_length]
    if kept and all(r.part for r in kept):
        return Division.of(kept)
    placed = _placed(assign_families(kept), rule)
    held = [r for r in placed if r.part in ("development", "test", "published")]
    train = _leave_out([r for r in placed if r.part == "train"], held, rule, seed=SEED)
    trained = [r for r in train if r.part == "train"]
    published = [r for r in placed if r.part == "published"]
    test = _leave_out([r for r in placed if r.part == "test"], trained, rule, seed=FINE_SEED)
    seen = [*trained, *published, *(r for r in test if r.part == "test")]
    development = [r for r in placed if r.part == "development"]
    development = _leave_out(development, seen, rule, seed=FINE_SEED)
    return Division.of([*train, *development, *test, *published])


def _placed(records: Sequence[Record], rule: Rule) -> list[Record]:
    """Return the records with the part that their clan and their splits say."""
    sizes = Counter(record.clan for record in records)
    parts = {
        clan: rule.held_out(clan) if size <= rule.largest_clan else "train"
        for clan, size in sizes.items()
    }
    return [
        replace(r, part="published")
        if r.splits & rule.test_splits and parts[r.clan] == "train"
        else replace(r, part=parts[r.clan])
        for r in records
    ]


def _leave_out(
    records: Sequence[Record], others: Sequence[Record], rule: Rule, *, seed: int
) -> list[Record]:
    """Return the records, those with a relative among the others moved to the relatives."""
    overlap = overlapping(records, others, k=rule.overlap_k, share=rule.overlap_share)
    aligned = has_relative([r.sequence for r in records], [r.sequence for r in others], seed=seed)
    return [
        replace(record, part="relatives") if near or similar else record
        for record, near, similar in zip(records, overlap, aligned, strict=True)
    ]
