"""Tables of scores over many RNAs: by family, by kind of RNA, with intervals, and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.metrics import score
from rnaexplore.structure.resampling import interval, resampled_means
from rnaexplore.structure.strata import strata, without_noncanonical
from rnaexplore.structure.structure import Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ALL",
    "CANONICAL_REFERENCE",
    "FAMILIES",
    "Group",
    "difference_table",
    "groups_of",
    "labels_for",
    "mean_table",
    "score_table",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ALL = "all RNAs"
FAMILIES = "mean of families"
CANONICAL_REFERENCE = "canonical reference pairs"
N_BOOT = 1000
SCORED = ("f1", "f1_shifted")  #: scores that get an interval


class Group(NamedTuple):
    """Some RNAs of which a table has a row.

    Attributes
    ----------
    name
        Name of the row.
    rows
        Which RNAs.
    per_family
        Whether each family counts once.
    """

    name: str
    rows: Bools
    per_family: bool = False


def groups_of(
    references: Sequence[Structure],
    *,
    families: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    seen: Sequence[bool] | None = None,
) -> list[Group]:
    """Return the groups of RNAs that tables tell apart.

    Parameters
    ----------
    references
        Known structures.
    families
        Family of each RNA, for the mean of families; ``None`` if they are not known.
    classes
        Class of each RNA, for a row each, for example the families again.
    seen
        For each RNA whether it or a relative was in training, if that is known.

    Returns
    -------
    list of Group
        Each class, the mean of families, all RNAs, and those of `rnaexplore.structure.strata`.
    """
    every = np.ones(len(references), dtype=np.bool_)
    found: list[Group] = []
    if classes is not None:
        labels = np.asarray(classes, dtype=str)
        found += [Group(str(name), labels == name) for name in np.unique(labels)]
    if families is not None:
        found.append(Group(FAMILIES, every, per_family=True))
    found.append(Group(ALL, every))
    return found + [Group(name, rows) for name, rows in strata(references, seen).items()]


def mean_table(
    scores: pd.DataFrame,
    groups: Sequence[Group],
    families: Sequence[str],
    *,
    intervals: Sequence[str],
    n_boot: int = N_BOOT,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the mean of each score over each group of RNAs.

    Parameters
    ----------
    scores
        One row per RNA.
    groups
        From `groups_of`.
    families
        Family of each RNA, which intervals resample and means of families count once.
    intervals
        Scores that get a 95 % interval.
    n_boot, seed
        Number of resamples, and their seed.

    Returns
    -------
    DataFrame
        One row per group; the scores; ``<score>_low`` and ``<score>_high``, missing where a group
        is of one family; ``n`` RNAs and ``n_families``.
    """
    import pandas as pd

    labels = np.asarray(families, dtype=str)
    rows = {
        group.name: _means(scores, group, labels, intervals, n_boot=n_boot, seed=seed)
        for group in groups
    }
    return (
        pd.DataFrame.from_dict(rows, orient="index")
        .rename_axis("group")
        .astype({"n": np.int64, "n_families": np.int64})
    )


def _means(
    scores: pd.DataFrame,
    group: Group,
    families: NDArray[np.str_],
    intervals: Sequence[str],
    *,
    n_boot: int,
    seed: int,
) -> dict[str, float]:
    """Return one row of `mean_table`."""
    part, labels = scores[group.rows], families[group.rows]
    means = part.groupby(labels).mean().mean() if group.per_family else part.mean()
    row: dict[str, float] = {str(name): float(value) for name, value in means.items()}
    n_families = len(np.unique(labels))
    low, high = np.full((2, len(intervals)), np.nan)
    if n_families > 1:
        values = part[list(intervals)].to_numpy(dtype=np.float64)
        low, high = interval(
            resampled_means(
                values, labels.tolist(), n_boot=n_boot, seed=seed, per_family=group.per_family
            )
        )
    for name, down, up in zip(intervals, low, high, strict=True):
        row |= {f"{name}_low": float(down), f"{name}_high": float(up)}
    return row | {"n": len(part), "n_families": n_families}


