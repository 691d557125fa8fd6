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
    max_pages: Annotated[
        int, typer.Option(min=1, help="Most pages at a time; further visitors wait.")
    ] = 8,
    max_gigabytes: Annotated[
        float, typer.Option(min=0, help="Most memory that a page may take, 0 for no limit.")
    ] = 4.0,
    token: Annotated[
        str | None, typer.Option(help="What a visitor has to know; a random one by default.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve the explorer as a web page: upload, analysis, downloads. Ctrl-C ends it."""
    import warnings
    import webbrowser

    from rnaexplore.app import Limits, serve
    from rnaexplore.app.server import OPEN, is_loopback
    from rnaexplore.errors import RnaExploreWarning

    def ready(url: str) -> None:
        console().print(f"Open {url}\nCtrl-C ends it.", markup=False, soft_wrap=True)
        if browser:
            webbrowser.open(url)

    limits = Limits(
        megabytes=max_megabytes,
        rnas=max_rnas,
        nucleotides=max_nucleotides,
        pages=max_pages,
        gigabytes=max_gigabytes,
        file="" if file is None else str(file.resolve()),
    )
    if not is_loopback(address):
        console().print(f"note: {OPEN.format(address=address)}", markup=False, soft_wrap=True)
    with warnings.catch_warnings():  # said already
        warnings.simplefilter("ignore", RnaExploreWarning)
        serve(limits, port=port, address=address, token=token, ready=ready)
