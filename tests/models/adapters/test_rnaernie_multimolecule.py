"""multimolecule's RNAErnie: both prefixes, both vocabularies, and the matrices stored wrongly."""

from __future__ import annotations

import re
import warnings

import pytest
import torch
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from rnaexplore.errors import CheckpointError
from rnaexplore.models import sanity, vocabularies
from rnaexplore.models.adapters.rnaernie_multimolecule import RnaErnieMultimoleculeAdapter
from rnaexplore.models.sanity import GUESSING, TRNAS, masked_loss

LAYERS, HEADS, DIM, FFN = 2, 4, 32, 64
LETTERS = {"A": 6, "C": 7, "G": 8, "U": 9}
SQUARE = re.compile(
    r"self\.(query|key|value)\.weight$|transform\.dense\.weight$|pooler\.dense\.weight$"
)


def stock(vocabulary=28):
    torch.manual_seed(0)
    return BertForMaskedLM(
        BertConfig(
            vocab_size=vocabulary, hidden_size=DIM, num_hidden_layers=LAYERS,
            num_attention_heads=HEADS, intermediate_size=FFN, hidden_act="relu",
            layer_norm_eps=1e-12, max_position_embeddings=513, hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0, attn_implementation="eager",
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """Return a small network that has learned the tRNAs of the probe by masked language."""
    module = stock().train()
    width = max(map(len, TRNAS)) + 2
    rows = [[1, *(LETTERS[c] for c in rna), 2] for rna in TRNAS]
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = (ids > 0).long()
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(module.parameters(), lr=5e-3)
    for _ in range(150):
        hidden = (torch.rand(ids.shape, generator=generator) < 0.15) & (ids > 2)
        logits = module(input_ids=ids.masked_fill(hidden, 4), attention_mask=mask).logits
        loss = functional.cross_entropy(logits[hidden], ids[hidden])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return module.eval()


def hub_state(module, *, prefix="model.", defect=False):
    """Return the tensors under multimolecule's names, square matrices untransposed on demand."""
    state = dict(module.state_dict())
    state["bert.pooler.dense.weight"] = torch.eye(DIM)
    state["bert.pooler.dense.bias"] = torch.zeros(DIM)
    out = {}
    for key, value in state.items():
        name = key.replace("bert.", prefix).replace("LayerNorm", "layer_norm")
        name = name.replace("cls.predictions.", "lm_head.")
        out[name] = value.T.contiguous() if defect and SQUARE.search(key) else value
    return out


@pytest.fixture
def spec(shrink):
    return shrink(
        "rnaernie-multimolecule", layers=LAYERS, heads=HEADS, dim=DIM, intermediate_size=FFN
    )


def test_the_probe_tells_trained_weights_from_guessing(trained, spec):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = RnaErnieMultimoleculeAdapter.load(spec, hub_state(trained))
    assert masked_loss(ours, torch.device("cpu")) < 0.8 * GUESSING


@pytest.mark.parametrize("prefix", ["model.", "rnaernie."])
@pytest.mark.parametrize("defect", [False, True], ids=["right", "defective"])
def test_outputs_equal_stock_bert_in_either_layout(  # noqa: PLR0917
    prefix, defect, trained, spec, forward, agree
):
    state = hub_state(trained, prefix=prefix, defect=defect)
    if defect:
        with pytest.warns(UserWarning, match="wrong way round"):
            ours = RnaErnieMultimoleculeAdapter.load(spec, state)
    else:
        ours = RnaErnieMultimoleculeAdapter.load(spec, state)
    batch, output = forward(ours, ["GGGAAACUUCGG", "ggcautT", "RYN"])
    with torch.inference_mode():
        theirs = trained(input_ids=batch.ids, attention_mask=batch.mask, output_hidden_states=True)
    for layer in range(LAYERS + 1):
        agree(output.hidden[layer], theirs.hidden_states[layer], batch.mask)
    agree(output.logits, theirs.logits, batch.mask)


def test_weights_that_know_no_rna_are_refused(spec):
    with pytest.raises(CheckpointError, match="neither layout"):
        RnaErnieMultimoleculeAdapter.load(spec, hub_state(stock()))


def test_the_vocabulary_of_early_files_is_recognised(spec):
    state = hub_state(stock(vocabulary=26))
    resolved = RnaErnieMultimoleculeAdapter.resolve(spec, state)
    assert resolved.alphabet is vocabularies.MULTIMOLECULE_EARLY
    assert RnaErnieMultimoleculeAdapter.resolve(spec, hub_state(stock())).alphabet is (
        vocabularies.MULTIMOLECULE
    )


def test_a_missing_key_is_named(trained, spec):
    state = hub_state(trained)
    del state["model.encoder.layer.1.attention.self.key.bias"]
    with pytest.raises(CheckpointError, match=r"missing \(bert\.encoder\.layer\.1\.attention"):
        RnaErnieMultimoleculeAdapter.load(spec, state)


def test_each_residue_of_the_probe_is_hidden_once(trained, spec):
    ours = RnaErnieMultimoleculeAdapter.load(spec, hub_state(trained))
    losses = sanity._losses(ours, TRNAS[0], torch.device("cpu"))
    assert sum(map(len, losses)) == len(TRNAS[0])
