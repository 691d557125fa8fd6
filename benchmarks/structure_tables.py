"""Tables on structure prediction from plain lists: settings, kinds of RNA, baselines, reliability.

Nothing here loads models or files: RNAs with families, and maps or structures by method, go in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import (
    DEFAULT,
    Decoder,
    MapKind,
    Structure,
    calibration_error,
    difference_table,
    is_branched,
    reliability,
    score,
    score_table,
)
from rnaexplore.structure.evaluation import ALL, CANONICAL_REFERENCE, FAMILIES

__all__ = [
    "MFE",
    "Rnas",
    "Setting",
    "best",
    "default",
    "minimum_free_energy",
    "read_rnas",
    "report",
    "scan",
    "settings",
]

Maps = Mapping[str, Sequence[ContactMap]]
Structures = Mapping[str, Sequence[Structure]]

MFE = "ViennaRNA, minimum free energy"
THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)
RANKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
LEAST_FOR_MATCHING = 0.05  #: below, there are so many candidates that it takes minutes
SHOWN = (ALL, FAMILIES, "shape: hairpins", "shape: branched", CANONICAL_REFERENCE)


@dataclass(frozen=True)
class Rnas:
    """RNAs with known structures.

    Attributes
    ----------
    names
        Their names.
    references
        Known structures, with base pairs.
    families
        Family of each; settings are chosen by the mean of families, intervals resample them.
    seen
        For each whether it or a relative was in training; ``None`` if that is not known.
    """

    names: list[str]
    references: list[Structure]
    families: list[str]
    seen: list[bool] | None = None

    def __len__(self) -> int:
        return len(self.references)


def read_rnas(path: Path, part: str) -> Rnas:
    """Return the RNAs of one part of a table.

    Parameters
    ----------
    path
        Tab-separated, with the columns ``sequence``, ``structure`` (dot-bracket), ``family``,
        ``part`` (``development`` or ``test``), such as ``python -m rnaexplore.pretraining.split``
        writes; if they are known, ``id`` and ``seen`` (1 where an RNA or a relative was in
        training).
    part
        The part.

    Raises
    ------
    InputError
        If a column is missing, or no RNA of the part has base pairs.
    """
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    missing = [c for c in ("sequence", "structure", "family", "part") if c not in table]
    if missing:
        msg = (
            f"{path} has no column {', '.join(map(repr, missing))}; its columns are "
            f"{', '.join(table.columns)}. python -m rnaexplore.pretraining.split "
            "writes such a table"
        )
        raise InputError(msg)
    table["id"] = table.get("id", table.index.astype(str))
    table = table[(table["part"] == part) & table["structure"].str.contains("(", regex=False)]
    if table.empty:
        msg = f"{path} has no RNA with base pairs in the part {part!r}"
        raise InputError(msg)
    pairs = zip(table["sequence"], table["structure"], strict=True)
    return Rnas(
        names=table["id"].tolist(),
        references=[Structure.from_dot_bracket(*pair) for pair in pairs],
        families=table["family"].tolist(),
        seen=(table["seen"] == "1").tolist() if "seen" in table else None,
    )


@dataclass(frozen=True)
class Setting:
    """How maps become structures: `threshold` of probabilities, or `pairs_per_residue`."""

    decoder: Decoder
    canonical: bool
    threshold: float | None = None
    pairs_per_residue: float | None = None

    def __str__(self) -> str:
        cut = (
            f"≥ {self.threshold:g}"
            if self.threshold is not None
            else f"best {self.pairs_per_residue:g} L"
        )
        return f"{self.decoder}, {cut}{', canonical' if self.canonical else ''}"

    def decode(self, contacts: ContactMap) -> Structure:
        """Return the structure of a map."""
        return contacts.decode(
            self.decoder,
            threshold=self.threshold,
            pairs_per_residue=self.pairs_per_residue,
            canonical=self.canonical,
        )


def default(kind: MapKind) -> Setting:
    """Return the setting that users get."""
    return Setting(DEFAULT.decoder, DEFAULT.canonical, **DEFAULT.cut(kind))


def settings(kind: MapKind) -> Iterator[Setting]:
    """Yield the settings that are tried for maps of a kind."""
    for canonical in (True, False):
        for decoder in get_args(Decoder):
            if kind == "score":
                if decoder != "mea":
                    yield from (Setting(decoder, canonical, None, rank) for rank in RANKS)
                continue
            least = LEAST_FOR_MATCHING if decoder == "matching" else 0.0
            yield from (Setting(decoder, canonical, t) for t in THRESHOLDS if t >= least)


def scan(rnas: Rnas, maps: Sequence[ContactMap]) -> pd.DataFrame:
    """Return the mean F1 of every setting, the best first.

    Parameters
    ----------
    rnas
        Development RNAs: none that results are reported on.
    maps
        A map of each, all of one kind.

    Returns
    -------
    DataFrame
        Indexed by `Setting`: ``families``, the mean over families, by which rows are sorted;
        ``RNAs``, the mean over RNAs; and the mean over ``hairpins`` and over ``branched`` RNAs.
    """
    rows = {}
    for setting in settings(maps[0].kind):
        found = [setting.decode(contacts) for contacts in maps]
        f1 = [score(p, r)["f1"] for p, r in zip(found, rnas.references, strict=True)]
        rows[setting] = _means(np.array(f1), rnas)
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.sort_values("families", ascending=False, kind="stable").rename_axis("setting")


def _means(f1: np.ndarray, rnas: Rnas) -> dict[str, float]:
    branched = np.array([is_branched(r) for r in rnas.references])
    parts = {"hairpins": f1[~branched], "branched": f1[branched]}
    return {
        "families": float(pd.Series(f1).groupby(np.asarray(rnas.families)).mean().mean()),
        "RNAs": float(f1.mean()),
        **{name: float(part.mean()) if len(part) else np.nan for name, part in parts.items()},
    }


def best(table: pd.DataFrame, decoder: str | None = None) -> Setting:
    """Return the best setting of `scan`, of one decoder or of all."""
    return next(s for s in table.index if decoder is None or s.decoder == decoder)


def minimum_free_energy(rnas: Rnas) -> list[Structure]:
    """Return the structures of minimum free energy by ViennaRNA."""
    import RNA

    sequences = [reference.sequence for reference in rnas.references]
    return [Structure.from_dot_bracket(s, RNA.fold(s)[0]) for s in sequences]


def report(
    development: Rnas,
    test: Rnas,
    maps: Mapping[str, tuple[Sequence[ContactMap], Sequence[ContactMap]]],
    structures: Structures,
    *,
    baseline: str = "ViennaRNA",
    n_boot: int = 2000,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Return the tables on structure of a model card.

    Parameters
    ----------
    development
        RNAs on which settings are chosen.
    test
        RNAs on which results are reported.
    maps
        By method: its maps of the development RNAs, and of the test RNAs.
    structures
        By method: structures of the test RNAs by methods without maps, such as `MFE`.
    baseline
        What the names of baselines begin with; every other method is compared with each of them.
    n_boot, seed
        Resamples of intervals, and their seed.

    Returns
    -------
    dict
        ``"settings"``: defaults beside the best settings, and the best of each decoder, on both
        sides; ``"kinds"``: F1 by kind of RNA with intervals; ``"differences"``: each method less
        each baseline, paired; ``"reliability"``: of each method with probabilities, with the
        expected calibration error.
    """
    scans = {name: scan(development, mine) for name, (mine, _) in maps.items()}
    rows = {name: list(_rows(table, maps[name][1][0].kind)) for name, table in scans.items()}
    predicted = {
        (name, label, str(setting)): [setting.decode(m) for m in maps[name][1]]
        for name, chosen in rows.items()
        for label, setting in chosen
    } | {(name, "as published", ""): list(found) for name, found in structures.items()}
    main = {key: found for key, found in predicted.items() if not key[1].startswith("best of")}
    options = {"families": test.families, "seen": test.seen, "n_boot": n_boot, "seed": seed}
    scores = {
        key: score_table(test.references, {"": found}, **options).loc[""]
        for key, found in predicted.items()
    }
    return {
        "settings": _settings_table(scores),
        "kinds": _kinds_table({key: scores[key] for key in main}),
        "differences": _differences(test, main, baseline, options),
        "reliability": _reliability(test, {name: mine for name, (_, mine) in maps.items()}, seed),
    }


