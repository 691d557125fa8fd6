"""Folders as one case: their files in a zip archive, of which some are changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from tests.hostile.mutations import mutated


def packed(folder: Path) -> bytes:
    """Return the files of a folder as an archive."""
    return archive({
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    })  # fmt: skip


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as given:
        return {name: given.read(name) for name in given.namelist()}


def changed(seeds: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a folder of which one to three files are changed, missing, or those of another."""
    files = files_of(seeds[int(rng.integers(len(seeds)))])
    names = sorted(files)
    for _ in range(int(rng.integers(1, 4))):
        name, other = (names[int(rng.integers(len(names)))] for _ in range(2))
        how = rng.random()
        if how < 0.1:
            files.pop(name, None)
        elif how < 0.2:
            files[name] = files.get(other, b"")
        else:
            files[name] = mutated([files.get(name, b"")], rng)
    return archive(files)


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of a case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files_of(data).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
