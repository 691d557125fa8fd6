"""The folder of a fine-tuned model: JSON and safetensors, nothing that could run code.

``tuned.json`` has the facts of the language model, the task, and how both were trained;
``model.safetensors`` every weight, with LoRA's updates added in; tables are beside them as CSV.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save_file

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError, InputError, UnknownNameError
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.finetuned.adapter import TunedAdapter
from rnaexplore.models.finetuned.heads import check_head
from rnaexplore.models.finetuned.model import TunedModel
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.tuning import Tuning, tuned_spec
from rnaexplore.models.registry import adapter_class, known_adapters
from rnaexplore.models.spec import ModelSpec, Weights
from rnaexplore.models.weights.checkpoints import read_state, sha256

__all__ = ["FACTS", "FORMAT", "WEIGHTS", "is_tuned", "open_folder", "write_folder"]

FACTS, WEIGHTS = "tuned.json", "model.safetensors"
FORMAT = 2  #: of ``tuned.json``
T = TypeVar("T")
_NUMBERS = ("n_layers", "n_heads", "dim")
_OURS = ("rnaexplore.models.adapters.", "rnaexplore.models.heads.")


def is_tuned(path: Path) -> bool:
    """Return whether a path is a folder that `rnaexplore.finetune` wrote."""
    return (path / FACTS).is_file()


def write_folder(folder: Path, network: Network, *, name: str, training: Mapping[str, Any]) -> None:
    """Write a network and its facts; the facts last, so that a folder without them is unfinished.

    Parameters
    ----------
    folder
        Where to write.
    network
        The network, without LoRA's parts.
    name
        Name of the model.
    training
        How it was trained, for the record: strings, numbers, lists and dictionaries.
    """
    state = {k: v.detach().cpu().clone().contiguous() for k, v in network.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    base = network.spec
    facts = {
        "format": FORMAT,
        "name": name,
        "weights_sha256": sha256(folder / WEIGHTS),
        "tuning": asdict(network.tuning),
        "base": {
            **_plain(base),
            "alphabet": _plain(base.alphabet),
            "weights": _plain(base.weights),
        },
        "training": dict(training),
    }
    partial = folder / f"{FACTS}.partial"
    partial.write_text(json.dumps(facts, indent=1, default=_listed))
    partial.replace(folder / FACTS)


def open_folder(folder: Path, *, device: torch.device, dtype: torch.dtype) -> TunedModel:
    """Return the model of a folder.

    Raises
    ------
    CheckpointError
        If a file is missing, damaged, or not what the facts say; or the facts name code that is
        no part of rnaexplore and not registered.
    """
    facts = _read(folder / FACTS)
    spec = _built(folder, lambda: _spec(facts))
    weights = folder / WEIGHTS
    if not weights.is_file():
        msg = f"{folder} has no {WEIGHTS}; it is no complete fine-tuned model"
        raise CheckpointError(msg)
    digest = sha256(weights)
    if digest != facts.get("weights_sha256"):
        msg = f"{weights} has SHA-256 {digest}, not {facts.get('weights_sha256')} as {FACTS} says"
        raise CheckpointError(msg)
    state = read_state(weights)
    adapter = _built(folder, lambda: TunedAdapter.load(spec, state))
    assert isinstance(adapter, TunedAdapter)
    adapter.module.to(device=device, dtype=dtype)
    adapter.use_flash_attention()
    training = facts.get("training", {})
    return TunedModel(
        adapter, folder=folder, training=training, device=device, weights_sha256=digest,
        source=f"folder {folder.resolve().name}",
    )  # fmt: skip


def _plain(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _listed(value: object) -> object:
    if isinstance(value, frozenset | set | tuple):
        return sorted(value) if isinstance(value, frozenset | set) else list(value)
    if isinstance(value, Mapping):
        return dict(value)
    msg = f"cannot write {type(value).__name__} as JSON"
    raise TypeError(msg)


def _read(path: Path) -> dict[str, Any]:
    with border(path, CheckpointError, problem="is damaged"):
        facts = json.loads(path.read_bytes())
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        found = facts.get("format") if isinstance(facts, dict) else type(facts).__name__
        msg = f"{path} is of format {found!r}; this version of rnaexplore reads {FORMAT}"
        raise CheckpointError(msg)
    return facts


def _built(folder: Path, build: Callable[[], T]) -> T:
    ours = (InputError, UnknownNameError)
    with border(folder / FACTS, CheckpointError, problem="is damaged", ours=ours):
        return build()


def _spec(facts: Mapping[str, Any]) -> ModelSpec:
    given = dict(facts["base"])
    wrong = [name for name in _NUMBERS if type(given[name]) is not int]
    if wrong:
        msg = f"{wrong[0]} is no whole number"
        raise TypeError(msg)
    path = str(given["adapter"])
    if path not in known_adapters() and not path.startswith(_OURS):
        msg = f"{FACTS} names the adapter {path!r}, which is not registered; it was not imported"
        raise CheckpointError(msg)
    base = ModelSpec(
        **{
            **given,
            "alphabet": Alphabet(**_tuples(given["alphabet"])),
            "weights": Weights(**_tuples(given["weights"])),
            "can": frozenset(given["can"]),
            "outputs": tuple(given["outputs"]),
        }
    )
    if not issubclass(adapter_class(base), Adapter):
        msg = f"{path} is no adapter"
        raise TypeError(msg)
    tuning = Tuning(**_tuples(facts["tuning"]))
    check_head(base, tuning)
    return tuned_spec(base, tuning, name=str(facts["name"]))


def _tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