def score_table(
    references: Sequence[Structure],
    predicted: Mapping[str, Sequence[Structure]],
    *,
    families: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    seen: Sequence[bool] | None = None,
    n_boot: int = N_BOOT,
    seed: int = 0,
) -> pd.DataFrame:
    """Score several predictions of the same structures, RNAs of each kind apart.

    Parameters
    ----------
    references
        Known structures, with base pairs.
    predicted
        Predicted structures of the same RNAs, by the name of the method.
    families
        Family of each RNA; intervals resample families, without it RNAs.
    classes
        Class of each RNA, for a row each, for example the families again.
    seen
        For each RNA whether it or a relative was in training, if that is known.
    n_boot, seed
        Number of resamples, and their seed.

    Returns
    -------
    DataFrame
        Indexed by ``predicted`` and ``group``. Columns are means of `rnaexplore.structure.score`,
        95 % intervals of ``f1`` and ``f1_shifted``, ``n`` RNAs and ``n_families``. The group
        ``"canonical reference pairs"`` holds all RNAs, scored without the reference's pairs other
        than AU, GC and GU; the other groups are those of `groups_of`.

    Raises
    ------
    InputError
        If lists differ in length or there is no RNA.
    """
    import pandas as pd

    _check(references, predicted, families)
    groups = groups_of(references, families=families, classes=classes, seen=seen)
    labels = labels_for(families, len(references))
    tables = {}
    for name, found in predicted.items():
        known, kept = _canonical(references, found)
        jobs = [
            (_scores(references, found), groups),
            (_scores(known, kept), [_canonical_group(len(references))]),
        ]
        tables[name] = pd.concat(
            mean_table(scores, which, labels, intervals=SCORED, n_boot=n_boot, seed=seed)
            for scores, which in jobs
        )
    return pd.concat(tables, names=["predicted", "group"])


def difference_table(
    references: Sequence[Structure],
    first: Sequence[Structure],
    second: Sequence[Structure],
    *,
    families: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    seen: Sequence[bool] | None = None,
    n_boot: int = N_BOOT,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare two predictions of the same structures, RNA by RNA.

    Parameters
    ----------
    references
        Known structures, with base pairs.
    first, second
        Predicted structures of the same RNAs.
    families, classes, seen, n_boot, seed
        As for `score_table`.

    Returns
    -------
    DataFrame
        One row per group: the mean difference, first less second, of ``f1`` and ``f1_shifted``,
        each with the 95 % interval of the paired bootstrap over families; ``n`` RNAs and
        ``n_families``. An interval without 0 tells the two apart.

    Raises
    ------
    InputError
        If lists differ in length or there is no RNA.
    """
    import pandas as pd

    _check(references, {"first": first, "second": second}, families)
    groups = groups_of(references, families=families, classes=classes, seen=seen)
    labels = labels_for(families, len(references))
    every = _differences(references, first, second)
    known, one = _canonical(references, first)
    canonical = _differences(known, one, _canonical(references, second)[1])
    tables = [
        mean_table(rows, which, labels, intervals=SCORED, n_boot=n_boot, seed=seed)
        for rows, which in ((every, groups), (canonical, [_canonical_group(len(references))]))
    ]
    return pd.concat(tables)


def _differences(
    references: Sequence[Structure], first: Sequence[Structure], second: Sequence[Structure]
) -> pd.DataFrame:
    columns = list(SCORED)
    return _scores(references, first)[columns] - _scores(references, second)[columns]


def _check(
    references: Sequence[Structure],
    predicted: Mapping[str, Sequence[Structure]],
    families: Sequence[str] | None,
) -> None:
    if not len(references):
        msg = "there are no RNAs with known base pairs to compare with"
        raise InputError(msg)
    lengths = {name: len(found) for name, found in predicted.items()}
    if families is not None:
        lengths["families"] = len(families)
    for name, length in lengths.items():
        if length != len(references):
            msg = f"{name!r} has {length} entries, but there are {len(references)} references"
            raise InputError(msg)


def labels_for(families: Sequence[str] | None, n: int) -> list[str]:
    """Return the family of each of `n` RNAs; one that has none is a family of its own."""
    if families is None:
        return [str(k) for k in range(n)]
    return [family or f" {k}" for k, family in enumerate(families)]  # an RNA without is its own


def _scores(references: Sequence[Structure], predicted: Sequence[Structure]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([score(p, r) for p, r in zip(predicted, references, strict=True)])


def _canonical(
    references: Sequence[Structure], predicted: Sequence[Structure]
) -> tuple[list[Structure], list[Structure]]:
    """Return references and predictions without the references' non-canonical pairs."""
    both = [without_noncanonical(p, r) for p, r in zip(predicted, references, strict=True)]
    return [r for _, r in both], [p for p, _ in both]


def _canonical_group(n: int) -> Group:
    return Group(CANONICAL_REFERENCE, np.ones(n, dtype=np.bool_))
