"""``rnaexplore models`` and ``rnaexplore models verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console, table

__all__ = ["models_app"]

models_app = typer.Typer(invoke_without_command=True, help="The models that rnaexplore knows.")


@models_app.callback()
def models(ctx: typer.Context) -> None:
    """List the models."""
    if ctx.invoked_subcommand is None:
        from rnaexplore.models import list_models

        shown = list_models().drop(columns=["family", "alphabet", "source"])
        console().print(table(shown, "Models"))


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
