"""The tasks of `benchmarks.tasks`: each takes a slice of one file and makes an AnnData with labels.

What the folder has, and what was built from it because it has no set of its own:

- classes of non-coding RNA: the sequences of nRC, classes with enough groups of relatives, in
  ``families.tsv.gz``;
- families: those of Rfam with enough groups of relatives in the same file;
- types: those of RNA-FM's tutorial;
- messenger or long non-coding: ``coding.tsv.gz``;
- splice sites: human windows of ``splice.tsv.gz`` around a donor's GU (an acceptor's AG), against
  windows around other GU (AG) of the same genes that do not overlap the site's: the dinucleotide
  tells nothing;
- sites as labels of residues: there is no set of branch points, so windows with a site at a random
  offset, and in them the letters of all GU and AG labeled as donor, acceptor or neither;
- ribosome load: the human 5' untranslated 50-mers of ``mrl.tsv.gz`` and their variants;
- interaction: miRNA and target, ``rri.tsv.gz``: the pairs that bind, and the same miRNAs with one
  another's targets, so that neither partner alone tells the label;
- structures: bpRNA TR0 to learn from and TS0 to be tested on, ``structures.tsv.gz``.

Relatives (60 % identical, 70 % below 80 nt, 80 % below 30 nt; the same gene; the same seed of a
miRNA) are never in two parts.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

import rnaexplore as rx
from benchmarks.tasks_split import Sizes, divided, merged
from rnaexplore.tl.embedding.identity import identity_groups

__all__ = ["TASKS", "MissingDataError", "TaskData"]

IDENTITY = 0.6  #: least identity of relatives; more below 80 nt
POOL = 6  #: times as many RNAs are grouped as are wanted
GROUPS = 6  #: fewest groups of relatives of a class
WINDOW = 40  #: residues on either side of a splice site
SITE = {"donor": (200, "GU"), "acceptor": (199, "AG")}  #: first letter and letters in the file
OFFSET = 20  #: fewest residues before a site among labels of residues
PER_MIRNA = 8  #: most targets of one miRNA


class MissingDataError(FileNotFoundError):
    """The folder has not got what a task needs."""


Maker = Callable[[Path, Sizes, np.random.Generator], AnnData]


@dataclass(frozen=True, slots=True)
class TaskData:
    """A task: RNAs with labels, and how they are learned.

    Attributes
    ----------
    make
        From the folder, the wanted sizes and a generator, to an AnnData with ``obs["label"]``,
        ``obs["part"]`` and ``obs["group"]``.
    sizes
        RNAs to learn from, to stop by and to be tested on.
    head
        Name of the head.
    call
        Further arguments of `rnaexplore.finetune`.
    settings
        Further settings.
    """

    make: Maker
    sizes: Sizes
    head: str = "linear"
    call: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of the folder."""
    path = folder / name
    if not path.is_file():
        msg = f"{path} does not exist"
        raise MissingDataError(msg)
    return pd.read_csv(path, sep="\t", keep_default_na=False)


