"""``rnaexplore verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console

__all__ = ["verify"]


def verify(
    store: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A .zarr store of embed.")
    ],
) -> None:
    """Compare every file of a store with the checksum noted when it was written."""
    from rnaexplore.io import verify_store

    n = verify_store(store)
    console().print(f"{store}: {n} files are as they were written", markup=False, soft_wrap=True)
