"""How well do contact maps predict structures, beside thermodynamics and two nulls?

``python -m benchmarks.structure DATA [--limit 60] [--out table.csv]`` reads ``structures.tsv.gz``
and ``contacts3d.jsonl.gz`` in the folder DATA, takes every model whose weights are on disk (see
``rnaexplore models``; folders of checkpoints go into ``RNAEXPLORE_MODELS``), and prints the mean
strict and ±1 F1 of every method on bpRNA TS0, on ArchiveII by family, and on solved chains, and the
precision at 3-D contacts; then F1 by kind of RNA (single hairpins and branched ones, bins of
length, with and without pseudoknots, non-canonical reference pairs and relatives in training) with
intervals by family, and the same less ViennaRNA's, RNA by RNA. Beside each model stands its
architecture with random weights; beside all stand ViennaRNA, and a null that knows nothing but how
often two letters pair at a distance.

Methods are fitted and heads chosen on a few RNAs of bpRNA TR0, of families that no test set has;
the best decoder and threshold of every row (ViennaRNA's and the null's, too) are selected on as
many others, of other families again. Beside the best setting stands the default.

``python -m benchmarks.structure --choose-defaults RNAS.tsv`` scans decoders, thresholds and
canonical pairs on the development part of a table of RNAs (`benchmarks.structure_tables.read_rnas`
has its columns) and prints what `rnaexplore.structure.DEFAULT` should be.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from anndata import AnnData

import rnaexplore as rx
from benchmarks.structure_data import FEW, TestSets, load, truth3d
from benchmarks.structure_tables import MFE, Rnas, Setting, best, default, read_rnas, scan
from rnaexplore.errors import CapabilityError, MissingDependencyError, WeightsNotFoundError
from rnaexplore.maps import ContactMap
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure, difference_table, score, score_table

Predict = Callable[[AnnData, str], ContactMap]

JACOBIAN = "jacobian"
VIENNA = "ViennaRNA"
N_HEADS = 3
N_SCORED = 40  #: RNAs on which the best heads are found
SHOWN = 20  #: settings
BINS = (4, 6, 10, 20, 50, 100, 10**6)


def on_disk(names: list[str] | None) -> Iterator[Model]:
    """Yield the models over nucleotides with attention whose weights need no network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    for name in names or rx.list_models().index:
        try:
            model = rx.load_model(name)
        except (WeightsNotFoundError, MissingDependencyError):
            continue
        if model.spec.alphabet.unit == "nucleotide" and "attention" in model.spec.can:
            yield model


def methods(model: Model, fit: AnnData) -> Iterator[tuple[str, Predict]]:
    """Yield the methods that a model can do, fitted."""
    fitted = rx.tl.fit_contacts(fit, model, progress=False)
    yield (
        "regression, fitted here",
        lambda a, rna: rx.tl.contacts(a, rna, model, regression=fitted, on_seen="ignore"),
    )
    top = rx.tl.score_heads(fit, model, n_random=1, progress=False).head(N_HEADS)
    heads = [(int(layer), int(head)) for layer, head in top[["layer", "head"]].to_numpy()]
    yield (
        f"{N_HEADS} best heads",
        lambda a, rna: rx.tl.contacts(a, rna, model, method="heads", heads=heads, on_seen="ignore"),
    )
    if "contacts" in model.spec.can and model.weights_sha256:
        yield "its own trained head", lambda a, rna: rx.tl.contacts(a, rna, model, on_seen="ignore")
    if "logits" in model.spec.can:
        yield (
            JACOBIAN,
            lambda a, rna: rx.tl.contacts(
                a, rna, model, method="jacobian", progress=False, on_seen="ignore"
            ),
        )


def composition(fit: AnnData) -> Predict:
    """Return the null: the share of pairs among two letters at a distance, from the fit RNAs."""
    paired = np.ones((4, 4, len(BINS))) * 0.01
    total = np.ones((4, 4, len(BINS)))
    for sequence, dots in zip(fit.obs["sequence"], fit.obs["structure"], strict=True):
        a, b, bins, i, j = _letters(sequence)
        known = np.zeros((len(sequence),) * 2)
        known[tuple(Structure.from_dot_bracket(sequence, dots).pairs.T)] = 1
        np.add.at(paired, (a, b, bins), known[i, j])
        np.add.at(total, (a, b, bins), 1)

    def predict(adata: AnnData, rna: str) -> ContactMap:
        sequence = str(adata.obs.loc[rna, "sequence"])
        a, b, bins, i, j = _letters(sequence)
        values = np.zeros((len(sequence),) * 2, dtype=np.float32)
        values[i, j] = (paired / total)[a, b, bins]
        top = values.max()
        values = (values + values.T) / top
        return ContactMap(values, sequence, "composition", "none", kind="score")

    return predict


