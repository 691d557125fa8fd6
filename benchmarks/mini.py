"""How good is `mini` on families that it has not seen?

``python -m benchmarks.mini DATA... [--weights FILE]`` divides the training data by the rule of
`rnaexplore.pretrain`, takes the families that were held out, and prints `mini` beside random
weights, k-mers, RNABERT (where its weights are found) and ViennaRNA.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

import rnaexplore as rx
from benchmarks.identity import thin
from rnaexplore.errors import MissingDependencyError, WeightsNotFoundError
from rnaexplore.models.model import Model
from rnaexplore.pretrain.__main__ import TEST_SPLITS
from rnaexplore.pretrain.prepare import Rule, divide, merge
from rnaexplore.pretrain.records import Record
from rnaexplore.structure import Structure, precision_at, score

MAX_LENGTH = 200
IDENTITY = 0.8
THRESHOLD = 0.2


def unseen_families(
    records: Sequence[Record], *, n_families: int, per_family: int, seed: int
) -> pd.DataFrame:
    """Return members of held-out families, no two of a family more than 80 % identical."""
    rng = np.random.default_rng(seed)
    members: dict[str, list[str]] = {}
    for record in records:
        if len(record.sequence) <= 2 * MAX_LENGTH:
            members.setdefault(record.family, []).append(record.sequence)
    rows: list[tuple[str, str]] = []
    names = [f for f in sorted(members) if len(members[f]) >= 5]
    for family in rng.permutation(names):
        group = [members[family][k] for k in rng.permutation(len(members[family]))[:60]]
        kept = thin(group, most=IDENTITY, limit=per_family)
        if len(kept) >= 5:
            rows += [(family, group[k]) for k in kept]
        if len({family for family, _ in rows}) == n_families:
            break
    return pd.DataFrame(rows, columns=["family", "sequence"])


def structured(records: Sequence[Record], *, n: int, seed: int) -> list[Structure]:
    """Return known structures, one of each family first, up to `n`."""
    rng = np.random.default_rng(seed)
    chosen: dict[str, Structure] = {}
    for k in rng.permutation(len(records)):
        r = records[k]
        letters = set(r.sequence) <= set("ACGU")
        if "(" in r.structure and 30 <= len(r.sequence) <= MAX_LENGTH and letters:
            known = Structure.from_dot_bracket(r.sequence, r.structure)
            chosen.setdefault(r.family or str(k), known)
    return list(chosen.values())[:n]


def clustering(table: pd.DataFrame, models: dict[str, Model]) -> pd.DataFrame:
    """Return `rx.tl.evaluate` of all models, baselines included."""
    adata = rx.from_sequences(table)
    for name, model in models.items():
        rx.tl.embed(adata, model, key_added=f"X_{name}", progress=False)
    return rx.tl.evaluate(adata, use_rep=[f"X_{name}" for name in models], n_neighbors=1)


def masked_accuracy(model: Model, sequences: Sequence[str], *, seed: int) -> float:
    """Return the share of hidden residues (15 %) that the model names right."""
    rng = np.random.default_rng(seed)
    right, total = 0, 0
    for sequence in sequences:
        hidden = np.flatnonzero(rng.random(len(sequence)) < 0.15)
        if len(hidden):
            guesses = model.logits(sequence, mask=hidden.tolist())[hidden].argmax(1)
            right += sum("ACGU"[g] == sequence[k] for g, k in zip(guesses, hidden, strict=True))
            total += len(hidden)
    return right / total


def folding(known: Sequence[Structure], models: dict[str, Model]) -> pd.DataFrame:
    """Return precision@L and F1 of contact maps, and of ViennaRNA's minimum free energy."""
    adata = rx.from_sequences([s.sequence for s in known])
    rows = []
    for name, model in models.items():
        rows += [_fold(adata, known, name, model, decode) for decode in ("mea", "greedy")]
    try:
        maps = [rx.tl.contacts(adata, rna, method="vienna") for rna in adata.obs_names]
        found = [m.decode("mea", threshold=0.01) for m in maps]
        rows.append(_row("ViennaRNA base-pair probabilities (mea)", known, found, maps))
        import RNA

        folds = [Structure.from_dot_bracket(s.sequence, RNA.fold(s.sequence)[0]) for s in known]
        rows.append(_row("ViennaRNA minimum free energy", known, folds, None))
    except (MissingDependencyError, ImportError):
        print("ViennaRNA is not installed: pip install 'rnaexplore[vienna]'")
    return pd.DataFrame(rows).set_index("method")


