"""What an adapter is: an architecture, the map of its checkpoint's keys, and one forward pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnaexplore.errors import CapabilityError, CheckpointError
from rnaexplore.models.adapters.calibrated import with_curves
from rnaexplore.models.inference.attention import HeadMaps
from rnaexplore.models.inference.int8 import Int8Linear
from rnaexplore.models.spec import ModelSpec

__all__ = [
    "Adapter",
    "Output",
    "Request",
    "Visit",
    "load_strictly",
]

State = Mapping[str, Tensor]
Visit = Callable[[int, HeadMaps], None]  #: is shown each layer, and what computes its maps


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which outputs a forward pass should keep.

    Parameters
    ----------
    hidden
        Layers whose hidden states are wanted, 0 (embeddings) to n_layers (after the last).
    attentions
        Layers whose attention maps are wanted, 0 to n_layers - 1.
    logits
        Whether the masked-language head is run.
    """

    hidden: tuple[int, ...] = ()
    attentions: tuple[int, ...] = ()
    logits: bool = False


@dataclass(slots=True)
class Output:
    """Tensors of one batch, special tokens and pads still in place.

    Attributes
    ----------
    hidden
        Layer to (batch, tokens, dim).
    attentions
        Layer to (batch, heads, tokens, tokens).
    logits
        (batch, tokens, vocabulary), ``None`` if not asked for.
    """

    hidden: dict[int, Tensor] = field(default_factory=dict)
    attentions: dict[int, Tensor] = field(default_factory=dict)
    logits: Tensor | None = None

    def per_residue(self) -> list[Tensor]:
        """Return the hidden states in the order of layers, then the logits if there are some."""
        states = [self.hidden[k] for k in sorted(self.hidden)]
        return states if self.logits is None else [*states, self.logits]


