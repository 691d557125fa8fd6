"""Rfam seed alignments, downloaded once and kept."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore import _keys
from rnaexplore.errors import DownloadError, InputError
from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import Report
from rnaexplore.io.stockholm import parse_stockholm
from rnaexplore.io.text import read_text

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["RFAM_URL", "rfam"]

RFAM_URL = "RNAEXPLORE_RFAM_URL"  #: environment variable: another address of Rfam's families
_RFAM = "https://rfam.org/family"
_ACCESSION = re.compile(r"RF\d{5}")
_TIMEOUT = 60  # seconds without an answer
_NOT_FOUND = 404


def rfam(
    accessions: Iterable[str],
    *,
    cache: str | os.PathLike[str] | None = None,
    progress: bool = True,
    base_url: str | None = None,
) -> AnnData:
    """Return the seed alignments of Rfam families, downloaded unless they were before.

    Parameters
    ----------
    accessions
        Accessions of families, for example ``["RF00001", "RF00005"]``.
    cache
        Folder of downloaded alignments; by default ``rnaexplore/rfam`` in the user's cache. Beside
        each alignment its SHA-256 is kept as it was on arrival. What is there needs no network,
        also if it was put there by hand as ``RF00001.sto``.
    progress
        Whether to show a progress bar.
    base_url
        Where the families are; by default the environment variable ``RNAEXPLORE_RFAM_URL``, and
        without that Rfam's own site. ``/RF00001/alignment/stockholm`` is appended.

    Returns
    -------
    AnnData
        As from `rnaexplore.io.read_stockholm`. ``uns["rnaexplore"]["input"]["sha256"]`` has the
        checksum of each alignment.

    Raises
    ------
    InputError
        If an accession is not one of Rfam, or given twice.
    DownloadError
        If an alignment cannot be downloaded, is not that of the family, or was changed in the
        cache since it was downloaded.

    References
    ----------
    Kalvari et al., Rfam 14, Nucleic Acids Research 2021, doi:10.1093/nar/gkaa1047.
    """
    from tqdm.auto import tqdm

    checked = _checked(accessions)
    store = _Store(_folder(cache), base_url or os.environ.get(RFAM_URL) or _RFAM)
    digests = {
        accession: store.fetch(accession)
        for accession in tqdm(checked, desc="Rfam", unit="family", disable=not progress)
    }
    report = Report(source="Rfam", reader="datasets.rfam", aligned=True)
    records = (record for accession in checked for record in store.records(accession))
    adata = to_anndata(records, report, "raise")
    adata.uns[_keys.PROVENANCE][_keys.INPUT] |= {
        "url": store.url, "accessions": checked, "sha256": digests
    }  # fmt: skip
    return adata


def _checked(accessions: Iterable[str]) -> list[str]:
    if isinstance(accessions, str):
        msg = f"accessions must be a list, got {accessions!r}; write [{accessions!r}]"
        raise InputError(msg)
    checked: list[str] = []
    for accession in accessions:
        if not _ACCESSION.fullmatch(accession):
            msg = (
                f"{accession!r} is not an accession of Rfam such as 'RF00005' (tRNA); "
                "https://rfam.org finds accessions by name"
            )
            raise InputError(msg)
        if accession in checked:
            msg = f"the accession {accession!r} is given twice"
            raise InputError(msg)
        checked.append(accession)
    if not checked:
        msg = "no accession is given; write for example ['RF00005']"
        raise InputError(msg)
    return checked


def _folder(cache: str | os.PathLike[str] | None) -> Path:
    import pooch

    folder = Path(pooch.os_cache("rnaexplore")) / "rfam" if cache is None else Path(cache)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True)
class _Store:
    """Alignments in a folder, and where they come from."""

    folder: Path
    url: str

    def path(self, accession: str) -> Path:
        """Return where an alignment is kept."""
        return self.folder / f"{accession}.sto"

    def fetch(self, accession: str) -> str:
        """Have an alignment in the folder; return its SHA-256."""
        path = self.path(accession)
        if not path.is_file():
            self._download(accession)
        return _unchanged(path)

    def records(self, accession: str) -> Iterator[Record]:
        """Yield the sequences of an alignment in the folder."""
        path = self.path(accession)
        for record in parse_stockholm(read_text(path), path.name):
            yield replace(record, accession=accession)

    def _download(self, accession: str) -> None:
        """Put an alignment and its checksum into the folder, both complete or none."""
        path = self.path(accession)
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            arrived = Path(scratch) / path.name
            self._get(accession, arrived)
            _check_family(arrived, accession)
            _note(path).write_text(_digest(arrived) + "\n")
            arrived.replace(path)

    def _get(self, accession: str, target: Path) -> None:
        import pooch
        from requests.exceptions import RequestException

        url = f"{self.url.rstrip('/')}/{accession}/alignment/stockholm"
        try:
            pooch.HTTPDownloader(timeout=_TIMEOUT)(url, str(target), None)
        except (RequestException, OSError) as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            if status == _NOT_FOUND:
                msg = f"{url} does not exist: Rfam has no family {accession}, or has moved"
            else:
                msg = (
                    f"{url} could not be downloaded ({error}). Without network, put the seed "
                    f"alignment of {accession} at {self.path(accession)}, or work with "
                    "rx.datasets.rfam_sample()"
                )
            raise DownloadError(msg) from error


def _check_family(arrived: Path, accession: str) -> None:
    """Raise `DownloadError` if a file is not the complete alignment of a family."""
    try:
        found = {record.accession for record in parse_stockholm(read_text(arrived), accession)}
    except InputError as error:
        msg = f"what arrived for {accession} is not a Stockholm alignment: {error}; try again later"
        raise DownloadError(msg) from error
    named = {name.partition(".")[0] for name in found if name}
    if not found or not named <= {accession}:
        what = f"is the alignment of {', '.join(sorted(named))}" if named else "has no sequence"
        msg = f"what arrived for {accession} {what}"
        raise DownloadError(msg)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    import pooch

    digest: str = pooch.file_hash(str(path), alg="sha256")
    return digest


def _unchanged(path: Path) -> str:
    """Return the SHA-256 of a file after comparing it with the one noted at its first use."""
    digest, note = _digest(path), _note(path)
    if not note.is_file():
        note.write_text(digest + "\n")
    known = note.read_text().strip()
    if digest != known:
        msg = (
            f"{path} was changed since it was downloaded: its SHA-256 is {digest}, expected "
            f"{known}. Delete it to download it again, or {note.name} to accept it as it is"
        )
        raise DownloadError(msg)
    return digest
