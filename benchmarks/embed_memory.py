"""How much memory, time and disk do embeddings of many RNAs take?

``python -m benchmarks.embed_memory memory`` embeds growing numbers of short RNAs with
`rnaexplore.tl.embed_to`, each in a process of its own, and prints the peak memory of each. Its
model has one layer, so that it is done soon, and vectors as wide as those of `mini`.

``python -m benchmarks.embed_memory rates`` measures RNAs a second of one worker, a CPU core or a
GPU, for models of the catalog with random weights, which take as long as trained ones; and prints
what a million RNAs would cost.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

import rnaexplore as rx
from rnaexplore.models import get_spec
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.spec import ModelSpec

app = typer.Typer(help=__doc__)

GOAL = 0.10  #: largest tolerated growth of the peak, from the first number of RNAs to the last
MILLION = 1_000_000
SPEND = 10  #: seconds of measuring
SHORT = (20, 31)  #: lengths of the RNAs of the memory benchmark


def write_fasta(path: Path, n: int, *, seed: int = 0) -> None:
    """Write random short RNAs, a few of them twice."""
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, n, 1000):
            lengths = rng.integers(*SHORT, size=min(1000, n - start))
            texts = ["".join(rng.choice(list("ACGU"), k)) for k in lengths]
            texts[-1] = texts[0]
            file.writelines(f">rna{start + i}\n{text}\n" for i, text in enumerate(texts))


def with_random_weights(spec: ModelSpec, device: str = "cpu") -> Model:
    """Return an untrained model."""
    adapter = adapter_class(spec)
    torch.manual_seed(0)
    module = adapter.build(spec).eval().requires_grad_(requires_grad=False).to(device)
    return Model(
        adapter(spec, module), device=torch.device(device), weights_sha256="", source="random"
    )


def one_layer() -> Model:
    """Return a model as wide as `mini` with a single layer."""
    mini = get_spec("mini")
    config = {**mini.config, "intermediate_size": 64}
    return with_random_weights(replace(mini, name="one-layer", n_layers=1, config=config))


def peak(n: int, level: str) -> dict[str, float]:
    """Return the peak memory in MB, and the RNAs a second, of a process that embeds `n` RNAs."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        write_fasta(Path(folder) / "in.fa", n)
        command = [sys.executable, "-m", "benchmarks.embed_memory", "child", folder, level]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


@app.command(hidden=True)
def child(folder: Path, level: str) -> None:
    """Embed a file, and print the peak memory of this process."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    rx.tl.embed_to(folder / "in.fa", folder / "out.zarr", one_layer(), level=level, progress=False)
    seconds = time.perf_counter() - start
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes here
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    size = sum(path.stat().st_size for path in (folder / "out.zarr").rglob("*") if path.is_file())
    print(json.dumps({"peak": used, "seconds": seconds, "disk": size / 1e6}))


@app.command()
def memory(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of RNAs.")] = None,
    level: Annotated[str, typer.Option(help="sequence or nucleotide.")] = "sequence",
) -> None:
    """Print the peak memory for growing numbers of RNAs; exit with 1 if it grows by over 10 %."""
    print(machine())
    print(f"\n| RNAs | peak memory | one vector a {level} | time |\n|---|---|---|---|")
    peaks = []
    for n in numbers or [10_000, 50_000, 200_000]:
        result = peak(n, level)
        peaks.append(result["peak"])
        row = (
            f"{result['peak']:.0f} MB | {result['disk']:.0f} MB on disk | {result['seconds']:.0f} s"
        )
        print(f"| {n:,} | {row} |", flush=True)
    growth = peaks[-1] / peaks[0] - 1
    verdict = "met" if growth <= GOAL else "MISSED"
    print(f"\nThe peak grows by {growth:+.1%}; the goal of at most {GOAL:.0%} is {verdict}.")
    raise typer.Exit(int(growth > GOAL))


@app.command()
def rates(
    models: Annotated[list[str] | None, typer.Argument(help="Models of the catalog.")] = None,
    lengths: Annotated[list[int] | None, typer.Option(help="Lengths of RNAs.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    workers: Annotated[int, typer.Option(help="Workers of the cluster in the table.")] = 64,
) -> None:
    """Print RNAs a second of one worker, and what a million RNAs cost."""
    torch.set_num_threads(1)
    print(machine(device))
    clock = "core" if device == "cpu" else "GPU"
    print(
        f"\n| model | nt | RNAs a {clock}-second | a million: {clock}-hours "
        f"| on {workers} {clock}s | vectors | vectors of nucleotides |\n"
        "|---|---|---|---|---|---|---|"
    )
    for name, length, rate in measured(models or ["mini"], lengths or [100, 400], device):
        hours, dim = MILLION / rate / 3600, get_spec(name).dim
        print(
            f"| `{name}` | {length} | {rate:.3g} | {hours:,.1f} | {hours / workers:,.2f} h "
            f"| {MILLION * dim * 4 / 1e9:.1f} GB | {MILLION * dim * 4 * length / 1e9:,.0f} GB |",
            flush=True,
        )


def measured(
    models: Sequence[str], lengths: Sequence[int], device: str
) -> Iterator[tuple[str, int, float]]:
    """Yield model, length and RNAs a second: of CPU time, so that other jobs do not matter."""
    rng = np.random.default_rng(0)
    clock = time.process_time if device == "cpu" else time.perf_counter
    for name in models:
        model = with_random_weights(get_spec(name), device)
        for length in lengths:
            model.embed(["".join(rng.choice(list("ACGU"), length)) for _ in range(4)])
            n, spent = 0, 0.0
            while spent < SPEND and n < 100_000:
                size = max(4, min(1024, 2 * n))
                given = ["".join(rng.choice(list("ACGU"), length)) for _ in range(size)]
                start = clock()
                model.embed(given)
                spent, n = spent + clock() - start, n + size
            yield name, length, n / spent


def machine(device: str = "cpu") -> str:
    """Return what was measured on."""
    if device != "cpu":
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in _lines("/proc/cpuinfo")
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    return (
        f"{cpu}, {os.cpu_count()} cores, one of them used; load of the machine {load:.1f}; "
        f"torch {torch.__version__}, Python {platform.python_version()}"
    )


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


if __name__ == "__main__":
    app()