def _letters(sequence: str) -> tuple[np.ndarray, ...]:
    code = np.array(["ACGU".index(letter) for letter in sequence])
    i, j = np.triu_indices(len(sequence), 4)
    return code[i], code[j], np.searchsorted(BINS, j - i, side="right") - 1, i, j


def select(predict: Predict, development: AnnData) -> dict[str, Setting]:
    """Return the default setting, and the one with the largest mean F1 over families."""
    maps = [predict(development, rna) for rna in development.obs_names]
    families = list(map(str, development.obs["family"]))
    rnas = Rnas(list(map(str, development.obs_names)), _known(development), families)
    return {"default": default(maps[0].kind), "best": best(scan(rnas, maps))}


def _known(adata: AnnData) -> list[Structure]:
    pairs = zip(adata.obs["sequence"], adata.obs["structure"], strict=True)
    return [Structure.from_dot_bracket(sequence, dots) for sequence, dots in pairs]


def evaluate(
    name: str,
    model: str,
    predict: Predict,
    chosen: dict[str, Setting],
    tests: dict[str, AnnData],
) -> list[dict[str, object]]:
    """Return a row per RNA and setting: strict and shifted F1, precision at 3-D contacts."""
    rows = []
    for group, adata in tests.items():
        for rna, known in zip(adata.obs_names, _known(adata), strict=True):
            contacts = predict(adata, rna)
            shared = {"model": model, "method": name, "set": group, "family": adata.obs.family[rna]}
            shared |= {"rna": rna, "known": known}
            if "contacts" in adata.uns:
                shared |= _at_contacts(contacts, adata.uns["contacts"][rna])
            rows += [
                {**shared, "setting": label, **_scored(setting.decode(contacts), known)}
                for label, setting in chosen.items()
            ]
    return rows


def _scored(found: Structure, known: Structure) -> dict[str, object]:
    scores = score(found, known)
    return {"found": found, "F1": scores["f1"], "F1 ±1": scores["f1_shifted"]}


def _related(model: Model, tests: dict[str, AnnData]) -> dict[str, bool]:
    """Return for each RNA whether it or a relative was in training; empty if that is not known."""
    tables = [rx.tl.exposure(adata, model) for adata in tests.values()]
    related = pd.concat(tables)["related"].dropna()
    return {str(rna): bool(value) for rna, value in related.items()}


def of_energies(tests: dict[str, AnnData]) -> list[dict[str, object]]:
    """Return a row per RNA: ViennaRNA's structures of minimum free energy."""
    import RNA

    rows = []
    for group, adata in tests.items():
        for rna, known in zip(adata.obs_names, _known(adata), strict=True):
            folded = Structure.from_dot_bracket(known.sequence, RNA.fold(known.sequence)[0])
            row = {"model": VIENNA, "method": MFE, "set": group, "family": adata.obs.family[rna]}
            row |= {"rna": rna, "known": known, "setting": "as published"}
            rows.append(row | _scored(folded, known))
    return rows


