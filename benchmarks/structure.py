"""How well do contact maps predict structures, beside thermodynamics and two nulls?

``python -m benchmarks.structure DATA [--limit 60] [--out table.csv]`` reads ``structures.tsv.gz``
and ``contacts3d.jsonl.gz`` in the folder DATA, takes every model whose weights are on disk (see
``rnaexplore models``; folders of checkpoints go into ``RNAEXPLORE_MODELS``), and prints the mean
strict and ±1 F1 of every method on bpRNA TS0, on ArchiveII by family, and on solved chains, and the
precision at 3-D contacts. Beside each model stands its architecture with random weights; beside
all stand ViennaRNA, and a null that knows nothing but how often two letters pair at a distance.

Methods are fitted, heads chosen, and the decoder and threshold of every row (ViennaRNA's and the
null's, too) selected on the same few RNAs of bpRNA TR0, of families that no test set has.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from anndata import AnnData

import rnaexplore as rx
from benchmarks.structure_data import FEW, TestSets, load, truth3d
from rnaexplore.errors import CapabilityError, MissingDependencyError, WeightsNotFoundError
from rnaexplore.maps import ContactMap
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure, score

Predict = Callable[[AnnData, str], ContactMap]
Setting = tuple[str, float]

DECODERS = ("mea", "greedy")
THRESHOLDS = (0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
JACOBIAN = "jacobian"
FIT = "fit"  #: mark of the RNAs of the fit, on which thresholds are chosen: they have been seen
N_HEADS = 3
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
        lambda a, rna: rx.tl.contacts(
            a, rna, model, regression=fitted, allow_seen_families=FIT in a.uns
        ),
    )
    best = rx.tl.score_heads(fit, model, n_random=1, progress=False).head(N_HEADS)
    heads = [(int(layer), int(head)) for layer, head in best[["layer", "head"]].to_numpy()]
    yield (
        f"{N_HEADS} best heads",
        lambda a, rna: rx.tl.contacts(a, rna, model, method="heads", heads=heads),
    )
    if "contacts" in model.spec.can and model.weights_sha256:
        yield "its own trained head", lambda a, rna: rx.tl.contacts(a, rna, model)
    if "logits" in model.spec.can:
        yield (
            JACOBIAN,
            lambda a, rna: rx.tl.contacts(a, rna, model, method="jacobian", progress=False),
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
        best = values.max()
        return ContactMap((values + values.T) / best, sequence, "composition", "none")

    return predict


def _letters(sequence: str) -> tuple[np.ndarray, ...]:
    code = np.array(["ACGU".index(letter) for letter in sequence])
    i, j = np.triu_indices(len(sequence), 4)
    return code[i], code[j], np.searchsorted(BINS, j - i, side="right") - 1, i, j


def select(predict: Predict, fit: AnnData) -> Setting:
    """Return the decoder and threshold with the largest mean F1 on the RNAs of the fit."""
    maps = [predict(fit, rna) for rna in fit.obs_names]
    known = _known(fit)

    def mean(setting: Setting) -> float:
        return float(np.mean([_f1(m, k, setting)["f1"] for m, k in zip(maps, known, strict=True)]))

    return max(product(DECODERS, THRESHOLDS), key=mean)


def _known(adata: AnnData) -> list[Structure]:
    pairs = zip(adata.obs["sequence"], adata.obs["structure"], strict=True)
    return [Structure.from_dot_bracket(sequence, dots) for sequence, dots in pairs]


def _f1(contacts: ContactMap, known: Structure, setting: Setting) -> dict[str, float]:
    decoder, threshold = setting
    return score(contacts.decode(decoder, threshold=threshold), known)


def evaluate(
    name: str, model: str, predict: Predict, setting: Setting, tests: dict[str, AnnData]
) -> list[dict[str, object]]:
    """Return a row an RNA: strict and shifted F1, precision at 3-D contacts."""
    rows = []
    for group, adata in tests.items():
        for rna, known in zip(adata.obs_names, _known(adata), strict=True):
            contacts = predict(adata, rna)
            found = _f1(contacts, known, setting)
            row = {"model": model, "method": name, "set": group, "family": adata.obs.family[rna]}
            row |= {"rna": rna, "F1": found["f1"], "F1 ±1": found["f1_shifted"]}
            if "contacts" in adata.uns:
                row |= _at_contacts(contacts, adata.uns["contacts"][rna])
            rows.append(row)
    return rows


def _at_contacts(contacts: ContactMap, pairs: np.ndarray) -> dict[str, float]:
    """Return the share of true 3-D contacts among the L / 2 and L best pairs, and of all."""
    n = len(contacts.probabilities)
    i, j = np.triu_indices(n, 4)
    truth = truth3d(pairs, n)[i, j]
    noise = np.random.default_rng(0).random(len(i))  # ties, such as zeros, in random order
    ranked = truth[np.lexsort((noise, -contacts.probabilities[i, j]))]
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
    fit = _adata(data.fit)
    fit.uns[FIT] = True
    tests = {name: _adata(table) for name, table in data.tests.items()}
    few = {name: _short(adata, n_jacobian) for name, adata in tests.items()}
    rows: list[dict[str, object]] = []

    def add(name: str, label: str, predict: Predict) -> None:
        start, costly = time.perf_counter(), name == JACOBIAN
        if costly and not n_jacobian:
            return
        setting = select(predict, _short(fit, min(5, n_jacobian)) if costly else fit)
        found = evaluate(name, label, predict, setting, few if costly else tests)
        rows.extend(found)
        print(f"  {label}: {name} {setting}, {time.perf_counter() - start:.0f} s", flush=True)
        if n_jacobian and not costly:
            rows.extend(
                {**row, "method": f"{name} [same few as {JACOBIAN}]"}
                for row in found
                if row["rna"] in set(few[str(row["set"])].obs_names)
            )

    add(
        "base-pair probabilities",
        "ViennaRNA",
        lambda a, rna: rx.tl.contacts(a, rna, method="vienna"),
    )
    add("composition and distance", "none", composition(fit))
    for model in models:
        for label, one in (
            (model.spec.name, model),
            (f"{model.spec.name}, random weights", model.randomised(seed=seed)),
        ):
            try:
                for name, predict in methods(one, fit):
                    add(name, label, predict)
            except CapabilityError as error:
                print(f"  {label}: {error}")
    return pd.DataFrame(rows)


def tables(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables that are printed."""
    full = rows[~rows["method"].str.contains(JACOBIAN)]
    few = rows[rows["method"].str.contains(JACOBIAN)]
    by = ["model", "method"]

    def pivot(part: pd.DataFrame, columns: str) -> pd.DataFrame:
        return part.pivot_table(index=by, columns=columns, values=["F1", "F1 ±1"], sort=False)

    result = {"F1, mean over RNAs": pivot(full, "set")}
    archive = full[full["set"] == "ArchiveII"].groupby([*by, "family"], sort=False)
    means = archive[["F1", "F1 ±1"]].mean().groupby(by, sort=False).mean()
    result["ArchiveII, mean over families"] = means
    result["ArchiveII, F1 by family"] = full[full["set"] == "ArchiveII"].pivot_table(
        index=by, columns="family", values="F1", sort=False
    )
    solid = full[full["set"] == "3-D"]
    result["3-D contacts (< 8 Å, 4 apart or more)"] = solid.groupby(by, sort=False)[
        ["P@L/2", "P@L", "background"]
    ].mean()
    if len(few):
        result[f"The few short RNAs of the {JACOBIAN}, F1"] = pivot(few, "set")
    return result


