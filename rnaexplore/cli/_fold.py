"""``rnaexplore fold``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore.cli._console import console, say
from rnaexplore.cli._hints import in_shell
from rnaexplore.cli._input import (
    Device,
    Input,
    ModelName,
    OnInvalid,
    OnInvalidRecord,
    WeightsFile,
    load,
    read,
)
from rnaexplore.structure.defaults import DEFAULT

if TYPE_CHECKING:
    from rnaexplore.cli.folding import FoldedFolder

__all__ = ["Decode", "Method", "OnLong", "fold"]

OPTIONS = ("window", "on-long", "weights", "device", "on-invalid")  #: that advice may name
INCOMPLETE = 1  #: exit code if some RNAs were left out


class Method(StrEnum):
    """Ways to a contact map that need no further options."""

    regression = "regression"
    jacobian = "jacobian"
    dependency = "dependency"
    supervised = "supervised"
    vienna = "vienna"


class Decode(StrEnum):
    """Ways from a contact map to a structure."""

    mea = "mea"
    nussinov = "nussinov"
    greedy = "greedy"
    matching = "matching"
    threshold = "threshold"


class OnLong(StrEnum):
    """What to do with RNAs longer than the model reads."""

    window = "window"
    skip = "skip"


def fold(  # noqa: PLR0917
    rnas: Input,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
    model: ModelName = "mini",
    method: Annotated[Method, typer.Option(help="How contact maps are made.")] = Method.regression,
    decode: Annotated[Decode, typer.Option(help="How a structure is made.")] = Decode(
        DEFAULT.decoder
    ),
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help=f"Least probability of a pair.  [default: {DEFAULT.threshold:g}]"
        ),
    ] = None,
    pairs_per_residue: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Instead of --threshold: how many of the best pairs are considered, times the "
            f"length; for methods that give scores  [default: {DEFAULT.pairs_per_residue:g}]",
        ),
    ] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical/--any-pair", help="Only AU, GC and GU pairs.")
    ] = DEFAULT.canonical,
    min_loop: Annotated[
        int, typer.Option(min=0, help="Fewest residues between two partners.")
    ] = DEFAULT.min_loop,
    window: Annotated[
        int | None,
        typer.Option(
            min=8,
            help="Residues per window for longer RNAs  [default: as many as the model reads]",
        ),
    ] = None,
    on_long: Annotated[
        OnLong,
        typer.Option(help="RNAs longer than the model reads: join windows, or leave them out."),
    ] = OnLong.window,
    weights: WeightsFile = None,
    device: Device = "auto",
    on_invalid: OnInvalidRecord = OnInvalid.stop,
) -> None:
    """Predict structures: for each RNA a dot-bracket, a connectivity table, a contact map.

    RNAs that cannot be folded are left out and named; the exit code is then 1.
    """
    from rnaexplore.cli.folding import fold_to_folder

    folded = fold_to_folder(
        read(rnas, on_invalid),
        out,
        model=model if method is Method.vienna else load(model, weights, device),
        method=method.value,
        decode=decode.value,
        threshold=threshold,
        pairs_per_residue=pairs_per_residue,
        canonical=canonical,
        min_loop=min_loop,
        window=window,
        on_long=on_long.value,
        progress=console().is_terminal,
    )
    console().print(f"Wrote {len(folded.files)} files to {out}", markup=False, soft_wrap=True)
    _report(folded)


def _report(folded: FoldedFolder) -> None:
    """Say which RNAs were read in windows, and which were left out; end if there are such."""
    if folded.windowed:
        say(
            f"note: {_few(folded.windowed)} longer than a window: contact maps of overlapping "
            "windows were joined, so pairs a window or more apart are not predicted",
            style="yellow",
        )
    for reason in folded.skipped.values():
        say(f"skipped: {in_shell(reason, OPTIONS)}", style="red")
    if folded.skipped:
        say(f"RNAs skipped: {len(folded.skipped)}; all others were written", style="red")
        raise typer.Exit(INCOMPLETE)


def _few(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more} {'is' if len(names) == 1 else 'are'}"
