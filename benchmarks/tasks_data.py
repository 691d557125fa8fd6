"""The tasks of `benchmarks.tasks`: each takes a slice of one file and makes an AnnData with labels.

What the folder has, and what was built from it because it has no set of its own:

- classes of non-coding RNA: the sequences of nRC, 13 classes, in ``families.tsv.gz``;
- families: the 88 with most members there, as many as RiNALMo's classifier has;
- types: the 28 of RNA-FM's tutorial;
- messenger or long non-coding: ``coding.tsv.gz``;
- splice sites: human windows of ``splice.tsv.gz``, donor or acceptor against windows of neither;
- sites as labels of residues: there is no set of branch points, so the same windows are cut anew
  at random offsets, and the letters of the sites labelled;
- ribosome load: the human 5' untranslated 50-mers of ``mrl.tsv.gz`` and their variants;
- interaction: miRNA and target, ``rri.tsv.gz``;
- structures: bpRNA TR0 to learn from and TS0 to be tested on, ``structures.tsv.gz``.
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

FEWEST = 20  #: members of a class

__all__ = ["TASKS", "MissingDataError", "TaskData"]


class MissingDataError(FileNotFoundError):
    """The folder has not got what a task needs."""


@dataclass(frozen=True, slots=True)
class TaskData:
    """A task: RNAs with labels, and how they are learned.

    Attributes
    ----------
    make
        From the folder, the number of RNAs and a generator, to an AnnData with ``obs["label"]``.
    n
        RNAs of the slice.
    head
        Name of the head.
    epochs
        Most epochs.
    call
        Further arguments of `rnaexplore.finetune`.
    settings
        Further settings.
    """

    make: Callable[[Path, int, np.random.Generator], AnnData]
    n: int
    head: str
    epochs: int = 5
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


def labelled(sequences: list[str], labels: Any, **more: Any) -> AnnData:
    """Return an AnnData with labels."""
    return rx.from_sequences(pd.DataFrame({"sequence": sequences, "label": labels, **more}))


def short(frame: pd.DataFrame, least: int, most: int) -> pd.DataFrame:
    """Return the sequences of some lengths, each once."""
    n = frame["sequence"].str.len()
    return frame[(n >= least) & (n <= most)].drop_duplicates("sequence")


def classes(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """nRC's classes of non-coding RNA, those with 20 members of up to 120 nt."""
    known = short(table(folder, "families.tsv.gz"), 30, 120)
    known = known[known["type"].str.startswith("class:")]
    known = known[known.groupby("type")["type"].transform("size") >= FEWEST]
    chosen = spread(known, "type", n, rng)
    return labelled(chosen["sequence"].tolist(), chosen["type"].str[6:].to_numpy())