def _rows(table: pd.DataFrame, kind: MapKind) -> Iterator[tuple[str, Setting]]:
    """Yield the default, the best setting of all, and the best of each decoder."""
    yield "default", default(kind)
    yield "best on development families", best(table)
    for decoder in dict.fromkeys(setting.decoder for setting in table.index):
        yield f"best of {decoder}", best(table, decoder)


_KEYS = ("method", "setting", "how")


def _settings_table(scores: Mapping[tuple[str, str, str], pd.DataFrame]) -> pd.DataFrame:
    columns = {}
    for key, table in scores.items():
        row = table.loc[ALL]
        columns[key] = {
            "F1": row["f1"],
            "low": row["f1_low"],
            "high": row["f1_high"],
            "F1 ±1": row["f1_shifted"],
        } | {name: table["f1"].get(name, np.nan) for name in SHOWN[1:]}
    return pd.DataFrame.from_dict(columns, orient="index").rename_axis(list(_KEYS))


def _kinds_table(scores: Mapping[tuple[str, str, str], pd.DataFrame]) -> pd.DataFrame:
    columns = ["f1", "f1_low", "f1_high", "precision", "recall", "n", "n_families"]
    short = {key[:2]: table[columns] for key, table in scores.items()}
    return pd.concat(short, names=["method", "setting", "group"])


def _differences(
    test: Rnas,
    predicted: Mapping[tuple[str, str, str], list[Structure]],
    baseline: str,
    options: dict[str, object],
) -> pd.DataFrame:
    tables = {}
    for key, found in predicted.items():
        for other, against in predicted.items():
            if other[0].startswith(baseline) and not key[0].startswith(baseline):
                label = (f"{key[0]}, {key[1]}", f"{other[0]}, {other[1]}")
                tables[label] = difference_table(test.references, found, against, **options)
    if not tables:
        return pd.DataFrame()
    return pd.concat(tables, names=["method", "less", "group"])


def _reliability(test: Rnas, maps: Maps, seed: int) -> pd.DataFrame:
    tables = {}
    for name, mine in maps.items():
        if mine[0].kind == "probability":
            table = reliability(
                [m.probabilities for m in mine], test.references, families=test.families, seed=seed
            )
            tables[name] = table.assign(ECE=calibration_error(table)).set_index(["low", "high"])
    return pd.concat(tables, names=["method"]) if tables else pd.DataFrame()
