"""Where a model's weights are looked for, in order.

1. the path that the caller gives;
2. the package itself, for bundled models;
3. the folder named by ``RNAEXPLORE_MODELS``;
4. the cache of the Hugging Face hub, and the package's own cache of authors' archives;
5. the hub, at a pinned revision where one is known;
6. the authors' archive.

The first four need no network. With ``HF_HUB_OFFLINE=1`` the last two are not tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from rnaexplore.errors import DownloadError, WeightsNotFoundError
from rnaexplore.models.spec import Weights
from rnaexplore.models.weights.download import cache_folder, download, extract, first_seen, offline
from rnaexplore.models.weights.network import why_unreachable

__all__ = ["BUNDLED", "MODELS_FOLDER", "Located", "find_weights", "on_disk"]

BUNDLED = "bundled with the package"  #: `Located.origin` of weights that are shipped

MODELS_FOLDER = "RNAEXPLORE_MODELS"  #: environment variable: a folder of checkpoint files


@dataclass(frozen=True, slots=True)
class Located:
    """A checkpoint on disk.

    Attributes
    ----------
    path
        The file.
    origin
        Which source had it, for provenance; no folder of this machine, for files are shared.
    sha256
        What its SHA-256 has to be: published, or noted when the file was downloaded. ``None`` if
        neither is known.
    """

    path: Path
    origin: str
    sha256: str | None


def find_weights(
    name: str, weights: Weights, given: str | os.PathLike[str] | None = None
) -> Located:
    """Return a model's checkpoint, from the first source that has it.

    Parameters
    ----------
    name
        The model's name.
    weights
        What is known about its weights.
    given
        Path of the checkpoint, or of the folder that holds it; nothing else is tried then.

    Raises
    ------
    WeightsNotFoundError
        Naming what was tried, why each failed, and what to put where.
    """
    if given is not None:
        return _given(name, weights, Path(given))
    tried: list[str] = []
    for source in _SOURCES:
        try:
            found = source(name, weights)
        except _Absent as reason:
            tried.append(str(reason))
            continue
        if found is not None:
            return found
    raise WeightsNotFoundError(_nothing(name, weights, tried))


def on_disk(name: str, weights: Weights) -> Located | None:
    """Return a model's checkpoint if one can be had without a network, else ``None``."""
    for source in _ON_DISK:
        try:
            found = source(name, weights)
        except _Absent:
            continue
        if found is not None:
            return found
    return None


class _Absent(Exception):  # noqa: N818 - no error: the next source is tried
    """A source that could have the file and does not, with the reason."""


def _located(weights: Weights, path: Path, origin: str) -> Located:
    expected = weights.sha256 or first_seen(path).get("sha256")
    return Located(path, origin, expected)


def _given(name: str, weights: Weights, path: Path) -> Located:
    inside = [path] if path.is_file() else _places(weights, name, path)
    for file in inside:
        if file.is_file():
            return Located(file, f"given: {file.name}", weights.sha256)
    msg = f"weights={str(path)!r} is not a file"
    if path.is_dir():
        msg = f"weights={str(path)!r} is a folder without {_file(weights).name}"
    raise WeightsNotFoundError(msg)


def _file(weights: Weights) -> Path:
    return Path(weights.file)


def _places(weights: Weights, name: str, folder: Path) -> list[Path]:
    """Return where a folder may keep a checkpoint."""
    file = _file(weights)
    return [folder / file, folder / name / file.name, folder / file.name]


def _bundled(_name: str, weights: Weights) -> Located | None:
    if not weights.bundled:
        return None
    path = Path(str(files("rnaexplore.models") / "data" / weights.file))
    if path.is_file():
        return _located(weights, path, BUNDLED)
    msg = f"the package itself ({path} is missing: the installation is incomplete)"
    raise _Absent(msg)


