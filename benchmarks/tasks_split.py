"""Parts of the tasks of `benchmarks.tasks`: relatives are never in two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

__all__ = ["Sizes", "divided", "merged"]

TESTED, VALIDATED = 0.5, 0.15  #: most of the groups of a label that are not learned from
SHARE = 0.05  #: most of the RNAs of a label in a part that may be of one group


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many RNAs are to be learned from, to stop by, and to be tested on, at most."""

    train: int
    valid: int
    test: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.train + self.valid + self.test

    def times(self, factor: float) -> Sizes:
        """Return as many times more, at least 8 in each part."""
        return Sizes(*(max(8, round(n * factor)) for n in (self.train, self.valid, self.test)))


def merged(*groupings: Sequence[object]) -> NDArray[np.int64]:
    """Return groups of what is in the same group by any of several groupings, single linkage."""
    n = len(groupings[0])
    rows, columns = [], []
    for names in groupings:
        codes = np.unique(np.asarray(names).astype(str), return_inverse=True)[1]
        first = np.unique(codes, return_index=True)[1]
        rows.append(np.arange(n))
        columns.append(first[codes])
    pairs = np.concatenate(rows), np.concatenate(columns)
    links = coo_matrix((np.ones(len(pairs[0])), pairs), shape=(n, n))
    found: NDArray[np.int64] = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def divided(
    frame: pd.DataFrame, sizes: Sizes, rng: np.random.Generator, *, label: str | None
) -> pd.DataFrame:
    """Return the RNAs of three parts, with a column ``part``; whole groups, RNAs left over dropped.

    The largest group of a label is learned from. Of other groups, test and validation take no more
    than 5 % of what they want of the label (at least 4 RNAs), so that no group decides a score.

    Parameters
    ----------
    frame
        RNAs with a column ``group``.
    sizes
        How many RNAs each part wants, the same number of each label.
    rng
        Random generator.
    label
        Column of the classes, ``None`` for numbers.
    """
    usual = frame.groupby("group")[label].agg(lambda s: s.mode().iloc[0]) if label else None
    kinds = [None] if usual is None else sorted(usual.unique())
    chosen = []
    for kind in kinds:
        groups = frame["group"].unique() if usual is None else usual.index[usual == kind]
        members = frame[frame["group"].isin(groups)]
        chosen.append(_of_one_kind(members, sizes, len(kinds), rng))
    return pd.concat(chosen).sort_index()


def _of_one_kind(
    frame: pd.DataFrame, sizes: Sizes, n_kinds: int, rng: np.random.Generator
) -> pd.DataFrame:
    counts = frame["group"].value_counts()
    largest, order = counts.index[0], rng.permutation(counts.index[1:].to_numpy()).tolist()
    taken = []
    for part, n, share in (("test", sizes.test, TESTED), ("valid", sizes.valid, VALIDATED)):
        wanted = -(-n // n_kinds)
        most = max(4, round(SHARE * wanted))
        for _ in range(max(1, round(share * len(counts)))):
            if wanted <= 0 or not order:
                break
            some = frame[frame["group"] == order.pop()].head(min(most, wanted))
            taken.append(some.assign(part=part))
            wanted -= len(some)
    rest = frame[frame["group"].isin([largest, *order])]
    wanted = -(-sizes.train // n_kinds)
    mixed = rest.iloc[rng.permutation(len(rest))].head(wanted)
    return pd.concat([*taken, mixed.assign(part="train")])
