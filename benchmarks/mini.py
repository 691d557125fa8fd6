"""How good is `mini` on clans that it has never seen, next to baselines that are hard to beat?

``python -m benchmarks.mini DATA... [--part development] [--weights FILE]`` takes RNAs of the clans
that were held out of its training (`benchmarks.held_out`) and prints every table of the model card:
families, structures, calibration, masked residues, heads. ``--part test`` is for the card alone: no
choice is made on it.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from anndata import AnnData

import rnaexplore as rx
from benchmarks.held_out import Part, part
from benchmarks.identity import thin
from rnaexplore.errors import InputError, WeightsNotFoundError
from rnaexplore.maps import ContactMap
from rnaexplore.models.model import Model
from rnaexplore.pretraining.prepare import Rule, merge
from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.split import sequence_hash
from rnaexplore.structure import (
    DEFAULT,
    Structure,
    difference_table,
    reliability,
    score_table,
)

IDENTITY = 0.8  #: largest identity of two RNAs of a family
LENGTHS = (30, 400)
PER_CLAN = 2  #: structures
MIN_FAMILY = 5
LEAST_FOUND = 0.95  #: share of the listed RNAs that the data must hold
SETTINGS = (  #: decoder, threshold
    (DEFAULT.decoder, DEFAULT.threshold),
    ("greedy", 0.1),
    ("mea", 0.02),
    ("mea", 0.5),
)


def held_out(data: Sequence[Path], name: Part) -> list[Record]:
    """Return the records of a held-out part, with the families and clans of the list.

    Raises
    ------
    InputError
        If the data do not hold the listed RNAs.
    """
    listed = part(name)
    known = merge(data, family_pattern=Rule().family_pattern)
    hashes = [sequence_hash(r.sequence) for r in known]
    rows = listed.to_dict(orient="index")
    found = [replace(r, **rows[h]) for r, h in zip(known, hashes, strict=True) if h in rows]
    if len(found) < LEAST_FOUND * len(listed):
        msg = (
            f"the data hold {len(found)} of the {len(listed)} RNAs of the {name} part; pass the "
            "files that `python -m rnaexplore.pretraining.split` was run on"
        )
        raise InputError(msg)
    return found


def family_members(
    records: Sequence[Record], *, n_families: int, per_family: int, seed: int
) -> AnnData:
    """Return RNAs of families that a database names, no two of one more than 80 % identical.

    Families that were inferred by alignment are left out: they would favor sequence identity.
    """
    rng = np.random.default_rng(seed)
    members: dict[str, list[str]] = {}
    for r in records:
        if not r.inferred and len(r.sequence) <= LENGTHS[1]:
            members.setdefault(r.family, []).append(r.sequence)
    rows: list[tuple[str, str]] = []
    for family in rng.permutation([f for f in sorted(members) if len(members[f]) >= MIN_FAMILY]):
        group = [members[family][k] for k in rng.permutation(len(members[family]))[:60]]
        kept = thin(group, most=IDENTITY, limit=per_family)
        rows += [(family, group[k]) for k in kept if len(kept) >= MIN_FAMILY]
        if len({family for family, _ in rows}) == n_families:
            break
    return rx.from_sequences(pd.DataFrame(rows, columns=["family", "sequence"]))


def structured(records: Sequence[Record], *, n: int, seed: int) -> AnnData:
    """Return RNAs with known structures, at most two of a clan, up to `n`."""
    rng = np.random.default_rng(seed)
    chosen: list[Record] = []
    taken: dict[str, int] = {}
    for k in rng.permutation(len(records)):
        r = records[k]
        fits = LENGTHS[0] <= len(r.sequence) <= LENGTHS[1] and set(r.sequence) <= set("ACGU")
        if fits and "(" in r.structure and taken.get(r.clan, 0) < PER_CLAN and len(chosen) < n:
            taken[r.clan] = taken.get(r.clan, 0) + 1
            chosen.append(r)
    table = pd.DataFrame(
        [(r.sequence, r.structure, r.clan) for r in chosen],
        columns=["sequence", "structure", "family"],
    )
    return rx.from_sequences(table)


def families(adata: AnnData, mini: Model, others: Mapping[str, Model], seed: int) -> pd.DataFrame:
    """Return `rx.tl.evaluate` of all models, with all baselines and the nulls of `mini`."""
    for name, model in {"mini": mini, **others}.items():
        rx.tl.embed(adata, model, key_added=f"X_{name}", progress=False)
    keys = [f"X_{name}" for name in ("mini", *others)]
    return rx.tl.evaluate(adata, use_rep=keys, model=mini, n_neighbors=1, seed=seed, progress=False)


def references(adata: AnnData) -> list[Structure]:
    """Return the known structures."""
    rows = zip(adata.obs["sequence"], adata.obs["structure"], strict=True)
    return [Structure.from_dot_bracket(sequence, dots) for sequence, dots in rows]


def contact_maps(adata: AnnData, model: Model | None) -> list[ContactMap]:
    """Return the contact maps of a model, ViennaRNA's pair probabilities if there is none."""
    if model is None:
        return [rx.tl.contacts(adata, rna, method="vienna") for rna in adata.obs_names]
    return [rx.tl.contacts(adata, rna, model, on_seen="ignore") for rna in adata.obs_names]


def minimum_free_energy(known: Sequence[Structure]) -> list[Structure]:
    """Return ViennaRNA's structures of minimum free energy."""
    import RNA

    return [Structure.from_dot_bracket(s.sequence, RNA.fold(s.sequence)[0]) for s in known]


