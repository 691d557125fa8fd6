"""RiNALMo against a second implementation of its facts, from both layouts of its checkpoints."""

from __future__ import annotations

import math

import pytest
import torch

from rnaexplore.errors import CheckpointError
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Request
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import read_state

SEQUENCES = ["GGGAAACUUCGGUUUCCCAUACGU", "ggcautcgaTTnacg", "IRYKMSWBDHVN-", "G"]
TOKENS = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", *"ACGTIRYKMSWBDHVN-"]
LAYERS, HEADS, DIM, FFN = 3, 4, 32, 85


@pytest.fixture
def state():
    """Return random tensors under the names of the authors' files."""
    generator = torch.Generator().manual_seed(0)

    def rand(*shape):
        scale = 0.2 if len(shape) == 1 else shape[-1] ** -0.5
        return torch.randn(shape, generator=generator) * scale

    out = {"embedding.weight": torch.randn(22, DIM, generator=generator)}
    norms = ["transformer.final_layer_norm", "lm_mask_head.layer_norm"]
    for i in range(LAYERS):
        block = f"transformer.blocks.{i}"
        norms += [f"{block}.attn_layer_norm", f"{block}.out_layer_norm"]
        out[f"{block}.mh_attn.Wqkv.weight"] = rand(3 * DIM, DIM)
        out[f"{block}.mh_attn.out_proj.weight"] = rand(DIM, DIM)
        for part in ("linear", "linear_gate"):
            out[f"{block}.transition.0.{part}.weight"] = rand(FFN, DIM)
            out[f"{block}.transition.0.{part}.bias"] = rand(FFN)
        out[f"{block}.transition.0.beta"] = 1 + rand(1)
        out[f"{block}.transition.2.weight"] = rand(DIM, FFN)
        out[f"{block}.transition.2.bias"] = rand(DIM)
    for norm in norms:
        out[f"{norm}.weight"], out[f"{norm}.bias"] = 1 + rand(DIM), rand(DIM)
    for part, n in (("linear1", DIM), ("linear2", 22)):
        out[f"lm_mask_head.{part}.weight"], out[f"lm_mask_head.{part}.bias"] = rand(n, DIM), rand(n)
    return out


def without_flash(state):
    """Return the layout of a model that was built without FlashAttention."""
    out = {}
    for key, value in state.items():
        place = key.replace(".mh_attn.", ".mh_attn.mh_attn.")
        if key.endswith("Wqkv.weight"):
            for part, matrix in zip("qkv", value.chunk(3), strict=True):
                out[place.replace("Wqkv", f"to_{part}")] = matrix.clone()
            out[place.replace("Wqkv.weight", "rotary_emb.inv_freq")] = torch.rand(4)
        else:
            out[place] = value
    return out


def norm(w, place, x):
    x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-5)
    return x * w[f"{place}.weight"] + w[f"{place}.bias"]


def turn(x):
    """Rotate each pair (k, k + half) by position * 10000 ** (-2k / width), one pair at a time."""
    width, half = x.shape[-1], x.shape[-1] // 2
    out = torch.empty_like(x)
    for position in range(x.shape[-2]):
        for k in range(half):
            angle = position * 10000 ** (-2 * k / width)
            a, b = x[..., position, k], x[..., position, k + half]
            out[..., position, k] = a * math.cos(angle) - b * math.sin(angle)
            out[..., position, k + half] = b * math.cos(angle) + a * math.sin(angle)
    return out


