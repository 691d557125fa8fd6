"""The registry: names to specs, specs to loaded models."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from rnaexplore.errors import CheckpointError, InputError, UnknownModelError, nearest
from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.spec import ModelSpec

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from rnaexplore.models.adapters.base import Adapter
    from rnaexplore.models.model import Model
    from rnaexplore.models.weights.sources import Located

__all__ = [
    "ENTRY_POINT",
    "get_spec",
    "known_adapters",
    "list_models",
    "load_model",
    "names",
    "register",
]

ENTRY_POINT = "rnaexplore.models"  #: entry-point group of third parties: a spec, or a list of specs
LONGEST_NAME = 100  #: letters of an unknown name that messages have
MULTIMOLECULE = "multimolecule:"  #: prefix of models that the multimolecule library hosts

Device = str
DType = Literal["auto", "float32", "bfloat16", "float16", "int8"]


@cache
def _registry() -> dict[str, ModelSpec]:
    specs: dict[str, ModelSpec] = {}
    for spec in CATALOG:
        _add(specs, spec)
    for point in entry_points(group=ENTRY_POINT):
        loaded = point.load()
        for spec in [loaded] if isinstance(loaded, ModelSpec) else loaded:
            _add(specs, spec)
    return specs


def _add(specs: dict[str, ModelSpec], spec: ModelSpec) -> None:
    if spec.name in specs:
        msg = f"a model named {spec.name!r} is registered already; choose another name"
        raise InputError(msg)
    specs[spec.name] = spec


def register(spec: ModelSpec) -> None:
    """Make a model known by its name, for this process.

    Packages register theirs for every process through the entry-point group
    ``rnaexplore.models``.

    Raises
    ------
    InputError
        If the name is taken.
    """
    _add(_registry(), spec)


def names() -> list[str]:
    """Return the names of all registered models, in the catalog's order."""
    return list(_registry())


def known_adapters() -> frozenset[str]:
    """Return the adapters of all registered models, as their specs spell them."""
    return frozenset(spec.adapter for spec in _registry().values())


def get_spec(name: str) -> ModelSpec:
    """Return the facts of a model.

    Raises
    ------
    UnknownModelError
        With the nearest names.
    """
    specs = _registry()
    if name not in specs:
        close = nearest(name[:LONGEST_NAME], specs)
        msg = f"no model is named {_told(name)}. {close} rx.list_models() shows all"
        raise UnknownModelError(msg)
    return specs[name]


