from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from rnaexplore.models import ModelSpec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.checkpoints import read_state
from rnaexplore.pretrain.corpus import Corpus
from rnaexplore.pretrain.readout import choose_structured, export, fit_contact_head
from rnaexplore.pretrain.records import Record
from rnaexplore.pretrain.train import Settings, Trainer
from rnaexplore.structure import pairs_from_dot_bracket


def make(spec: ModelSpec, records: list[Record], settings: Settings, folder: Path) -> Trainer:
    torch.manual_seed(settings.seed)
    corpus = Corpus(records, spec.alphabet, max_length=64)
    return Trainer(EsmAdapter.build(spec), corpus, settings, folder)


def test_resumed_run_has_the_same_bits(
    spec: ModelSpec, hairpins: list[Record], tmp_path: Path
) -> None:
    settings = Settings(
        steps=6, batch_tokens=512, seed=3, bf16=False, short_steps=2, pairing_layers=2
    )
    whole = make(spec, hairpins, settings, tmp_path / "whole")
    whole.run(log_every=1)
    half = make(spec, hairpins, settings, tmp_path / "half")
    for _ in range(3):
        half.advance()
    half.save(tmp_path / "half.pt")
    other = make(spec, hairpins, settings, tmp_path / "other")
    other.resume(tmp_path / "half.pt")
    assert other.step == 3
    other.run(log_every=1)
    for key, value in whole.module.state_dict().items():
        assert torch.equal(value, other.module.state_dict()[key]), key


def test_schedule_rises_stays_and_falls() -> None:
    s = Settings(steps=100, warmup=0.1, decay=0.4, learning_rate=1.0)
    rates = [s.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:60] == [1.0] * 50
    assert all(a > b for a, b in pairwise(rates[61:]))
    assert rates[-1] < 0.05


def test_the_planted_pairs_are_learned(
    spec: ModelSpec, hairpins: list[Record], tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    settings = Settings(
        steps=260,
        batch_tokens=1024,
        learning_rate=5e-3,
        pairing_layers=1,
        pairing_heads=2,
        short_steps=0,
    )
    trainer = make(spec, hairpins, settings, tmp_path)
    losses = [trainer.advance() for _ in range(settings.steps)]
    assert np.mean([x.pairing for x in losses[-20:]]) < 0.5 * np.mean(
        [x.pairing for x in losses[:20]]
    )
    assert np.mean([x.masked for x in losses[-20:]]) < np.mean([x.masked for x in losses[:5]])

    known = choose_structured(hairpins, 20, max_length=64, seed=0)
    assert len({r.family for r in known}) == 20
    fit_contact_head(trainer.module, spec.alphabet, known)
    export(trainer.module, tmp_path / "model.safetensors", {"steps": 260})
    adapter = EsmAdapter.load(spec, read_state(tmp_path / "model.safetensors"))
    test = hairpins[200]
    ids = torch.from_numpy(spec.alphabet.encode(test.sequence))[None]
    adapter.module.set_attn_implementation("eager")
    with torch.inference_mode():
        attentions = torch.stack(adapter.module.esm(ids, output_attentions=True).attentions, 1)
        contacts = adapter.module.esm.contact_head(ids, attentions)[0]
    pairs = pairs_from_dot_bracket(test.structure)
    upper = torch.triu(contacts, 4)
    best = upper.flatten().topk(len(pairs)).indices
    found = {(int(k) // len(test.sequence), int(k) % len(test.sequence)) for k in best}
    assert len(found & {tuple(p) for p in pairs.tolist()}) >= 5
