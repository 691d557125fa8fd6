"""Checksums of stores: every file of a store that `rnaexplore.tl.embed_to` wrote."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rnaexplore import _keys
from rnaexplore._library_errors import border
from rnaexplore.errors import StoreError

__all__ = ["digest_of", "root_with_sums", "verify_store"]

ROOT = "zarr.json"  #: metadata of the store, which holds the checksums of all other files
_SHOWN = 5


def digest_of(path: Path) -> str:
    """Return the checksum of a file: 16 bytes of BLAKE2b in hexadecimal digits."""
    seen = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            seen.update(piece)
    return seen.hexdigest()


def root_with_sums(text: str, files: dict[str, str]) -> str:
    """Return the metadata of a store with the checksums of its files and one of itself."""
    content = json.loads(text)
    content["attributes"] = {**content.get("attributes", {}), _keys.CHECKSUMS: files}
    files[ROOT] = _own(content)
    return json.dumps(content, indent=2)


def _own(root: dict[str, Any]) -> str:
    """Return the checksum of metadata, whatever it says of its own."""
    attributes = root.get("attributes", {})
    others = {k: v for k, v in attributes.get(_keys.CHECKSUMS, {}).items() if k != ROOT}
    whole = {**root, "attributes": {**attributes, _keys.CHECKSUMS: others}}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def verify_store(path: str | os.PathLike[str]) -> int:
    """Compare every file of a store with the checksum noted when it was written.

    Parameters
    ----------
    path
        A store that `rnaexplore.tl.embed_to` or ``rnaexplore embed`` wrote. It is only read.

    Returns
    -------
    int
        Number of files, all of which are as they were.

    Raises
    ------
    StoreError
        If a file is missing, damaged or was changed, naming the first; or if the store has no
        checksums.
    """
    store = Path(path)
    problem = "is no store, or its metadata are damaged; make it again with the same call"
    with border(store, StoreError, problem=problem):
        noted = _noted(store)
        wrong = [name for name, digest in noted.items() if _found(store, name) != digest]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        msg = (
            f"{str(store)!r}: {len(wrong)} of {len(noted)} files are missing or damaged: "
            f"{', '.join(wrong[:_SHOWN])}{more}. Delete the store, and make it again with the "
            "same call"
        )
        raise StoreError(msg)
    return len(noted)


def _found(store: Path, name: str) -> str:
    """Return the checksum of a file as it is, empty if it is not there."""
    if name == ROOT:
        return _own(json.loads((store / ROOT).read_bytes()))
    path = store / name
    inside = ".." not in Path(name).parts and not Path(name).is_absolute()
    return digest_of(path) if inside and path.is_file() else ""


def _noted(store: Path) -> dict[str, str]:
    noted = json.loads((store / ROOT).read_bytes())["attributes"].get(_keys.CHECKSUMS)
    if noted is None:
        msg = f"{str(store)!r} has no checksums; rx.tl.embed_to and rnaexplore embed write them"
        raise StoreError(msg)
    return {str(name): str(digest) for name, digest in noted.items()}
