"""Nearest RNAs by sequence alone: what the neighbors in an embedding have to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore import _keys

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from rnaexplore.tl.embedding.spaces import Space

__all__ = ["SEQUENCE_IDENTITY", "nearest_rows_by", "sequence_spaces", "shared_neighbors"]

KMERS, SEQUENCE_IDENTITY = "6-mers", "sequence identity"
MOST_COMPARED = 20_000  #: RNAs that are compared while the user waits
MOST_PAIRS = 1_000_000  #: pairs of sequences that are compared while the user waits
MOST_ASKED = 200  #: RNAs of a selection whose neighbors are looked for


def sequence_spaces(adata: AnnData) -> dict[str, Space]:
    """Return distances by square roots of 6-mer frequencies and by sequence identity.

    None where RNAs have no sequence, or are more than 20,000.
    """
    from rnaexplore.tl.embedding.kmers import kmer_matrix
    from rnaexplore.tl.embedding.relatives import IdentitySpace
    from rnaexplore.tl.embedding.spaces import VectorSpace
    from rnaexplore.tl.evaluation.baselines import JOINED
    from rnaexplore.tl.evaluation.baselines import KMERS as ALL_KMERS

    known = adata.obs.get(_keys.SEQUENCE)
    if known is None or known.isna().any() or adata.n_obs > MOST_COMPARED:
        return {}
    texts = [str(sequence) for sequence in known]
    kmers = VectorSpace(kmer_matrix(texts, *ALL_KMERS[JOINED]), "cosine")
    return {KMERS: kmers, SEQUENCE_IDENTITY: IdentitySpace(texts)}


def nearest_rows_by(space: Space, rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the `n` RNAs nearest to each of some, shape (rows, n)."""
    from rnaexplore.tl.embedding.spaces import nearest_of

    return nearest_of(space.between(rows, np.arange(space.n)), rows, n)


def shared_neighbors(
    spaces: dict[str, tuple[str, Space]], mask: NDArray[np.bool_], n: int
) -> pd.DataFrame:
    """Return how often the nearest neighbors of selected RNAs are selected, too.

    Parameters
    ----------
    spaces
        Kind (``"embedding"`` or ``"baseline"``) and distances, by name.
    mask
        Which RNAs are selected: some, and not all.
    n
        Neighbors of each, fewer if there are fewer RNAs.

    Returns
    -------
    DataFrame
        Indexed by ``representation``: ``kind``, and ``shared``, the mean share of the `n` nearest
        neighbors that are selected. The last row, ``"chance"``, has the share of all other RNAs
        that are. Of large selections at most 200 RNAs are asked, evenly spaced.
    """
    import pandas as pd

    chosen = np.flatnonzero(mask)
    most = max(1, min(MOST_ASKED, MOST_PAIRS // len(mask)))
    asked = chosen[np.unique(np.linspace(0, len(chosen) - 1, most).round().astype(np.int64))]
    k = min(n, len(mask) - 1)
    rows = [
        (name, kind, float(mask[nearest_rows_by(space, asked, k)].mean()))
        for name, (kind, space) in spaces.items()
    ]
    rows.append(("chance", "null", (len(chosen) - 1) / (len(mask) - 1)))
    columns = ["representation", "kind", "shared"]
    return pd.DataFrame(rows, columns=columns).set_index("representation")
