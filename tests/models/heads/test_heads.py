"""Trained heads in the authors' layouts, against their package or a second implementation."""

from __future__ import annotations

from argparse import Namespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from rnaexplore.errors import CapabilityError, CheckpointError
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.adapters.esm import RnaFmAdapter
from rnaexplore.models.adapters.rinalmo import RinalmoAdapter
from rnaexplore.models.heads.base import greedy_pairs
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import read_state

RNA = "GGGAAACUUCGGUUUCCCAUACGU"
OTHER = "gcauTGCAnnn"
LAYERS, HEADS, DIM = 2, 4, 32


def rand(generator, *shape):
    scale = 0.3 if len(shape) == 1 else np.prod(shape[1:]) ** -0.5
    return torch.randn(shape, generator=generator) * scale


def linear(generator, out, n_in):
    return {"weight": rand(generator, out, n_in), "bias": rand(generator, out)}


def flat(parts):
    return {
        f"{place}.{leaf}": value
        for place, leaves in parts.items()
        for leaf, value in leaves.items()
    }


def loaded(spec, path):
    adapter = adapter_class(spec).load(spec, read_state(path))
    return Model(adapter, device=torch.device("cpu"), weights_sha256="", source=str(path))


def last_states(model, sequence):
    """Return the last hidden states with special tokens, from the language model alone."""
    ids = torch.from_numpy(model.spec.alphabet.encode(sequence))[None]
    with torch.inference_mode():
        request = Request(hidden=(model.spec.n_layers,))
        return ids, model._adapter.lm.forward(ids, torch.ones_like(ids), request).hidden[LAYERS]


# RNA-FM ---------------------------------------------------------------------------------------
@pytest.fixture(params=["rnafm-ss-pdb", "rnafm-ss-bprna"])
def rnafm_structure(request, shrink, randomise, tmp_path):
    """Return the loaded model and the authors' own module with the same weights."""
    pytest.importorskip("fm")
    import fm
    from fm.downstream.pairwise_predictor.pairwise_concat import PairwiseConcatWithResNet

    alphabet = fm.Alphabet.from_architecture("roberta_large", "rna")
    settings = Namespace(
        arch="roberta_large", layers=LAYERS, embed_dim=DIM, ffn_embed_dim=2 * DIM,
        attention_heads=HEADS, max_positions=1024, emb_layer_norm_before=True,
    )  # fmt: skip
    lm = randomise(fm.BioBertModel(settings, alphabet))
    theirs = randomise(
        PairwiseConcatWithResNet(settings, alphabet, 1, symmetric=True, depth_reduction="first")
    )
    head = {
        f"downstream_modules.pc-resnet_1_sym_first:r-ss.{k}": v
        for k, v in theirs.state_dict().items()
    }
    path = tmp_path / "ss.pth"
    torch.save({**{f"backbone.{k}": v for k, v in lm.state_dict().items()}, **head}, path)
    spec = shrink(request.param, layers=LAYERS, heads=HEADS, dim=DIM)
    return loaded(spec, path), theirs, lm


def test_rnafm_structure_head_equals_the_authors(rnafm_structure):
    model, theirs, lm = rnafm_structure
    ids, states = last_states(model, RNA)
    with torch.inference_mode():
        official = lm(ids, repr_layers=[LAYERS])["representations"][LAYERS]
        torch.testing.assert_close(states, official, atol=1e-5, rtol=1e-5)
        expected = theirs(ids, {"embedding": official})[0].sigmoid().numpy()
    np.fill_diagonal(expected, 0)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(model.contacts(RNA), expected, atol=1e-5)


def rnafm_greedy(probabilities, threshold):
    """Take pairs in the order of probability; each base once, neighbours never."""
    n = len(probabilities)
    candidates = [
        (probabilities[i, j], i, j) for i in range(n) for j in range(i + 2, n)
        if probabilities[i, j] > threshold
    ]  # fmt: skip
    used, pairs = set(), []
    for _, i, j in sorted(candidates, reverse=True):
        if i not in used and j not in used:
            used |= {i, j}
            pairs.append((i, j))
    return sorted(pairs)


def test_rnafm_structure_uses_the_published_threshold(rnafm_structure):
    model, _, _ = rnafm_structure
    threshold = {"rnafm-ss-pdb": 0.33993712, "rnafm-ss-bprna": 0.47729617}[model.spec.name]
    structure = model.structure(RNA.lower())
    assert structure.sequence == RNA
    expected = rnafm_greedy(model.contacts(RNA), threshold)
    assert structure.pairs.tolist() == [list(pair) for pair in expected]


def test_rnafm_structure_is_still_a_language_model(rnafm_structure):
    model, _, _ = rnafm_structure
    assert model.embed([RNA, OTHER.replace("n", "")]).shape == (2, DIM)
    assert model.attentions(RNA).shape == (LAYERS, HEADS, len(RNA), len(RNA))
    with pytest.raises(CapabilityError, match="no trained logits"):
        model.logits(RNA)


