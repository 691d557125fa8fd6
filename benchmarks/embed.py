"""How fast, and in how much memory, is embedding beside other ways to do the same?

``python -m benchmarks.embed [--model rnafm] [--sequences 128]`` embeds random RNAs of log-normal
length with random weights in the authors' layout, the same for every row, and prints a table;
``--out table.md`` keeps it. Rows: rnaexplore, rnaexplore in int8, the loop in the README of the
``rna-fm`` package, multimolecule as its model card shows, and the stock transformers class with
sorted, padded batches. Peers exist for RNA-FM alone. ``--attention``, ``--jacobian`` and
``--compiled`` measure attention maps, the categorical Jacobian, and what a compiler could save.

Each row runs in a process of its own. Ratios are to rnaexplore in float32. The share of the
machine's rate counts the products of real tokens with the encoder's weights alone, and compares
with the fastest way in which this machine was seen to multiply such matrices, just before and
after. Goals that are missed are printed as missed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from benchmarks.embed_data import MEDIAN, RNAFM, SPREAD, random_rnas, save_official
from benchmarks.embed_rows import ROWS

Found = dict[str, float]

OURS, INT8 = "rnaexplore", "rnaexplore int8"
GOALS = {"rna-fm": 4.5, "multimolecule": 4.0}  #: least ratios in float32
RATE_GOAL, INT8_GOAL, COSINE_GOAL = 0.85, 8.0, 0.995
LIMIT = 1e-4  #: largest difference between vectors of the same weights


def measure(row: str, folder: Path, model: str, repeats: int) -> Found:
    """Return what a row measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.embed_rows", row, str(folder)]
    options = ["--model", model, "--repeats", str(repeats)]
    result: Found = json.loads(_told([*command, *options])[-1])
    return result


def _told(command: list[str]) -> list[str]:
    """Return the lines that a process prints; what it complains of is seen as it comes."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return done.stdout.splitlines()


def table(found: dict[str, Found], sequences: list[str], folder: Path) -> list[str]:
    """Return the table as lines of markdown."""
    tokens = sum(len(s) + 2 for s in sequences)
    lines = [
        "| | seconds | sequences/s | tokens/s | ratio | share of matrix rate | peak MB | vectors |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    reference = found.get(OURS)
    for row, values in found.items():
        seconds = values["seconds"]
        ratio = f"{seconds / reference['seconds']:.1f}x" if reference else "–"
        share = f"{_share(values, tokens):.0%}" if values.get("rate") else "–"
        lines.append(
            f"| {row} | {seconds:.1f} | {len(sequences) / seconds:.1f} | {tokens / seconds:.0f} | "
            f"{ratio} | {share} | {values['peak']:.0f} | {_compared(row, folder)} |"
        )
    return lines


def _share(values: Found, tokens: int) -> float:
    return values["flops"] * tokens / values["seconds"] / 1e9 / values["rate"]


def _compared(row: str, folder: Path) -> str:
    """Return how far a row's vectors are from ours in float32."""
    path = folder / f"{OURS}.npy"
    if row == OURS or not path.exists():
        return "–"
    exact, other = np.load(path), np.load(folder / f"{row}.npy")
    if row == INT8:
        return f"least cosine {_cosine(exact, other):.4f}"
    return f"largest difference {np.abs(exact - other).max():.0e}"


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / norms).min())


