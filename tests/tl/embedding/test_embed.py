"""embed: right vectors, one pass for equal sequences, provenance, errors that name the RNA."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    MissingKeyError,
    SequenceTooLongError,
)


def adata_of(*sequences: str) -> AnnData:
    index = [f"r{i}" for i in range(len(sequences))]
    return AnnData(obs=pd.DataFrame({"sequence": sequences}, index=index))


def test_embed_writes_what_the_model_gives(rnas, tiny) -> None:
    assert rx.tl.embed(rnas, tiny, layer=1, pooling="max", progress=False) is None
    expected = tiny.embed(list(rnas.obs["sequence"]), layer=1, pooling="max")
    np.testing.assert_allclose(rnas.obsm["X_tiny"], expected, atol=1e-5)


def test_equal_sequences_are_embedded_once(tiny, monkeypatch) -> None:
    read = []
    embed = type(tiny).embed

    def spy(self, sequences, **options):
        read.extend(sequences)
        return embed(self, sequences, **options)

    monkeypatch.setattr(type(tiny), "embed", spy)
    adata = adata_of("GGGACCC", "ACGU", "gggaccc", "ACGT")
    rx.tl.embed(adata, tiny, progress=False)
    assert read == ["GGGACCC", "ACGU"]
    vectors = adata.obsm["X_tiny"]
    np.testing.assert_array_equal(vectors[0], vectors[2])
    np.testing.assert_array_equal(vectors[1], vectors[3])
    assert not np.allclose(vectors[0], vectors[1])


def test_provenance_counts_the_letters_that_were_read_as_others(tiny) -> None:
    adata = adata_of("ACGUACGUACGUACGUACGUACGURY", "acgt", "ACGU")
    rx.tl.embed(adata, tiny, layer=-1, progress=False)
    record = adata.uns["rnaexplore"]["X_tiny"]
    assert record["read"] == {
        "sequences": 3,
        "lower_case": 1,
        "with_t": 1,
        "unknown_residues": 0,
        "windowed": 0,
        "windows": 3,
        "aliased_residues": 2,
    }
    assert record["layer"] == 2
    assert record["n_distinct"] == 2
    assert record["weights_sha256"] == "0" * 64
    assert record["dtype"] == "float32"
    assert record["rnaexplore"] == rx.__version__


def test_several_layers_side_by_side(rnas, tiny) -> None:
    rx.tl.embed(rnas, tiny, layer=0, key_added="X_first", progress=False)
    rx.tl.embed(rnas, tiny, progress=False)
    assert not np.allclose(rnas.obsm["X_first"], rnas.obsm["X_tiny"])
    assert rnas.uns["rnaexplore"]["X_first"]["layer"] == 0


def test_long_rnas_need_a_window_and_provenance_says_so(tiny) -> None:
    adata = adata_of("ACGU" * 300, "ACGU")
    with pytest.raises(SequenceTooLongError, match=r"'r0'.*window=1022"):
        rx.tl.embed(adata, tiny, progress=False)
    rx.tl.embed(adata, tiny, window=400, progress=False)
    record = adata.uns["rnaexplore"]["X_tiny"]
    assert record["window"] == 400
    assert record["read"]["windowed"] == 1
    assert record["read"]["windows"] > 3
    expected = tiny.embed(list(adata.obs["sequence"]), window=400)
    np.testing.assert_allclose(adata.obsm["X_tiny"], expected, atol=1e-5)


def test_copy_leaves_the_input_alone(rnas, tiny) -> None:
    changed = rx.tl.embed(rnas, tiny, copy=True, progress=False)
    assert "X_tiny" in changed.obsm
    assert "X_tiny" not in rnas.obsm
    assert "rnaexplore" not in rnas.uns


def test_errors_name_the_rna_and_the_call(tiny) -> None:
    with pytest.raises(MissingKeyError, match=r"rx\.read_fasta"):
        rx.tl.embed(AnnData(obs=pd.DataFrame(index=["a"])), tiny, progress=False)
    with pytest.raises(InvalidSequenceError, match="'r1'"):
        rx.tl.embed(adata_of("ACGU", ""), tiny, progress=False)
    with pytest.raises(InvalidSequenceError, match="'r0'"):
        rx.tl.embed(adata_of("MKVLAAGIEF"), tiny, progress=False)
    with pytest.raises(InputError, match="layer must be in"):
        rx.tl.embed(adata_of("ACGU"), tiny, layer=9, progress=False)


def test_a_failed_call_writes_nothing(tiny) -> None:
    adata = adata_of("ACGU", "")
    with pytest.raises(InvalidSequenceError):
        rx.tl.embed(adata, tiny, progress=False)
    assert not adata.obsm
    assert not adata.uns
