"""``python -m rnaexplore.pretrain``: train, or go on training, a model of the catalog."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer

from rnaexplore.models import get_spec
from rnaexplore.models.registry import adapter_class
from rnaexplore.pretrain.corpus import Corpus
from rnaexplore.pretrain.prepare import Rule, divide, merge
from rnaexplore.pretrain.readout import choose_structured, export, fit_contact_head
from rnaexplore.pretrain.train import Settings, Trainer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

TEST_SPLITS = (
    "bpRNA-TS0,bpRNA-VL0,bpRNA-new,ArchiveII,TestSetA,TestSetB,"
    "RNAStrAlign-RGB-test,RNAStrAlign-RGB-valid,bpRNA-valid(AR)"
)

READOUT_RNAS = 200  #: known structures for the contact readout, one a family
READOUT_LENGTH = 200  #: longest of them, in nucleotides


@app.command()
def main(  # noqa: PLR0917 - typer passes options by name
    data: Annotated[list[Path], typer.Argument(help="FASTA or tab-separated tables")],
    out: Annotated[Path, typer.Option(help="folder for log, checkpoint and settings")],
    model: Annotated[str, typer.Option(help="a model of the catalog on the ESM adapter")] = "mini",
    steps: Annotated[int, typer.Option(help="optimiser steps")] = 4000,
    batch_tokens: Annotated[int, typer.Option(help="tokens a step")] = 4096,
    learning_rate: Annotated[float, typer.Option(help="peak learning rate")] = 5e-3,
    max_length: Annotated[int, typer.Option(help="longest stretch in nucleotides")] = 256,
    held_out: Annotated[float, typer.Option(help="share of families kept out")] = 0.1,
    test_splits: Annotated[
        str, typer.Option(help="splits kept out, comma-separated")
    ] = TEST_SPLITS,
    artificial: Annotated[float, typer.Option(help="share of structures with new letters")] = 0.6,
    family_weight: Annotated[float, typer.Option(help="weight of the family objective")] = 0.2,
    seed: Annotated[int, typer.Option(help="seed")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads, 0 for torch's choice")] = 0,
) -> None:
    """Train MODEL on DATA; run again with the same OUT to go on where it stopped."""
    if threads:
        torch.set_num_threads(threads)
    rule = Rule(held_out_share=held_out, test_splits=frozenset(test_splits.split(",")))
    division = divide(merge(data, family_pattern=rule.family_pattern), rule)
    counts = {name: len(getattr(division, name)) for name in ("train", "unseen", "test", "kin")}
    typer.echo(f"records: {counts}")
    settings = Settings(
        steps=steps, batch_tokens=batch_tokens, learning_rate=learning_rate,
        family_weight=family_weight, seed=seed,
    )  # fmt: skip
    spec = get_spec(model)
    torch.manual_seed(seed)
    corpus = Corpus(division.train, spec.alphabet, max_length=max_length, artificial=artificial)
    trainer = Trainer(adapter_class(spec).build(spec), corpus, settings, out)
    out.mkdir(parents=True, exist_ok=True)
    described = asdict(rule) | {"test_splits": sorted(rule.test_splits)}
    report: dict[str, object] = {
        "model": model, "records": counts, "rule": described, "settings": asdict(settings),
        "max_length": max_length, "artificial": artificial,
    }  # fmt: skip
    (out / "settings.json").write_text(json.dumps(report, indent=1))
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
        typer.echo(f"resumed at step {trainer.step}")
    trainer.run()
    typer.echo(f"done: {trainer.step} steps, {trainer.tokens} tokens, {trainer.seconds:.0f} s")
    known = choose_structured(division.train, READOUT_RNAS, max_length=READOUT_LENGTH, seed=seed)
    fit_contact_head(trainer.module, spec.alphabet, known)
    report["trained"] = {
        "steps": trainer.step, "tokens": trainer.tokens, "seconds": round(trainer.seconds),
        "contact_families": sorted(r.family for r in known),
    }  # fmt: skip
    export(trainer.module, out / "model.safetensors", report)
    typer.echo(f"wrote {out / 'model.safetensors'}")


if __name__ == "__main__":
    app()
