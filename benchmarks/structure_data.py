"""Known structures and 3-D contacts by official split, sampled for a benchmark."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["TestSets", "contacts3d", "load"]

MIN_LENGTH = 30
MIN_FAMILY = 10  #: members that a family of ArchiveII must have to count
FEW = 100  #: residues; RNAs of the Jacobian's sample and of the fit are not much longer


@dataclass(frozen=True)
class TestSets:
    """Tables with the columns ``sequence``, ``structure`` and ``family``, indexed by id.

    Attributes
    ----------
    fit
        Members of bpRNA TR0 of families that no test set has: for fits.
    development
        Others, of other families than those: for decoders and thresholds.
    tests
        The test sets by name.
    """

    fit: pd.DataFrame
    development: pd.DataFrame
    tests: dict[str, pd.DataFrame]


def load(folder: Path, *, limit: int, n_fit: int, max_length: int, seed: int) -> TestSets:
    """Return RNAs for fits and for tests, drawn at random.

    Parameters
    ----------
    folder
        Holds ``structures.tsv.gz`` and ``contacts3d.jsonl.gz``.
    limit
        Most RNAs of a test set; those of ArchiveII are shared out over its families.
    n_fit
        RNAs for fits, one of each family, and as many others for the choice of settings.
    max_length
        Longest RNA.
    seed
        Seed of the draws.
    """
    table = pd.read_csv(folder / "structures.tsv.gz", sep="\t", dtype=str).fillna("")
    table = table.rename(columns={"dotbracket": "structure"})
    table["id"] = [f"{name}#{row}" for row, name in enumerate(table["id"])]
    usable = table["sequence"].str.fullmatch("[ACGU]+") & table["structure"].str.contains(r"\(")
    usable &= table["sequence"].str.len().between(MIN_LENGTH, max_length)
    table = table[usable].set_index("id")
    ts0 = table[table["splits"].str.contains("bpRNA-TS0")]
    archive = table[table["splits"].str.contains("ArchiveII")]
    solved = contacts3d(folder / "contacts3d.jsonl.gz", max_length=max_length)
    taken = {*ts0["family"], *archive["family"], *solved["family"]}
    train = table[table["splits"].str.contains("bpRNA-TR0") & ~table["family"].isin(taken)]
    train = train[(train["family"] != "") & (train["sequence"].str.len() <= 2 * FEW)]
    chosen = train.sample(frac=1, random_state=seed).drop_duplicates("family")
    tests = {
        "TS0": ts0.sample(min(limit, len(ts0)), random_state=seed),
        "ArchiveII": _by_family(archive, limit, seed),
        "3-D": solved.sample(min(limit, len(solved)), random_state=seed),
    }
    return TestSets(chosen.head(n_fit), chosen.iloc[n_fit : 2 * n_fit], tests)


def _by_family(table: pd.DataFrame, limit: int, seed: int) -> pd.DataFrame:
    sizes = table["family"].value_counts()
    families = sizes[sizes >= MIN_FAMILY].index
    each = max(1, limit // max(1, len(families)))
    parts = [
        group.sample(min(each, len(group)), random_state=seed)
        for _, group in table[table["family"].isin(families)].groupby("family")
    ]
    return pd.concat(parts)


def contacts3d(path: Path, *, max_length: int) -> pd.DataFrame:
    """Return solved chains with their structures, and ``contacts``: arrays (n, 2), < 8 Å."""
    with gzip.open(path, "rt") as file:
        records = [json.loads(line) for line in file]
    rows = []
    for record in records:
        sequence, dots = record["sequence"], record.get("dotbracket") or ""
        if "(" in dots and set(sequence) <= set("ACGU") and len(sequence) <= max_length:
            contacts = np.array([pair[:2] for pair in record["contacts_lt8A"]], dtype=np.int64)
            name = f"{record['pdb']}_{record['chain']}"
            rows.append((name, sequence, dots, record["family"] or name, contacts))
    columns = ["id", "sequence", "structure", "family", "contacts"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates("id").set_index("id")


def truth3d(contacts: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Return the symmetric (n, n) map of true contacts at least 4 apart."""
    known = np.zeros((n, n), dtype=np.bool_)
    known[contacts[:, 0], contacts[:, 1]] = True
    known |= known.T
    i, j = np.indices((n, n))
    return known & (np.abs(i - j) >= 4)
