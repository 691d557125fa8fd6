"""``rnaexplore repro``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console

__all__ = ["repro"]


def repro(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .h5ad file.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Script to write.")] = None,
) -> None:
    """Print the code and the versions that made an AnnData file."""
    from rnaexplore import repro as code_of
    from rnaexplore.io.stored import read_stored

    code = code_of(read_stored(file))
    if out is None:
        console().print(str(code), markup=False, soft_wrap=True, end="")
    else:
        out.write_text(code, encoding="utf-8")
