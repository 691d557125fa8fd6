"""``rnaexplore demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console, table

__all__ = ["demo"]

SEEN = (
    "mini was trained on RNAs of these families, so this shows that everything works, not what to "
    "expect of new families; its model card (assets/mini-card.md) has those numbers."
)


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("rnaexplore-demo"),
) -> None:
    """Run the whole journey on the shipped sample with the bundled model."""
    from rnaexplore.demo import demo as run

    page = console()
    result = run(out)
    page.print(table(result.metrics, "Families, by representation"))
    page.print(SEEN, soft_wrap=True)
    page.print(f"Wrote in {sum(result.seconds.values()):.0f} s:")
    for file in result.files:
        page.print(f"  {file} ({file.stat().st_size / 1000:,.0f} kB)", soft_wrap=True)
