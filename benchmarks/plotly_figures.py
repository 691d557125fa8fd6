"""How heavy is a plotly map, and how long does a browser take to paint it?

``python -m benchmarks.plotly_figures [--n 100000]`` prints what was measured beside its goal, met
or missed. Times hold for the machine that runs it; without a graphics card the points are drawn by
the processor. On a busy machine the processor time is what to look at: it does not count waiting.
plotly.js draws ``scattergl`` in two contexts, one of them for selected points, however many traces.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated

import plotly
import plotly.graph_objects as go
import psutil
import typer

from benchmarks.explorer import Result, synthetic
from benchmarks.lab import browser
from rnaexplore import px

__all__ = ["beyond_plotly", "painted"]

N = 100_000
RUNS = 3
MEGABYTES, SECONDS, CONTEXTS = 2.5, 2.0, 1.0
#: Asks when the figure was painted, from the call of plotly on, and counts what it opened.
WATCH = """
window.contexts = 0;
const asked = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  const got = asked.call(this, kind, ...rest);
  if (/webgl/.test(kind) && got && !this.counted) { this.counted = true; window.contexts += 1; }
  return got;
};
"""
PAINT = """() => new Promise((done) => {
  const held = document.querySelector('script[type="application/json"]').textContent;
  const start = performance.now();
  const { data, layout } = JSON.parse(held);
  const frame = (fn) => requestAnimationFrame(() => requestAnimationFrame(fn));
  Plotly.newPlot('figure', data, layout).then(() => frame(() => done(performance.now() - start)));
})"""
PAGE = """<!doctype html><meta charset="utf-8">
<div id="figure" style="width:900px;height:600px"></div>
<script>{library}</script><script type="application/json">{figure}</script>"""


def beyond_plotly(figure: go.Figure) -> float:
    """Return megabytes that a figure adds to a page that has plotly.js."""
    return len(figure.to_json().encode()) / 1e6


def painted(figure: go.Figure) -> tuple[float, float, int]:
    """Return seconds from the text of a figure to its picture, processor time, WebGL contexts.

    Seconds are the median of three runs; processor time is that of all processes of the browser.
    """
    text = figure.to_json().replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        file = Path(folder) / "figure.html"
        file.write_text(PAGE.format(library=plotly.offline.get_plotlyjs(), figure=text))
        page = chromium.new_page(viewport={"width": 960, "height": 720})
        page.add_init_script(WATCH)
        seconds, busy = [], []
        for _ in range(RUNS):
            page.goto(f"file://{file}")
            page.wait_for_timeout(500)
            before = _processor()
            seconds.append(page.evaluate(PAINT) / 1000)
            busy.append(_processor() - before)
        return median(seconds), median(busy), int(page.evaluate("contexts"))


def _processor() -> float:
    """Return the processor time that the processes below this one have taken."""
    spent = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in spent)


def main(n: Annotated[int, typer.Option(help="Number of points.")] = N) -> None:
    """Print weight, time and WebGL contexts of maps of many RNAs."""
    adata = synthetic(n)
    for what, color in (("families", "family"), ("a number", "length")):
        figure = px.umap(adata, color=color)
        seconds, busy, contexts = painted(figure)
        print(Result(f"{n:,} points by {what}: weight", beyond_plotly(figure), "MB", MEGABYTES))
        print(Result(f"{n:,} points by {what}: painted", seconds, "s", SECONDS))
        print(Result(f"{n:,} points by {what}: processor time", busy, "s"))
        print(Result(f"{n:,} points by {what}: WebGL contexts", contexts, "", CONTEXTS))


if __name__ == "__main__":
    typer.run(main)
