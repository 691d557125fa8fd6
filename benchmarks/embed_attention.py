"""All heads of one long RNA scored against a structure: time and memory.

Run by ``python -m benchmarks.embed --attention``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from benchmarks.embed_data import LONGEST, RNAFM, load_ours, peak_mb, random_rnas, reset_peak
from rnaexplore.tl.heads.pair_scores import candidates
from rnaexplore.tl.heads.references import References
from rnaexplore.tl.heads.score_heads import head_scores

N_PAIRS = 300
MEMORY_GOAL, TIME_GOAL = 150, 2.0


def timed(function: Callable[[], object], *, repeats: int = 3) -> tuple[float, float]:
    """Return the seconds of the best run, and the MB that it needed at most."""
    times = []
    before = reset_peak()
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times), peak_mb() - before


def main(folder: Path, model: Annotated[str, typer.Option()] = RNAFM) -> None:
    """Print the measurement."""
    ours = load_ours(model, folder)
    n = min(ours.spec.max_length or LONGEST, LONGEST)
    (rna,) = random_rnas(1, median=n * 10, spread=0.0)
    rna = rna[:n]
    rng = np.random.default_rng(0)
    truth = np.zeros(len(candidates(n)[0]), dtype=bool)
    truth[rng.choice(len(truth), N_PAIRS, replace=False)] = True
    chosen = References(rows=(0,), sequences=(rna,), truths=(truth,))
    ours.embed([rna[:40]])
    plain, _ = timed(lambda: ours.embed([rna]))
    seconds, peak = timed(lambda: head_scores(ours, chosen))
    heads = f"{ours.spec.n_layers}x{ours.spec.n_heads} heads of {n} nt"
    print(f"{heads} scored: {seconds:.1f} s, {seconds / plain:.1f}x a plain forward; {peak:.0f} MB")
    print(f"- time {'met' if seconds <= TIME_GOAL * plain else 'MISSED'} (goal <= {TIME_GOAL}x)")
    print(f"- memory {'met' if peak <= MEMORY_GOAL else 'MISSED'} (goal <= {MEMORY_GOAL} MB)")
    collected, held = timed(lambda: _collected(ours, rna), repeats=1)
    print(f"- maps of all heads collected by transformers: {collected:.1f} s, {held:.0f} MB")


def _collected(ours: Any, rna: str) -> object:
    module = ours.adapter.module
    ids = torch.from_numpy(ours.spec.alphabet.encode(rna))[None]
    module.set_attn_implementation("eager")
    with torch.no_grad():
        return getattr(module, ours.adapter.encoder)(input_ids=ids, output_attentions=True)


if __name__ == "__main__":
    typer.run(main)
