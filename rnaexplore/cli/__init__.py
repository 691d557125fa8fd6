"""The command line: parse, one public call, print. Each command has a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from rnaexplore.cli._app import app as app_command
from rnaexplore.cli._console import Commands, print_version
from rnaexplore.cli._demo import demo
from rnaexplore.cli._doctor import doctor
from rnaexplore.cli._embed import embed
from rnaexplore.cli._finetune import finetune
from rnaexplore.cli._fold import fold
from rnaexplore.cli._map import map_
from rnaexplore.cli._models import models_app
from rnaexplore.cli._plot import plot
from rnaexplore.cli._predict import predict
from rnaexplore.cli._repro import repro
from rnaexplore.cli._verify import verify

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Commands,
    name="rnaexplore",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look inside RNA language models, with a baseline beside every claim.",
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Hold the options of all commands."""


_COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo, "embed": embed, "map": map_, "plot": plot, "fold": fold, "finetune": finetune,
    "predict": predict, "doctor": doctor, "repro": repro, "verify": verify, "app": app_command,
}  # fmt: skip
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(models_app, name="models")


def main() -> None:
    """Run the command line."""
    app()
