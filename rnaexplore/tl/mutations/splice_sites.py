"""Where donors and acceptors lie in RNAs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore._library_errors import border
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SpliceSites", "read_splice_sites"]

COLUMNS = ("name", "position", "kind")
KINDS = ("donor", "acceptor")
LAST = 2**53  #: largest position: whole numbers beyond are not exact
SEPARATORS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class SpliceSites:
    """0-based first bases of dinucleotides by name of the RNA and kind, in ascending order."""

    places: dict[tuple[str, str], NDArray[np.int64]] = field(default_factory=dict)

    def near(self, name: str, start: int, at: int, length: int) -> dict[str, int]:
        """Return the nearest site of each kind in a stretch, relative to its start.

        Parameters
        ----------
        name
            Name of the RNA.
        start, length
            The stretch.
        at
            Position in the stretch to which sites are near.
        """
        found = {}
        for kind in KINDS:
            local = self.places.get((name, kind), np.empty(0, dtype=np.int64)) - start
            inside = local[(local >= 0) & (local + 1 < length)]
            if len(inside):
                gaps = np.maximum(np.maximum(inside - at, at - inside - 1), 0)
                found[kind] = int(inside[gaps.argmin()])
        return found


def read_splice_sites(table: str | os.PathLike[str] | pd.DataFrame | None) -> SpliceSites:
    """Return the sites of a table.

    Raises
    ------
    InputError
        If a column is missing, a kind is unknown or a position is no whole number from 1.
    """
    if table is None:
        return SpliceSites()
    frame = _read(table)
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        msg = f"splice_sites needs columns {', '.join(COLUMNS)}; there is no {missing[0]!r}"
        raise InputError(msg)
    unknown = sorted(set(map(str, frame["kind"])) - set(KINDS))
    if unknown:
        msg = f"kind must be 'donor' or 'acceptor', got {unknown[0]!r}"
        raise InputError(msg)
    frame = frame.assign(position=_whole(frame["position"]))
    groups = frame.groupby(["name", "kind"], observed=True)["position"]
    return SpliceSites(
        {
            (str(name), str(kind)): np.sort(positions.to_numpy(dtype=np.int64)) - 1
            for (name, kind), positions in groups
        }
    )


def _whole(positions: pd.Series) -> NDArray[np.int64]:
    """Return positions as whole numbers; raise `InputError` if one is none, or below 1."""
    import pandas as pd

    numbers = pd.to_numeric(positions, errors="coerce").to_numpy(dtype=float)
    if not ((numbers % 1 == 0) & (numbers >= 1) & (numbers <= LAST)).all():
        msg = "positions of splice sites must be whole numbers from 1"
        raise InputError(msg)
    return numbers.astype(np.int64)


def _read(table: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from rnaexplore.io.text import format_suffix, read_text

    if isinstance(table, pd.DataFrame):
        return table
    suffix = format_suffix(table)
    if suffix not in SEPARATORS:
        msg = f"splice sites are read from .csv and .tsv files, got {str(table)!r}"
        raise InputError(msg)
    text = StringIO(read_text(table))
    with border(table, problem="is not a readable table"):
        return pd.read_csv(text, sep=SEPARATORS[suffix], dtype={"name": str, "kind": str})
