"""Where a model's weights are looked for, in order."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from rnaexplore.errors import WeightsNotFoundError
from rnaexplore.models.spec import ModelSpec

__all__ = ["MODELS_FOLDER", "find_weights"]

MODELS_FOLDER = "RNAEXPLORE_MODELS"  #: environment variable: a folder of checkpoint files


def find_weights(spec: ModelSpec, given: str | os.PathLike[str] | None = None) -> Path:
    """Return the path of a model's checkpoint.

    Parameters
    ----------
    spec
        The model.
    given
        Path of the checkpoint; nothing else is tried then.

    Raises
    ------
    WeightsNotFoundError
        Naming what was tried and what to put where.
    """
    if given is not None:
        path = Path(given)
        if path.is_file():
            return path
        msg = f"weights={str(path)!r} is not a file"
        raise WeightsNotFoundError(msg)
    tried = []
    if spec.weights.bundled:
        path = Path(str(files("rnaexplore.models") / "data" / spec.weights.file))
        if path.is_file():
            return path
        tried.append(str(path))
    folder = os.environ.get(MODELS_FOLDER)
    if folder:
        path = Path(folder) / spec.weights.file
        if path.is_file():
            return path
        tried.append(str(path))
    msg = (
        f"no weights for {spec.name!r}. Tried: {', '.join(tried) or 'nothing'}. Put "
        f"{spec.weights.file} into a folder and set {MODELS_FOLDER} to it, or pass weights=PATH"
    )
    raise WeightsNotFoundError(msg)
