"""Conventions of the tools: lazy, listed, few positional arguments, one way to copy."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import rnaexplore as rx

WRITERS = [
    "cluster", "embed", "fold", "group_by_identity", "kmers", "nearest_identity",
    "pseudo_likelihood", "umap",
]  # fmt: skip

FIRST = {"embed_to": "rnas", "fitness": "variants", "evaluate_fitness": "table"}


def test_importing_tl_imports_nothing_heavy() -> None:
    code = (
        "import sys; import rnaexplore.tl; "
        "heavy = {'torch', 'transformers', 'anndata', 'scanpy', 'umap', 'sklearn', 'pandas'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_names_are_sorted_and_resolve() -> None:
    assert rx.tl.__all__ == sorted(rx.tl.__all__)
    assert set(dir(rx.tl)) == set(rx.tl.__all__)
    for name in rx.tl.__all__:
        assert getattr(rx.tl, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'leiden'"):
        _ = rx.tl.leiden


@pytest.mark.parametrize("name", [name for name in rx.tl.__all__ if name.islower()])
def test_tools_take_at_most_three_positional_arguments(name: str) -> None:
    parameters = inspect.signature(getattr(rx.tl, name)).parameters
    positional = [p for p in parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert len(positional) <= 3
    assert positional[0].name == FIRST.get(name, "adata")
    assert ("copy" in parameters) == (name in WRITERS)
    if name in WRITERS:
        assert parameters["copy"].default is False