def spread(frame: pd.DataFrame, label: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return about `n` rows, as many of each label."""
    each = max(4, n // frame[label].nunique())
    mixed = frame.iloc[rng.permutation(len(frame))]
    return mixed.groupby(label).head(each)


def labelled(frame: pd.DataFrame, **more: str) -> AnnData:
    """Return an AnnData with sequence, label, part and group, and further columns by name."""
    columns = {"sequence": "sequence", "label": "label", "part": "part", "group": "group", **more}
    kept = pd.DataFrame({new: frame[old].to_numpy() for new, old in columns.items()})
    return rx.from_sequences(kept.assign(group=kept["group"].astype(str)))


def short(frame: pd.DataFrame, least: int, most: int) -> pd.DataFrame:
    """Return the sequences of some lengths without unknown letters, each once."""
    n = frame["sequence"].str.len()
    known = frame["sequence"].str.fullmatch("[ACGU]+")
    return frame[(n >= least) & (n <= most) & known].drop_duplicates("sequence")


def of_classes(
    known: pd.DataFrame, sizes: Sizes, rng: np.random.Generator, *, most: int | None = None
) -> AnnData:
    """Return RNAs of classes that have enough groups of relatives, the richest in groups first."""
    pool = spread(known, "label", POOL * sizes.total, rng).reset_index(drop=True)
    pool["group"] = identity_groups(pool["sequence"].tolist(), IDENTITY)
    groups = pool.groupby("label")["group"].nunique().sort_values(ascending=False, kind="stable")
    enough = groups.index[groups >= GROUPS][:most]
    return labelled(divided(pool[pool["label"].isin(enough)], sizes, rng, label="label"))


def classes(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Classes of non-coding RNA of nRC, RNAs of up to 120 nt."""
    known = short(table(folder, "families.tsv.gz"), 30, 120)
    known = known[known["type"].str.startswith("class:")]
    return of_classes(known.assign(label=known["type"].str[6:]), sizes, rng)


def families(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Rfam families, members of up to 120 nt; at most 40 families."""
    known = short(table(folder, "families.tsv.gz"), 30, 120)
    known = known[known["family"].str.startswith("RF")].assign(label=lambda f: f["family"])
    frequent = known["family"].value_counts().index[:60]
    return of_classes(known[known["family"].isin(frequent)], sizes, rng, most=40)


def types(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """The types of RNA of RNA-FM's tutorial, RNAs of up to 400 nt."""
    path = folder / "rnafm_tutorial" / "rnacentral_sample_max50.fasta.gz"
    if not path.is_file():
        msg = f"{path} does not exist"
        raise MissingDataError(msg)
    with gzip.open(path, "rt") as file:
        records = [r.split("\n", 1) for r in file.read().split(">")[1:]]
    found = [re.fullmatch(r"\S+ (\S+) from .*", head) for head, _ in records]
    frame = pd.DataFrame(
        {
            "label": [m[1] if m else "" for m in found],
            "sequence": ["".join(body.split()) for _, body in records],
        }
    )
    return of_classes(short(frame[frame["label"] != ""], 15, 400), sizes, rng)


def coding(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Human messenger and long non-coding RNAs of up to 2,000 nt."""
    known = short(table(folder, "coding.tsv.gz"), 200, 2000)
    pool = spread(known, "label", round(1.5 * sizes.total), rng).reset_index(drop=True)
    pool["group"] = identity_groups(pool["sequence"].tolist(), IDENTITY)
    return labelled(divided(pool, sizes, rng, label="label"))


def splice(kind: str) -> Maker:
    """Human windows of 81 nt around a donor's GU (acceptor's AG), and around other GU (AG)."""

    def make(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
        windows = _windows(folder, kind, sizes.total, rng)
        place, letters = SITE[kind]
        rows = []
        for sequence, gene in zip(windows["sequence"], windows["gene"], strict=True):
            decoy = _decoy(sequence, place, letters, rng)
            if decoy is not None:
                rows.append((_around(sequence, place), kind, gene))
                rows.append((_around(sequence, decoy), "decoy", gene))
        frame = pd.DataFrame(rows, columns=["sequence", "label", "gene"])
        frame = frame.drop_duplicates("sequence").reset_index(drop=True)
        frame["group"] = merged(
            frame["gene"], identity_groups(frame["sequence"].tolist(), IDENTITY)
        )
        return labelled(divided(frame, sizes, rng, label="label"))

    return make


def _around(sequence: str, place: int) -> str:
    return sequence[place - WINDOW : place + WINDOW + 1]


def _decoy(sequence: str, place: int, letters: str, rng: np.random.Generator) -> int | None:
    """Return where else the letters of a site stand, in a window that does not overlap its own."""
    found = [
        match.start()
        for match in re.finditer(f"(?={letters})", sequence)
        if abs(match.start() - place) > 2 * WINDOW
        and WINDOW <= match.start() < len(sequence) - WINDOW
    ]
    return int(rng.choice(found)) if found else None


def sites(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Windows of 101 nt with a site at a random offset; of residues only those of GU and AG count.

    ``D`` for the letters of a donor's GU, ``A`` for those of an acceptor's AG, ``.`` for those of
    other GU and AG, ``?`` (not known) for all others.
    """
    kinds = {kind: _windows(folder, kind, sizes.total, rng) for kind in SITE}
    rows = []
    for kind, windows in kinds.items():
        place, _ = SITE[kind]
        for sequence, gene in zip(windows["sequence"], windows["gene"], strict=True):
            first = place - int(rng.integers(OFFSET, 101 - OFFSET))
            marks = _marks(sequence, place, kind)
            rows.append((sequence[first : first + 101], marks[first : first + 101], kind, gene))
    frame = pd.DataFrame(rows, columns=["sequence", "label", "kind", "gene"])
    frame = frame.drop_duplicates("sequence").reset_index(drop=True)
    frame["group"] = merged(frame["gene"], identity_groups(frame["sequence"].tolist(), IDENTITY))
    return labelled(divided(frame, sizes, rng, label="kind"))


def _marks(sequence: str, place: int, kind: str) -> str:
    marks = ["?"] * len(sequence)
    for match in re.finditer("(?=GU|AG)", sequence):
        marks[match.start()] = "."
        marks[match.start() + 1] = "."
    marks[place : place + 2] = {"donor": "DD", "acceptor": "AA"}[kind]
    return "".join(marks)


def _windows(folder: Path, kind: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return human windows of 401 nt around sites with the usual letters, and their genes."""
    place, letters = SITE[kind]
    known = table(folder, "splice.tsv.gz").drop_duplicates("sequence")
    known = known[(known["species"] == "homo_sapiens") & (known["label"] == kind)]
    known = known[known["sequence"].str.fullmatch("[ACGU]+")]
    known = known[known["sequence"].str[place : place + 2] == letters]
    mixed = known.iloc[rng.permutation(len(known))[:n]]
    return mixed.assign(gene=mixed["transcript"].str.rsplit("-", n=1).str[0])


def load(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Mean ribosome load of 50-mers before a reporter."""
    known = table(folder, "mrl.tsv.gz")
    known = known[known["source"].str.startswith("Sample2019")].drop_duplicates("utr")
    known = known.rename(columns={"utr": "sequence", "value": "label"}).reset_index(drop=True)
    known["label"] = known["label"].astype(float)
    relatives = identity_groups(known["sequence"].tolist(), IDENTITY)
    known["group"] = merged(known["gene_or_orf"], relatives)
    return labelled(divided(known, sizes, rng, label=None))


def interaction(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """Pairs of miRNA and target that bind, and the same miRNAs with one another's targets.

    In each part every miRNA binds as many targets as it does not, and every target stands once
    with a miRNA that binds it and once with one that does not: neither partner alone tells the
    label. miRNAs with the same seed (residues 2 to 8) or 80 % identity are in one part, and so are
    targets that are 70 % identical.
    """
    known = table(folder, "rri.tsv.gz")
    known = known[known["label"].astype(int) == 1].drop_duplicates(["mirna_seq", "target_seq"])
    known = known.drop_duplicates("target_seq")
    mixed = known.iloc[rng.permutation(len(known))].groupby("mirna_seq").head(PER_MIRNA)
    frame = mixed.reset_index(drop=True)
    mirnas = frame["mirna_seq"]
    frame["group"] = merged(mirnas.str[1:8], identity_groups(mirnas.tolist(), IDENTITY))
    frame["kin"] = identity_groups(frame["target_seq"].tolist(), IDENTITY)
    half = Sizes(sizes.train // 2, sizes.valid // 2, sizes.test // 2)
    parts = divided(frame, half, rng, label=None)
    for first, second in (("test", "valid"), ("test", "train"), ("valid", "train")):
        kin = set(parts.loc[parts["part"] == first, "kin"])
        parts = parts[(parts["part"] != second) | ~parts["kin"].isin(kin)]
    pairs = pd.concat([_with_swapped(part, rng) for _, part in parts.groupby("part")])
    pairs = pairs.iloc[rng.permutation(len(pairs))]
    return labelled(pairs.rename(columns={"mirna_seq": "sequence"}), target_sequence="target_seq")


def _with_swapped(pairs: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return pairs that bind, and as many of the same partners that do not.

    In the order of their groups the pairs are moved on by the size of the largest group, so that
    no miRNA gets a target of its own group back. Of groups with more than half of the pairs some
    are dropped.
    """
    mixed = pairs.iloc[rng.permutation(len(pairs))]
    sizes = mixed["group"].value_counts()
    most = next((m for m in range(sizes.max(), 0, -1) if 2 * m <= sizes.clip(upper=m).sum()), 0)
    mixed = mixed.groupby("group").head(most).sort_values("group", kind="stable")
    swapped = mixed.assign(target_seq=np.roll(mixed["target_seq"].to_numpy(), most))
    return pd.concat([mixed.assign(label="binds"), swapped.assign(label="does not")])


def structures(folder: Path, sizes: Sizes, rng: np.random.Generator) -> AnnData:
    """BpRNA TR0 to learn from and TS0 to be tested on, up to 100 nt, relatives of TS0 left out."""
    known = short(table(folder, "structures.tsv.gz"), 30, 100)
    known = known[known["dotbracket"].str.contains(r"\(")]
    sets = known["splits"].str.split(",")
    pools = []
    for part, split, n in (
        ("test", "bpRNA-TS0", sizes.test),
        ("train", "bpRNA-TR0", POOL * (sizes.train + sizes.valid)),
    ):
        members = known[sets.map(lambda names, wanted=split: wanted in names)]
        pools.append(members.iloc[rng.permutation(len(members))[:n]].assign(part=part))
    frame = pd.concat(pools).rename(columns={"dotbracket": "label"}).reset_index(drop=True)
    frame["group"] = identity_groups(frame["sequence"].tolist(), IDENTITY)
    test = frame[frame["part"] == "test"]
    others = frame[~frame["group"].isin(set(test["group"]))].drop(columns="part")
    learn = divided(others, Sizes(sizes.train, 0, sizes.valid), rng, label=None)
    learn["part"] = learn["part"].replace("test", "valid")
    return labelled(pd.concat([learn, test]))


PAIRS = {"task": "pair", "partner": "target_sequence"}
TASKS: dict[str, TaskData] = {
    "splice donor": TaskData(splice("donor"), Sizes(320, 80, 400), "middle"),
    "splice acceptor": TaskData(splice("acceptor"), Sizes(320, 80, 400), "middle"),
    "splice sites as residues": TaskData(sites, Sizes(200, 60, 400), call={"task": "residue"}),
    "secondary structure": TaskData(
        structures, Sizes(160, 60, 400), "attention", call={"task": "contact"}
    ),
    "mean ribosome load": TaskData(load, Sizes(600, 150, 500)),
    "miRNA-target interaction": TaskData(interaction, Sizes(480, 120, 400), call=PAIRS),
    "RNA type (RNA-FM tutorial)": TaskData(types, Sizes(300, 80, 500)),
    "ncRNA class (nRC)": TaskData(classes, Sizes(300, 80, 600)),
    "type-guided ncRNA class": TaskData(
        classes, Sizes(300, 80, 600), "rnaernie-ncrna", settings={"types": 3}
    ),
    "RNA family": TaskData(families, Sizes(320, 80, 400)),
    "mRNA or lncRNA, chunks": TaskData(
        coding, Sizes(120, 40, 400), settings={"chunk": 200, "max_chunks": 2}
    ),
}
