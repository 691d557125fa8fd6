"""RiNALMo: an architecture that no stock class hosts, written from its description.

Penić et al. 2025, arXiv:2403.00043. Two things differ from other encoders: the branch around
attention adds to the *normalised* input, and token dropout stays on at inference, so that the
embeddings of a sequence without a single mask are scaled by 0.88.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnaexplore.models.adapters.base import Adapter, Output, Request, State, Visit
from rnaexplore.models.inference.attention import Watch, head_maps, packed_attention
from rnaexplore.models.inference.packing import positions
from rnaexplore.models.spec import ModelSpec

__all__ = ["Rinalmo", "RinalmoAdapter"]

MASKED_IN_TRAINING = 0.15 * 0.8  #: share of tokens that were mask tokens in training
ROTARY_BASE = 10_000


class RinalmoAdapter(Adapter):
    """RiNALMo checkpoints as their authors publish them, in either of two layouts.

    Attention stores its three projections as one matrix (``Wqkv``), or, where it was built
    without FlashAttention, as three. Tables of rotary frequencies in the file are ignored.
    """

    module: Rinalmo

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        return Rinalmo(spec)

    @classmethod
    def empty(cls, spec: ModelSpec) -> nn.Module:
        with torch.device("meta"):  # the network has no buffers that a checkpoint would lack
            module = cls.build(spec)
        return module.to_empty(device="cpu")

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        names = {
            re.sub(r"mh_attn\.mh_attn\.", "mh_attn.", key): value.float()
            for key, value in state.items()
            if not key.endswith("inv_freq")
        }
        for i in range(spec.n_layers):
            place = f"transformer.blocks.{i}.mh_attn."
            parts = [f"{place}to_{part}.weight" for part in "qkv"]
            if all(part in names for part in parts):
                names[f"{place}Wqkv.weight"] = torch.cat([names.pop(part) for part in parts])
        return names

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        output: Output = self.module(ids, mask, request)
        return output

    def forward_packed(self, ids: Tensor, lengths: Sequence[int], request: Request) -> Output:
        return self.module.forward_packed(ids, tuple(lengths), request)

    def attend(self, ids: Tensor, visit: Visit) -> None:
        layers = count()

        def watch(q: Tensor, k: Tensor, scale: float) -> None:
            visit(next(layers), head_maps(q, k, scale))

        self.module.forward_packed(ids, (len(ids),), Request(), watch=watch)


class Rinalmo(nn.Module):
    """The network, its parts named as in the authors' checkpoints.

    Parameters
    ----------
    spec
        Sizes and vocabulary; ``spec.config["intermediate_size"]`` is the width of the gated layer.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        alphabet = spec.alphabet
        self.mask_id = alphabet.ids["<mask>"]
        self.embedding = nn.Embedding(len(alphabet.tokens), spec.dim, alphabet.pad_id)
        self.transformer = nn.ModuleDict(
            {
                "blocks": nn.ModuleList(_Block(spec) for _ in range(spec.n_layers)),
                "final_layer_norm": nn.LayerNorm(spec.dim),
            }
        )
        self.lm_mask_head = nn.ModuleDict(
            {
                "linear1": nn.Linear(spec.dim, spec.dim),
                "layer_norm": nn.LayerNorm(spec.dim),
                "linear2": nn.Linear(spec.dim, len(alphabet.tokens)),
            }
        )

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        """Run the network, keeping what `request` asks for."""
        hidden = ids.eq(self.mask_id)
        share = (hidden.sum(1) / mask.sum(1))[:, None]
        keys = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        position = torch.arange(ids.shape[1], device=ids.device)
        return self._run(self._embed(ids, share), _Place(position, keys=keys), request)

    def forward_packed(
        self,
        ids: Tensor,
        lengths: tuple[int, ...],
        request: Request,
        *,
        watch: Watch | None = None,
    ) -> Output:
        """Run the network on sequences that lie end to end, (tokens,)."""
        sizes = torch.tensor(lengths, device=ids.device)
        hidden = ids.eq(self.mask_id).float()
        share = torch.segment_reduce(hidden, "mean", lengths=sizes).repeat_interleave(sizes)
        place = _Place(positions(lengths, ids.device), lengths=lengths, watch=watch)
        return self._run(self._embed(ids, share), place, request)

    def _run(self, states: Tensor, place: _Place, request: Request) -> Output:
        output = Output()
        blocks = cast("nn.ModuleList", self.transformer["blocks"])
        for k, block in enumerate(blocks):
            if k in request.hidden:
                output.hidden[k] = states
            states, maps = block(states, place, wants_maps=k in request.attentions)
            if maps is not None:
                output.attentions[k] = maps
        states = self.transformer["final_layer_norm"](states)
        if len(blocks) in request.hidden:
            output.hidden[len(blocks)] = states
        if request.logits:
            output.logits = self._predict(states)
        return output

    def _embed(self, ids: Tensor, share: Tensor) -> Tensor:
        """Return the embeddings, scaled for the share of mask tokens in each one's sequence."""
        scale = (1 - MASKED_IN_TRAINING) / (1 - share)
        words: Tensor = self.embedding(ids)
        return words.masked_fill(ids.eq(self.mask_id)[..., None], 0) * scale[..., None].to(
            words.dtype
        )

    def _predict(self, states: Tensor) -> Tensor:
        head = self.lm_mask_head
        result: Tensor = head["linear2"](
            head["layer_norm"](functional.gelu(head["linear1"](states)))
        )
        return result