def _fold(adata, known, name, model, decode):  # noqa: ANN001, ANN202
    maps = [rx.tl.contacts(adata, rna, model) for rna in adata.obs_names]
    found = [m.decode(decode, threshold=THRESHOLD) for m in maps]
    return _row(f"{name} ({decode})", known, found, maps)


def _row(name, known, found, maps):  # noqa: ANN001, ANN202
    scores = pd.DataFrame([score(f, k) for f, k in zip(found, known, strict=True)]).mean()
    row = {"method": name, "F1": scores["f1"], "F1 ±1": scores["f1_shifted"], "MCC": scores["mcc"]}
    if maps is not None:
        pairs = list(zip(maps, known, strict=True))
        row["precision@L"] = np.mean([precision_at(m.probabilities, k, len(k)) for m, k in pairs])
        row["precision@pairs"] = np.mean(
            [precision_at(m.probabilities, k, len(k.pairs)) for m, k in pairs]
        )
    return row


def heads(known: Sequence[Structure], model: Model) -> pd.DataFrame:
    """Return the best heads of the model as predictors of base pairs."""
    table = pd.DataFrame(
        {"sequence": [s.sequence for s in known], "structure": [s.dot_bracket for s in known]}
    )
    return rx.tl.score_heads(rx.from_sequences(table), model, n_max=60, progress=False)


def main(
    data: Annotated[list[Path], typer.Argument(help="the files of the pretraining")],
    weights: Annotated[Path | None, typer.Option(help="instead of the bundled file")] = None,
    families: Annotated[int, typer.Option(help="families for the clustering")] = 60,
    structures: Annotated[int, typer.Option(help="structures for the contact maps")] = 150,
    seed: int = 0,
) -> None:
    """Print all tables."""
    rule = Rule(test_splits=frozenset(TEST_SPLITS.split(",")))
    division = divide(merge(data, family_pattern=rule.family_pattern), rule)
    mini = rx.load_model("mini", weights=weights)
    models = {"mini": mini, "mini, random weights": mini.randomised(seed=seed)}
    print(f"machine: {platform.processor() or platform.machine()}, seed {seed}")
    print(f"weights: sha256 {mini.weights_sha256}")
    table = unseen_families(division.unseen, n_families=families, per_family=20, seed=seed)
    print(f"\n## Clustering: {len(table)} RNAs of {table.family.nunique()} unseen families\n")
    others = {}
    try:
        others["rnabert"] = rx.load_model("rnabert")
    except WeightsNotFoundError:
        print("RNABERT's weights were not found: set RNAEXPLORE_MODELS to their folder\n")
    print(clustering(table, models | others).round(3).to_string())
    known = structured(division.unseen, n=structures, seed=seed)
    print(f"\n## Contacts: {len(known)} structures, one an unseen family where possible\n")
    print(folding(known, models).round(3).to_string())
    sample = [s.sequence for s in known[:100]]
    print("\n## Masked residues (15 %), share named right; always-the-commonest gives about 0.3\n")
    print({name: round(masked_accuracy(m, sample, seed=seed), 3) for name, m in models.items()})
    print("\n## Best heads for base pairs\n")
    print(heads(known, mini).head(8).round(3).to_string(index=False))


if __name__ == "__main__":
    typer.run(main)
