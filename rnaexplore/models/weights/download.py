"""Downloads that go on where they stopped, checked, with a progress bar."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tqdm.auto import tqdm

from rnaexplore._library_errors import border, reason
from rnaexplore.errors import DownloadError

__all__ = ["cache_folder", "download", "extract", "first_seen"]

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
LONGEST_NOTE = 10_000  #: bytes
PARTIAL, RANGE_REFUSED = 206, 416
TIMEOUT = 60  #: seconds without a byte
_ETAG = re.compile(r'"[\x21\x23-\x7e]{0,200}"')  #: a strong one
_RANGE = re.compile(r"bytes (?P<start>\d{1,18})-\d{1,18}/(?P<total>\d{1,18})", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


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
    except DownloadError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        kept = part.stat().st_size if part.exists() else 0
        told = f"{kept:,} bytes are kept, the next call goes on"
        msg = f"{url} was not downloaded ({reason(error)}); {told}"
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
    """Append to a partial file what is still missing, or begin again if that is not possible."""
    have = part.stat().st_size if part.exists() and _etag(part).exists() else 0
    if have and _continued(url, part, have, progress=progress):
        return
    part.unlink(missing_ok=True)
    with _asked(url, {}) as answer:
        _remember_etag(part, answer.headers.get("ETag"))
        _append(answer, part, 0, _length(answer), progress=progress)


def _continued(url: str, part: Path, have: int, *, progress: bool) -> bool:
    """Append the rest of a partial file; return whether the server has the same file still."""
    etag = _etag(part).read_text(encoding="ascii", errors="replace")
    if not _ETAG.fullmatch(etag):
        return False
    try:
        answer = _asked(url, {"Range": f"bytes={have}-", "If-Range": etag})
    except HTTPError as error:
        if error.code == RANGE_REFUSED:  # longer than the file is
            return False
        raise
    with answer:
        sent = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        same = answer.headers.get("ETag", etag) == etag
        if answer.status != PARTIAL or not same or sent is None or int(sent["start"]) != have:
            return False
        _append(answer, part, have, int(sent["total"]), progress=progress)
    return True


def _asked(url: str, headers: dict[str, str]) -> HTTPResponse:
    request = Request(url, headers={"User-Agent": "rnaexplore", **headers})  # noqa: S310
    return cast("HTTPResponse", build_opener(_Redirects).open(request, timeout=TIMEOUT))


class _Redirects(HTTPRedirectHandler):
    """Follows a redirection to http or https; from https to https alone."""

    def redirect_request(  # noqa: PLR0917 - as urllib has it
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Return the request to make instead."""
        allowed = {"https"} if req.type == "https" else {"http", "https"}
        if urlsplit(newurl).scheme not in allowed:
            fp.close()
            told = f"{req.full_url} redirects to {newurl}; it may to {' or '.join(sorted(allowed))}"
            raise DownloadError(told)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _length(answer: HTTPResponse) -> int | None:
    """Return how many bytes an answer announces, ``None`` if it does not say."""
    said = answer.headers.get("Content-Length")
    if said is not None and not _NUMBER.fullmatch(said):
        msg = f"the server announces {said[:40]!r} bytes"
        raise ConnectionError(msg)
    return None if said is None else int(said)


def _append(
    answer: HTTPResponse, part: Path, start: int, total: int | None, *, progress: bool
) -> None:
    bar = tqdm(
        total=total, initial=start, unit="B", unit_scale=True, desc=part.stem, disable=not progress
    )
    with part.open("ab" if start else "wb") as file, bar:
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
    if etag is None or not _ETAG.fullmatch(etag):
        _etag(part).unlink(missing_ok=True)
    else:
        _etag(part).write_text(etag, encoding="ascii")


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.origin.json")


def first_seen(path: Path) -> dict[str, str]:
    """Return the address and SHA-256 of a downloaded file as they were when it arrived.

    Empty for a file that this module did not download.

    Raises
    ------
    DownloadError
        If the note of it is damaged.
    """
    note = _note(path)
    if not note.is_file():
        return {}
    problem = f"is no note of a download; delete it, and {path.name} to fetch it again"
    with border(note, DownloadError, problem=problem):
        content = json.loads(note.read_bytes()[:LONGEST_NOTE])
        if not {"url", "sha256"} <= content.keys():
            raise KeyError("url or sha256")  # noqa: EM101
        return {name: str(content[name]) for name in ("url", "sha256")}


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
    problem = "is damaged; delete it to download it again"
    with border(archive, DownloadError, problem=problem), _unpacked(archive) as data:
        with tarfile.open(fileobj=data) as tar:
            found = next(
                (m for m in tar if m.isreg() and f"/{m.name}".endswith(f"/{member}")), None
            )
            source = None if found is None or found.issparse() else tar.extractfile(found)
            if source is None:
                msg = f"{archive} has no member {member}"
                raise DownloadError(msg)
            with source, part.open("wb") as target:
                copyfileobj(source, target, CHUNK)
        while data.read(CHUNK):  # to the end: that is where gzip has its checksum
            pass
    digest = _digest(part)
    part.replace(path)
    url = first_seen(archive).get("url", str(archive))
    _note(path).write_text(json.dumps({"url": f"{url}#{member}", "sha256": digest}) + "\n")
    return path


@contextmanager
def _unpacked(archive: Path) -> Iterator[BinaryIO]:
    """Open an archive, decompressed if it is a gzip file."""
    with archive.open("rb") as file:
        compressed = file.read(2) == GZIP
        file.seek(0)
        if not compressed:
            yield file
            return
        with gzip.open(file) as data:
            yield cast("BinaryIO", data)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def offline() -> bool:
    """Return whether the environment forbids the network (``HF_HUB_OFFLINE``)."""
    from huggingface_hub import constants

    wish = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    return wish or bool(constants.HF_HUB_OFFLINE)