def by_hand(w, ids, *, scale=None, raw_residual=False):
    """Return hidden states, maps and logits of one sequence without pads, in float64."""
    w = {key: value.double() for key, value in w.items()}
    masked = ids == TOKENS.index("<mask>")
    x = w["embedding.weight"][ids]
    x[masked] = 0
    x = x * ((1 - 0.12) / (1 - masked.double().mean()) if scale is None else scale)
    hidden, maps = [x], []
    n = len(ids)
    for i in range(LAYERS):
        block = f"transformer.blocks.{i}"
        normed = norm(w, f"{block}.attn_layer_norm", x)
        rows = normed @ w[f"{block}.mh_attn.Wqkv.weight"].T
        q, k, v = (part.reshape(n, HEADS, -1).transpose(0, 1) for part in rows.split(DIM, dim=-1))
        weights = (turn(q) @ turn(k).transpose(1, 2) / math.sqrt(DIM // HEADS)).softmax(-1)
        maps.append(weights)
        attended = (weights @ v).transpose(0, 1).reshape(n, DIM)
        y = (x if raw_residual else normed) + attended @ w[f"{block}.mh_attn.out_proj.weight"].T
        h = norm(w, f"{block}.out_layer_norm", y)
        z = h @ w[f"{block}.transition.0.linear.weight"].T + w[f"{block}.transition.0.linear.bias"]
        gate = (
            h @ w[f"{block}.transition.0.linear_gate.weight"].T
            + w[f"{block}.transition.0.linear_gate.bias"]
        )
        swish = z / (1 + torch.exp(-w[f"{block}.transition.0.beta"] * z))
        x = (
            y
            + (swish * gate) @ w[f"{block}.transition.2.weight"].T
            + w[f"{block}.transition.2.bias"]
        )
        hidden.append(x)
    hidden[-1] = norm(w, "transformer.final_layer_norm", x)
    top = hidden[-1] @ w["lm_mask_head.linear1.weight"].T + w["lm_mask_head.linear1.bias"]
    top = norm(w, "lm_mask_head.layer_norm", top * 0.5 * (1 + torch.erf(top / math.sqrt(2))))
    return hidden, maps, top @ w["lm_mask_head.linear2.weight"].T + w["lm_mask_head.linear2.bias"]


def ids_of(sequence):
    letters = sequence.upper().replace("U", "T")
    return torch.tensor([0, *(TOKENS.index(c) for c in letters), 2])


@pytest.fixture
def spec(shrink):
    return shrink("rinalmo-giga", layers=LAYERS, heads=HEADS, dim=DIM, intermediate_size=FFN)


@pytest.mark.parametrize("layout", [dict, without_flash], ids=["flash", "no flash"])
@pytest.mark.parametrize("maps_too", [False, True], ids=["sdpa", "maps"])
def test_every_output_equals_the_facts(  # noqa: PLR0917
    layout, maps_too, state, spec, tmp_path, forward
):
    path = tmp_path / "rinalmo.pt"
    torch.save(layout(state), path)
    ours = adapter_class(spec).load(spec, read_state(path))
    batch, output = forward(ours, SEQUENCES)
    if not maps_too:
        request = Request(hidden=tuple(range(LAYERS + 1)), logits=True)
        with torch.inference_mode():
            output = ours.forward(batch.ids, batch.mask, request)
        assert not output.attentions
    for row, sequence in enumerate(SEQUENCES):
        ids = ids_of(sequence)
        n = len(ids)
        assert torch.equal(batch.ids[row, :n], ids)
        hidden, maps, logits = by_hand(state, ids)
        close = {"atol": 1e-5, "rtol": 1e-5, "check_dtype": False}
        for layer in range(LAYERS + 1):
            torch.testing.assert_close(output.hidden[layer][row, :n], hidden[layer], **close)
        for layer, theirs in enumerate(maps if maps_too else []):
            torch.testing.assert_close(output.attentions[layer][row, :, :n, :n], theirs, **close)
        torch.testing.assert_close(output.logits[row, :n], logits, **close)


def test_mask_tokens_change_the_scale_of_all(state, spec):
    ours = adapter_class(spec).load(spec, state)
    ids = ids_of(SEQUENCES[0])
    ids[[3, 7, 8]] = TOKENS.index("<mask>")
    with torch.inference_mode():
        output = ours.forward(ids[None], torch.ones_like(ids[None]), Request(hidden=(0, LAYERS)))
    hidden, _, _ = by_hand(state, ids)
    for layer in (0, LAYERS):
        torch.testing.assert_close(
            output.hidden[layer][0], hidden[layer], atol=1e-5, rtol=1e-5, check_dtype=False
        )
    assert not output.hidden[0][0, 3].any()


@pytest.mark.parametrize(
    ("trap", "layer"), [({"scale": 1.0}, 0), ({"raw_residual": True}, 1)], ids=str
)
def test_the_usual_transformer_would_be_wrong(trap, layer, state):
    """The parity test above fails by this much when the trap is sprung."""
    ids = ids_of(SEQUENCES[0])
    right, wrong = by_hand(state, ids)[0], by_hand(state, ids, **trap)[0]
    assert (right[layer] - wrong[layer]).abs().max() > 1e-2


def test_pads_and_specials_of_others_do_not_matter_to_the_scale(state, spec, forward):
    ours = adapter_class(spec).load(spec, state)
    _, alone = forward(ours, ["G"])
    _, padded = forward(ours, ["G", SEQUENCES[0]])
    torch.testing.assert_close(alone.hidden[0][0], padded.hidden[0][0, :3])
    expected = 0.88 * state["embedding.weight"][[0, TOKENS.index("G"), 2]]
    torch.testing.assert_close(alone.hidden[0][0], expected)


def test_half_a_projection_is_not_enough(state, spec):
    broken = without_flash(state)
    del broken["transformer.blocks.1.mh_attn.mh_attn.to_k.weight"]
    with pytest.raises(CheckpointError, match=r"missing \(transformer\.blocks\.1\.mh_attn\.Wqkv"):
        adapter_class(spec).load(spec, broken)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("rinalmo-giga", 650_901_793),
        ("rinalmo-mega", 148_056_972),
        ("rinalmo-micro", 33_491_074),
        ("splicebert", 19_710_474),
        ("splicebert-510nt", 19_447_306),
        ("rnafm", 99_521_546 - 241),  # without the contact regression, which nobody trained
        ("mrnafm", 239_181_114 - 241),
        ("rnaernie", 86_073_639),
    ],
)
def test_parameters_of_the_published_sizes(name, count):
    spec = get_spec(name)
    with torch.device("meta"):
        state = adapter_class(spec).build(spec).state_dict()
    tied = ("cls.predictions.decoder.weight", "cls.predictions.bias", "lm_head.decoder.weight")
    assert sum(value.numel() for key, value in state.items() if key not in tied) == count
