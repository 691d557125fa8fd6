"""``rnaexplore demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore.cli._console import console, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["demo"]

SEEN = (
    "mini was trained on RNAs of these families, so this shows that everything works, not what to "
    "expect of new families; its model card (assets/mini-card.md) has those numbers."
)
ROWS = {"X_mini": "mini", "best k-mers": "k-mers", "sequence identity": "sequence identity"}


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("rnaexplore-demo"),
) -> None:
    """Run the whole journey on the shipped sample with the bundled model."""
    from rnaexplore.cli.demo import demo as run

    page = console()
    result = run(out)
    page.print(table(_short(result.metrics), "Families, by representation"))
    page.print(_verdict(result.metrics), soft_wrap=True)
    page.print(SEEN, soft_wrap=True)
    page.print(f"Wrote in {sum(result.seconds.values()):.0f} s:")
    for file in result.files:
        page.print(f"  {file} ({file.stat().st_size / 1000:,.0f} kB)", soft_wrap=True)


def _short(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that fit on a page; metrics.csv has the others."""
    import pandas as pd

    ends = metrics[["knn_accuracy_low", "knn_accuracy_high"]].to_numpy()
    columns = {
        "kind": metrics["kind"],
        "distance": metrics["distance"],
        "ARI": metrics["ARI"],
        "kNN accuracy": metrics["knn_accuracy"],
        "95 % interval": [f"{low:.3f} to {high:.3f}" for low, high in ends],
    }
    return pd.DataFrame(columns, index=metrics.index)


def _verdict(metrics: pd.DataFrame) -> str:
    """Return what the table says of the model and of what needs none."""
    accuracy = metrics["knn_accuracy"]
    found = ", ".join(f"{name} {accuracy[row]:.2f}" for row, name in ROWS.items())
    return f"Nearest neighbors of the right family: {found}. k-mers and identity need no model."
