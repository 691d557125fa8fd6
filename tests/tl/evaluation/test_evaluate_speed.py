"""evaluate reads the sequences of all RNAs once, not once per RNA."""

from __future__ import annotations

import pandas as pd

import rnaexplore as rx
from rnaexplore import _adata
from rnaexplore.tl.evaluation import score_table


def test_sequences_are_read_once(rnas, tiny, monkeypatch) -> None:
    calls = []

    def counted(adata) -> list[str]:
        calls.append(len(adata))
        return _adata.sequences_of(adata)

    monkeypatch.setattr(score_table, "sequences_of", counted)
    rx.tl.embed(rnas, tiny, progress=False)
    table = rx.tl.evaluate(rnas, n_boot=5, progress=False)
    assert calls == [60]
    assert isinstance(table, pd.DataFrame)