class Adapter(ABC):
    """One architecture: build it, name its weights, run it.

    Batching, special tokens, pooling, device and precision belong to the engine.

    Parameters
    ----------
    spec
        The model's facts.
    module
        The network, loaded, in eval mode.
    """

    def __init__(self, spec: ModelSpec, module: nn.Module) -> None:
        self.spec = spec
        self.module = module
        self.complete = False  #: whether every weight came from a checkpoint, by `load`

    @classmethod
    def resolve(cls, spec: ModelSpec, state: State) -> ModelSpec:  # noqa: ARG003
        """Return the facts as the checkpoint has them, where editions of it differ."""
        return spec

    @classmethod
    @abstractmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        """Return the architecture with weights not yet loaded."""

    @classmethod
    def empty(cls, spec: ModelSpec) -> nn.Module:
        """Return what `build` returns, its weights anything: a checkpoint overwrites them all."""
        return cls.build(spec)

    @classmethod
    @abstractmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        """Return the checkpoint's tensors under the names of the module that `build` returns."""

    @abstractmethod
    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        """Run the network.

        Parameters
        ----------
        ids
            Token ids, shape (batch, tokens).
        mask
            1 for tokens, 0 for pads, shape (batch, tokens).
        request
            Which outputs to keep.
        """

    def forward_packed(self, ids: Tensor, lengths: Sequence[int], request: Request) -> Output:
        """Run the network on sequences that lie end to end; here by padding them.

        Parameters
        ----------
        ids
            Token ids, shape (tokens,).
        lengths
            Tokens of each sequence, in order.
        request
            Which outputs to keep; attention maps are not among them.

        Returns
        -------
        Output
            Hidden states and logits of shape (tokens, …).
        """
        parts = torch.split(ids, list(lengths))
        pad = self.spec.alphabet.pad_id
        padded = nn.utils.rnn.pad_sequence(list(parts), batch_first=True, padding_value=pad)
        bounds = torch.tensor(lengths, device=ids.device)[:, None]
        keep = torch.arange(padded.shape[1], device=ids.device)[None] < bounds
        output = self.forward(padded, keep.long(), request)
        return Output(
            hidden={k: states[keep] for k, states in output.hidden.items()},
            logits=None if output.logits is None else output.logits[keep],
        )

    def attend(self, ids: Tensor, visit: Visit) -> None:
        """Run the network on one sequence and show each layer's attention, one after the other.

        Here all maps are held at once; architectures that can, compute what is asked for.

        Parameters
        ----------
        ids
            Token ids, shape (tokens,).
        visit
            Called with the number of each layer, and with what computes maps of some heads.
        """
        layers = tuple(range(self.spec.n_layers))
        output = self.forward(ids[None], torch.ones_like(ids)[None], Request(attentions=layers))
        for layer in layers:
            maps = output.attentions.pop(layer)[0]
            visit(layer, lambda heads, maps=maps: maps[list(heads)].float())  # type: ignore[misc]

    def contacts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the contact probabilities of a trained contact head.

        Parameters
        ----------
        ids, mask
            As for `forward`.

        Returns
        -------
        Tensor
            (batch, residues, residues), 0 to 1.

        Raises
        ------
        CapabilityError
            If the architecture has no contact head.
        """
        del ids, mask
        msg = f"{self.spec.name!r} has no contact head"
        raise CapabilityError(msg)

    def pairs(self, probabilities: NDArray[np.float32], sequence: str) -> NDArray[np.int64]:
        """Return base pairs decoded as the authors of a structure head do.

        Parameters
        ----------
        probabilities
            (L, L), from `contacts`.
        sequence
            The RNA.

        Returns
        -------
        ndarray of int64, shape (n, 2)
            0-based, i < j, sorted.

        Raises
        ------
        CapabilityError
            If its authors publish no decoding.
        """
        del probabilities, sequence
        msg = f"{self.spec.name!r} has no decoding of its own; use ContactMap.decode"
        raise CapabilityError(msg)

    def predict(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the numbers of a trained task head.

        Parameters
        ----------
        ids, mask
            As for `forward`.

        Returns
        -------
        Tensor
            (batch, outputs), named by ``spec.outputs``.

        Raises
        ------
        CapabilityError
            If there is no such head.
        """
        del ids, mask
        msg = f"{self.spec.name!r} has no task head"
        raise CapabilityError(msg)

    def layers(self) -> nn.ModuleList:
        """Return the encoder's layers, which are alike."""
        return next(
            part
            for part in self.module.modules()
            if isinstance(part, nn.ModuleList) and len(part) == self.spec.n_layers
        )

    def widest(self) -> int:
        """Return how many numbers a token has in the widest result of a layer."""
        linear = (m for m in self.module.modules() if isinstance(m, nn.Linear | Int8Linear))
        return max((len(part.weight) for part in linear), default=self.spec.dim)

    def use_flash_attention(self) -> None:  # noqa: B027 - most cannot
        """Let the network use FlashAttention where the package, the device and dtype allow it."""

    @classmethod
    def load(cls, spec: ModelSpec, state: State) -> Adapter:
        """Return an adapter whose every weight comes from `state`.

        The state is in its authors' layout, or in that of the module itself, as
        `rnaexplore.pretraining` writes it; nothing is converted then.

        Raises
        ------
        CheckpointError
            If a key is missing, unexpected, or has the wrong shape.
        """
        spec = cls.resolve(spec, state)
        module = cls.empty(spec)
        load_strictly(module, _named_as_in(module, cls, spec, state), spec.name)
        adapter = cls(spec, module.eval().requires_grad_(requires_grad=False))
        adapter.complete = True
        return adapter


def _named_as_in(
    module: nn.Module, cls: type[Adapter], spec: ModelSpec, state: State
) -> dict[str, Tensor]:
    if state.keys() == module.state_dict().keys():
        return {key: value.float() for key, value in state.items()}
    return cls.convert(spec, state)


def load_strictly(module: nn.Module, state: State, name: str) -> None:
    """Load a state dict completely or not at all.

    Raises
    ------
    CheckpointError
        Naming missing and unexpected keys and wrong shapes.
    """
    state = with_curves(module, state)
    expected = module.state_dict()
    problems = [
        _listed("missing", sorted(expected.keys() - state.keys())),
        _listed("unexpected", sorted(state.keys() - expected.keys())),
        _listed(
            "of the wrong shape",
            [
                f"{key} {tuple(state[key].shape)} instead of {tuple(expected[key].shape)}"
                for key in sorted(expected.keys() & state.keys())
                if state[key].shape != expected[key].shape
            ],
        ),
    ]
    found = [problem for problem in problems if problem]
    if found:
        msg = f"the checkpoint is not a complete {name!r}: {'; '.join(found)}"
        raise CheckpointError(msg)
    with torch.no_grad():
        module.load_state_dict(state, strict=True)


def _listed(what: str, keys: list[str], limit: int = 8) -> str:
    if not keys:
        return ""
    shown = ", ".join(keys[:limit])
    more = f" and {len(keys) - limit} more" if len(keys) > limit else ""
    return f"{len(keys)} {what} ({shown}{more})"
