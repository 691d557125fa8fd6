"""The catalog as a table for readers: ``python -m rnaexplore.models`` prints it as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.spec import ModelSpec

__all__ = ["markdown_table"]

_HEAD = (
    "model",
    "architecture",
    "layers × heads × dim",
    "longest input",
    "gives",
    "weights",
    "from",
)


def markdown_table(specs: Iterable[ModelSpec] = CATALOG) -> str:
    """Return models as a Markdown table, one row each, in the order given."""
    rows = [_HEAD, ("---",) * len(_HEAD), *(_row(spec) for spec in specs)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(spec: ModelSpec) -> tuple[str, ...]:
    size = f"{spec.n_layers} × {spec.n_heads} × {spec.dim}"
    limit = "no hard limit" if spec.max_length is None else f"{spec.max_length:,} {_unit(spec)}"
    gives = ", ".join(sorted(spec.can))
    return (f"`{spec.name}`", spec.family, size, limit, gives, spec.weights.licence, _source(spec))


def _unit(spec: ModelSpec) -> str:
    return {"nucleotide": "nt", "codon": "codons", "k-mer": "k-mers"}[spec.alphabet.unit]


def _source(spec: ModelSpec) -> str:
    weights = spec.weights
    if weights.bundled:
        return "in the package"
    if weights.hub is not None:
        return f"[hub](https://huggingface.co/{weights.hub})"
    if weights.url is not None:
        return f"[archive]({weights.url})"
    return f"by hand, {weights.page or weights.file}"
