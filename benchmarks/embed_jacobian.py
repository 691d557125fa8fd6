"""The categorical Jacobian of one RNA: one batched pass beside a loop over positions.

Run by ``python -m benchmarks.embed --jacobian``. The loop is that of the authors (Zhang et al.
2024, doi:10.1073/pnas.2406285121): at each position a batch of the four letters, through the stock
class of transformers.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from transformers import EsmForMaskedLM

from benchmarks.embed_attention import timed
from benchmarks.embed_data import RNAFM, load_ours, random_rnas
from rnaexplore.tl.base_pairs.jacobian import coupling_map

LENGTH = 100
MEASURED = 20  #: positions of the loop that are timed; each costs the same
GOAL = 3.0


def main(folder: Path, model: Annotated[str, typer.Option()] = RNAFM) -> None:
    """Print the measurement."""
    ours = load_ours(model, folder)
    (rna,) = random_rnas(1, median=LENGTH, spread=0.0)
    ours.logits(rna)
    seconds, peak = timed(lambda: coupling_map(ours, rna, kind="jacobian"), repeats=2)
    loop = _loop(ours, rna) * len(rna) / MEASURED
    print(f"Jacobian of {len(rna)} nt: {seconds:.1f} s, {peak:.0f} MB")
    ratio = loop / seconds
    verdict = "met" if ratio >= GOAL else "MISSED"
    print(f"- loop over positions ({MEASURED} timed): {loop:.1f} s")
    print(f"- {ratio:.1f}x (goal >= {GOAL}x): {verdict}")


def _loop(ours: Any, rna: str) -> float:
    """Return the seconds of the first positions."""
    hosted = ours.adapter.module
    stock = EsmForMaskedLM(hosted.config).eval()
    stock.load_state_dict(hosted.state_dict(), strict=False)
    alphabet = ours.spec.alphabet
    ids = torch.from_numpy(alphabet.encode(rna))
    letters = torch.from_numpy(alphabet.residue_ids)
    start = time.perf_counter()
    table = []
    with torch.no_grad():
        for i in range(MEASURED):
            batch = ids.repeat(len(letters), 1)
            batch[:, alphabet.n_prefix + i] = letters
            table.append(stock(batch).logits[:, 1:-1, letters].numpy())
    assert np.isfinite(np.stack(table)).all()
    return time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
