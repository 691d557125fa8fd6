"""``python -m rnaexplore.pretraining``: train, or go on training, a model of the catalog."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.corpus import Corpus
from rnaexplore.pretraining.masking import Levels, Masking
from rnaexplore.pretraining.motifs import Motifs, frequent_words, read_motifs
from rnaexplore.pretraining.prepare import Division, Rule, divide, merge, readable
from rnaexplore.pretraining.readout import choose_structured, export, fit_calibrated_contact_head
from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.settings import Settings
from rnaexplore.pretraining.split import TEST_SPLITS
from rnaexplore.pretraining.start import RANDOM, begin
from rnaexplore.pretraining.train import Trainer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

READOUT_RNAS = 300  #: known structures of development families for the contact head, one each
READOUT_LENGTH = 200  #: longest of them, in nucleotides
MIN_FAMILIES = 5  #: of them: as many as the calibration has parts


@app.command()
def main(  # noqa: PLR0917 - typer passes options by name
    data: Annotated[list[Path], typer.Argument(help="FASTA, tab-separated tables, zarr, h5ad")],
    out: Annotated[Path, typer.Option(help="folder for log, checkpoint, settings and weights")],
    model: Annotated[str, typer.Option(help="a model of the catalog")] = "mini",
    start: Annotated[
        str, typer.Option(help="'random', 'published' or the path of a checkpoint")
    ] = RANDOM,
    steps: Annotated[int, typer.Option(help="optimiser steps")] = 4000,
    batch_tokens: Annotated[int, typer.Option(help="tokens a step and process")] = 4096,
    learning_rate: Annotated[float, typer.Option(help="peak learning rate")] = 5e-3,
    max_length: Annotated[int, typer.Option(help="longest stretch in residues")] = 256,
    held_out: Annotated[
        float, typer.Option(help="share of clans held out, for development and for the test each")
    ] = 0.1,
    test_splits: Annotated[
        str, typer.Option(help="splits kept out, comma-separated")
    ] = TEST_SPLITS,
    mask_rate: Annotated[float, typer.Option(help="share of residues hidden")] = 0.15,
    levels: Annotated[
        str, typer.Option(help="shares of base, subsequence and motif masking at the start")
    ] = "1,0,0",
    last_levels: Annotated[str, typer.Option(help="and at the end; as at the start if empty")] = "",
    motifs: Annotated[
        Path | None, typer.Option(help="IUPAC or dot-bracket motifs, one a line")
    ] = None,
    types: Annotated[bool, typer.Option(help="append the RNA type as a token")] = False,  # noqa: FBT002
    artificial: Annotated[float, typer.Option(help="share of structures with new letters")] = 0.6,
    pairing_weight: Annotated[float, typer.Option(help="weight of the pairing objective")] = 2.0,
    pairing_heads: Annotated[int, typer.Option(help="heads a layer that learn pairs")] = 2,
    pairing_layers: Annotated[int, typer.Option(help="last layers that learn pairs")] = 3,
    family_weight: Annotated[float, typer.Option(help="weight of the family objective")] = 0.2,
    short_steps: Annotated[int, typer.Option(help="first steps on short artificial RNAs")] = 1000,
    bf16: Annotated[bool, typer.Option(help="matrix products in bfloat16")] = True,  # noqa: FBT002
    tensorboard: Annotated[bool, typer.Option(help="write TensorBoard events")] = False,  # noqa: FBT002
    device: Annotated[str, typer.Option(help="'auto' or 'cpu'")] = "auto",
    seed: Annotated[int, typer.Option(help="seed")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads, 0 for torch's choice")] = 0,
) -> None:
    """Train MODEL on DATA; run again with the same OUT to go on where it stopped."""
    if threads:
        torch.set_num_threads(threads)
    rule = Rule(
        development_share=held_out, test_share=held_out,
        test_splits=frozenset(test_splits.split(",")),
    )  # fmt: skip
    masking = Masking(rate=mask_rate, first=_levels(levels), last=_levels(last_levels or levels))
    settings = Settings(
        steps=steps, batch_tokens=batch_tokens, learning_rate=learning_rate, masking=masking,
        pairing_weight=pairing_weight, pairing_heads=pairing_heads, pairing_layers=pairing_layers,
        family_weight=family_weight, short_steps=short_steps, bf16=bf16, seed=seed,
    )  # fmt: skip
    adapter = begin(model, start, seed=seed)
    division = _divided(data, rule, adapter.spec.alphabet)
    corpus = Corpus(
        division.train, adapter.spec.alphabet, max_length=max_length, artificial=artificial,
        motifs=_motifs(motifs, masking, division.train), types=types,
    )  # fmt: skip
    trainer = Trainer(adapter, corpus, settings, out, tensorboard=tensorboard, device=device)
    described = asdict(rule) | {"test_splits": sorted(rule.test_splits)}
    report: dict[str, object] = {
        "model": model, "start": start, "records": division.counts(), "rule": described,
        "settings": asdict(settings), "max_length": max_length, "artificial": artificial,
    }  # fmt: skip
    if trainer.is_main:
        typer.echo(f"records: {division.counts()}")
        (out / "settings.json").write_text(json.dumps(report, indent=1))
    if (out / "checkpoint.pt").exists():
        trainer.resume(out / "checkpoint.pt")
        typer.echo(f"resumed at step {trainer.step}")
    trainer.run()
    if trainer.is_main:
        _finish(trainer, division, report, out / "model.safetensors", seed=seed)


def _divided(data: list[Path], rule: Rule, alphabet: Alphabet) -> Division:
    records = merge(data, family_pattern=rule.family_pattern)
    return divide([r for r in records if readable(r, alphabet)], rule)


def _levels(shares: str) -> Levels:
    try:
        base, subsequence, motif = (float(share) for share in shares.split(","))
    except ValueError as error:
        msg = f"{shares!r} is not three shares such as 0.5,0.3,0.2 (base, subsequence, motif)"
        raise typer.BadParameter(msg) from error
    return Levels(base, subsequence, motif)


def _motifs(path: Path | None, masking: Masking, records: list[Record]) -> Motifs | None:
    """Return the listed motifs; frequent words if there is no list and motifs are to be hidden."""
    if path is not None:
        return read_motifs(path)
    if not (masking.first.motif or masking.last.motif):
        return None
    return frequent_words([r.sequence for r in records])


def _finish(
    trainer: Trainer, division: Division, report: dict[str, object], path: Path, *, seed: int
) -> None:
    """Fit and calibrate the contact head, and write the weights."""
    typer.echo(f"done: {trainer.step} steps, {trainer.tokens} tokens, {trainer.seconds:.0f} s")
    module = trainer.adapter.module.cpu().eval()
    trained: dict[str, object] = {
        "steps": trainer.step, "tokens": trainer.tokens, "seconds": round(trainer.seconds),
    }  # fmt: skip
    known = choose_structured(
        division.development, READOUT_RNAS, max_length=READOUT_LENGTH, seed=seed
    )
    if len({r.family for r in known}) >= MIN_FAMILIES:
        found = fit_calibrated_contact_head(module, trainer.adapter.spec.alphabet, known, seed=seed)
        trained["contact_families"] = sorted(r.family for r in known)
        if found is not None:
            typer.echo(f"contact head: {found}")
    else:
        typer.echo("no contact head: too few families for development have known structures")
    export(module, path, report | {"trained": trained})
    typer.echo(f"wrote {path}")


if __name__ == "__main__":
    app()