def _told(name: str) -> str:
    """Return a name as messages have it: quoted, on one line, not endless."""
    return repr(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…")


def list_models() -> pd.DataFrame:
    """Return the registered models, one row each.

    Returns
    -------
    DataFrame
        Indexed by name: family, layers, heads, dim, max_length (in units), unit, alphabet,
        capabilities (``can``), licence, source, and ``on_disk``: whether the weights can be loaded
        without a network.
    """
    import pandas as pd

    rows = [_row(spec) for spec in _registry().values()]
    return pd.DataFrame(rows).set_index("name")


def _row(spec: ModelSpec) -> dict[str, object]:
    from rnaexplore.models.weights.sources import on_disk

    weights = spec.weights
    return {
        "name": spec.name,
        "family": spec.family,
        "layers": spec.n_layers,
        "heads": spec.n_heads,
        "dim": spec.dim,
        "max_length": spec.max_length if spec.max_length is not None else "none",
        "unit": spec.alphabet.unit,
        "alphabet": len(spec.alphabet.tokens),
        "can": ", ".join(sorted(spec.can)),
        "licence": weights.licence,
        "source": "bundled" if weights.bundled else weights.hub or weights.url or weights.file,
        "on_disk": on_disk(spec.name, weights) is not None,
    }


def load_model(
    name: str,
    *,
    weights: str | os.PathLike[str] | None = None,
    device: Device = "auto",
    dtype: DType = "auto",
) -> Model:
    """Return a model, ready to run.

    Parameters
    ----------
    name
        A name of `list_models`; or the path of a checkpoint, recognised by its tensors; or the
        folder that `rnaexplore.finetune` wrote, for a
        `rnaexplore.models.finetuned.model.TunedModel`; or ``"multimolecule:<hub id>"`` for the
        models of that library (extra ``rnaexplore[multimolecule]``).
    weights
        Path of the checkpoint, or of a folder that holds it. By default it is looked for in the
        package, in the folder that the environment variable ``RNAEXPLORE_MODELS`` names, in the
        caches, on the Hugging Face hub and in the authors' archive
        (`rnaexplore.models.weights.sources`); ``HF_HUB_OFFLINE=1`` rules out the last two.
    device
        ``"auto"`` (a GPU if there is one), or a torch device such as ``"cpu"``, ``"cuda:1"``.
    dtype
        ``"auto"`` (float32), or the precision to run in. Results are float32 in any case.
        ``"int8"`` (CPUs alone) rounds the weights and inputs of the encoder's linear layers to 8
        bits: vectors are nearly, not exactly, those of float32
        (`rnaexplore.models.inference.int8`).

    Raises
    ------
    UnknownModelError
        If no model has this name, or it is no name of a repository.
    WeightsNotFoundError
        If the weights were not found.
    CheckpointError
        If the checkpoint is not complete and safe, or has changed since it was downloaded.
    InputError
        If `dtype` or `device` is unknown, there is no such GPU, or ``"int8"`` is asked for on one.
    """
    import torch

    from rnaexplore.models.model import Model
    from rnaexplore.models.weights.checkpoints import read_state, read_training, sha256

    if weights is None and name not in _registry() and _is_path(name, Path.is_dir):
        return _tuned(Path(name), device, dtype)
    spec, located = _locate(name, weights)
    digest = sha256(located.path)
    if located.sha256 not in {None, digest}:
        msg = (
            f"{located.path} has SHA-256 {digest}, not {located.sha256} as when it was published "
            "or downloaded; it was not loaded. Delete it to fetch it again"
        )
        raise CheckpointError(msg)
    adapter = adapter_class(spec).load(spec, read_state(located.path))
    chosen = torch.device(_device(device))
    _set_precision(adapter, chosen, dtype)
    return Model(
        adapter,
        device=chosen,
        weights_sha256=digest,
        source=located.origin,
        training=read_training(located.path),
    )


def _is_path(name: str, kind: Callable[[Path], bool]) -> bool:
    """Return whether a name is a path of some kind; many names can be none."""
    try:
        return kind(Path(name))
    except (OSError, ValueError):  # too long, or of letters that paths do not have
        return False


def _tuned(folder: Path, device: Device, dtype: DType) -> Model:
    import torch

    from rnaexplore.models.finetuned.folder import FACTS, is_tuned, open_folder

    if not is_tuned(folder):
        msg = (
            f"{folder} has no {FACTS}, so it is no finished fine-tuned model; for a folder of "
            "checkpoints name the model, too: rx.load_model(NAME, weights=FOLDER)"
        )
        raise CheckpointError(msg)
    if dtype == "int8":
        msg = "a fine-tuned model runs in 'float32', 'bfloat16' or 'float16', got dtype='int8'"
        raise InputError(msg)
    precision = getattr(torch, "float32" if dtype == "auto" else dtype)
    return open_folder(folder, device=torch.device(_device(device)), dtype=precision)


def _set_precision(adapter: Adapter, device: torch.device, dtype: DType) -> None:
    """Move a network to its device, in the precision asked for."""
    import torch

    if dtype not in get_args(DType):
        msg = f"dtype must be one of {', '.join(get_args(DType))}, got {dtype!r}"
        raise InputError(msg)
    if dtype == "int8":
        from rnaexplore.models.inference.int8 import use_int8

        use_int8(adapter.layers(), device)
    else:
        name = "float32" if dtype == "auto" else dtype
        adapter.module.to(device=device, dtype=getattr(torch, name))
        adapter.use_flash_attention()


def _locate(name: str, weights: str | os.PathLike[str] | None) -> tuple[ModelSpec, Located]:
    """Return a model's facts, as its files have them, and its checkpoint."""
    from rnaexplore.models.weights.hub_config import read_config, refine
    from rnaexplore.models.weights.sources import find_weights

    if name.startswith(MULTIMOLECULE):
        from rnaexplore.models.adapters import multimolecule

        declared = multimolecule.weights_of(name.removeprefix(MULTIMOLECULE))
        located = find_weights(name, declared, weights)
        return multimolecule.spec_of(name, declared, located.path), located
    if weights is None and name not in _registry() and _is_path(name, Path.is_file):
        from rnaexplore.models.weights.identify import recognise

        weights = name
        known = ((spec, adapter_class(spec)) for spec in _registry().values())
        spec = recognise(Path(name), known)
    else:
        spec = get_spec(name)
    located = find_weights(spec.name, spec.weights, weights)
    settings = read_config(located.path) if spec.weights.beside else None
    return (spec if settings is None else refine(spec, settings)), located


def adapter_class(spec: ModelSpec) -> type[Adapter]:
    """Return the adapter class that a spec names, imported now."""
    module, _, cls = spec.adapter.partition(":")
    result: type[Adapter] = getattr(import_module(module), cls)
    return result


def _device(device: str) -> str:
    """Return the name of a device that is there.

    Raises
    ------
    InputError
        If torch knows no such device, or there is no GPU.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        msg = f"device must be 'auto', 'cpu', or a GPU such as 'cuda:1', got {device!r}"
        raise InputError(msg) from error
    if kind == "cuda" and not torch.cuda.is_available():
        msg = f"device={device!r}, but torch sees no GPU here; pass device='cpu'"
        raise InputError(msg)
    return device
