"""How well do scores of variants agree with mutational scans, beside thermodynamics and nulls?

``python -m benchmarks.fitness FOLDER [--model rnafm] [--method wt-fill] [--out results]`` reads the
assays in FOLDER in the layout of RNAGym (``assays/<DMS_ID>.csv`` beside ``reference_sheet*.csv``;
github.com/MarksLab-DasLab/RNAGym says where to get them), scores every variant, and prints signed
Spearman, AUC, MCC and NDCG per assay, their means by type of RNA, and the mean of the types, in
which each type counts once, as on the leaderboard of RNAGym.

Beside each model stand its architecture with random weights, the combination with thermodynamics,
and what needs no model: change of the minimum free energy, of pair probabilities, edit distance.
Intervals of an assay are of variants drawn again, those of means of assays drawn again within
types. ``--out`` keeps all numbers, and finished parts, so that the same call goes on after an
interruption. ``--type`` chooses types of RNA: RNAGym ranks ribozymes, tRNA and aptamers alone.
"""

from __future__ import annotations

import platform
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import pandas as pd
import typer

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.io import Assay
from rnaexplore.models.model import Model
from rnaexplore.tl.mutational_scans.terms import FitnessMethod

METRICS = ("spearman", "auc", "mcc", "ndcg")
ALL = "all"
MEAN = "mean of types"
COMBINED, SCORE = "combined", "score"


def drawn(assay: Assay, limit: int, seed: int) -> pd.DataFrame:
    """Return the variants of an assay, at most so many, drawn at random."""
    if not limit or len(assay.variants) <= limit:
        return assay.variants
    return assay.variants.sample(limit, random_state=seed).sort_index()


