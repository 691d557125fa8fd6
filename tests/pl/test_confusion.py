from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import rnaexplore as rx
from rnaexplore.errors import InputError


def table(values, names):
    return pd.DataFrame(values, index=names, columns=names)


def test_colours_are_shares_of_rows_and_numbers_are_counts() -> None:
    ax = rx.pl.confusion(table([[9, 1], [0, 5]], ["a", "b"]))
    np.testing.assert_allclose(ax.collections[0].get_array(), [[0.9, 0.1], [0, 1]])
    assert {t.get_position(): t.get_text() for t in ax.texts if t.get_text()} == {
        (0.5, 0.5): "9", (1.5, 0.5): "1", (1.5, 1.5): "5",
    }  # fmt: skip
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    light = {t.get_text(): np.mean(to_rgb(t.get_color())) > 0.5 for t in ax.texts if t.get_text()}
    assert light == {"9": True, "1": False, "5": True}


def test_classes_that_never_occur_have_no_colour() -> None:
    ax = rx.pl.confusion(table([[0, 0], [0, 5]], ["a", "b"]))
    np.testing.assert_array_equal(ax.collections[0].get_array()[0], [0, 0])


def test_many_classes_have_colours_alone() -> None:
    names = [f"class {k}" for k in range(80)]
    assert len(rx.pl.confusion(table(np.eye(80), names)).texts) == 0


def test_other_tables_are_refused() -> None:
    with pytest.raises(InputError, match="same classes"):
        rx.pl.confusion(pd.DataFrame([[1, 2]], index=["a"], columns=["a", "b"]))
    with pytest.raises(InputError, match="same classes"):
        rx.pl.confusion(pd.DataFrame())