def verdicts(found: dict[str, Found], sequences: list[str], folder: Path) -> list[str]:
    """Return each goal, and whether it was met."""
    lines = []
    exact = found.get(OURS)
    if exact is not None:
        for peer, goal in GOALS.items():
            if peer in found:
                ratio = found[peer]["seconds"] / exact["seconds"]
                lines.append(_verdict(f"{peer} {ratio:.1f}x", ratio >= goal, f">= {goal}x"))
                other = np.load(folder / f"{peer}.npy")
                gap = float(np.abs(np.load(folder / f"{OURS}.npy") - other).max())
                lines.append(
                    _verdict(f"{peer}: vectors within {gap:.0e}", gap <= LIMIT, f"{LIMIT}")
                )
        share = _share(exact, sum(len(s) + 2 for s in sequences))
        lines.append(_verdict(f"{share:.0%} of the matrix rate", share >= RATE_GOAL, ">= 85 %"))
    if INT8 in found and "rna-fm" in found:
        ratio = found["rna-fm"]["seconds"] / found[INT8]["seconds"]
        lines.append(_verdict(f"int8: rna-fm {ratio:.1f}x", ratio >= INT8_GOAL, f">= {INT8_GOAL}x"))
    if INT8 in found and exact is not None:
        cosine = _cosine(np.load(folder / f"{OURS}.npy"), np.load(folder / f"{INT8}.npy"))
        what = f"int8: least cosine {cosine:.4f}"
        lines.append(_verdict(what, cosine >= COSINE_GOAL, f">= {COSINE_GOAL}"))
    if not torch.cuda.is_available():
        lines.append("- GPU goals: not measured, this machine has no GPU")
    return lines


def _verdict(what: str, met: bool, goal: str) -> str:  # noqa: FBT001
    return f"- {what} (goal {goal}): {'met' if met else 'MISSED'}"


def machine() -> str:
    """Return what the numbers were measured on."""
    threads = torch.get_num_threads()
    return f"{platform.machine()}, {threads} threads, torch {torch.__version__}, float32 on the CPU"


def main(
    *,
    model: Annotated[str, typer.Option(help="A name of rx.list_models().")] = RNAFM,
    sequences: Annotated[int, typer.Option(help="How many RNAs.")] = 128,
    median: Annotated[float, typer.Option(help="Median length.")] = MEDIAN,
    spread: Annotated[float, typer.Option(help="Deviation of the log of the length.")] = SPREAD,
    row: Annotated[list[str] | None, typer.Option(help="Rows to measure; all by default.")] = None,
    repeats: Annotated[int, typer.Option(help="Runs of rnaexplore; the best counts.")] = 2,
    attention: Annotated[bool, typer.Option("--attention", help="Heads of a long RNA.")] = False,
    jacobian: Annotated[bool, typer.Option("--jacobian", help="Jacobian of 100 nt.")] = False,
    compiled: Annotated[bool, typer.Option("--compiled", help="What a compiler saves.")] = False,
    rows: Annotated[bool, typer.Option(help="Whether to measure embedding at all.")] = True,
    out: Annotated[Path | None, typer.Option(help="Where to write the table.")] = None,
) -> None:
    """Print, and keep, the table of embedding speed."""
    rnas = random_rnas(sequences, median=median, spread=spread)
    tokens = sum(len(s) + 2 for s in rnas)
    lines = [f"{model}, {len(rnas)} RNAs, {tokens:,} tokens; {machine()}", ""]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sequences.json").write_text(json.dumps(rnas))
        if model == RNAFM:
            save_official(folder)
        if rows:
            lines += _embedding(model, rnas, folder, row, repeats)
        parts = {
            "embed_attention": attention,
            "embed_jacobian": jacobian,
            "embed_compiled": compiled,
        }
        for module, wanted in parts.items():
            if wanted:
                lines += ["", *_part(module, model, folder)]
    text = "\n".join(lines)
    print(text)
    if out is not None:
        out.write_text(text + "\n")


def _embedding(
    model: str, rnas: list[str], folder: Path, chosen: list[str] | None, repeats: int
) -> list[str]:
    known = list(ROWS) if model == RNAFM else [OURS, INT8]
    found: dict[str, Found] = {}
    for row in known:
        if chosen is None or row in chosen:
            found[row] = measure(row, folder, model, repeats if row in {OURS, INT8} else 1)
            print(f"{row}: {found[row]['seconds']:.1f} s", file=sys.stderr, flush=True)
    return [*table(found, rnas, folder), "", *verdicts(found, rnas, folder)]


def _part(module: str, model: str, folder: Path) -> list[str]:
    command = [sys.executable, "-m", f"benchmarks.{module}", str(folder), "--model", model]
    return _told(command)


if __name__ == "__main__":
    typer.run(main)