def _folder(name: str, weights: Weights) -> Located:
    folder = os.environ.get(MODELS_FOLDER)
    if not folder:
        msg = f"the folder {MODELS_FOLDER} (not set)"
        raise _Absent(msg)
    for path in _places(weights, name, Path(folder))[:2]:
        if path.is_file():
            return _located(weights, path, f"{MODELS_FOLDER}: {path.relative_to(folder)}")
    msg = f"the folder {MODELS_FOLDER} ({folder} has no {weights.file})"
    raise _Absent(msg)


def _hub_cache(_name: str, weights: Weights) -> Located | None:
    if weights.hub is None or weights.hub_file is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(weights.hub, weights.hub_file, revision=weights.revision)
    if isinstance(path, str):
        return _located(weights, Path(path), _hub_origin(weights, Path(path)))
    msg = f"the hub's cache (no {weights.hub}/{weights.hub_file})"
    raise _Absent(msg)


def _hub_origin(weights: Weights, path: Path) -> str:
    """Return repository, commit and file: the cache keeps files under their commit."""
    parts = path.parts
    commit = parts[parts.index("snapshots") + 1] if "snapshots" in parts else "unknown"
    return f"hub: {weights.hub}@{commit}/{weights.hub_file}"


def _own_cache(_name: str, weights: Weights) -> Located | None:
    if weights.url is None:
        return None
    path = _cached(weights)
    if path.is_file():
        return _located(weights, path, f"archive: {first_seen(path).get('url', weights.url)}")
    return None


def _cached(weights: Weights) -> Path:
    return cache_folder() / weights.file


def _hub(_name: str, weights: Weights) -> Located | None:
    if weights.hub is None or weights.hub_file is None:
        return None
    from huggingface_hub import constants, hf_hub_download

    _refuse_offline(f"the hub ({weights.hub})", constants.ENDPOINT)
    try:
        path = Path(hf_hub_download(weights.hub, weights.hub_file, revision=weights.revision))
        for file in weights.beside:
            hf_hub_download(weights.hub, file, revision=weights.revision)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        msg = f"the hub ({weights.hub}/{weights.hub_file}: {reason})"
        raise _Absent(msg) from error
    return _located(weights, path, _hub_origin(weights, path))


def _archive(_name: str, weights: Weights) -> Located | None:
    if weights.url is None:
        return None
    _refuse_offline(f"the authors' archive ({weights.url})", weights.url)
    path = _cached(weights)
    try:
        if weights.archive_member is None:
            download(weights.url, path, sha256=weights.sha256)
        else:
            whole = cache_folder() / Path(urlsplit(weights.url).path).name
            extract(download(weights.url, whole), weights.archive_member, path)
    except DownloadError as error:
        msg = f"the authors' archive ({error})"
        raise _Absent(msg) from error
    return _located(weights, path, f"archive: {first_seen(path)['url']}")


def _refuse_offline(what: str, url: str) -> None:
    """Raise if a server must not or cannot be contacted, before a downloader retries for long."""
    if offline():
        msg = f"{what} (not contacted: HF_HUB_OFFLINE is set)"
        raise _Absent(msg)
    if why := why_unreachable(url):
        msg = f"{what} ({why})"
        raise _Absent(msg)


_Source = Callable[[str, Weights], Located | None]
_ON_DISK: tuple[_Source, ...] = (_bundled, _folder, _hub_cache, _own_cache)
_SOURCES: tuple[_Source, ...] = (*_ON_DISK, _hub, _archive)


def _nothing(name: str, weights: Weights, tried: list[str]) -> str:
    listed = "".join(f"\n  - {reason}" for reason in tried)
    where = weights.page or weights.url or (weights.hub and f"https://huggingface.co/{weights.hub}")
    get = "With a network the same call downloads it. Otherwise get"
    if weights.hub is None and weights.url is None:
        get = "Get"
    return (
        f"no weights for {name!r}. Tried:{listed}\n"
        f"{get} {_file(weights).name} from {where or 'its authors'}, then pass weights=PATH to "
        f"rx.load_model, or put it at $"
        f"{MODELS_FOLDER}/{weights.file} and set {MODELS_FOLDER} to that folder"
    )
