"""The sample that is shipped with the package."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import as_file, files
from io import StringIO
from typing import TYPE_CHECKING

from rnaexplore import _keys
from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import Report
from rnaexplore.io.text import read_text

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["rfam_sample"]

_FILE = "rfam_sample.tsv.gz"


def rfam_sample() -> AnnData:
    """Return real RNAs of nine families with their structures, shipped with the package.

    Seven families are Rfam seeds as of the Infernal 1.1.4 test suite: tRNA (RF00005), the
    spliceosomal U1 (RF00003) and U2 (RF00004), U3 (RF00012), Vault (RF00006), snR75 (RF01185)
    and Plant_SRP (RF01855). Bacterial RNase P and eukaryotic SRP come from the same test suite
    and have no accession. At most 100 sequences of a family, no sequence twice, A C G U only.

    Returns
    -------
    AnnData
        One observation an RNA, no ``X``.

        ``obs["sequence"]``, ``obs["length"]``, ``obs["identifier"]``, ``obs["description"]``
            As from `rnaexplore.io.read_stockholm`.
        ``obs["family"]``, ``obs["accession"]``
            Categories; the accession is missing for the two families not from Rfam.
        ``obs["structure"]``
            Dot-bracket: the consensus of the family's alignment on the sequence, so that some
            pairs are not canonical. It has no pair at all for snR75.
        ``uns["rnaexplore"]["input"]``
            Where it comes from.

    References
    ----------
    Kalvari et al., Rfam 14, Nucleic Acids Research 2021, doi:10.1093/nar/gkaa1047.
    Nawrocki & Eddy, Infernal 1.1, Bioinformatics 2013, doi:10.1093/bioinformatics/btt509.
    Brown, The Ribonuclease P Database, Nucleic Acids Research 1999, doi:10.1093/nar/27.1.314.
    """
    return to_anndata(_records(), Report(source=_FILE, reader="datasets.rfam_sample"), "raise")


def _records() -> Iterator[Record]:
    with as_file(files("rnaexplore.datasets") / "data" / _FILE) as path:
        text = read_text(path)
    for row in csv.DictReader(StringIO(text), delimiter="\t"):
        yield Record(
            identifier=row[_keys.IDENTIFIER],
            sequence=row[_keys.SEQUENCE],
            description=row[_keys.DESCRIPTION],
            family=row[_keys.FAMILY],
            accession=row[_keys.ACCESSION] or None,
            dot_bracket=row[_keys.STRUCTURE],
        )
