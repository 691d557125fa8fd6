"""Pictures of the course: figures of tutorial cells that carry the tag ``picture``.

    python -m assets.notebooks            # all tutorials
    python -m assets.notebooks 08 10      # some of them

Each notebook is run from top to bottom in a kernel of its own, as the tests run it. What a tagged
cell shows goes to ``tutorials/pictures/<notebook>.png``, or ``-2``, ``-3`` for further tags.
"""

from __future__ import annotations

import io
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assets.widgets import save

TUTORIALS = Path(__file__).parents[1] / "tutorials"
TAG = "picture"
WIDEST = 1200  #: pixels


def main(wanted: list[str]) -> None:
    """Run notebooks and keep their pictures."""
    folder = TUTORIALS / "pictures"
    folder.mkdir(exist_ok=True)
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        if not wanted or path.stem.split("-")[0] in wanted:
            for k, png in enumerate(pictures(path), 1):
                name = path.stem if k == 1 else f"{path.stem}-{k}"
                save(shrunk(png), folder / f"{name}.png")


def pictures(path: Path) -> Iterator[bytes]:
    """Yield the pictures of tagged cells, if there are any."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    tagged = [c for c in notebook.cells if TAG in c.metadata.get("tags", [])]
    if not tagged:
        return
    with TemporaryDirectory() as work:
        resources: dict[str, Any] = {"metadata": {"path": work}}
        NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources).execute()
    for cell in tagged:
        shown = [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
        if not shown:
            msg = f"{path.name}: a cell with the tag {TAG!r} shows no picture"
            raise SystemExit(msg)
        yield b64decode(shown[-1])


def shrunk(png: bytes) -> bytes:
    """Return a picture that is no wider than a page shows."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width > WIDEST:
        size = (WIDEST, round(picture.height * WIDEST / picture.width))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "png")
    return buffer.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
