"""How fast is the explorer, in a real JupyterLab and a real browser?

``python -m benchmarks.explorer [--large 1000000]`` prints what was measured beside its goal, met
or missed. Times hold for the machine that runs it; without a graphics card the points are
drawn by the processor.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from anndata import AnnData

from benchmarks.lab import browser, opened, served
from rnaexplore.widgets import explore

N = 100_000
LASSOS = 5
#: Notes when the maps were first painted and when the mouse was last released.
WATCH = """
const twoFrames = (fn) => requestAnimationFrame(() => requestAnimationFrame(fn));
const look = () => {
    const painted = document.querySelector('.rx-stages[data-painted]');
    if (painted) twoFrames(() => (window.rxPainted = Date.now()));
    else requestAnimationFrame(look);
};
look();
window.rxContexts = 0;
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
    if (kind.startsWith('webgl')) window.rxContexts += 1;
    return getContext.call(this, kind, ...options);
};
addEventListener('pointerup', () => (window.rxReleased = Date.now()), true);
"""
SETUP = """
import json, time
import anndata
import rnaexplore as rx
from ipywidgets import Label, VBox
from rnaexplore.widgets import explore
adata = anndata.read_h5ad({path!r})
"""
SHOW = """
began = time.time()
ex = explore(adata)
heard = Label(json.dumps({"began": began, "made": time.time()})).add_class("heard")

def hear(change):
    heard.value = json.dumps({"at": time.time(), "n": len(change["new"])})