def _at_contacts(contacts: ContactMap, pairs: np.ndarray) -> dict[str, float]:
    """Return the share of true 3-D contacts among the L / 2 and L best pairs, and of all."""
    n = len(contacts)
    i, j = np.triu_indices(n, 4)
    truth = truth3d(pairs, n)[i, j]
    noise = np.random.default_rng(0).random(len(i))  # ties, such as zeros, in random order
    ranked = truth[np.lexsort((noise, -contacts.values[i, j]))]
    return {
        "P@L/2": float(ranked[: n // 2].mean()),
        "P@L": float(ranked[:n].mean()),
        "background": float(truth.mean()),
    }


def _adata(table: pd.DataFrame) -> AnnData:
    adata = rx.from_sequences(table[["sequence", "structure", "family"]])
    if "contacts" in table:
        adata.uns["contacts"] = dict(zip(adata.obs_names, table["contacts"], strict=True))
    return adata


def _short(adata: AnnData, n: int) -> AnnData:
    """Return few and short RNAs, for the method that reads each RNA 3 L times."""
    length = adata.obs["length"].to_numpy()
    short = np.flatnonzero(length <= FEW)
    rows = short if len(short) >= n else np.argsort(length, kind="stable")
    chosen = adata[rows[:n]].copy()
    chosen.uns |= dict(adata.uns)
    return chosen


def run(data: TestSets, models: list[Model], *, n_jacobian: int, seed: int) -> pd.DataFrame:
    """Return one row an RNA, method and model."""
    fit, development = _adata(data.fit), _adata(data.development)
    tests = {name: _adata(table) for name, table in data.tests.items()}
    few = {name: _short(adata, n_jacobian) for name, adata in tests.items()}
    rows = of_energies(tests)

    def add(
        name: str, label: str, predict: Predict, related: dict[str, bool] | None = None
    ) -> None:
        start, costly = time.perf_counter(), name == JACOBIAN
        if costly and not n_jacobian:
            return
        some = _short(development, min(5, n_jacobian)) if costly else development
        chosen = select(predict, some)
        found = evaluate(name, label, predict, chosen, few if costly else tests)
        for row in found:
            row["related"] = (related or {}).get(str(row["rna"]))
        rows.extend(found)
        seconds = time.perf_counter() - start
        print(f"  {label}: {name}, best {chosen['best']}; {seconds:.0f} s", flush=True)
        if n_jacobian and not costly:
            rows.extend(
                {**row, "method": f"{name} [same few as {JACOBIAN}]"}
                for row in found
                if row["rna"] in set(few[str(row["set"])].obs_names)
            )

    add(
        "base-pair probabilities",
        VIENNA,
        lambda a, rna: rx.tl.contacts(a, rna, method="vienna"),
    )
    add("composition and distance", "none", composition(fit))
    for model in models:
        related = _related(model, tests)
        for label, one in (
            (model.spec.name, model),
            (f"{model.spec.name}, random weights", model.randomised(seed=seed)),
        ):
            known = related if one is model else {}
            try:
                for name, predict in methods(one, fit):
                    add(name, label, predict, known)
            except CapabilityError as error:
                print(f"  {label}: {error}")
    return pd.DataFrame(rows)


def tables(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables that are printed."""
    full = rows[~rows["method"].str.contains(JACOBIAN)]
    few = rows[rows["method"].str.contains(JACOBIAN)]
    by = BY

    def pivot(part: pd.DataFrame, columns: str) -> pd.DataFrame:
        return part.pivot_table(index=by, columns=columns, values=["F1", "F1 ±1"], sort=False)

    result = {"F1, mean over RNAs": pivot(full, "set")}
    result["F1 by kind of RNA, with 95 % intervals by family"] = kinds(full)
    result[f"F1 less that of {MFE}, paired"] = differences(full)
    archive = full[full["set"] == "ArchiveII"].groupby([*by, "family"], sort=False)
    means = archive[["F1", "F1 ±1"]].mean().groupby(by, sort=False).mean()
    result["ArchiveII, mean over families"] = means
    result["ArchiveII, F1 by family"] = full[full["set"] == "ArchiveII"].pivot_table(
        index=by, columns="family", values="F1", sort=False
    )
    solid = full[(full["set"] == "3-D") & full["P@L"].notna()]
    solid = solid[solid["setting"] == "default"]  # pairs are ranked, not decoded
    result["3-D contacts (< 8 Å, 4 apart or more)"] = solid.groupby(by, sort=False)[
        ["P@L/2", "P@L", "background"]
    ].mean()
    if len(few):
        result[f"The few short RNAs of the {JACOBIAN}, F1"] = pivot(few, "set")
    return result


BY = ["model", "method", "setting"]
Options = dict[str, Any]


def kinds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the strict F1 of each method over RNAs of each kind of all test sets together."""
    found = {
        key: score_table(list(part["known"]), {"": list(part["found"])}, **_options(part)).loc[""]
        for key, part in rows.groupby(BY, sort=False)
    }
    return _joined(found)


def differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how much higher the strict F1 of each method is than that of `MFE`, RNA by RNA."""
    energies = rows[rows["method"] == MFE].set_index(["set", "rna"])["found"]
    found = {}
    for key, part in rows[rows["method"] != MFE].groupby(BY, sort=False):
        baseline = [energies[one] for one in zip(part["set"], part["rna"], strict=True)]
        found[key] = difference_table(
            list(part["known"]), list(part["found"]), baseline, **_options(part)
        )
    return _joined(found)


def _options(part: pd.DataFrame) -> Options:
    seen = part["related"]
    known = None if seen.isna().any() else [bool(value) for value in seen]
    return {"families": list(map(str, part["family"])), "seen": known}


def _joined(tables: dict[Any, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per method and kind of RNA."""
    columns = {
        "f1": "F1",
        "f1_low": "low",
        "f1_high": "high",
        "n": "RNAs",
        "n_families": "families",
    }
    joined = pd.concat(tables, names=[*BY, "kind"])
    return joined[list(columns)].rename(columns=columns)


def choose_defaults(path: Path, models: list[str] | None) -> None:
    """Print the mean F1 of every setting on development RNAs: each model, its heads, ViennaRNA."""
    rnas = read_rnas(path, "development")
    print(f"{len(rnas)} development RNAs of {len(set(rnas.families))} families")
    sequences = [reference.sequence for reference in rnas.references]
    dots = [reference.dot_bracket for reference in rnas.references]
    adata = rx.from_sequences(pd.DataFrame({"sequence": sequences, "structure": dots}))
    for name, predict in _candidates(adata, models):
        maps = [predict(adata, rna) for rna in adata.obs_names]
        table, now = scan(rnas, maps), default(maps[0].kind)
        print(f"\n## {name}: best {best(table)}; default {now}\n")
        ranks = table.assign(rank=range(1, len(table) + 1))
        shown = pd.concat([ranks.head(SHOWN), ranks[ranks.index == now]])
        print(shown[~shown.index.duplicated()].round(3).to_string())


def _candidates(adata: AnnData, models: list[str] | None) -> Iterator[tuple[str, Predict]]:
    """Yield what a default is chosen for: trained heads, the mean of the best heads, ViennaRNA."""
    for one in on_disk(models or ["mini"]):
        if "contacts" in one.spec.can:
            yield one.spec.name, partial(_contacts, one, {})
        top = rx.tl.score_heads(adata, one, n_max=N_SCORED, progress=False).head(N_HEADS)
        heads = [(int(layer), int(head)) for layer, head in top[["layer", "head"]].to_numpy()]
        options = {"method": "heads", "heads": heads}
        yield f"{one.spec.name}, {N_HEADS} best heads", partial(_contacts, one, options)
    yield VIENNA, partial(_contacts, VIENNA, {"method": "vienna"})


def _contacts(model: Model | str, options: dict[str, Any], adata: AnnData, rna: str) -> ContactMap:
    return rx.tl.contacts(adata, rna, model, on_seen="ignore", **options)


def main(  # noqa: PLR0917
    folder: Annotated[
        Path | None, typer.Argument(help="folder of structures.tsv.gz, contacts3d.jsonl.gz")
    ] = None,
    limit: Annotated[int, typer.Option(help="most RNAs of a test set")] = 60,
    fit: Annotated[int, typer.Option(help="RNAs for fits and thresholds")] = 20,
    jacobian: Annotated[int, typer.Option(help="RNAs of a test set for the Jacobian")] = 8,
    max_length: Annotated[int, typer.Option(help="longest RNA")] = 300,
    model: Annotated[list[str] | None, typer.Option(help="these models only")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file of all rows")] = None,
    defaults: Annotated[
        Path | None,
        typer.Option(
            "--choose-defaults", help="table of RNAs; scan settings on its development part"
        ),
    ] = None,
    seed: int = 0,
) -> None:
    """Print all tables."""
    if defaults is not None:
        choose_defaults(defaults, model)
        return
    if folder is None:
        msg = "name the folder of the data, or a table with --choose-defaults"
        raise typer.BadParameter(msg)
    data = load(folder, limit=limit, n_fit=fit, max_length=max_length, seed=seed)
    models = list(on_disk(model))
    sizes = {name: len(table) for name, table in data.tests.items()}
    print(f"machine: {platform.processor() or platform.machine()}, seed {seed}")
    print(f"fit: {len(data.fit)} RNAs; settings: {len(data.development)} RNAs; tests: {sizes}")
    print(f"longest {max_length} nt")
    for one in models:
        print(f"{one.spec.name}: weights {one.weights_sha256[:16]}")
    rows = run(data, models, n_jacobian=jacobian, seed=seed)
    if out is not None:
        rows.drop(columns=["known", "found"]).to_csv(out, index=False)
    for title, table in tables(rows).items():
        print(f"\n## {title}\n\n{table.round(3).to_string()}")


if __name__ == "__main__":
    typer.run(main)
