"""Weights on disk, and whether others can be had."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from rnaexplore.diagnostics.report import Check, note, ok, problem

__all__ = ["check_caches", "check_folder", "check_offline", "check_weights", "weights_on_disk"]

AREA = "models"
BUNDLED = "mini"
SHOWN = 8  #: names in a line
LFS = b"version https://git-lfs"  #: how a file begins that git was to replace by its content
LEAST = 1024  #: bytes; no checkpoint is smaller


def weights_on_disk() -> dict[str, Path]:
    """Return the checkpoint of each registered model that can be loaded without a network."""
    from rnaexplore.models import get_spec, names
    from rnaexplore.models.weights.sources import on_disk

    found = ((name, on_disk(name, get_spec(name).weights)) for name in names())
    return {name: located.path for name, located in found if located is not None}


def check_weights(found: Mapping[str, Path]) -> list[Check]:
    """Look whether the bundled model is there, and whether files are what they should be."""
    checks = [check for name, path in found.items() for check in _file(name, path)]
    if BUNDLED not in found:
        cure = "pip install --force-reinstall --no-deps rnaexplore"
        checks.append(problem(AREA, BUNDLED, "its weights are not in the package", cure))
    return [*checks, ok(AREA, "weights on disk", _few(found))]


def _file(name: str, path: Path) -> list[Check]:
    try:
        with path.open("rb") as file:
            start = file.read(len(LFS))
        size = path.stat().st_size
    except OSError as error:
        cure = f'chmod u+r "{path}", or put a copy elsewhere and set RNAEXPLORE_MODELS'
        return [problem(AREA, name, f"{path} cannot be read ({error.strerror})", cure)]
    if start == LFS:
        cure = f'git -C "{path.parent}" lfs pull, or download the file itself'
        return [problem(AREA, name, f"{path} is a pointer of Git LFS, not the weights", cure)]
    if size < LEAST:
        cure = f'rm "{path}" and get it again'
        return [problem(AREA, name, f"{path} has {size} bytes: it is no checkpoint", cure)]
    return []


def _few(found: Iterable[str]) -> str:
    names = list(found)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more if names else "none"


def check_folder(environment: Mapping[str, str] = os.environ) -> list[Check]:
    """Look whether the folder of checkpoints that the user names is one."""
    from rnaexplore.models import get_spec, names
    from rnaexplore.models.weights.sources import MODELS_FOLDER

    given = environment.get(MODELS_FOLDER)
    if not given:
        return []
    folder = Path(given)
    cure = f"make the folder, or unset {MODELS_FOLDER}"
    if not folder.is_dir():
        told = f"{given} is {'a file' if folder.exists() else 'not there'}"
        return [problem(AREA, MODELS_FOLDER, told, cure)]
    if not os.access(folder, os.R_OK | os.X_OK):
        return [problem(AREA, MODELS_FOLDER, f"{given} cannot be read", f'chmod u+rx "{given}"')]
    files = {get_spec(name).weights.file: name for name in names()}
    places = [
        (name, [folder / file, folder / name / Path(file).name]) for file, name in files.items()
    ]
    have = [name for name, tried in places if any(path.is_file() for path in tried)]
    if have:
        return [ok(AREA, MODELS_FOLDER, f"{given} has {_few(have)}")]
    wanted = "rnafm" if "rnafm" in files.values() else BUNDLED
    cure = (
        f"put checkpoints there under the names that rnaexplore looks for, "
        f"for example {wanted}: {given}/{get_spec(wanted).weights.file}"
    )
    return [problem(AREA, MODELS_FOLDER, f"{given} has no checkpoint of a known model", cure)]


def check_caches(folders: Mapping[str, Path] | None = None) -> list[Check]:
    """Look whether the caches can be read and written.

    Parameters
    ----------
    folders
        What moves each cache, and where it is; the user's by default.
    """
    return [
        check
        for variable, folder in (_caches() if folders is None else folders).items()
        for check in _cache(variable, folder)
    ]


def _caches() -> dict[str, Path]:
    from huggingface_hub import constants

    from rnaexplore.models.weights.download import cache_folder

    return {"HF_HOME": Path(constants.HF_HUB_CACHE), "XDG_CACHE_HOME": cache_folder()}


def _cache(variable: str, folder: Path) -> list[Check]:
    """Judge a cache; one that is not there yet can be made if the first folder above it allows."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    move = f"export {variable}=/a/folder/of/yours"
    if not there.is_dir():
        told = f"{folder} cannot be made: {there} is a file"
        return [problem(AREA, "cache", told, f'rm "{there}", or {move}')]
    if not os.access(there, os.R_OK | os.X_OK):
        return [
            problem(AREA, "cache", f"{there} cannot be read", f'chmod u+rx "{there}", or {move}')
        ]
    if not os.access(there, os.W_OK):
        told = f"{there} cannot be written: nothing can be downloaded"
        return [note(AREA, "cache", told, f'chmod u+w "{there}", or {move}')]
    return []


def check_offline(
    found: Mapping[str, Path], *, offline: bool, environment: Mapping[str, str] = os.environ
) -> list[Check]:
    """Look whether the network is forbidden while weights are missing."""
    from rnaexplore.models import names

    absent = [name for name in names() if name not in found]
    if not offline:
        online = f"allowed: {len(absent)} models are downloaded when first used"
        return [ok(AREA, "downloads", online if absent else "not needed: all weights are there")]
    flag = next(
        (v for v in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") if environment.get(v)),
        "HF_HUB_OFFLINE",
    )
    cure = f"unset {flag} once with a network, or copy checkpoints and set RNAEXPLORE_MODELS"
    if not set(found) - {BUNDLED}:
        told = f"{flag} forbids downloads, and only {BUNDLED} is on disk"
        return [problem(AREA, "downloads", told, cure)]
    if absent:
        told = f"{flag} forbids downloads; {len(absent)} models are not on disk"
        return [note(AREA, "downloads", told, cure)]
    return [ok(AREA, "downloads", f"forbidden by {flag}, and not needed")]
