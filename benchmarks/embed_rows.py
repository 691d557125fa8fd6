"""One row of the table, measured in a process of its own: ``python -m benchmarks.embed_rows``.

Peers do what their own documentation shows, without gradients. Every row is warmed up by four
short sequences, and writes its vectors, which are compared.
"""

from __future__ import annotations

import json
import time
import warnings
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.embed_data import CHECKPOINT, load_ours, peak_mb, reset_peak
from rnaexplore.models.inference.linear import linear

Array = NDArray[np.float32]
Embed = Callable[[list[str]], Array]

README_BATCH = 16  #: sequences a batch in the rna-fm loop
SORTED_TOKENS = 2048  #: padded tokens a batch of the stock model
RATE_TOKENS = 1024  #: rows of the matrices whose products are timed, as fast as any number


def ours(name: str, folder: Path) -> Embed:
    """Embed with rnaexplore."""
    return load_ours(name, folder).embed


def int8(name: str, folder: Path) -> Embed:
    """Embed with rnaexplore in 8-bit integers."""
    return load_ours(name, folder, dtype="int8").embed


def rna_fm(name: str, folder: Path) -> Embed:
    """Embed as the README of the authors' package does: batches in the order of the input."""
    del name
    import fm

    with warnings.catch_warnings(), torch.serialization.safe_globals([Namespace]):
        warnings.simplefilter("ignore", UserWarning)  # no contact regression
        model, alphabet = fm.pretrained.rna_fm_t12(str(folder / CHECKPOINT))
    convert = alphabet.get_batch_converter()
    model.eval()

    def embed(sequences: list[str]) -> Array:
        vectors = []
        for start in range(0, len(sequences), README_BATCH):
            some = sequences[start : start + README_BATCH]
            _, _, tokens = convert([(str(i), s) for i, s in enumerate(some)])
            with torch.no_grad():
                states = model(tokens, repr_layers=[12])["representations"][12]
            vectors += [
                x[1 : len(s) + 1].mean(0).numpy() for x, s in zip(states, some, strict=True)
            ]
        return np.stack(vectors)

    return embed


def multimolecule(name: str, folder: Path) -> Embed:
    """Embed as multimolecule's model card does: one sequence after the other."""
    from multimolecule import RnaFmConfig, RnaFmModel, RnaTokenizer

    model, tokenizer = RnaFmModel(RnaFmConfig()).eval(), RnaTokenizer()
    known = load_ours(name, folder)
    rows = [known.spec.alphabet.ids.get(t, 0) for t in tokenizer.get_vocab()]
    state = model.state_dict()
    for key, value in known.adapter.module.state_dict().items():
        place = key.removeprefix("esm.").replace("emb_layer_norm_after", "layer_norm")
        place = place.replace("LayerNorm", "layer_norm")
        if place in state:
            state[place] = value[rows] if "word_embeddings" in place else value
    model.load_state_dict(state)

    def embed(sequences: list[str]) -> Array:
        vectors = []
        with torch.no_grad():
            for sequence in sequences:
                states = model(**tokenizer(sequence, return_tensors="pt")).last_hidden_state
                vectors.append(states[0, 1:-1].mean(0).numpy())
        return np.stack(vectors)

    return embed


def stock(name: str, folder: Path) -> Embed:
    """Embed with the stock transformers class, padded batches of similar lengths."""
    from transformers import EsmModel

    from rnaexplore.models.inference import batching

    known = load_ours(name, folder)
    hosted: Any = known.adapter.module
    model = EsmModel(hosted.config, add_pooling_layer=False).eval()
    model.load_state_dict(hosted.esm.state_dict(), strict=False)
    alphabet = known.spec.alphabet

    def embed(sequences: list[str]) -> Array:
        vectors = np.empty((len(sequences), known.spec.dim), dtype=np.float32)
        with torch.no_grad():
            for batch in batching.batches(alphabet, sequences, max_tokens=SORTED_TOKENS):
                states = model(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
                kept = batching.residues(batch, alphabet)[..., None]
                vectors[batch.rows] = ((states * kept).sum(1) / kept.sum(1)).numpy()
        return vectors

    return embed


ROWS: dict[str, Callable[[str, Path], Embed]] = {
    "rnaexplore": ours,
    "rnaexplore int8": int8,
    "rna-fm": rna_fm,
    "multimolecule": multimolecule,
    "transformers, sorted": stock,
}


def products(name: str, folder: Path) -> list[tuple[int, int]]:
    """Return the shapes (inputs, outputs) of the matrices by which each token is multiplied."""
    layers = load_ours(name, folder).adapter.layers()
    found = (m for m in layers.modules() if isinstance(m, torch.nn.Linear))
    return [(m.in_features, m.out_features) for m in found]


def rate(shapes: list[tuple[int, int]], *, repeats: int = 5) -> float:
    """Return the GFLOP/s at which this machine multiplies such matrices, by its fastest way."""
    seconds, flops = 0.0, 0.0
    with torch.inference_mode():
        for inputs, outputs in sorted(set(shapes)):
            x, w, b = (
                torch.randn(n) for n in ((RATE_TOKENS, inputs), (outputs, inputs), (outputs,))
            )
            ways = (lambda: functional.linear(x, w, b), lambda: linear(x, w, b, "none"))  # noqa: B023
            best = min(_seconds(way) for way in ways for _ in range(repeats))
            n = shapes.count((inputs, outputs))
            seconds, flops = seconds + n * best, flops + n * 2.0 * RATE_TOKENS * inputs * outputs
    return flops / seconds / 1e9


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main(
    row: str,
    folder: Path,
    model: Annotated[str, typer.Option()] = "rnafm",
    repeats: Annotated[int, typer.Option()] = 1,
) -> None:
    """Measure one row; print JSON."""
    sequences = json.loads((folder / "sequences.json").read_text())
    embed = ROWS[row](model, folder)
    embed([s[:40] for s in sequences[:4]])
    found: dict[str, float] = {}
    times = []
    vectors = np.empty(0, dtype=np.float32)
    shapes: list[tuple[int, int]] = []
    before = reset_peak()
    for _ in range(repeats):
        fastest = rate(shapes) if shapes else 0.0
        start = time.perf_counter()
        vectors = embed(sequences)
        times.append(time.perf_counter() - start)
        found.setdefault("peak", peak_mb() - before)  # before other work leaves memory behind
        if row == "rnaexplore":
            shapes = shapes or products(model, folder)
            found["rate"] = max(found.get("rate", 0.0), fastest, rate(shapes))
    np.save(folder / f"{row}.npy", vectors)
    flops = sum(2.0 * i * o for i, o in shapes)
    print(json.dumps(found | {"seconds": min(times), "flops": flops}))


if __name__ == "__main__":
    typer.run(main)
