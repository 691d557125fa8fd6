"""The figure of reliability: what is drawn is what is in the table."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.container import BarContainer, ErrorbarContainer

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.structure import calibration_error
from rnaexplore.structure.reliability import pair_reliability


def table(power: float):
    rng = np.random.default_rng(0)
    values = [rng.random(300) for _ in range(30)]
    truths = [rng.random(300) < p**power for p in values]
    return pair_reliability(values, truths, [str(k) for k in range(30)])


def test_points_bars_and_counts_are_those_of_the_table():
    told = table(2)
    ax = rx.pl.reliability(told)
    (bars,) = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    points, _, (segments,) = bars.lines
    np.testing.assert_allclose(points.get_xydata(), told[["predicted", "observed"]].to_numpy())
    ends = np.array([np.asarray(path)[:, 1] for path in segments.get_segments()], dtype=float)
    expected = told[["observed_low", "observed_high"]].to_numpy(dtype=float)
    np.testing.assert_allclose(ends, expected)
    (diagonal,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    (counts,) = [other for other in ax.figure.axes if other is not ax]
    (drawn,) = [c for c in counts.containers if isinstance(c, BarContainer)]
    assert [bar.get_height() for bar in drawn] == told["n"].tolist()
    assert counts.get_yscale() == "log"


def test_the_legend_tells_each_error():
    tables = {"before": table(2), "after": table(1)}
    ax = rx.pl.reliability(tables)
    (counts,) = [other for other in ax.figure.axes if other is not ax]
    texts = [text.get_text() for text in counts.get_legend().get_texts()]
    assert texts == [f"{name}, ECE {calibration_error(t):.3f}" for name, t in tables.items()]
    assert calibration_error(tables["before"]) > 3 * calibration_error(tables["after"])


def test_bins_of_one_family_have_no_bar():
    alone = pair_reliability([np.array([0.2, 0.2])], [np.array([True, False])], ["a"])
    ax = rx.pl.reliability(alone)
    (bars,) = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    (segment,) = bars.lines[2][0].get_segments()
    assert np.ptp(segment[:, 1]) == 0


def test_what_is_no_table_is_refused():
    with pytest.raises(InputError, match="at least one table"):
        rx.pl.reliability({})
    with pytest.raises(MissingKeyError, match=r"no 'n'; rx\.tl\.reliability"):
        rx.pl.reliability(table(1).drop(columns="n"))


@pytest.mark.parametrize("kind", ["score", "probability"])
def test_the_bar_of_a_map_says_what_its_values_are(contact_map, kind):
    values = contact_map.values
    shown = rx.maps.ContactMap(values, contact_map.sequence, "heads", "mini", kind=kind)
    ax = rx.pl.contacts(shown)
    assert ax.child_axes[0].get_ylabel() == f"contact {kind}"
    both = rx.pl.contacts(shown, other=contact_map)
    expected = {"score": "score (upper), probability (lower)", "probability": "contact probability"}
    assert both.child_axes[0].get_ylabel() == expected[kind]
