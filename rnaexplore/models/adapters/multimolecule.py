"""Models of the multimolecule library, hosted by that library itself.

This is the only module that imports multimolecule, and only when one of its models is loaded: the
library is licensed under AGPL-3.0, registers dozens of classes on import and takes seconds for it.
Its hub checkpoints carry the same licence.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from rnaexplore._library_errors import border
from rnaexplore.errors import (
    CapabilityError,
    CheckpointError,
    MissingDependencyError,
    UnknownModelError,
)
from rnaexplore.models.adapters.base import Adapter, Output, Request, State
from rnaexplore.models.alphabet import Alphabet, Unit
from rnaexplore.models.spec import Capability, ModelSpec, Weights
from rnaexplore.models.weights.hub_config import read_config

__all__ = ["MultimoleculeAdapter", "spec_of", "weights_of"]

LICENCE = "AGPL-3.0"
LONGEST_ID = 80
_HUB_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_ID - 1}}}(?<![.-])")


def weights_of(hub_id: str) -> Weights:
    """Return where the weights of a model of the library are.

    Raises
    ------
    UnknownModelError
        If `hub_id` cannot be the name of a repository.
    """
    if not _HUB_ID.fullmatch(hub_id) or ".." in hub_id or "--" in hub_id:
        msg = (
            f"'multimolecule:' is followed by the name of a repository, such as 'rnafm', at most "
            f"{LONGEST_ID} letters, digits, '.', '_' and '-'; got {hub_id[:LONGEST_ID]!r}"
        )
        raise UnknownModelError(msg)
    return Weights(
        file=f"multimolecule/{hub_id}/model.safetensors",
        licence=LICENCE,
        hub=f"multimolecule/{hub_id}",
        hub_file="model.safetensors",
        beside=("config.json", "vocab.txt"),
    )


def spec_of(name: str, weights: Weights, checkpoint: Path) -> ModelSpec:
    """Return a model's facts, read from the configuration beside its checkpoint.

    Raises
    ------
    MissingDependencyError
        If the library is not installed.
    CheckpointError
        If there is no configuration, or it is not that of a nucleotide language model.
    """
    settings = read_config(checkpoint)
    if settings is None:
        msg = f"{checkpoint.parent} has no config.json; it belongs beside the checkpoint"
        raise CheckpointError(msg)
    problem = "does not describe a model that reads nucleotides"
    with border(checkpoint.with_name("config.json"), CheckpointError, problem=problem):
        return _described(name, weights, checkpoint, settings)


def _described(
    name: str, weights: Weights, checkpoint: Path, settings: dict[str, Any]
) -> ModelSpec:
    config = _config(settings)
    alphabet = _alphabet(config, checkpoint.with_name("vocab.txt"))
    can: set[Capability] = {"embed", "attention", "logits"}
    return ModelSpec(
        name=name,
        family=f"{settings['model_type']} (multimolecule)",
        adapter=f"{__name__}:MultimoleculeAdapter",
        alphabet=alphabet,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        dim=config.hidden_size,
        max_length=_limit(config, alphabet),
        config=settings,
        weights=weights,
        can=frozenset(can),
        trained_on=f"see https://huggingface.co/{weights.hub}",
        citation=f"https://huggingface.co/{weights.hub}; multimolecule is licensed under {LICENCE}",
    )


class MultimoleculeAdapter(Adapter):
    """A model of the library with its masked-language head; further heads are left out."""

    @classmethod
    def build(cls, spec: ModelSpec) -> nn.Module:
        _library()
        from transformers import AutoModelForMaskedLM

        auto: Any = AutoModelForMaskedLM
        return cast("nn.Module", auto.from_config(_config(dict(spec.config))))

    @classmethod
    def convert(cls, spec: ModelSpec, state: State) -> dict[str, Tensor]:
        family = re.escape(str(spec.config["model_type"]))
        names = {re.sub(rf"^{family}\.", "model.", k): v.float() for k, v in state.items()}
        own = cls.build(spec).state_dict(keep_vars=True)
        kept = {k: v for k, v in names.items() if k in own or not _is_other_head(k)}
        for key, value in own.items():
            twin = next((k for k in kept if k in own and own[k] is value), None)
            if key not in kept and twin is not None:
                kept[key] = kept[twin]
        return kept

    def forward(self, ids: Tensor, mask: Tensor, request: Request) -> Output:
        module: Any = self.module
        last = self.spec.n_layers
        result = module.model(
            input_ids=ids,
            attention_mask=mask,
            output_hidden_states=any(k != last for k in request.hidden),
            output_attentions=bool(request.attentions),
        )
        states = result.last_hidden_state
        maps = _maps(result, self.spec) if request.attentions else ()
        return Output(
            hidden={
                k: states if k == last else _one_row(result.hidden_states[k])
                for k in request.hidden
            },
            attentions={k: maps[k] for k in request.attentions},
            logits=module.lm_head(result).logits if request.logits else None,
        )


def _library() -> Any:
    """Return the library, imported now."""
    try:
        import multimolecule
    except ImportError as error:
        msg = (
            "models named 'multimolecule:…' need the multimolecule library (AGPL-3.0): "
            "pip install 'rnaexplore[multimolecule]'"
        )
        raise MissingDependencyError(msg) from error
    return multimolecule


def _config(settings: dict[str, Any]) -> Any:
    _library()
    from transformers import AutoConfig

    given = {key: value for key, value in settings.items() if key != "model_type"}
    with border("config.json", CheckpointError, problem="is not that of a multimolecule model"):
        return AutoConfig.for_model(settings["model_type"], **given)


def _alphabet(config: Any, vocabulary: Path) -> Alphabet:
    codon, k = bool(getattr(config, "codon", False)), int(getattr(config, "nmers", None) or 1)
    if vocabulary.is_file():
        with border(vocabulary, CheckpointError, problem="is no list of tokens"):
            tokens = vocabulary.read_text(encoding="utf-8").split()
    else:
        tokenizer = _library().RnaTokenizer(codon=codon, nmers=1 if codon else k)
        tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    unit: Unit = "codon" if codon else "k-mer" if k > 1 else "nucleotide"
    spelled = tuple(t if t.startswith("<") else t.replace("T", "U") for t in tokens)
    alphabet = Alphabet(unit=unit, tokens=spelled, k=None if codon or k == 1 else k)
    missing = [r for r in alphabet.residues if r not in alphabet.ids]
    if len(spelled) != config.vocab_size or missing:
        msg = (
            f"the vocabulary has {len(spelled)} tokens (config.json: {config.vocab_size}) and "
            f"lacks {', '.join(missing[:4]) or 'none'} of the nucleotides"
        )
        raise CheckpointError(msg)
    return alphabet


def _limit(config: Any, alphabet: Alphabet) -> int | None:
    """Return the longest input; tables of positions that begin after the pad lose two rows."""
    rows = getattr(config, "max_position_embeddings", None)
    if rows is None:
        return None
    after_pad = config.model_type in {"rnafm", "utrlm", "ernierna", "calm"}
    return int(rows) - alphabet.n_special - (2 if after_pad else 0)


def _is_other_head(key: str) -> bool:
    part = key.split(".", 1)[0]
    is_head = part.endswith("_head") and part != "lm_head"
    return is_head or key.startswith("model.pooler.") or key.endswith("position_ids")


def _one_row(states: Tensor) -> Tensor:
    """Return the states of the one sequence of an alignment model's input."""
    return states[:, 0] if states.ndim == 4 else states  # noqa: PLR2004


def _maps(result: Any, spec: ModelSpec) -> tuple[Tensor, ...]:
    maps: tuple[Tensor, ...] | None = result.get("attentions") or result.get("row_attentions")
    if maps is None or len(maps) != spec.n_layers or any(m is None for m in maps):
        msg = f"{spec.name!r} returned no attention maps; no other result is made up"
        raise CapabilityError(msg)
    return maps
