"""What sets the selected RNAs apart from the others: categories, numbers, k-mers, neighbors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets.core.columns import Categories, colourings, read
from rnaexplore.widgets.explorer.sequence_neighbors import shared_neighbors

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.tl.embedding.spaces import Space
    from rnaexplore.widgets.core.columns import Annotated

__all__ = ["MOST_K", "SelectionStatistics", "enriched_kmers", "selection_statistics"]

MOST_K = 8
NEIGHBORS = 10
SHOWN = 12  #: k-mers
LEAST = 1.0 + 1e-9  #: fold
_CODE = np.full(256, 255, dtype=np.uint8)
_CODE[np.frombuffer(b"ACGUTacgut", dtype=np.uint8)] = [0, 1, 2, 3, 3, 0, 1, 2, 3, 3]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SelectionStatistics:
    """A selection beside the RNAs that are not selected.

    Parameters
    ----------
    n_selected, n_others
        Numbers of RNAs.
    categories
        ``column``, ``category``, ``selected`` and ``others`` (numbers of RNAs), ``fold``: share in
        the selection over share in the others (infinite if no other has it).
    numbers
        Indexed by column: median and quartiles of the selected and of the others.
    kmers
        See `enriched_kmers`.
    neighbors
        Indexed by ``representation``: ``shared``, how often the 10 nearest neighbors of selected
        RNAs are selected, too, in the embedding, by 6-mers and by sequence identity, and by
        chance. A selection that the embedding holds together no better than the baselines do is
        one that sequences tell alone. Empty for more than 20,000 RNAs.
    """

    n_selected: int
    n_others: int
    categories: pd.DataFrame
    numbers: pd.DataFrame
    kmers: pd.DataFrame
    neighbors: pd.DataFrame


def selection_statistics(
    annotated: Annotated, mask: Mask, k: int, spaces: dict[str, tuple[str, Space]]
) -> SelectionStatistics:
    """Compare selected RNAs with the others.

    Parameters
    ----------
    annotated
        All RNAs.
    mask
        Which are selected.
    k
        Letters of the k-mers.
    spaces
        Kinds and distances by name, as for `shared_neighbors`.

    Raises
    ------
    InputError
        If nothing or everything is selected, or `k` is out of range.
    """
    _check(mask)
    read_columns = [read(annotated, name) for name in colourings(annotated)]
    categories = [_categories(c, mask) for c in read_columns if isinstance(c, Categories)]
    numbers = {c.name: _numbers(c.values, mask) for c in read_columns if hasattr(c, "values")}
    sequences = _sequences(annotated) if _keys.SEQUENCE in annotated.obs else []
    import pandas as pd

    return SelectionStatistics(
        n_selected=int(mask.sum()),
        n_others=int((~mask).sum()),
        categories=pd.concat(categories, ignore_index=True) if categories else pd.DataFrame(),
        numbers=pd.DataFrame(numbers).T,
        kmers=enriched_kmers(sequences, mask, k) if sequences else pd.DataFrame(),
        neighbors=shared_neighbors(spaces, mask, NEIGHBORS) if spaces else pd.DataFrame(),
    )


def enriched_kmers(sequences: list[str], mask: Mask, k: int) -> pd.DataFrame:
    """Return the k-mers that tell the selected RNAs from the others, the most telling first.

    Parameters
    ----------
    sequences
        All RNAs.
    mask
        Which are selected.
    k
        Letters, 1 to 8. Windows with other letters than A, C, G and U do not count.

    Returns
    -------
    DataFrame
        Indexed by k-mer: ``fold``, the frequency among all windows of the selected over that of
        the others, both with ``4 ** k`` pseudo-counts in the proportions of all RNAs, so that
        rare k-mers tend to 1; ``selected`` and ``others``, shares of RNAs that hold it. At most
        12, ordered by frequency times logarithm of fold (their part in the Kullback-Leibler
        divergence). Relatives share k-mers by descent, so that a fold is a description, not a
        test.

    Raises
    ------
    InputError
        If nothing or everything is selected, or `k` is out of range.
    """
    import pandas as pd

    _check(mask)
    if not 1 <= k <= MOST_K:
        msg = f"k must be in [1, {MOST_K}], got {k}"
        raise InputError(msg)
    texts = [sequence.upper().replace("T", "U") for sequence in sequences]
    groups = [[t for t, on in zip(texts, m, strict=True) if on] for m in (mask, ~mask)]
    frequencies = _smoothed(*(_counts(group, k) for group in groups))
    folds = frequencies[0] / frequencies[1]
    weights = frequencies[0] * np.log(folds)
    best = [int(c) for c in np.argsort(-weights, kind="stable")[:SHOWN] if folds[c] > LEAST]
    kmers = [_spelled(code, k) for code in best]
    shares = [[sum(kmer in t for t in g) / len(g) for kmer in kmers] for g in groups]
    columns = {"fold": folds[best], "selected": shares[0], "others": shares[1]}
    return pd.DataFrame(columns, index=pd.Index(kmers, name="kmer"))


def _smoothed(
    selected: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies with as many pseudo-counts as k-mers, shared out as in both together.

    A k-mer that occurs nowhere has the same tiny frequency in both.
    """
    n = len(selected)
    prior = (selected + others + 1e-9) / (selected.sum() + others.sum() + 1e-9 * n)
    first, second = ((count + n * prior) / (count.sum() + n) for count in (selected, others))
    return first, second