ex.observe(hear, "selection")
VBox([ex, heard])
"""
FRAME = """async () => {
    const button = document.querySelector('.rx-tools [aria-label^="Zoom in"]');
    const next = () => new Promise((done) => requestAnimationFrame(done));
    await next();
    const start = performance.now();
    for (let k = 0; k < 6; k++) {
        button.click();
        await next();
        await next();
    }
    document.querySelector('.rx-tools [aria-label^="Show all"]').click();
    return (performance.now() - start) / 12;
}"""


@dataclass(frozen=True, slots=True)
class Result:
    """A number beside its goal; no goal if it is only told."""

    what: str
    value: float
    unit: str
    goal: float | None = None

    def __str__(self) -> str:
        if self.goal is None:
            return f"{self.what:<62} {self.value:>9,.2f} {self.unit}"
        met = "met" if self.value <= self.goal else "MISSED"
        return f"{self.what:<62} {self.value:>9,.2f} {self.unit:<3} goal {self.goal:g}  {met}"


def synthetic(n: int, *, n_families: int = 400, seed: int = 0) -> AnnData:
    """Return RNAs in families on a plane, with names, sequences and a small embedding."""
    rng = np.random.default_rng(seed)
    family = rng.integers(0, n_families, n)
    middle = rng.normal(scale=10, size=(n_families, 2))
    length = rng.integers(60, 140, n)
    letters = rng.choice(np.frombuffer(b"ACGU", dtype=np.uint8), int(length.sum())).tobytes()
    ends = np.cumsum(length)
    text = letters.decode()
    obs = pd.DataFrame(
        {
            "sequence": [text[a:b] for a, b in zip(ends - length, ends, strict=True)],
            "family": pd.Categorical.from_codes(family, [f"RF{k:05d}" for k in range(n_families)]),
            "length": length,
        },
        index=[f"URS{k:08X}/{k % 97 + 1}-{k % 97 + 90}" for k in range(n)],
    )
    plane = middle[family] + rng.normal(size=(n, 2))
    vectors = rng.normal(size=(n, 16))
    obsm = {"X_umap": plane.astype(np.float32), "X_made": vectors.astype(np.float32)}
    return AnnData(obs=obs, obsm=obsm)


def payload(adata: AnnData) -> list[Result]:
    """Measure bytes that travel to the browser before the first paint."""
    from ipywidgets.widgets.widget import _remove_buffers

    view = explore(adata)
    positions, codes = len(view._map["data"]), len(view._colour["data"])  # noqa: SLF001
    _, _, buffers = _remove_buffers(view.get_state())
    return [
        Result(
            f"{adata.n_obs:,} RNAs: positions and category", (positions + codes) / 1e6, "MB", 1.3
        ),
        Result(f"{adata.n_obs:,} RNAs: everything sent", sum(map(len, buffers)) / 1e6, "MB"),
    ]


def exported(adata: AnnData, running: Any, folder: Path) -> list[Result]:
    """Measure a page of its own, opened without a network."""
    path = explore(adata).to_html(folder / "page.html")
    context = running.new_context(offline=True)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    began = time.perf_counter()
    page.goto(f"file://{path}")
    page.wait_for_selector(".rx-stages[data-painted]")
    took = time.perf_counter() - began
    outside = [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
    context.close()
    return [
        Result(f"{adata.n_obs:,} RNAs: exported page", path.stat().st_size / 1e6, "MB", 5.0),
        Result("exported page: requests to a network", len(outside), "", 0),
        Result("exported page: first painted after", took, "s"),
    ]


def in_notebook(adata: AnnData, running: Any, lab: tuple[str, Path]) -> list[Result]:
    """Measure first paint, lassos and frames in JupyterLab."""
    n = f"{adata.n_obs:,} RNAs"
    goals = {"s": 2.0, "ms": 200.0} if adata.n_obs <= N else {}
    path = lab[1] / f"{adata.n_obs}.h5ad"
    adata.write_h5ad(path)
    sources = [SETUP.format(path=str(path)), SHOW]
    with opened(running, lab, f"rnas{adata.n_obs}", sources, WATCH) as page:
        page.wait_for_function("() => window.rxPainted")
        cell = told(page)
        painted = page.evaluate("window.rxPainted") / 1000
        counts, latencies = lassos(page)
        frame = page.evaluate(FRAME)
        contexts = page.evaluate("window.rxContexts")
    return [
        Result(
            f"{n}: first painted after the cell began", painted - cell["began"], "s", goals.get("s")
        ),
        Result(f"{n}: of which in explore(adata)", cell["made"] - cell["began"], "s"),
        Result(
            f"{n}: lasso of {median(counts):,.0f} reaches Python (median of {len(counts)})",
            median(latencies), "ms", goals.get("ms"),
        ),
        Result(f"{n}: the slowest lasso", max(latencies), "ms"),
        Result(f"{n}: one frame while zooming", frame, "ms"),
        Result(f"{n}: WebGL contexts", contexts, "", 1),
    ]  # fmt: skip


def lassos(page: Any) -> tuple[list[int], list[float]]:
    """Drag lassos around about half of the points; return how many, and milliseconds to Python."""
    box = page.locator(".rx-stage").bounding_box()
    counts, latencies = [], []
    for k in range(LASSOS):
        left, top = box["x"] + 2, box["y"] + 2
        right = box["x"] + box["width"] * (0.5 + 0.01 * k)
        bottom = box["y"] + box["height"] - 2
        before = page.locator(".heard").inner_text()
        page.mouse.move(left, top)
        page.mouse.down()
        for point in [(right, top), (right, bottom), (left, bottom)]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()
        page.wait_for_function(
            "(before) => document.querySelector('.heard').innerText !== before", arg=before
        )
        answer = told(page)
        counts.append(answer["n"])
        latencies.append(answer["at"] * 1000 - page.evaluate("window.rxReleased"))
    return counts, latencies


def told(page: Any) -> dict[str, Any]:
    """Return what Python wrote into the page."""
    found: dict[str, Any] = json.loads(page.locator(".heard").inner_text())
    return found


def main(
    large: Annotated[int, typer.Option(help="RNAs of the largest map; 0: none")] = 1_000_000,
) -> None:
    """Measure, and print what was met and what was missed."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    adata = synthetic(N)
    for result in payload(adata):
        print(result, flush=True)
    with tempfile.TemporaryDirectory() as home, browser() as running, served(Path(home)) as lab:
        for result in exported(adata, running, Path(home)):
            print(result, flush=True)
        for result in in_notebook(adata, running, lab):
            print(result, flush=True)
        if large:
            for result in in_notebook(synthetic(large), running, lab):
                print(result, flush=True)


if __name__ == "__main__":
    typer.run(main)
