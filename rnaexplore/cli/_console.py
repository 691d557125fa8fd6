"""What is printed: tables, notes, and errors as plain messages."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from rnaexplore._library_errors import shown
from rnaexplore._version import __version__
from rnaexplore.cli._hints import in_shell
from rnaexplore.errors import RnaExploreError, RnaExploreWarning

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Commands", "console", "print_version", "say", "table"]

PAGE = 160  #: columns of a table that is written to a file or a pipe
FAILED = 2  #: exit code of an error that the message explains


class Commands(TyperGroup):
    """A group of commands that prints errors and warnings of rnaexplore as plain messages."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        options = _options(self)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RnaExploreWarning)
            try:
                return super().invoke(ctx)
            except RnaExploreError as error:
                say(in_shell(f"error: {error}", options), style="red")
                raise typer.Exit(FAILED) from None
            finally:
                for warning in caught:
                    say(in_shell(f"note: {warning.message}", options), style="yellow")


def _options(group: TyperGroup) -> frozenset[str]:
    """Return the names of the options of all commands, without the hyphens at the front."""
    return frozenset(
        spelled.removeprefix("--")
        for command in group.commands.values()
        for parameter in command.params
        for spelled in parameter.opts
        if spelled.startswith("--")
    )


def say(message: str, *, style: str) -> None:
    """Print a message to the standard error."""
    Console(stderr=True).print(shown(message), style=style, markup=False, soft_wrap=True)


def print_version(value: bool) -> None:
    """Print the version if asked for, and end."""
    if value:
        console().print(f"rnaexplore {__version__}")
        raise typer.Exit


def console() -> Console:
    """Return the terminal, or a page wide enough for any table if the output goes elsewhere."""
    terminal = _Plain(highlight=False)
    return terminal if terminal.is_terminal else _Plain(highlight=False, width=PAGE)


class _Plain(Console):
    """A console that prints texts without what steers a terminal: files bring names along."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, as of rich."""
        super().print(*(shown(o) if isinstance(o, str) else o for o in objects), **options)


def table(frame: pd.DataFrame, title: str) -> Table:
    """Return a frame as a table, its index as the first column."""
    made = Table(title=title)
    made.add_column(str(frame.index.name), no_wrap=True)
    for name, column in frame.items():
        made.add_column(str(name), justify="right" if column.dtype.kind in "if" else "left")
    for name, row in frame.iterrows():
        cells = (f"{v:.3f}" if isinstance(v, float) else shown(str(v)) for v in row)
        made.add_row(shown(str(name)), *cells)
    return made
