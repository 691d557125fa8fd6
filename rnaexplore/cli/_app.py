"""``rnaexplore app``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console

__all__ = ["app"]


def app(  # noqa: PLR0917
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="A .h5ad file that every page opens."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8866,
    address: Annotated[
        str, typer.Option(help="Address to listen on; the default answers this machine alone.")
    ] = "127.0.0.1",
    max_megabytes: Annotated[int, typer.Option(min=1, help="Largest upload.")] = 20,
    max_rnas: Annotated[int, typer.Option(min=1, help="Most RNAs in an upload.")] = 2000,
    max_nucleotides: Annotated[
        int, typer.Option(min=1, help="Most nucleotides in an upload.")
    ] = 1_000_000,
    token: Annotated[
        str | None, typer.Option(help="What a visitor has to know; a random one by default.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve the explorer as a web page: upload, analysis, downloads. Ctrl-C ends it."""
    import webbrowser

    from rnaexplore.app import Limits, serve

    def ready(url: str) -> None:
        console().print(f"Open {url}\nCtrl-C ends it.", markup=False, soft_wrap=True)
        if browser:
            webbrowser.open(url)

    limits = Limits(
        megabytes=max_megabytes,
        rnas=max_rnas,
        nucleotides=max_nucleotides,
        file="" if file is None else str(file.resolve()),
    )
    serve(limits, port=port, address=address, token=token, ready=ready)