# RiNALMo --------------------------------------------------------------------------------------
def rinalmo_file(spec, lm_prefix, head, randomise, path, **extra):
    lm = randomise(RinalmoAdapter.build(spec)).state_dict()
    state = {lm_prefix + k: v for k, v in lm.items()} | {
        "pred_head." + k: v for k, v in head.items()
    }
    torch.save({"state_dict": {**state, **extra}}, path)
    return loaded(spec, path)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(3)


@pytest.fixture
def rinalmo_structure(shrink, randomise, generator, tmp_path):
    head = flat({"linear_in": linear(generator, 64, 2 * DIM)})
    for block in range(2):
        for place, size in ((0, 1), (3, 3), (6, 1)):
            key = f"resnet.blocks.{block}.conv_net.{place}.weight"
            head[key] = rand(generator, 64, 64, size, size)
    head |= {"conv_out.weight": rand(generator, 1, 64, 3, 3), "conv_out.bias": rand(generator, 1)}
    spec = shrink("rinalmo-giga-ss-bprna", layers=LAYERS, heads=HEADS, dim=DIM)
    path = tmp_path / "ss.pt"
    return rinalmo_file(spec, "lm.", head, randomise, path, threshold=0.17), head


def instance_norm(x):
    """Normalise each channel over everything else."""
    axes = tuple(range(2, x.ndim))
    centred = x - x.mean(axes, keepdim=True)
    return centred / (centred.square().mean(axes, keepdim=True) + 1e-5).sqrt()


def test_rinalmo_structure_head_equals_the_facts(rinalmo_structure):
    model, head = rinalmo_structure
    _, states = last_states(model, RNA)
    h = states[0, 1:-1]
    n = len(h)
    x = torch.stack([torch.stack([torch.cat((h[i], h[j])) for j in range(n)]) for i in range(n)])
    x = (x @ head["linear_in.weight"].T + head["linear_in.bias"]).permute(2, 0, 1)[None]
    for block in range(2):
        y = x
        for place, pad in ((0, 0), (3, 1), (6, 0)):
            weight = head[f"resnet.blocks.{block}.conv_net.{place}.weight"]
            y = instance_norm(functional.conv2d(y, weight, padding=pad)).clamp(min=0)
        x = x + y
    logits = functional.conv2d(x, head["conv_out.weight"], head["conv_out.bias"], padding=1)[0, 0]
    expected = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            expected[i, j] = expected[j, i] = 1 / (1 + np.exp(-float(logits[i, j])))
    assert np.ptp(expected[np.triu_indices(n, 1)]) > 0.1
    np.testing.assert_allclose(model.contacts(RNA), expected, atol=1e-5)


def rinalmo_decode(probabilities, sequence, threshold):
    """Clear what may not pair, then take the largest again and again."""
    p = probabilities.copy()
    letters = sequence.upper().replace("T", "U")
    for i, a in enumerate(letters):
        for j, b in enumerate(letters):
            canonical = {a, b} in ({"A", "U"}, {"C", "G"}, {"G", "U"})
            if abs(i - j) < 4 or not canonical or p[i, j] <= threshold:
                p[i, j] = 0
    pairs = []
    while p.max() > 0:
        i, j = np.unravel_index(p.argmax(), p.shape)
        pairs.append((min(i, j), max(i, j)))
        p[[i, j]] = 0
        p[:, [i, j]] = 0
    return sorted(pairs)


def test_rinalmo_structure_decodes_with_the_threshold_of_the_file(rinalmo_structure):
    model, _ = rinalmo_structure
    assert model.spec.config["threshold"] == pytest.approx(0.17)
    expected = rinalmo_decode(model.contacts(RNA), RNA, 0.17)
    assert len(expected) > 2
    assert model.structure(RNA.replace("U", "T")).pairs.tolist() == [list(p) for p in expected]


def test_a_structure_file_without_its_threshold(shrink, randomise, tmp_path):
    spec = shrink("rinalmo-giga-ss-bprna", layers=LAYERS, heads=HEADS, dim=DIM)
    with pytest.raises(CheckpointError, match=r"1 missing \(threshold\)"):
        rinalmo_file(spec, "lm.", {}, randomise, tmp_path / "ss.pt")


def test_a_language_model_without_its_head(shrink, randomise, tmp_path):
    spec = shrink("rinalmo-giga-splice-donor", layers=LAYERS, heads=HEADS, dim=DIM)
    with pytest.raises(CheckpointError, match=r"4 missing \(head.classifier.0.bias"):
        rinalmo_file(spec, "rinalmo.", {}, randomise, tmp_path / "splice.pt")