def _check(mask: Mask) -> None:
    if not mask.any():
        msg = "nothing is selected; drag a lasso on the map, or set .selection"
        raise InputError(msg)
    if mask.all():
        msg = "all RNAs are selected, so there is nothing to compare with; select fewer"
        raise InputError(msg)


def _sequences(annotated: Annotated) -> list[str]:
    column = annotated.obs[_keys.SEQUENCE].astype(object)
    texts = [text if isinstance(text, str) else "" for text in column]
    if not any(texts):
        msg = "obs['sequence'] is empty; rx.read_fasta makes an AnnData with sequences"
        raise MissingKeyError(msg)
    return texts


def _counts(sequences: list[str], k: int) -> NDArray[np.float64]:
    """Return how often each k-mer occurs, shape (4 ** k,), A before C before G before U."""
    letters = np.frombuffer("-".join(sequences).encode("ascii", "replace"), dtype=np.uint8)
    digits = _CODE[letters]
    n = max(0, len(digits) - k + 1)
    codes = np.zeros(n, dtype=np.int32)
    whole = np.ones(n, dtype=bool)
    for j in range(k):
        codes = codes * 4 + (digits[j : j + n] & 3)
        whole &= digits[j : j + n] < 4  # noqa: PLR2004
    return np.bincount(codes[whole], minlength=4**k).astype(np.float64)


def _spelled(code: int, k: int) -> str:
    return "".join("ACGU"[(code >> (2 * (k - 1 - j))) & 3] for j in range(k))


def _categories(column: Categories, mask: Mask) -> pd.DataFrame:
    import pandas as pd

    n = len(column.labels)
    chosen = np.bincount(column.codes[mask & (column.codes < n)], minlength=n)
    rest = np.bincount(column.codes[~mask & (column.codes < n)], minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        fold = (chosen / mask.sum()) / (rest / (~mask).sum())
    table = {
        "column": column.name,
        "category": list(column.labels),
        "selected": chosen,
        "others": rest,
        "fold": fold,
    }
    frame = pd.DataFrame(table)
    return frame[frame["selected"] > 0].sort_values("selected", ascending=False, kind="stable")


def _numbers(values: Any, mask: Mask) -> dict[str, float]:
    names = ("lower quartile", "median", "upper quartile")
    summary: dict[str, float] = {}
    for group, inside in (("selected", mask), ("others", ~mask)):
        known = values[inside & ~np.isnan(values)]
        quartiles = np.quantile(known, (0.25, 0.5, 0.75)) if len(known) else [np.nan] * 3
        summary |= {f"{group} {name}": float(q) for name, q in zip(names, quartiles, strict=True)}
    return summary
