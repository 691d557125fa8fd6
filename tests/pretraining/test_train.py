from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from rnaexplore.errors import CheckpointError
from rnaexplore.models import ModelSpec, get_spec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import read_state
from rnaexplore.pretraining.corpus import Corpus
from rnaexplore.pretraining.masking import Levels, Masking
from rnaexplore.pretraining.motifs import Motifs
from rnaexplore.pretraining.readout import choose_structured, export, fit_contact_head
from rnaexplore.pretraining.records import Record
from rnaexplore.pretraining.settings import Settings
from rnaexplore.pretraining.train import Trainer
from rnaexplore.structure import pairs_from_dot_bracket


def make(spec: ModelSpec, records: list[Record], settings: Settings, folder: Path) -> Trainer:
    torch.manual_seed(settings.seed)
    corpus = Corpus(records, spec.alphabet, max_length=64, motifs=Motifs(("GAAAA",)))
    cls = adapter_class(spec)
    return Trainer(cls(spec, cls.build(spec)), corpus, settings, folder, device="cpu")


def test_resumed_run_has_the_same_bits(
    spec: ModelSpec, hairpins: list[Record], tmp_path: Path
) -> None:
    settings = Settings(
        steps=6, batch_tokens=512, seed=3, bf16=False, short_steps=2, pairing_layers=2,
        masking=Masking(last=Levels(0.2, 0.4, 0.4)),
    )  # fmt: skip
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
    for key, value in whole.adapter.module.state_dict().items():
        assert torch.equal(value, other.adapter.module.state_dict()[key]), key


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
    fit_contact_head(trainer.adapter.module, spec.alphabet, known)
    export(trainer.adapter.module, tmp_path / "model.safetensors", {"steps": 260})
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


SMALL = {
    "mini": {"intermediate_size": 64},
    "rnafm": {"intermediate_size": 64},
    "mrnafm": {"intermediate_size": 64},
    "rinalmo-micro": {"intermediate_size": 64},
    "rnaernie": {"intermediate_size": 64},
    "splicebert": {"intermediate_size": 64},
    "rnabert": {"intermediate_size": 64},
}


@pytest.mark.parametrize("name", SMALL)
def test_every_architecture_learns_and_opens_again(
    name: str, hairpins: list[Record], tmp_path: Path
) -> None:
    spec = get_spec(name)
    spec = replace(spec, n_layers=2, n_heads=4, dim=32, config=dict(spec.config) | SMALL[name])
    nucleotides = spec.alphabet.unit == "nucleotide"
    records = [r if nucleotides else Record("AUGGCC" * 4, family=r.family) for r in hairpins[:100]]
    torch.manual_seed(0)
    cls = adapter_class(spec)
    adapter = cls(spec, cls.build(spec))
    corpus = Corpus(records, spec.alphabet, max_length=64)
    settings = Settings(steps=8, batch_tokens=256, short_steps=0, learning_rate=1e-2)
    trainer = Trainer(adapter, corpus, settings, tmp_path, device="cpu")
    before = {k: v.clone() for k, v in adapter.module.state_dict().items()}
    losses = [trainer.advance() for _ in range(8)]
    assert all(np.isfinite([x.masked, x.pairing, x.family]).all() for x in losses)
    assert all((x.pairing > 0) == nucleotides for x in losses)
    assert losses[-1].masked + losses[-1].pairing < losses[0].masked + losses[0].pairing
    moved = [k for k, v in adapter.module.state_dict().items() if not torch.equal(v, before[k])]
    assert any("attention" in k or "attn" in k for k in moved)

    export(adapter.module, tmp_path / "model.safetensors", {})
    opened = cls.load(spec, read_state(tmp_path / "model.safetensors"))
    for key, value in adapter.module.named_parameters():
        assert torch.equal(opened.module.state_dict()[key], value.half().float()), key


def test_a_run_continues_from_a_checkpoint_and_refuses_another_number_of_processes(
    spec: ModelSpec, hairpins: list[Record], tmp_path: Path
) -> None:
    trainer = make(spec, hairpins, Settings(steps=1, batch_tokens=256), tmp_path)
    trainer.save(tmp_path / "checkpoint.pt")
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    state["random"] *= 2
    torch.save(state, tmp_path / "two.pt")
    with pytest.raises(CheckpointError, match="written by 2 processes"):
        trainer.resume(tmp_path / "two.pt")


def test_objectives_can_be_left_out(
    spec: ModelSpec, hairpins: list[Record], tmp_path: Path
) -> None:
    settings = Settings(steps=1, batch_tokens=256, pairing_weight=0.0, family_weight=0.0)
    losses = make(spec, hairpins, settings, tmp_path).advance()
    assert losses.masked >= 0
    assert losses.pairing == losses.family == 0.0
