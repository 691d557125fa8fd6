"""The command line: parse, one public call, print."""

from __future__ import annotations

import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from rnaexplore import __version__
from rnaexplore.errors import InputError, RnaExploreError, RnaExploreWarning

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["app", "main"]

SEEN = (
    "mini was trained on RNAs of these families, so this shows that everything works, not what to "
    "expect of new families; its model card (assets/mini-card.md) has those numbers."
)
PAGE = 160  #: columns of a table that is written to a file or a pipe
FAILED = 2  #: exit code of an error that the message explains


class _Group(TyperGroup):
    """A group of commands that prints errors and warnings of rnaexplore as plain messages."""

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RnaExploreWarning)
            try:
                return super().invoke(ctx)
            except RnaExploreError as error:
                _say(f"error: {error}", style="red")
                raise typer.Exit(FAILED) from None
            finally:
                for warning in caught:
                    _say(f"note: {warning.message}", style="yellow")


def _say(message: str, *, style: str) -> None:
    Console(stderr=True).print(message, style=style, markup=False, soft_wrap=True)


class Pooling(StrEnum):
    """Ways to make one vector of a sequence."""

    mean = "mean"
    max = "max"
    cls = "cls"


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


app = typer.Typer(
    cls=_Group,
    name="rnaexplore",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look inside RNA language models, with a baseline beside every claim.",
)
models_app = typer.Typer(invoke_without_command=True, help="The models that rnaexplore knows.")
app.add_typer(models_app, name="models")

Input = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="RNAs: FASTA (also .gz), or Stockholm (.sto, .stk)."
    ),
]
ModelName = Annotated[str, typer.Option("--model", "-m", help="A name of `rnaexplore models`.")]


def main() -> None:
    """Run the command line."""
    app()


def _version(value: bool) -> None:
    if value:
        _console().print(f"rnaexplore {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options of all commands."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("rnaexplore-demo"),
) -> None:
    """Run the whole journey on the shipped sample with the bundled model."""
    from rnaexplore.demo import demo as run

    console = _console()
    result = run(out)
    console.print(_table(result.metrics, "Families, by representation"))
    console.print(SEEN, soft_wrap=True)
    console.print(f"Wrote in {sum(result.seconds.values()):.0f} s:")
    for file in result.files:
        console.print(f"  {file} ({file.stat().st_size / 1000:,.0f} kB)", soft_wrap=True)


@models_app.callback()
def models(ctx: typer.Context) -> None:
    """List the models."""
    if ctx.invoked_subcommand is None:
        from rnaexplore.models import list_models

        shown = list_models().drop(columns=["family", "alphabet", "source"])
        _console().print(_table(shown, "Models"))


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
    _console().print(str(report), markup=False, highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def embed(
    rnas: Input,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .h5ad or .zarr.")],
    model: ModelName = "mini",
    layer: Annotated[int, typer.Option(help="0 to the last layer, or negative.")] = -1,
    pooling: Annotated[Pooling, typer.Option(help="How one vector is made.")] = Pooling.mean,
) -> None:
    """Embed RNAs: one vector each, in an AnnData file."""
    if out.suffix not in {".h5ad", ".zarr"}:
        msg = f"--out must end in .h5ad or .zarr, got {out.name!r}"
        raise InputError(msg)
    from rnaexplore import tl

    adata = _read(rnas)
    tl.embed(adata, model, layer=layer, pooling=pooling.value)
    out.parent.mkdir(parents=True, exist_ok=True)
    (adata.write_h5ad if out.suffix == ".h5ad" else adata.write_zarr)(out)
    keys = ", ".join(f"obsm[{key!r}] {array.shape}" for key, array in adata.obsm.items())
    _console().print(f"Wrote {out}: {adata.n_obs} RNAs, {keys}", markup=False, soft_wrap=True)


@app.command()
def fold(  # noqa: PLR0917
    rnas: Input,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
    model: ModelName = "mini",
    method: Annotated[Method, typer.Option(help="How probabilities are made.")] = Method.regression,
    decode: Annotated[Decode, typer.Option(help="How a structure is made.")] = Decode.mea,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least probability.")] = 0.5,
) -> None:
    """Predict structures: for each RNA a dot-bracket, a connectivity table, a probability map."""
    from rnaexplore.folding import fold_to_folder

    files = fold_to_folder(
        _read(rnas),
        out,
        model=model,
        method=method.value,
        decode=decode.value,
        threshold=threshold,
    )
    _console().print(f"Wrote {len(files)} files to {out}", markup=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Look at the installation: what is wrong, and its cure. Exits with 1 if there is a problem."""
    from rnaexplore import doctor as examine

    report = examine()
    _console().print(str(report), markup=False, highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)


def _console() -> Console:
    """Return the terminal, or a page wide enough for any table if the output goes elsewhere."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PAGE)


def _read(path: Path) -> AnnData:
    from rnaexplore.io import read_fasta, read_stockholm

    stockholm = {".sto", ".stk", ".stockholm"} & set(path.suffixes)
    return read_stockholm(path) if stockholm else read_fasta(path)


def _table(frame: pd.DataFrame, title: str) -> Table:
    table = Table(title=title)
    table.add_column(str(frame.index.name), no_wrap=True)
    for name, column in frame.items():
        table.add_column(str(name), justify="right" if column.dtype.kind in "if" else "left")
    for name, row in frame.iterrows():
        table.add_row(str(name), *(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row))
    return table
