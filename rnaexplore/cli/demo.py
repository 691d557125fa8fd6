"""The whole journey on the shipped sample: from sequences to figures, in one call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from rnaexplore import _keys

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from rich.progress import Progress

    from rnaexplore.models.model import Model

__all__ = ["Demo", "demo"]

TRNA = "RF00005"
N_TRNAS = 12  #: tRNAs on which the head to show is chosen
STEPS = 8
FORMATS = ("pdf", "svg")


@dataclass(frozen=True, slots=True, eq=False)
class Demo:
    """What the demo made.

    Attributes
    ----------
    files
        Everything it wrote.
    metrics
        The table of `rnaexplore.tl.evaluate`: the model, k-mers, sequence identity, length, random
        and permuted weights, shuffled labels.
    seconds
        Wall time of each step.
    """

    files: tuple[Path, ...]
    metrics: pd.DataFrame
    seconds: dict[str, float]


@dataclass(slots=True)
class _Steps:
    """A progress bar that remembers how long each step took."""

    progress: Progress
    seconds: dict[str, float]

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        task = self.progress.task_ids[0]
        self.progress.update(task, description=what)
        start = perf_counter()
        yield
        self.seconds[what] = perf_counter() - start
        self.progress.advance(task)


def demo(out: Path) -> Demo:
    """Embed, cluster, project, score and draw the shipped sample with the bundled model.

    Parameters
    ----------
    out
        Folder to write into, made if it is missing: ``sample.h5ad``, ``metrics.csv``,
        ``explorer.html`` and ``umap.html`` (the explorer, and the map as a plotly figure, each one
        self-contained page), and the figures ``umap``, ``attention`` and ``contacts`` as PDF and
        SVG with editable text. Files of the same name are replaced.

    Returns
    -------
    Demo
        What was written, the metrics, and the time each step took.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    out.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        progress.add_task("starting", total=STEPS)
        steps = _Steps(progress, {})
        adata, model = _analyse(steps)
        metrics, files = _write(adata, model, out, steps)
    return Demo(tuple(files), metrics, steps.seconds)


def _analyse(steps: _Steps) -> tuple[AnnData, Model]:
    """Return the sample with embeddings, clusters and map, and the model."""
    with steps("load sample and model"):
        from rnaexplore import datasets, tl
        from rnaexplore.models import load_model

        adata = datasets.rfam_sample()
        model = load_model("mini")
    key = _keys.embedding_key(model.spec.name)
    with steps(f"embed {adata.n_obs} RNAs"):
        tl.embed(adata, model, progress=False)
    with steps("cluster"):
        tl.cluster(adata, use_rep=key)
    with steps("project"):
        tl.umap(adata, use_rep=key)
    return adata, model


def _write(
    adata: AnnData, model: Model, out: Path, steps: _Steps
) -> tuple[pd.DataFrame, list[Path]]:
    """Score, draw and write; return the metrics and the files."""
    with steps("score, with baselines"):
        from rnaexplore import tl

        key = _keys.embedding_key(model.spec.name)
        metrics = tl.evaluate(adata, use_rep=key, model=model, progress=False)
        metrics.to_csv(out / "metrics.csv")
    with steps("draw figures"):
        figures = _draw(adata, model, out)
    with steps("write sample.h5ad"):
        adata.write_h5ad(out / "sample.h5ad", compression="gzip")
    with steps("write explorer.html"):
        from rnaexplore import px
        from rnaexplore.widgets import explore

        explore(adata, model).to_html(out / "explorer.html")
        figure = px.umap(adata, color=_keys.FAMILY)
        figure.write_html(out / "umap.html", include_plotlyjs=True)
    names = ("sample.h5ad", "explorer.html", "umap.html", "metrics.csv")
    tables = [out / name for name in names]
    return metrics, [*tables, *figures]


def _draw(adata: AnnData, model: Model, out: Path) -> list[Path]:
    """Draw the map, and one tRNA's attention and contacts; return the files."""
    from rnaexplore import pl, tl
    from rnaexplore.structure import Structure

    name, layer, head = _shown(adata, model)
    sequence, dots = adata.obs.loc[name, [_keys.SEQUENCE, _keys.STRUCTURE]]
    reference = Structure.from_dot_bracket(sequence, dots)
    with pl.style("nature", width="single"):
        files = _save(pl.umap(adata, color=_keys.FAMILY), out / "umap")
        maps = tl.attention(adata, name, model, layers=[layer])
        files += _save(pl.attention(maps, layer=layer, head=head), out / "attention")
        contacts = tl.contacts(adata, name, model, on_seen="ignore")  # the command says so
        files += _save(pl.contacts(contacts, reference=reference), out / "contacts")
    return files


def _shown(adata: AnnData, model: Model) -> tuple[str, int, int]:
    """Return the first tRNA, and the head that follows base pairs best in the next ones."""
    from rnaexplore import tl

    trnas = adata[adata.obs[_keys.ACCESSION] == TRNA]
    others = trnas[1 : 1 + N_TRNAS].copy()
    best = tl.score_heads(others, model, n_random=1, progress=False).iloc[0]
    return str(trnas.obs_names[0]), int(best["layer"]), int(best["head"])


def _save(ax: Axes, stem: Path) -> list[Path]:
    import matplotlib.pyplot as plt

    figure = ax.get_figure(root=True)
    assert figure is not None
    files = [stem.with_suffix(f".{kind}") for kind in FORMATS]
    for file in files:
        figure.savefig(file)
    plt.close(figure)
    return files
