"""Would ``torch.compile`` pay? ``python -m benchmarks.embed --compiled`` runs this.

Matrix products and attention are kernels that a compiler calls as they are; it could only fuse what
is left, so the share of time of the rest is the most that it could save. In 8-bit integers that
share is larger, and the two functions that make it up are compiled here, and timed.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch.profiler import ProfilerActivity, profile

from benchmarks.embed_attention import timed
from benchmarks.embed_data import RNAFM, load_ours
from rnaexplore.models.inference import int8
from rnaexplore.models.model import Model

REPEATS = 3
KERNELS = {
    "products": ("linear_pointwise", "_int_mm", "addmm", "aten::mm", "aten::bmm"),
    "attention": ("scaled_dot_product",),
}


def shares(model: Model, sequences: list[str]) -> dict[str, float]:
    """Return which share of the processor's time products, attention and the rest take."""
    with profile(activities=[ProfilerActivity.CPU]) as found:
        model.embed(sequences)
    spent: Counter[str] = Counter()
    for event in found.key_averages():
        kinds = (kind for kind, names in KERNELS.items() if any(n in event.key for n in names))
        spent[next(kinds, "the rest")] += event.self_cpu_time_total
    return {kind: value / spent.total() for kind, value in spent.items()}


def compiled_rounding(model: Model, sequences: list[str]) -> str:
    """Return what compiling the rounding of 8-bit layers costs and saves."""
    eager = int8.rounded_rows, int8.scaled_back
    compiled = tuple(torch.compile(function, dynamic=True) for function in eager)
    times: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * REPEATS + 1):
        is_compiled = turn % 2 == 0
        int8.rounded_rows, int8.scaled_back = compiled if is_compiled else eager
        seconds, _ = timed(lambda: model.embed(sequences), repeats=1)
        times[is_compiled].append(seconds)
    first, before, after = times[True][0], min(times[False]), min(times[True][1:])
    saved = 1 - after / before
    cost = first - after
    told = f"{before:.1f} s as it is, {after:.1f} s with its rounding compiled in {cost:.0f} s"
    pays = f"pays for jobs longer than {cost / saved:.0f} s" if saved > 0 else "never pays"
    return f"{told}: {pays}"


def main(folder: Path, model: Annotated[str, typer.Option()] = RNAFM) -> None:
    """Print what a compiler could save."""
    sequences = json.loads((folder / "sequences.json").read_text())
    for dtype in ("float32", "int8"):
        ours = load_ours(model, folder, dtype=dtype)
        ours.embed(sequences[:4])
        found = shares(ours, sequences)
        told = ", ".join(f"{kind} {share:.1%}" for kind, share in found.items())
        print(f"- {dtype}: {told} of the time")
    print(f"- int8: {compiled_rounding(ours, sequences)}")


if __name__ == "__main__":
    typer.run(main)
