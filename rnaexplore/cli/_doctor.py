"""``rnaexplore doctor``."""

from __future__ import annotations

import typer

from rnaexplore.cli._console import console

__all__ = ["doctor"]


def doctor() -> None:
    """Look at the installation: what is wrong, and its cure. Exits with 1 if there is a problem."""
    from rnaexplore import doctor as examine

    report = examine()
    console().print(str(report), markup=False, highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)
