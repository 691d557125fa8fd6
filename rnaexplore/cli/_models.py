"""``rnaexplore models`` and ``rnaexplore models verify``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import JustifyMethod
from rich.table import Table

from rnaexplore._library_errors import shown
from rnaexplore.cli._console import console, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["models_app"]

ABILITIES = ("attention", "contacts", "embed", "logits", "predict")
COLUMNS: dict[str, JustifyMethod] = {
    "model": "left", "size": "right", "longest": "right", "gives": "left", "disk": "left",
}  # fmt: skip
UNITS = {"nucleotide": "nt", "codon": "codons", "k-mer": "k-mers"}
LEGEND = """\
size: layers × heads × dimensions
gives: a attention, c contacts, e embeddings, l logits, p predictions of a task
disk: "no" is downloaded when first used; for "by hand" you fetch the weights
--details: license and source"""

models_app = typer.Typer(invoke_without_command=True, help="The models that rnaexplore knows.")


@models_app.callback()
def models(
    ctx: typer.Context,
    details: Annotated[
        bool, typer.Option("--details", help="All columns, license and source too; wide.")
    ] = False,
) -> None:
    """List the models, and whether their weights are on disk."""
    if ctx.invoked_subcommand is not None:
        return
    from rnaexplore.models import list_models

    found = list_models()
    if details:
        console().print(table(found.drop(columns=["alphabet"]), "Models"))
        return
    console().print(_compact(found))
    console().print(LEGEND, markup=False)


def _compact(models: pd.DataFrame) -> Table:
    """Return what fits into 80 columns."""
    made = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name, justify in COLUMNS.items():
        made.add_column(name, justify=justify, no_wrap=True)
    for label, series in models.iterrows():
        row = {str(key): value for key, value in series.items()}
        size = f"{row['layers']}×{row['heads']}×{row['dim']}"
        gives = "".join(word[0] for word in ABILITIES if word in row["can"].split(", "))
        made.add_row(shown(str(label)), size, _longest(row), gives, _where(str(label), row))
    return made


def _longest(row: Mapping[str, Any]) -> str:
    unit = UNITS.get(str(row["unit"]), str(row["unit"]))
    return "any" if row["max_length"] == "none" else f"{row['max_length']:,} {unit}"


def _where(name: str, row: Mapping[str, Any]) -> str:
    from rnaexplore.models import get_spec

    weights = get_spec(name).weights
    if weights.bundled:
        return "package"
    if row["on_disk"]:
        return "yes"
    return "no" if weights.hub or weights.url else "by hand"


@models_app.command()
def verify(
    name: Annotated[str, typer.Argument(help="A name of `rnaexplore models`.")],
    weights: Annotated[
        Path | None, typer.Option(exists=True, help="The checkpoint, or the folder that holds it.")
    ] = None,
) -> None:
    """Load a model and check that it is what its numbers are taken for."""
    from rnaexplore.models import load_model

    report = load_model(name, weights=weights).verify()
    console().print(str(report), markup=False, highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)