def families(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """The 88 Rfam families with most members of up to 90 nt."""
    known = short(table(folder, "families.tsv.gz"), 30, 90)
    known = known[known["family"].str.startswith("RF")]
    most = known["family"].value_counts().index[:88]
    chosen = spread(known[known["family"].isin(most)], "family", n, rng)
    return labelled(chosen["sequence"].tolist(), chosen["family"].to_numpy())


def types(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """The types of RNA of RNA-FM's tutorial, RNAs of up to 120 nt."""
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
    known = short(frame[frame["label"] != ""], 15, 120)
    enough = known["label"].value_counts()
    known = known[known["label"].isin(enough.index[enough >= 5])]
    chosen = spread(known, "label", n, rng)
    return labelled(chosen["sequence"].tolist(), chosen["label"].to_numpy())


def coding(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """Human messenger and long non-coding RNAs."""
    chosen = spread(table(folder, "coding.tsv.gz"), "label", n, rng)
    return labelled(chosen["sequence"].tolist(), chosen["label"].to_numpy())


def splice(kind: str) -> Callable[[Path, int, np.random.Generator], AnnData]:
    """Human windows of 81 nt around a donor (acceptor), and around neither."""

    def make(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
        known = _windows(folder, [kind, "other"])
        chosen = spread(known, "label", n, rng)
        return labelled([s[160:241] for s in chosen["sequence"]], chosen["label"].to_numpy())

    return make


def sites(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """Windows of 101 nt with a donor (D), an acceptor (A) or no site, anywhere in them."""
    chosen = spread(_windows(folder, ["donor", "acceptor", "other"]), "label", n, rng)
    sequences, labels = [], []
    for sequence, kind in zip(chosen["sequence"], chosen["label"], strict=True):
        first = 200 - int(rng.integers(20, 80))  # the site has 20 to 80 letters before it
        letters = ["."] * len(sequence)
        if kind == "donor":
            letters[200:202] = "DD"
        if kind == "acceptor":
            letters[199:201] = "AA"
        sequences.append(sequence[first : first + 101])
        labels.append("".join(letters[first : first + 101]))
    return labelled(sequences, labels)


def _windows(folder: Path, kinds: list[str]) -> pd.DataFrame:
    known = table(folder, "splice.tsv.gz").drop_duplicates("sequence")
    human = known[(known["species"] == "homo_sapiens") & known["label"].isin(kinds)]
    return human[human["sequence"].str.fullmatch("[ACGU]+")]


def load(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """Mean ribosome load of 50-mers before a reporter."""
    known = table(folder, "mrl.tsv.gz")
    known = known[known["source"].str.startswith("Sample2019")]
    chosen = known.iloc[rng.permutation(len(known))[:n]]
    return labelled(chosen["utr"].tolist(), chosen["value"].astype(float).to_numpy())


def interaction(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """miRNA and target; the same miRNA is never in two parts."""
    known = table(folder, "rri.tsv.gz").drop_duplicates(["mirna_seq", "target_seq"])
    chosen = spread(known, "label", n, rng)
    kinds = np.where(chosen["label"].astype(int) == 1, "binds", "does not")
    more = {"target_sequence": chosen["target_seq"].to_numpy()}
    return labelled(
        chosen["mirna_seq"].tolist(), kinds, mirna=chosen["mirna_seq"].to_numpy(), **more
    )


def structures(folder: Path, n: int, rng: np.random.Generator) -> AnnData:
    """BpRNA TR0 (two thirds) and TS0 (a third), up to 100 nt."""
    known = short(table(folder, "structures.tsv.gz"), 30, 100)
    known = known[
        known["sequence"].str.fullmatch("[ACGU]+") & known["dotbracket"].str.contains(r"\(")
    ]
    parts = []
    for part, split, size in (("train", "bpRNA-TR0", 2 * n // 3), ("test", "bpRNA-TS0", n // 3)):
        members = known[known["splits"].str.split(",").map(lambda s, name=split: name in s)]
        parts.append(members.iloc[rng.permutation(len(members))[:size]].assign(part=part))
    chosen = pd.concat(parts)
    return labelled(
        chosen["sequence"].tolist(),
        chosen["dotbracket"].to_numpy(),
        part=chosen["part"].to_numpy(),
    )


TASKS: dict[str, TaskData] = {
    "splice donor, middle": TaskData(splice("donor"), 240, "middle", epochs=4),
    "splice acceptor, middle": TaskData(splice("acceptor"), 240, "middle", epochs=4),
    "splice donor": TaskData(splice("donor"), 240, "rinalmo-splice", epochs=4),
    "splice sites as residues": TaskData(
        sites, 160, "splicebert-branchpoint", epochs=5, call={"task": "residue"}
    ),
    "secondary structure": TaskData(
        structures, 120, "attention", epochs=3, call={"task": "contact", "split": "part"}
    ),
    "mean ribosome load": TaskData(load, 600, "rinalmo-mrl", epochs=4),
    "miRNA-target interaction": TaskData(
        interaction, 500, "rnaernie-rri",
        call={"task": "pair", "partner": "target_sequence", "groups": "mirna"},
    ),
    "RNA type (RNA-FM tutorial)": TaskData(types, 240, "linear"),
    "ncRNA class (nRC), linear": TaskData(classes, 260, "linear"),
    "ncRNA class (nRC)": TaskData(classes, 260, "rnaernie-ncrna"),
    "type-guided ncRNA class": TaskData(classes, 260, "rnaernie-ncrna", settings={"types": 3}),
    "RNA family (88)": TaskData(families, 440, "rinalmo-ncrna"),
    "mRNA or lncRNA, chunks": TaskData(
        coding, 80, "rnaernie-ncrna", epochs=3, settings={"chunk": 200, "max_chunks": 2}
    ),
}  # fmt: skip