@pytest.mark.parametrize(
    ("name", "width", "outputs"),
    [
        ("rinalmo-giga-splice-donor", 128, 1),
        ("rinalmo-giga-splice-acceptor", 128, 1),
        ("rinalmo-giga-ncrna-0", 256, 88),
        ("rinalmo-giga-ncrna-200", 256, 88),
    ],
)
def test_rinalmo_heads_over_the_first_token(  # noqa: PLR0917
    name, width, outputs, shrink, randomise, generator, tmp_path
):
    head = flat(
        {
            "classifier.0": linear(generator, width, DIM),
            "classifier.2": linear(generator, outputs, width),
        }
    )
    spec = shrink(name, layers=LAYERS, heads=HEADS, dim=DIM)
    model = rinalmo_file(spec, "rinalmo.", head, randomise, tmp_path / "task.pt")
    got = model.predict([RNA, OTHER])
    assert got.shape == (2, len(spec.outputs)) == (2, outputs)
    for row, sequence in zip(got, [RNA, OTHER], strict=True):
        cls = last_states(model, sequence)[1][0, 0]
        inner = cls @ head["classifier.0.weight"].T + head["classifier.0.bias"]
        inner = inner * 0.5 * (1 + torch.erf(inner / 2**0.5))
        logits = inner @ head["classifier.2.weight"].T + head["classifier.2.bias"]
        expected = logits.exp() / logits.exp().sum() if outputs > 1 else 1 / (1 + (-logits).exp())
        np.testing.assert_allclose(row, expected, atol=1e-5)


@pytest.fixture
def mrl(shrink, randomise, generator, tmp_path):
    head = flat({"linear_in": linear(generator, 32, DIM), "linear_out": linear(generator, 1, 32)})
    for block in range(6):
        for place in (0, 3):
            head[f"resnet.blocks.{block}.conv_net.{place}.weight"] = rand(generator, 32, 32, 3)
    spec = shrink("rinalmo-giga-mrl", layers=LAYERS, heads=HEADS, dim=DIM)
    scaler = {"scaler._mean": torch.tensor([5.5]), "scaler._std": torch.tensor([1.7])}
    return rinalmo_file(spec, "lm.", head, randomise, tmp_path / "mrl.pt", **scaler), head


def mrl_by_hand(head, states):
    x = (states @ head["linear_in.weight"].T + head["linear_in.bias"]).transpose(1, 2)
    norm = nn.InstanceNorm1d(32)
    for block in range(6):
        y = x
        for place in (0, 3):
            weight = head[f"resnet.blocks.{block}.conv_net.{place}.weight"]
            y = functional.elu(norm(functional.conv1d(y, weight, padding=1)))
        x = x + y
    scaled = x.mean(-1) @ head["linear_out.weight"].T + head["linear_out.bias"]
    return float((scaled * 1.7 + 5.5).clamp(min=0))


def test_rinalmo_ribosome_load_equals_the_facts_in_any_batch(mrl):
    model, head = mrl
    sequences = [RNA, OTHER, RNA * 3]
    expected = [mrl_by_hand(head, last_states(model, s)[1]) for s in sequences]
    assert np.ptp(expected) > 0.01
    together = model.predict(sequences)
    assert together.shape == (3, 1)
    np.testing.assert_allclose(together[:, 0], expected, atol=2e-5)
    alone = np.concatenate([model.predict([s]) for s in sequences])
    np.testing.assert_allclose(together, alone, atol=2e-5)


def test_a_load_is_never_negative(mrl):
    model, _ = mrl
    model._adapter.head.mean -= 100
    assert model.predict([RNA]).tolist() == [[0.0]]


# what both share ------------------------------------------------------------------------------
def test_greedy_pairs_on_a_planted_case():
    p = np.zeros((6, 6), dtype=np.float32)
    for (i, j), value in {(0, 5): 0.9, (1, 5): 0.95, (1, 4): 0.8, (0, 4): 0.5, (2, 3): 0.7}.items():
        p[i, j] = p[j, i] = value
    everywhere = np.ones((6, 6), dtype=bool)
    assert greedy_pairs(p, everywhere, 0.6).tolist() == [[1, 5], [2, 3]]
    assert greedy_pairs(p, everywhere, 0.4).tolist() == [[0, 4], [1, 5], [2, 3]]
    assert greedy_pairs(p, everywhere, 0.99).shape == (0, 2)
    forbidden = everywhere.copy()
    forbidden[1, 5] = forbidden[5, 1] = False
    assert greedy_pairs(p, forbidden, 0.6).tolist() == [[0, 5], [1, 4], [2, 3]]


def test_models_without_a_head_refuse(shrink, random_model):
    model = random_model(shrink("rinalmo-micro", layers=1))
    for call in (lambda: model.predict([RNA]), lambda: model.structure(RNA)):
        with pytest.raises(CapabilityError, match="no trained"):
            call()
    with pytest.raises(CapabilityError, match=r"ContactMap\.decode"):
        random_model(shrink("mini", layers=1)).structure(RNA)


def test_heads_keep_the_adapter_of_their_language_model(rnafm_structure):
    assert isinstance(rnafm_structure[0]._adapter.lm, RnaFmAdapter)
