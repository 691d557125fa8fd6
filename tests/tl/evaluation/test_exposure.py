from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import MissingKeyError, UnknownModelError
from rnaexplore.models import exposure as module
from rnaexplore.models.exposure import Register


@pytest.fixture
def rnas(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGU"), 80)) for _ in range(4)]
    register = Register.of(sequences[:1], ["RF00005"])
    monkeypatch.setattr(module, "_bundled", lambda name: register)
    return rx.from_sequences(
        pd.DataFrame(
            {
                "id": list("abcd"),
                "sequence": sequences,
                "family": ["tRNA", "tRNA", "5S", "5S"],
                "accession": ["RF00005", "RF00005", "RF00001", "RF00001"],
            }
        ).set_index("id")
    )


def test_rnas_and_families_of_the_training_data_are_counted(rnas) -> None:
    table = rx.tl.exposure(rnas, "mini")
    assert table.index.tolist() == rnas.obs_names.tolist()
    assert table["seen"].tolist() == [True, False, False, False]
    assert table["family_seen"].tolist() == [True, True, False, False]
    assert table.attrs["exposure"].startswith("mini: 1 of 4 RNAs were in its training data")
    assert "1 of 2 families" in table.attrs["exposure"]


def test_families_may_be_missing(rnas) -> None:
    del rnas.obs["family"], rnas.obs["accession"]
    table = rx.tl.exposure(rnas, "mini")
    assert not table["family_seen"].any()
    assert "families" not in table.attrs["exposure"]


def test_other_models_give_missing_values_and_what_their_authors_say(rnas) -> None:
    table = rx.tl.exposure(rnas, "rinalmo-giga")
    assert table.isna().all(axis=None)
    assert table.attrs["exposure"].startswith("rinalmo-giga: not known which RNAs")


def test_wrong_names_are_refused(rnas) -> None:
    with pytest.raises(UnknownModelError):
        rx.tl.exposure(rnas, "minni")
    del rnas.obs["sequence"]
    with pytest.raises(MissingKeyError, match="sequence"):
        rx.tl.exposure(rnas)
