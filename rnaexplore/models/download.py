"""Downloads that go on where they stopped, checked, with a progress bar."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from shutil import copyfileobj
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tqdm.auto import tqdm

from rnaexplore.errors import DownloadError

__all__ = ["cache_folder", "download", "extract", "first_seen"]

CHUNK = 1 << 20
PARTIAL, RANGE_REFUSED = 206, 416


def cache_folder() -> Path:
    """Return the folder of downloaded checkpoints, in the user's cache; made on first use."""
    import pooch

    return Path(pooch.os_cache("rnaexplore")) / "models"


def download(url: str, path: Path, *, sha256: str | None = None, progress: bool = True) -> Path:
    """Return a file, downloading it if it is not there.

    An interrupted download leaves ``<file>.part`` and the next call goes on from there, provided
    that the server still has the same file (its ETag says so). What arrived is kept under its name
    only when it is complete.

    Parameters
    ----------
    url
        ``http`` or ``https``.
    path
        Where the file goes; folders are made.
    sha256
        What it must be, where that is known.
    progress
        Whether to show a progress bar.

    Raises
    ------
    DownloadError
        If the server does not deliver, or delivers something else.
    """
    if path.is_file():
        return path
    if urlsplit(url).scheme not in {"http", "https"}:
        msg = f"{url!r} is no http address"
        raise DownloadError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        _fetch(url, part, progress=progress)
    except (OSError, HTTPException) as error:
        kept = part.stat().st_size if part.exists() else 0
        msg = f"{url} was not downloaded ({error}); {kept:,} bytes are kept, the next call goes on"
        raise DownloadError(msg) from error
    digest = _digest(part)
    if sha256 is not None and digest != sha256:
        part.unlink()
        _etag(part).unlink(missing_ok=True)
        msg = f"{url} has SHA-256 {digest}, expected {sha256}; what arrived was deleted"
        raise DownloadError(msg)
    part.replace(path)
    _note(path).write_text(json.dumps({"url": url, "sha256": digest}) + "\n")
    _etag(part).unlink(missing_ok=True)
    return path


def _fetch(url: str, part: Path, *, progress: bool) -> None:
    """Append to a partial file what is still missing."""
    have = part.stat().st_size if part.exists() and _etag(part).exists() else 0
    headers = {"User-Agent": "rnaexplore"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": _etag(part).read_text()}
    try:
        answer = cast("HTTPResponse", urlopen(Request(url, headers=headers), timeout=60))  # noqa: S310
    except HTTPError as error:
        if error.code == RANGE_REFUSED and have:  # longer than the file is: start again
            part.unlink()
            _fetch(url, part, progress=progress)
            return
        raise
    with answer:
        start = have if answer.status == PARTIAL else 0
        _remember_etag(part, answer.headers.get("ETag"))
        length = answer.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        with (
            part.open("ab" if start else "wb") as file,
            tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc=part.stem,
                disable=not progress,
            ) as bar,
        ):  # fmt: skip
            while block := answer.read(CHUNK):
                file.write(block)
                bar.update(len(block))
    if total is not None and part.stat().st_size != total:
        msg = f"the connection ended after {part.stat().st_size:,} of {total:,} bytes"
        raise ConnectionError(msg)


def _etag(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _remember_etag(part: Path, etag: str | None) -> None:
    """Keep the server's name for this edition of the file; without one nothing can be resumed."""
    if etag is None or etag.startswith("W/"):
        _etag(part).unlink(missing_ok=True)
    else:
        _etag(part).write_text(etag)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.origin.json")


def first_seen(path: Path) -> dict[str, str]:
    """Return the address and SHA-256 of a downloaded file as they were when it arrived.

    Empty for a file that this module did not download.
    """
    note = _note(path)
    if not note.is_file():
        return {}
    content: dict[str, str] = json.loads(note.read_text())
    return content


def extract(archive: Path, member: str, path: Path) -> Path:
    """Return one file of a tar archive, unpacked to `path`.

    Parameters
    ----------
    archive
        A tar archive, compressed or not.
    member
        How the member's name ends.
    path
        Where it goes, whatever the archive says.

    Raises
    ------
    DownloadError
        If the archive is damaged or has no such member.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with tarfile.open(archive) as tar:
            found = next(
                (m for m in tar if m.isfile() and f"/{m.name}".endswith(f"/{member}")), None
            )
            source = None if found is None else tar.extractfile(found)
            if source is None:
                msg = f"{archive} has no member {member}"
                raise DownloadError(msg)
            with source, part.open("wb") as target:
                copyfileobj(source, target)
    except (tarfile.TarError, EOFError) as error:
        msg = f"{archive} is damaged ({error}); delete it to download it again"
        raise DownloadError(msg) from error
    digest = _digest(part)
    part.replace(path)
    url = first_seen(archive).get("url", str(archive))
    _note(path).write_text(json.dumps({"url": f"{url}#{member}", "sha256": digest}) + "\n")
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def offline() -> bool:
    """Return whether the environment forbids the network (``HF_HUB_OFFLINE``)."""
    from huggingface_hub import constants

    wish = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    return wish or bool(constants.HF_HUB_OFFLINE)
