"""verify() finds what it is there to find: each fault is planted, and the report names it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from rnaexplore.cli import app
from rnaexplore.models import load_model
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.sanity import GUESSING

KINDS = [
    spec.name
    for i, spec in enumerate(CATALOG)
    if (spec.adapter, spec.alphabet) not in [(s.adapter, s.alphabet) for s in CATALOG[:i]]
]


def complete(model):
    model.adapter.complete = True
    return model


def failed(report):
    return [name for name, passed, _ in report.checks() if not passed]


@pytest.mark.parametrize("name", KINDS)
def test_sound_models_pass_all_but_the_load(name, shrink, random_model):
    report = random_model(shrink(name, layers=2)).verify()
    assert failed(report) == ["complete checkpoint"]
    assert not report.ok
    report = complete(random_model(shrink(name, layers=2))).verify()
    assert report.ok
    assert "verified" in str(report)
    assert report.unknown_rate == 0


def test_dropout_is_found(shrink, random_model):
    model = complete(random_model(shrink("splicebert", layers=2)))
    model.adapter.module.bert.embeddings.dropout.p = 0.5
    model.adapter.module.bert.embeddings.dropout.train()
    assert {"evaluation mode", "repeatable"} <= set(failed(model.verify()))


def test_weights_that_are_no_numbers_are_found(shrink, random_model):
    model = complete(random_model(shrink("rinalmo-micro", layers=2)))
    model.adapter.module.lm_mask_head["linear2"].bias.fill_(torch.nan)
    assert "finite weights" in failed(model.verify())


def test_a_network_that_reads_its_neighbours_in_a_batch_is_found(shrink, random_model):
    class IgnoresTheBounds(nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module = module

        def forward(self, ids, mask, request):
            return self.module(ids, mask, request)

        def forward_packed(self, ids, lengths, request):
            return self.module.forward_packed(ids, (len(ids),), request)

    model = complete(random_model(shrink("rinalmo-micro", layers=2)))
    model.adapter.module = IgnoresTheBounds(model.adapter.module).eval()
    assert "alone and in a batch" in failed(model.verify())


def test_a_vocabulary_without_u_is_found(shrink, random_model):
    spec = shrink("splicebert", layers=2)
    tokens = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"NACGT")  # U would be unknown

    class Fixed(Alphabet):
        residues = ("A", "C", "G")

    alphabet = Fixed(
        tokens=tokens, pad="[PAD]", unk="[UNK]", cls="[CLS]", eos="[SEP]", mask="[MASK]"
    )
    model = complete(random_model(replace(spec, alphabet=alphabet)))
    with pytest.raises(ValueError, match="unknown to"):
        model.verify()


def test_the_report_is_frozen_and_prints_what_was_measured(shrink, random_model):
    report = random_model(shrink("splicebert", layers=2)).verify()
    with pytest.raises(FrozenInstanceError):
        report.batch = 0.0
    text = repr(report)
    for part in ("splicebert: NOT verified", "FAIL  complete checkpoint", "ok    repeatable",
                 "masked-language loss", report.sha256, report.source):  # fmt: skip
        assert part in text
    assert abs(report.masked_loss - GUESSING) < 0.5


def test_codon_models_have_no_loss_on_trnas(shrink, random_model):
    assert random_model(shrink("mrnafm", layers=2)).verify().masked_loss is None


def test_half_precision_has_its_own_tolerance(shrink):
    spec = shrink("splicebert", layers=2)
    cls = adapter_class(spec)
    torch.manual_seed(0)
    adapter = cls(spec, cls.build(spec).eval().bfloat16())
    adapter.complete = True
    model = Model(adapter, device=torch.device("cpu"), weights_sha256="", source="random")
    assert model.verify().ok


@pytest.fixture
def rnabert(test_data):
    path = test_data / "weights" / "rnabert_RNABERT.pth"
    if not path.is_file():
        pytest.skip(f"no RNABERT weights at {path}")
    return path


def test_real_weights_are_verified(rnabert):
    report = load_model("rnabert", weights=rnabert, device="cpu").verify()
    assert report.ok, report
    assert report.sha256 in str(report)


def test_on_the_command_line(rnabert, tmp_path):
    result = CliRunner().invoke(app, ["models", "verify", "rnabert", "--weights", str(rnabert)])
    assert result.exit_code == 0, result.output
    assert "rnabert: verified" in result.output
    state = torch.load(rnabert, weights_only=True, map_location="cpu")
    state["bert.embeddings.LayerNorm.beta"][0] = torch.nan
    torch.save(state, broken := tmp_path / "broken.pth")
    result = CliRunner().invoke(app, ["models", "verify", "rnabert", "--weights", str(broken)])
    assert result.exit_code == 1
    assert "FAIL  finite weights" in result.output


def test_the_command_line_names_an_unknown_model():
    result = CliRunner().invoke(app, ["models", "verify", "rnafn"])
    assert result.exit_code == 2
    assert "rnafm" in result.output
