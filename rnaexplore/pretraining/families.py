"""Give every record a family and a clan, so that whole clans can be held out.

Databases spell one family in several ways (Rfam ``RF00638`` and miRBase ``MIPF0000010`` are both
MIR159), and most of the records of other sources carry no family at all.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.relatives import Hit, Index

__all__ = ["ALIASES", "CLANS", "assign_families", "joined"]

Link = tuple[str, str]

#: labels of other collections, and the Rfam family that they mean
ALIASES = {
    "5S": "RF00001",
    "16S": "RF00177",
    "16s": "RF00177",
    "SSU_rRNA": "RF00177",
    "23S": "RF02541",
    "23s": "RF02541",
    "LSU_rRNA": "RF02541",
    "RNaseP": "RF00010",
    "RNase P": "RF00010",
    "grp1": "RF00028",
    "group_I_intron": "RF00028",
    "intron I1": "RF00028",
    "intron I2": "RF00028",
}

#: Rfam clans (release 14) whose members are too diverged for names or alignments to join them
CLANS = (
    ("RF00005", "RF00023", "RF01849", "RF01850", "RF01851", "RF01852", "RF02544"),  # tRNA, tmRNA
    ("RF00009", "RF00010", "RF00011", "RF00030", "RF00373", "RF01577", "RF02357"),  # RNase P, MRP
    ("RF00017", "RF00169", "RF01502", "RF01570", "RF01854", "RF01855", "RF01856", "RF01857"),  # SRP
    ("RF00012", "RF01846", "RF01847", "RF01848"),  # U3
    ("RF00162", "RF00521", "RF00634", "RF01725", "RF01767", "RF01727"),  # SAM
    ("RF00174", "RF01482", "RF01689"),  # cobalamin
    ("RF00177", "RF01959", "RF01960", "RF02542", "RF02545"),  # small subunit rRNA
    ("RF00002", "RF02540", "RF02541", "RF02543", "RF02546"),  # large subunit rRNA
    ("RF00001", "RF02547", "RF02554", "RF02555"),  # 5S rRNA
    ("RF00008", "RF00163", "RF02275", "RF02276", "RF02277", "RF03152"),  # hammerhead
    ("RF00024", "RF00025", "RF01050", "RF02462"),  # telomerase
    ("RF00029", "RF01998", "RF01999", "RF02001", "RF02003", "RF02004", "RF02005", "RF02012"),
    ("RF00028", "RF01807"),  # group I
)
SIMILAR_SHARE = 0.1  #: families are one clan if so many of one's members align to the other's


def assign_families(records: Sequence[Record]) -> list[Record]:
    """Return the records with `family` and `clan` set, and `inferred` where no label was given.

    Families: labels that stand on one sequence or carry one name are synonyms. A record without a
    label takes the family of its best alignment to a labeled one; the rest form families by single
    linkage. Clans join families by the clans of Rfam, by names that differ in their last number
    only, and where a tenth of one family's members (at least two, if it has two) align to another.

    Parameters
    ----------
    records
        Merged records (`rnaexplore.pretraining.prepare.merge`), each sequence once.
    """
    hits = list(Index([r.sequence for r in records]).hits([r.sequence for r in records]))
    synonyms = joined(_labels(records), [*_together(records), *_same(records, _plain)])
    given = [synonyms[min(r.labels)] if r.labels else "" for r in records]
    families = _unnamed(records, _from_relatives(given, hits), hits)
    links = [*_listed(), *_renamed(_same(records, _stem), synonyms), *_similar(families, hits)]
    clans = joined({*families, *(name for link in links for name in link)}, links)
    return [
        replace(record, family=family, clan=clans[family], inferred=not record.labels)
        for record, family in zip(records, families, strict=True)
    ]


def joined(names: Iterable[str], links: Iterable[Link]) -> dict[str, str]:
    """Return the first name (in alphabetical order) of each name's group of linked names."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ordered = sorted(set(names))
    place = {name: i for i, name in enumerate(ordered)}
    pairs = np.array([(place[a], place[b]) for a, b in links], dtype=np.int64).reshape(-1, 2)
    shape = (len(ordered), len(ordered))
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)
    group = connected_components(graph, directed=False)[1]
    first: dict[int, str] = {}
    for name, k in zip(ordered, group.tolist(), strict=True):
        first.setdefault(k, name)
    return {name: first[k] for name, k in zip(ordered, group.tolist(), strict=True)}


def _labels(records: Sequence[Record]) -> set[str]:
    return {label for record in records for label in record.labels}


def _together(records: Sequence[Record]) -> Iterable[Link]:
    """Yield labels that stand on one sequence."""
    for record in records:
        first = min(record.labels, default="")
        yield from ((first, other) for other in record.labels)


def _same(records: Sequence[Record], reduced: re.Pattern[str]) -> Iterable[Link]:
    """Yield labels whose names are equal once a pattern and the punctuation are removed."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        for label, name in record.names:
            groups[re.sub(r"[-_]", "", reduced.sub("", name)).lower()].add(label)
    return [(min(group), other) for group in groups.values() for other in group]


_plain = re.compile(r"_relabelled$")
_stem = re.compile(r"_relabelled$|(?<!^mir)[-_](\d+|[IVX]+)$")


def _listed() -> Iterable[Link]:
    return ((clan[0], member) for clan in CLANS for member in clan[1:])


def _renamed(links: Iterable[Link], names: dict[str, str]) -> Iterable[Link]:
    return ((names[a], names[b]) for a, b in links)


def _from_relatives(families: Sequence[str], hits: Iterable[Hit]) -> list[str]:
    """Return the families, with those of the best-scoring labeled relative filled in."""
    filled = list(families)
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.query, hit.target)):
        for one, other in ((hit.query, hit.target), (hit.target, hit.query)):
            if not filled[one] and families[other]:
                filled[one] = families[other]
    return filled


def _unnamed(records: Sequence[Record], families: list[str], hits: Iterable[Hit]) -> list[str]:
    """Return the families, with groups of relatives as families where none is known."""
    own = [f"unnamed-{hashlib.sha256(r.sequence.encode()).hexdigest()[:12]}" for r in records]
    free = {i for i, family in enumerate(families) if not family}
    links = [(own[h.query], own[h.target]) for h in hits if {h.query, h.target} <= free]
    groups = joined((own[i] for i in free), links)
    return [family or groups[name] for family, name in zip(families, own, strict=True)]


def _similar(families: Sequence[str], hits: Iterable[Hit]) -> Iterable[Link]:
    """Yield pairs of families of which one's members align to the other's."""
    sizes = Counter(families)
    members: defaultdict[Link, set[int]] = defaultdict(set)
    for hit in hits:
        a, b = families[hit.query], families[hit.target]
        if a != b:
            members[a, b].add(hit.query)
            members[b, a].add(hit.target)
    for (family, other), found in members.items():
        if len(found) >= max(min(2, sizes[family]), SIMILAR_SHARE * sizes[family]):
            yield family, other