class _Block(nn.Module):
    """Attention around the normalised input, then a gated layer around the sum."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        width = spec.config["intermediate_size"]
        self.attn_layer_norm = nn.LayerNorm(spec.dim)
        self.mh_attn = _Attention(spec.dim, spec.n_heads)
        self.out_layer_norm = nn.LayerNorm(spec.dim)
        self.transition = nn.ModuleDict(
            {"0": _SwiGlu(spec.dim, width), "2": nn.Linear(width, spec.dim)}
        )

    def forward(
        self, states: Tensor, place: _Place, *, wants_maps: bool
    ) -> tuple[Tensor, Tensor | None]:
        normed = self.attn_layer_norm(states)
        attended, maps = self.mh_attn(normed, place, wants_maps=wants_maps)
        states = normed + attended
        gated = self.transition["0"](self.out_layer_norm(states))
        return states + self.transition["2"](gated), maps


class _SwiGlu(nn.Module):
    """``z * sigmoid(beta * z) * g`` with a learned beta."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dim, width)
        self.linear_gate = nn.Linear(dim, width)
        self.beta = nn.Parameter(torch.ones(1))

    def forward(self, states: Tensor) -> Tensor:
        z: Tensor = self.linear(states)
        gate: Tensor = self.linear_gate(states)
        return z * torch.sigmoid(self.beta * z) * gate


class _Attention(nn.Module):
    """Rotary self-attention without biases; maps are computed only when they are asked for."""

    def __init__(self, dim: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.Wqkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out_proj = nn.Linear(dim, dim, bias=False)

    def forward(
        self, states: Tensor, place: _Place, *, wants_maps: bool
    ) -> tuple[Tensor, Tensor | None]:
        *shape, dim = states.shape
        packed: Tensor = self.Wqkv(states).view(*shape, 3, self.n_heads, dim // self.n_heads)
        q, k, v = packed.unbind(-3)
        q, k = _rotate(q, place.position), _rotate(k, place.position)
        if place.lengths is not None:
            scale = q.shape[-1] ** -0.5
            if place.watch is not None:
                place.watch(q, k, scale)
            mixed = packed_attention(q, k, v, place.lengths, scale=scale)
            return self.out_proj(mixed.reshape(states.shape)), None
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        mixed, maps = _attend(q, k, v, place.keys, wants_maps=wants_maps)
        return self.out_proj(mixed.transpose(1, 2).reshape(states.shape)), maps


@dataclass(frozen=True, slots=True)
class _Place:
    """Where tokens stand.

    Attributes
    ----------
    position
        Index of each token in its sequence, shape (tokens,).
    keys
        Which tokens are no pads, if some are, shape (batch, 1, 1, tokens).
    lengths
        Tokens of each sequence, if they lie end to end.
    watch
        Is shown the queries and keys of each layer.
    """

    position: Tensor
    keys: Tensor | None = None
    lengths: tuple[int, ...] | None = None
    watch: Watch | None = None


def _attend(
    q: Tensor, k: Tensor, v: Tensor, keys: Tensor | None, *, wants_maps: bool
) -> tuple[Tensor, Tensor | None]:
    if not wants_maps:
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=keys), None
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if keys is not None:
        scores = scores.masked_fill(~keys, -torch.inf)
    maps = scores.softmax(-1)
    return maps @ v, maps


def _rotate(x: Tensor, position: Tensor) -> Tensor:
    """Return queries or keys (…, tokens, heads, head dim) turned by their position.

    Halves are paired, and angles are in float32.
    """
    half = x.shape[-1] // 2
    speed = ROTARY_BASE ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angle = (position.float()[:, None] * speed)[:, None]
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)
