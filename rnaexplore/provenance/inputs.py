"""The input: the call that read it, or the RNAs that were given in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnaexplore import _keys
from rnaexplore.provenance.steps import Record, Step

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Reading", "reading"]

FILES = ("read_fasta", "read_stockholm", "read_structures")  #: readers of one file
READ = {
    _keys.SEQUENCE, _keys.LENGTH, _keys.IDENTIFIER, _keys.DESCRIPTION, _keys.FAMILY,
    _keys.ACCESSION, _keys.STRUCTURE,
}  # fmt: skip
SAMPLE, RFAM = "datasets.rfam_sample", "datasets.rfam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Code that reads the input.

    Attributes
    ----------
    source
        What the input is, for people.
    imports, code
        Lines.
    gaps
        What is not made again.
    """

    source: str
    imports: list[str]
    code: list[str]
    gaps: list[str]


def reading(adata: AnnData, made: Record, steps: Iterable[Step]) -> Reading:
    """Return how the input of an AnnData is read.

    Parameters
    ----------
    adata
        What was made.
    made
        What the reader noted, empty if there was none.
    steps
        What was done then: columns that they wrote are no input.
    """
    done = list(steps)
    later = {step.key for step in done} | _written(done)
    reader = made.get("reader", "")
    if reader in FILES:
        return _file(adata, made, _by_hand(adata, later | READ))
    if reader in {SAMPLE, RFAM}:
        return _data_set(adata, made, _by_hand(adata, later | READ))
    return _memory(adata, made, later)


def _by_hand(adata: AnnData, known: set[str]) -> list[str]:
    """Return what no reader and no tool wrote."""
    slots = (("obs", adata.obs), ("obsm", adata.obsm))
    return [
        f"{slot}[{str(key)!r}]: it was written by hand, or by a tool that leaves no note"
        for slot, content in slots
        for key in content
        if str(key) not in known
    ]


def _written(steps: Iterable[Step]) -> set[str]:
    """Return the columns that a step writes beside its key."""
    return {column for step in steps for column in _columns(step)}


def _columns(step: Step) -> tuple[str, ...]:
    if step.tool == "nearest_identity":
        return _keys.nearest_identity_keys(step.key)
    if step.tool != "pseudo_likelihood":
        return ()
    likelihood = _keys.likelihood_keys(step.record["model"], step.record["method"])
    return (*likelihood, _keys.COMPOSITION_PERPLEXITY)


def _file(adata: AnnData, made: Record, gaps: list[str]) -> Reading:
    digest = made["sha256"]
    other = f" is not the {made['source']} that was read: SHA-256 differs"
    option = ', on_invalid="drop"' if made.get("on_invalid") == "drop" else ""
    code = [
        "source, target = sys.argv[1:]",
        f"if hashlib.sha256(Path(source).read_bytes()).hexdigest() != {digest!r}:",
        f"    sys.exit(source + {other!r})",
        f"adata = rx.{made['reader']}(source{option})",
    ]
    return Reading(
        source=f"{made['source']}, SHA-256 {digest}",
        imports=["import hashlib", "import sys", "from pathlib import Path"],
        code=[*code, *_subset(adata, made)],
        gaps=gaps,
    )


def _data_set(adata: AnnData, made: Record, gaps: list[str]) -> Reading:
    given = repr(made["accessions"]) if made["reader"] == RFAM else ""
    code = ["_, target = sys.argv[1:]", f"adata = rx.{made['reader']}({given})"]
    if given:
        digests = made["sha256"]
        code += [
            f"if adata.uns[{_keys.PROVENANCE!r}][{_keys.INPUT!r}]['sha256'] != {digests!r}:",
            '    sys.exit("the families on disk are not those that were read: SHA-256 differs")',
        ]
    return Reading(
        source=f"not needed, rx.{made['reader']}({given}); pass - in its place",
        imports=["import sys"],
        code=[*code, *_subset(adata, made)],
        gaps=gaps,
    )


def _subset(adata: AnnData, made: Record) -> list[str]:
    """Return the choice of RNAs, if there are fewer than were read."""
    if made["records"] == adata.n_obs:
        return []
    return [f"adata = adata[{[*map(str, adata.obs_names)]!r}].copy()"]


def _memory(adata: AnnData, made: Record, later: set[str]) -> Reading:
    columns = [str(column) for column in adata.obs if column not in later]
    code = [
        "source, target = sys.argv[1:]",
        "made = anndata.read_h5ad(source)",
        f"adata = anndata.AnnData(obs=made.obs[{columns!r}].copy())",
    ]
    if made:
        note = f"adata.uns[{_keys.PROVENANCE!r}]"
        code.append(f"{note} = {{{_keys.INPUT!r}: {dict(made)!r}}}")
    kind = made.get("source") or "an unknown source"
    told = f"the RNAs: they were given in memory ({kind}), and are taken from the AnnData"
    return Reading(
        source="this AnnData as .h5ad; its RNAs are taken from there",
        imports=["import sys", "", "import anndata"],
        code=code,
        gaps=[told, *_by_hand(adata, later | {str(column) for column in adata.obs})],
    )
