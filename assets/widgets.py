"""Pictures of the widgets for the README: exported pages, opened in a headless Chromium.

    python -m assets.widgets              # all of them
    python -m assets.widgets explorer     # one of them

Needs ``pip install -e ".[test]"`` and Chromium (``apt-get install chromium``). Pictures go to
``assets/``; no network is used.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import rnaexplore as rx

if TYPE_CHECKING:
    from anndata import AnnData
    from playwright.sync_api import Page

    from rnaexplore.models.model import Model

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SCALE = 2  #: pixels of the picture a pixel of the page, for sharp screens
SETTLE = 3000  #: milliseconds until everything is painted
COLOURS = 255  #: of a picture; many more would only cost bytes


@dataclass(frozen=True)
class Shot:
    """One picture: a page so many pixels wide and high, and what is done in it before."""

    name: str
    width: int
    height: int
    write: Callable[[Path], Path]
    act: Callable[[Page], None]


def main(wanted: list[str]) -> None:
    """Make pictures, all of them if none is wanted by name."""
    adata, model = journey()
    with TemporaryDirectory() as folder, browser() as running:
        for shot in (s for s in shots(adata, model) if not wanted or s.name in wanted):
            size = {"width": shot.width, "height": shot.height}
            page = running.new_page(viewport=size, device_scale_factor=SCALE, offline=True)
            page.goto(f"file://{shot.write(Path(folder) / f'{shot.name}.html')}")
            page.wait_for_selector(".rx-root")
            shot.act(page)
            page.wait_for_timeout(SETTLE)
            save(page.screenshot(), HERE / f"{shot.name}.png")
            page.close()


def journey() -> tuple[AnnData, Model]:
    """Return the shipped sample with embeddings, clusters and a map, and the bundled model."""
    adata = rx.datasets.rfam_sample()
    model = rx.load_model("mini")
    rx.tl.embed(adata, model, progress=False)
    rx.tl.cluster(adata, use_rep="X_mini")
    rx.tl.umap(adata, use_rep="X_mini")
    return adata, model


def shots(adata: AnnData, model: Model) -> Iterator[Shot]:
    """Yield what is shown: the explorer, and the heads, contacts and mutations of a tRNA."""
    name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
    known = rx.Structure.from_dot_bracket(*adata.obs.loc[name, ["sequence", "structure"]])

    explorer = rx.explore(adata, model, table=["length", "family", "leiden"])
    explorer.selected = name
    explorer.layer, explorer.head = 4, 0

    def page_of_explorer(path: Path) -> Path:
        return explorer.to_html(path, maps=[name])

    yield Shot("explorer", 1470, 1345, page_of_explorer, lambda page: opened(page, name))

    heads = rx.widgets.AttentionViewer(rx.tl.attention(adata, name, model), known)
    heads.layer, heads.head = heads.ranking[0][:2]
    heads.symmetrize = heads.apc = True
    yield Shot("attention", 1280, 780, heads.to_html, nothing)

    studio = rx.widgets.ContactStudio.of(adata, name, model)
    yield Shot("contacts", 1280, 780, studio.to_html, nothing)

    scores = rx.tl.mutate(adata, name, model, progress=False)
    mutations = rx.widgets.MutationViewer(scores, structure=known, model=model)
    mutations.mutation = mutation_of(known.sequence, int(known.pairs[2][0]))
    yield Shot("mutations", 1280, 905, mutations.to_html, nothing)


def mutation_of(sequence: str, position: int) -> str:
    """Return a substitution, such as G3A."""
    here = sequence[position]
    return f"{here}{position + 1}{'A' if here != 'A' else 'C'}"


def opened(page: Page, name: str) -> None:
    """Wait until the maps of an RNA are on the page."""
    page.locator(".rx-rna-name", has_text=name).wait_for()


def nothing(page: Page) -> None:
    """Leave a page as it opens."""


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a headless Chromium without a network."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        msg = f"none of {', '.join(BROWSERS)} is on PATH"
        raise SystemExit(msg)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


def save(png: bytes, path: Path) -> None:
    """Write a picture with as many colours as it needs."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.relative_to(HERE.parent)}: {few.size}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