def decoded(maps: Mapping[str, Sequence[ContactMap]]) -> dict[str, list[Structure]]:
    """Return structures of all maps by the default decoder and by MEA, the same on each side."""
    return {
        f"{name}, {decoder}, {threshold}": [
            m.decode(decoder, threshold=threshold, canonical=DEFAULT.canonical) for m in found
        ]
        for name, found in maps.items()
        for decoder, threshold in SETTINGS
    }


def masked_accuracy(model: Model, known: Sequence[Structure], *, seed: int) -> dict[str, float]:
    """Return the share of hidden residues (15 %) that are named right, paired ones apart."""
    rng = np.random.default_rng(seed)
    right: list[bool] = []
    paired: list[bool] = []
    for structure in known:
        sequence = structure.sequence
        hidden = np.flatnonzero(rng.random(len(sequence)) < 0.15)
        if len(hidden):
            guesses = model.logits(sequence, mask=hidden.tolist())[hidden].argmax(1)
            right += ["ACGU"[g] == sequence[k] for g, k in zip(guesses, hidden, strict=True)]
            paired += np.isin(hidden, structure.pairs.ravel()).tolist()
    hits, stem = np.array(right), np.array(paired)
    return {"all": hits.mean(), "paired": hits[stem].mean(), "unpaired": hits[~stem].mean()}


def composition_accuracy(known: Sequence[Structure], *, seed: int) -> float:
    """Return the share named right by each RNA's own most frequent unmasked letter."""
    rng = np.random.default_rng(seed)
    right: list[bool] = []
    for structure in known:
        letters = np.array(list(structure.sequence))
        hidden = rng.random(len(letters)) < 0.15
        values, counts = np.unique(letters[~hidden], return_counts=True)
        right += (letters[hidden] == values[counts.argmax()]).tolist()
    return float(np.mean(right))


def other_models(names: Sequence[str]) -> dict[str, Model]:
    """Return the models whose weights are on disk; say which are missing."""
    found: dict[str, Model] = {}
    for name in names:
        try:
            found[name] = rx.load_model(name)
        except WeightsNotFoundError:
            print(f"{name}: weights not found, set RNAEXPLORE_MODELS to their folder\n")
    return found


def shown(title: str, table: pd.DataFrame) -> None:
    """Print a table under a heading."""
    print(f"\n## {title}\n")
    print(table.round(3).to_string())


def structures(adata: AnnData, models: Mapping[str, Model | None], seed: int) -> None:
    """Print F1 by kind of RNA, differences to ViennaRNA, and calibration."""
    known, clans = references(adata), adata.obs["family"].astype(str).tolist()
    maps = {name: contact_maps(adata, model) for name, model in models.items()}
    found = {"ViennaRNA, minimum free energy": minimum_free_energy(known), **decoded(maps)}
    columns = ["f1", "f1_low", "f1_high", "f1_shifted", "precision", "recall", "mcc", "n"]
    shown("Structures", score_table(known, found, families=clans, seed=seed)[columns])
    default = f"mini, {DEFAULT.decoder}, {DEFAULT.threshold}"
    for other in ("ViennaRNA, minimum free energy", "ViennaRNA, mea, 0.02"):
        table = difference_table(known, found[default], found[other], families=clans, seed=seed)
        shown(f"{default} less {other}", table[["f1", "f1_low", "f1_high", "n"]])
    for name in ("mini", "ViennaRNA"):
        probabilities = [m.probabilities for m in maps[name]]
        shown(f"Calibration of {name}", reliability(probabilities, known, families=clans))


def main(  # noqa: PLR0917 - typer passes options by name
    data: Annotated[list[Path], typer.Argument(help="the files that the split was made from")],
    name: Annotated[
        str, typer.Option("--part", help="development, or test for the card")
    ] = "development",
    weights: Annotated[Path | None, typer.Option(help="instead of the bundled file")] = None,
    n_families: Annotated[int, typer.Option(help="families for the neighbors")] = 150,
    n_structures: Annotated[int, typer.Option(help="structures for the contact maps")] = 300,
    seed: int = 0,
) -> None:
    """Print all tables."""
    records = held_out(data, name)  # type: ignore[arg-type]
    mini = rx.load_model("mini", weights=weights)
    print(f"machine: {platform.processor() or platform.machine()}, seed {seed}, {name} part")
    print(f"weights: sha256 {mini.weights_sha256}")
    members = family_members(records, n_families=n_families, per_family=20, seed=seed)
    print(rx.tl.exposure(members, mini).attrs["exposure"])
    title = f"{members.n_obs} RNAs of {members.obs['family'].nunique()} families"
    table = families(members, mini, other_models(["rnabert"]), seed)
    shown(title, table.drop(columns=["linkage", "homogeneity", "knn_purity"]))
    folded = structured(records, n=n_structures, seed=seed)
    print(rx.tl.exposure(folded, mini).attrs["exposure"])
    nulls = {"random weights": mini.randomised(seed=seed), "permuted": mini.permuted(seed=seed)}
    structures(folded, {"mini": mini, "ViennaRNA": None, **nulls}, seed)
    known = references(folded)
    rows = {n: masked_accuracy(m, known, seed=seed) for n, m in {"mini": mini, **nulls}.items()}
    rows["most frequent letter of the RNA"] = {"all": composition_accuracy(known, seed=seed)}
    shown("Masked residues (15 %), share named right", pd.DataFrame(rows).T)
    heads = rx.tl.score_heads(folded, mini, n_max=60, n_random=5, progress=False)
    shown("Heads as predictors of base pairs", heads.head(8))


if __name__ == "__main__":
    typer.run(main)
