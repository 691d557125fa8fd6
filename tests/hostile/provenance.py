"""Provenance that somebody else wrote: every text of it an attempt to become code."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

import rnaexplore as rx

ATTACK = "open('mark', 'w')"
PAYLOADS: tuple[Any, ...] = (
    f'"""\n{ATTACK}\n"""',
    f'x"""; {ATTACK}; """',
    f'\\"""\n{ATTACK}\n"""',
    f'")\n{ATTACK}\n#',
    f"')\n{ATTACK}\n#",
    f"\n{ATTACK}\n",
    f"\r{ATTACK}\r",
    f"\x0c\x85\u2028{ATTACK}",
    f"{{{ATTACK}}}",
    f"a'\"b{{{ATTACK}}}\\",
    f"a\x00b{ATTACK}",
    f"\ud800{ATTACK}",
    f"\u202e{ATTACK}\x1b[31m",
    "class",
    "sys",
    "rx",
    'x".fa',
    "\\",
    ["a", [ATTACK]],
    {ATTACK: {ATTACK: ATTACK}},
    float("nan"),
    float("inf"),
    b"bytes",
    np.array(["a", ATTACK], dtype=object),
    pd.DataFrame({"a": [1]}),
    None,
    True,
    -1,
    10**30,
)

_MADE = {"n_obs": 6, "rnaexplore": "0.1", "versions": {"python": "3.11.7", "numpy": "2.0"}}
_MODEL = {"model": "mini", "weights_sha256": "0" * 64, "source": "bundled with the package"}


def anndata() -> AnnData:
    """Return an AnnData with a record of every tool that `rx.repro` knows."""
    adata = rx.from_sequences({f"r{k}": "GGGGAAAACCCC" for k in range(6)})
    adata.obsm["X_again"] = np.zeros((6, 2))
    adata.obs["mine"] = pd.Categorical(["a", "b"] * 3)
    adata.obs["fine"] = pd.Categorical(["0", "1"] * 3)
    records: dict[str, dict[str, Any]] = {
        "X_mini": {
            **_MODEL, "pooling": "mean", "layer": 2, "window": 0, "device": "cpu",
            "dtype": "float32",
        },
        "X_given": {
            **_MODEL, "source": "given: model.bin", "pooling": "mean", "layer": 2, "window": 0,
        },
        "X_random": {**_MODEL, "source": "random weights, seed 1", "pooling": "mean", "layer": 1,
                     "window": 0},
        "X_kmer3": {"k": 3},
        "X_umap": {
            "method": "umap", "use_rep": "X_mini", "n_neighbors": 5, "min_dist": 0.3, "seed": 0,
        },
        "leiden": {
            "method": "leiden", "use_rep": "X_mini", "resolution": 1.0, "n_neighbors": 5, "seed": 0,
        },
        "identity_group": {"identity": 0.8, "groups": 2},
        "structure_mini": {
            **_MODEL, "method": "heads", "decode": "mea", "threshold": 0.5, "heads": [[0, 1]],
            "objects_given": ["regression"],
        },
        "entropy_mini": {**_MODEL, "method": "masked", "window": 0},
        "mine": {"function": "save_selection", "label": "a"},
        "fine": {"function": "recluster", "use_rep": "X_mini", "resolution": 1.0, "n_selected": 6},
        "X_again": {"function": "reproject", "use_rep": "X_mini", "seed": 0, "n_selected": 6},
        "own": {"folder": "runs/mine"},
    }  # fmt: skip
    made = adata.uns["rnaexplore"]
    made["input"] |= {"reader": "read_fasta", "source": "in.fa", "sha256": "1" * 64}
    for step, (key, record) in enumerate(records.items(), start=1):
        made[key] = {**record, **copy.deepcopy(_MADE), "step": step}
    return adata


def attacked() -> Iterator[tuple[str, AnnData]]:
    """Yield one AnnData with one text, number or name of its provenance exchanged at a time."""
    adata = anndata()
    made = adata.uns["rnaexplore"]
    for number, payload in enumerate(PAYLOADS):
        for what, changed in changes(made, payload):
            adata.uns["rnaexplore"] = changed
            yield f"{what}, payload {number}", adata


def changes(made: dict[str, Any], payload: Any) -> Iterator[tuple[str, Any]]:
    for reader in ("read_fasta", "datasets.rfam", "from_sequences"):
        for name in (*made["input"], "accessions"):
            given = {**made["input"], "reader": reader, name: payload}
            yield f"{reader} input.{name}", {**made, "input": given}
    for key, record in made.items():
        for name in record if key != "input" else ():
            yield f"{key}.{name}", {**made, key: {**record, name: payload}}
    if isinstance(payload, str):
        record = {**made["X_mini"], "versions": {payload: "1"}}
        yield "a version's name", {**made, "X_mini": record}
        yield "a key", {**made, payload: made["X_mini"]}
    yield "all of it", payload