def main(  # noqa: PLR0917
    folder: Annotated[
        Path, typer.Argument(help="folder of structures.tsv.gz, contacts3d.jsonl.gz")
    ],
    limit: Annotated[int, typer.Option(help="most RNAs of a test set")] = 60,
    fit: Annotated[int, typer.Option(help="RNAs for fits and thresholds")] = 20,
    jacobian: Annotated[int, typer.Option(help="RNAs of a test set for the Jacobian")] = 8,
    max_length: Annotated[int, typer.Option(help="longest RNA")] = 300,
    model: Annotated[list[str] | None, typer.Option(help="these models only")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file of all rows")] = None,
    seed: int = 0,
) -> None:
    """Print all tables."""
    data = load(folder, limit=limit, n_fit=fit, max_length=max_length, seed=seed)
    models = list(on_disk(model))
    sizes = {name: len(table) for name, table in data.tests.items()}
    print(f"machine: {platform.processor() or platform.machine()}, seed {seed}")
    print(f"fit: {len(data.fit)} RNAs; tests: {sizes}; longest {max_length} nt")
    for one in models:
        print(f"{one.spec.name}: weights {one.weights_sha256[:16]}")
    rows = run(data, models, n_jacobian=jacobian, seed=seed)
    if out is not None:
        rows.to_csv(out, index=False)
    for title, table in tables(rows).items():
        print(f"\n## {title}\n\n{table.round(3).to_string()}")


if __name__ == "__main__":
    typer.run(main)
