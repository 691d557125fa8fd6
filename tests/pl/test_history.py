from __future__ import annotations

import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError


def frame():
    return pd.DataFrame(
        {
            "train_loss": [0.9, 0.5, 0.2],
            "valid_loss": [0.8, 0.6, 0.7],
            "best": [False, True, False],
        },
        index=pd.Index([1, 2, 3], name="epoch"),
    )


def test_two_curves_and_the_kept_epoch() -> None:
    ax = rx.pl.history(frame())
    train, valid, kept = ax.lines
    assert train.get_ydata().tolist() == [0.9, 0.5, 0.2]
    assert valid.get_ydata().tolist() == [0.8, 0.6, 0.7]
    assert list(kept.get_xdata()) == [2, 2]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "training", "validation", "kept",
    ]  # fmt: skip
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_ticks_are_whole_epochs() -> None:
    ticks = rx.pl.history(frame()).get_xticks()
    assert all(tick == int(tick) for tick in ticks)


def test_other_tables_are_refused() -> None:
    with pytest.raises(MissingKeyError, match="'best'"):
        rx.pl.history(frame().drop(columns="best"))
    with pytest.raises(InputError, match="no epoch"):
        rx.pl.history(frame().iloc[:0])