def scored(
    assay: Assay,
    model: Model,
    *,
    name: str,
    kept: tuple[str, ...],
    method: str,
    limit: int,
    n_boot: int,
    seed: int,
    store: Path | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a row per score and group of variants, and what is told of the assay.

    Parameters
    ----------
    assay, model
        What is scored with what.
    name
        What to call the model.
    kept
        The scores of `rnaexplore.tl.evaluate_fitness` whose rows are returned.
    method, limit, n_boot, seed, store
        As for `run`.
    """
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # counted in the table
        table = rx.tl.fitness(
            drawn(assay, limit, seed), assay.wild_type, model, method=method, store=store,
            thermodynamics=kept != (SCORE,), progress=False,
        )  # fmt: skip
        found = rx.tl.evaluate_fitness(table, n_boot=n_boot, random_state=seed)
    names = {SCORE: name, COMBINED: f"{name}, combined"}
    rows = [
        {"assay": assay.name, "type": assay.rna_type}
        | row
        | {"score": names.get(row["score"], row["score"])}
        for row in found.to_dict("records")
        if row["score"] in kept
    ]
    counts = table.attrs["counts"]
    told = {
        "type": assay.rna_type,
        "nt": len(assay.wild_type),
        "variants": counts["variants"],
        "scored": counts["scored"],
        "indels": counts["indels"],
        "problems": ", ".join(f"{n} {kind}" for kind, n in table.attrs["problems"].items()),
        "seconds": round(time.perf_counter() - started, 1),
    }
    return rows, told


def seen(assay: Assay, model: Model) -> str:
    """Return whether the wild type, or a relative of it, was in the training of a model."""
    if "N" in assay.wild_type:
        return "not known"
    found = rx.tl.exposure(rx.from_sequences({assay.name: assay.wild_type}), model).iloc[0]
    if pd.isna(found["seen"]):
        return "not known"
    return "yes" if found["seen"] else "a relative" if found["related"] else "no"


def run(
    assays: dict[str, Assay],
    models: list[Model],
    *,
    method: str,
    limit: int,
    n_boot: int,
    seed: int,
    null: bool,
    store: Path | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all rows, and one row of counts per assay and model.

    Parameters
    ----------
    assays, models
        What is scored with what; a pair that does not go together is skipped, and said.
    method
        Method of `rnaexplore.tl.fitness`.
    limit
        Most variants of an assay, 0 for all.
    n_boot, seed
        Draws behind intervals, and the seed of everything.
    null
        Whether random weights are scored, too.
    store
        Where finished parts are kept.
    """
    rows: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    options = {"method": method, "limit": limit, "n_boot": n_boot, "seed": seed, "store": store}
    for assay in assays.values():
        for note in assay.notes:
            print(f"{assay.name}: {note}", flush=True)
        for model, name, kept in _asked(models, null=null, seed=seed):
            try:
                found, counts = scored(assay, model, name=name, kept=kept, **options)
            except (InputError, CapabilityError) as error:
                print(f"skipped: {assay.name} with {name}: {error}", flush=True)
                continue
            known = {(row["assay"], row["score"]) for row in rows}
            rows += [row for row in found if (row["assay"], row["score"]) not in known]
            told.append({"assay": assay.name, "model": name, "seen": seen(assay, model)} | counts)
    return pd.DataFrame(rows), pd.DataFrame(told)


def _asked(
    models: list[Model], *, null: bool, seed: int
) -> Iterator[tuple[Model, str, tuple[str, ...]]]:
    """Yield models with their names and the scores that are kept of each."""
    for model in models:
        name = model.spec.name
        yield model, name, (SCORE, COMBINED, "-delta_mfe", "-delta_pairs", "-edit_distance")
        if null:
            yield model.randomised(seed=seed), f"{name}, random weights", (SCORE,)


def means(rows: pd.DataFrame, metric: str, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return the mean over assays of each type, and the mean of types, with 95 % intervals.

    Parameters
    ----------
    rows
        One row per assay and score, of one group of variants.
    metric
        The column.
    n_boot, seed
        Draws of assays within types, and their seed.

    Returns
    -------
    DataFrame
        One row per score, one column of text per type. A type with a single assay has no interval,
        and neither has a mean that it enters.
    """
    table = rows.dropna(subset=[metric])
    found: dict[str, dict[str, str]] = {}
    for score, part in table.groupby("score", sort=False):
        by_type = {kind: some[metric].to_numpy() for kind, some in part.groupby("type")}
        rng = np.random.default_rng(seed)
        again = {
            kind: values[rng.integers(len(values), size=(n_boot, len(values)))].mean(1)
            for kind, values in by_type.items()
        }
        cells = {
            f"{kind} ({len(values)})": _spelled(values.mean(), again[kind], len(values))
            for kind, values in by_type.items()
        }
        mean = np.mean([values.mean() for values in by_type.values()])
        drawn_means = np.mean(list(again.values()), axis=0)
        fewest = min(map(len, by_type.values()))
        found[str(score)] = cells | {MEAN: _spelled(float(mean), drawn_means, fewest)}
    return pd.DataFrame.from_dict(found, orient="index").fillna("")


def _spelled(value: float, draws: np.ndarray, fewest: int) -> str:
    """Return a mean with its interval, which a type with a single assay does not give."""
    if fewest < 2:
        return f"{value:+.3f}"
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def per_assay(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return one row per assay and one column of text per score."""
    texts = rows.assign(
        text=[
            "" if np.isnan(value) else f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"
            for value, low, high in rows[[metric, f"{metric}_low", f"{metric}_high"]].to_numpy()
        ]
    )
    table = texts.pivot_table(
        index=["assay", "n"], columns="score", values="text", aggfunc="first", sort=False
    )
    return table.fillna("")


def report(rows: pd.DataFrame, told: pd.DataFrame, *, n_boot: int, seed: int) -> None:
    """Print all tables."""
    with pd.option_context("display.width", 240, "display.max_columns", None):
        print("\n# Assays\n")
        print(told.to_string(index=False))
        everything = rows[rows["mutations"] == ALL]
        print("\n# Spearman per assay, intervals of variants\n")
        print(per_assay(everything, "spearman").to_string())
        for metric in METRICS:
            print(f"\n# {metric}: means by type (assays), intervals of assays\n")
            print(means(everything, metric, n_boot=n_boot, seed=seed).to_string())
        for group in [g for g in sorted(rows["mutations"].unique()) if g != ALL]:
            print(f"\n# spearman, mutations: {group}\n")
            part = rows[rows["mutations"] == group]
            print(means(part, "spearman", n_boot=n_boot, seed=seed).to_string())


def main(  # noqa: PLR0917 - typer passes options by name
    folder: Annotated[Path, typer.Argument(help="folder with the assays")],
    model: Annotated[list[str] | None, typer.Option(help="names of models; mini")] = None,
    method: Annotated[str, typer.Option(help="method of rx.tl.fitness")] = "wt-fill",
    rna_type: Annotated[list[str] | None, typer.Option("--type", help="types of RNA")] = None,
    limit: Annotated[int, typer.Option(help="most variants of an assay; 0 for all")] = 0,
    n_boot: Annotated[int, typer.Option(help="draws behind the intervals")] = 200,
    seed: Annotated[int, typer.Option(help="seed of draws and random weights")] = 0,
    out: Annotated[Path | None, typer.Option(help="where numbers and parts are kept")] = None,
    null: Annotated[bool, typer.Option(help="score random weights, too")] = True,  # noqa: FBT002
) -> None:
    """Print the tables."""
    if method not in get_args(FitnessMethod):
        msg = f"method must be one of {', '.join(get_args(FitnessMethod))}, got {method!r}"
        raise typer.BadParameter(msg)
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        assays = rx.io.read_assays(folder, on_invalid="drop")
    for complaint in complaints:
        print(complaint.message)
    wanted = {kind.lower() for kind in rna_type or ()}
    assays = {k: a for k, a in assays.items() if not wanted or a.rna_type.lower() in wanted}
    print(f"{len(assays)} assays, method {method}, seed {seed}, {platform.machine()}", flush=True)
    models = [rx.load_model(name) for name in model or ["mini"]]
    store = None if out is None else out / "parts"
    rows, told = run(
        assays, models, method=method, limit=limit, n_boot=n_boot, seed=seed, null=null, store=store
    )
    if rows.empty:
        print("nothing was scored")
        raise typer.Exit(1)
    report(rows, told, n_boot=n_boot, seed=seed)
    for one in models:
        if one.spec.caution("logits"):
            print(f"\n{one.spec.caution('logits')}")
    if out is not None:
        rows.to_csv(out / "rows.csv", index=False)
        told.to_csv(out / "assays.csv", index=False)


if __name__ == "__main__":
    typer.run(main)
