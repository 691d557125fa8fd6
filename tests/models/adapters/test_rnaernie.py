"""RNAErnie from Paddle's file, against an implementation of its facts in NumPy."""

from __future__ import annotations

import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import read_state

SEQUENCES = ["GGGAAACUUCGGUUUCCCAUACGU", "ggcautcgaTTnacg", "RYKMACGU-N", "G"]
IDS = {"A": 35, "U": 36, "C": 37, "G": 38}
LAYERS, HEADS, DIM, FFN = 3, 4, 32, 48


@pytest.fixture(scope="module")
def paddle_state():
    """Return random arrays under Paddle's names, matrices stored (in, out)."""
    rng = np.random.default_rng(0)

    def array(*shape):
        return (rng.normal(size=shape) * (0.2 if len(shape) == 1 else shape[0] ** -0.5)).astype(
            "f4"
        )

    def gain(n):
        return (1 + 0.2 * rng.normal(size=n)).astype("f4")

    state = OrderedDict()
    for table, height in (("word", 39), ("position", 513), ("token_type", 2)):
        state[f"ernie.embeddings.{table}_embeddings.weight"] = rng.normal(
            size=(height, DIM)
        ).astype("f4")
    places = {"ernie.embeddings.layer_norm": DIM, "cls.predictions.layer_norm": DIM}
    for i in range(LAYERS):
        layer = f"ernie.encoder.layers.{i}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            state[f"{layer}.self_attn.{part}.weight"] = array(DIM, DIM)
            state[f"{layer}.self_attn.{part}.bias"] = array(DIM)
        state[f"{layer}.linear1.weight"], state[f"{layer}.linear1.bias"] = (
            array(DIM, FFN),
            array(FFN),
        )
        state[f"{layer}.linear2.weight"], state[f"{layer}.linear2.bias"] = (
            array(FFN, DIM),
            array(DIM),
        )
        places |= {f"{layer}.norm1": DIM, f"{layer}.norm2": DIM}
    for place, n in places.items():
        state[f"{place}.weight"], state[f"{place}.bias"] = gain(n), array(n)
    for place in ("ernie.pooler.dense", "cls.predictions.transform"):
        state[f"{place}.weight"], state[f"{place}.bias"] = array(DIM, DIM), array(DIM)
    state["cls.predictions.decoder_weight"] = state["ernie.embeddings.word_embeddings.weight"]
    state["cls.predictions.decoder_bias"] = array(39)
    return state


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def by_hand(state, ids):
    """Return hidden states, attention maps and logits in float64, one sequence without pads."""
    w = {key: value.astype("f8") for key, value in state.items()}

    def linear(x, place):
        return x @ w[f"{place}.weight"] + w[f"{place}.bias"]

    def norm(x, place):
        variance = x.var(-1, keepdims=True)
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(variance + 1e-12)
        return x * w[f"{place}.weight"] + w[f"{place}.bias"]

    tables = "ernie.embeddings.{}_embeddings.weight".format
    x = w[tables("word")][ids] + w[tables("position")][: len(ids)] + w[tables("token_type")][0]
    x = norm(x, "ernie.embeddings.layer_norm")
    hidden, maps = [x], []
    for i in range(LAYERS):
        layer = f"ernie.encoder.layers.{i}"
        q, k, v = (
            linear(x, f"{layer}.self_attn.{part}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for part in ("q_proj", "k_proj", "v_proj")
        )
        maps.append(softmax(q @ k.swapaxes(1, 2) / np.sqrt(DIM / HEADS)))
        mixed = (maps[-1] @ v).swapaxes(0, 1).reshape(len(ids), DIM)
        x = norm(x + linear(mixed, f"{layer}.self_attn.out_proj"), f"{layer}.norm1")
        inner = np.maximum(linear(x, f"{layer}.linear1"), 0)
        x = norm(x + linear(inner, f"{layer}.linear2"), f"{layer}.norm2")
        hidden.append(x)
    top = norm(np.maximum(linear(x, "cls.predictions.transform"), 0), "cls.predictions.layer_norm")
    logits = top @ w["cls.predictions.decoder_weight"].T + w["cls.predictions.decoder_bias"]
    return hidden, maps, logits


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_every_output_equals_the_facts(protocol, paddle_state, tmp_path, shrink, forward):
    path = tmp_path / "model_state.pdparams"
    content = {**paddle_state, "StructuredToParameterName@@": {"a": "b"}}
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    spec = shrink("rnaernie", layers=LAYERS, heads=HEADS, dim=DIM, intermediate_size=FFN)
    ours = adapter_class(spec).load(spec, read_state(path))
    batch, output = forward(ours, SEQUENCES)
    for row, sequence in enumerate(SEQUENCES):
        ids = [2, *(IDS.get(c, 1) for c in sequence.upper().replace("T", "U")), 3]
        n = len(ids)
        assert batch.ids[row, :n].tolist() == ids
        hidden, maps, logits = by_hand(paddle_state, ids)
        close = {"atol": 1e-5, "rtol": 1e-5}
        for layer in range(LAYERS + 1):
            np.testing.assert_allclose(output.hidden[layer][row, :n], hidden[layer], **close)
        for layer in range(LAYERS):
            np.testing.assert_allclose(
                output.attentions[layer][row, :, :n, :n], maps[layer], **close
            )
        np.testing.assert_allclose(output.logits[row, :n], logits, **close)


def test_entries_written_with_their_variable_names(paddle_state, tmp_path):
    path = tmp_path / "named.pdparams"
    path.write_bytes(
        pickle.dumps({key: ("linear_0.w_0", value) for key, value in paddle_state.items()})
    )
    state = read_state(path)
    assert state.keys() == paddle_state.keys()
    for key, value in state.items():
        assert torch.equal(value, torch.from_numpy(paddle_state[key]))


SQUARE = [
    "ernie.encoder.layers.0.self_attn.q_proj.weight",
    "ernie.encoder.layers.1.self_attn.k_proj.weight",
    "ernie.encoder.layers.2.self_attn.v_proj.weight",
    "ernie.encoder.layers.0.self_attn.out_proj.weight",
    "cls.predictions.transform.weight",
]


@pytest.mark.parametrize("key", SQUARE)
def test_every_square_matrix_is_turned(key, paddle_state, shrink):
    """No shape tells whether a square matrix was turned; its place in the host does."""
    spec = shrink("rnaernie", layers=LAYERS, heads=HEADS, dim=DIM, intermediate_size=FFN)
    state = {k: torch.from_numpy(v) for k, v in paddle_state.items()}
    loaded = adapter_class(spec).load(spec, state).module.state_dict()
    same = [name for name, value in loaded.items() if value.shape == state[key].shape
            and torch.equal(value, state[key].T)]  # fmt: skip
    assert len(same) == 1
    assert not any(
        value.shape == state[key].shape and torch.equal(value, state[key])
        for value in loaded.values()
    )
