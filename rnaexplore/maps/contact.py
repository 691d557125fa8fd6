"""The contact map of one RNA: pair probabilities or pair scores, from a model or thermodynamics."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.maps._caution import with_caution
from rnaexplore.maps._residues import residues
from rnaexplore.structure import DEFAULT, Decoder, MapKind, Structure, decode

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ContactMap"]

Array = NDArray[np.float32]

TOLERANCE = 1e-5  #: largest difference between a value and its mirror image
N_AXES = 2
NEED_PROBABILITIES = ("mea",)  #: decoders that weigh pairing against being unpaired


@dataclass(frozen=True, slots=True, eq=False)
class ContactMap:
    """Probability of each pair of residues to be in contact, or a score that ranks the pairs.

    Parameters
    ----------
    values
        Shape (L, L), 0 to 1, symmetric, zero on the diagonal; kept as read-only float32.
    sequence
        The RNA; L counts its nucleotides, or its codons for codon models.
    method
        How the map was made, for example ``"regression"`` or ``"vienna"``.
    model
        Name of the model, or of the program.
    kind
        ``"probability"``; or ``"score"`` for values that rank the pairs of this RNA and mean
        nothing else, such as those of attention heads or of a Jacobian, where the best pair of
        the RNA is 1 however good it is. Scores have no ``probabilities`` and no `threshold`.
    caution
        Known weakness of the model that concerns these values, empty if there is none; from
        ``model.spec.cautions``.
    windows
        Start and stop (excluded, 0-based) of the overlapping windows in which a long RNA was read;
        empty if it was read whole. Pairs that share no window were not predicted and have 0, see
        `covered`.

    Raises
    ------
    InputError
        If the map is not square, not symmetric, has a diagonal, holds a value outside 0 to 1, or
        does not fit the sequence; if the kind is unknown, or a window lies outside the RNA.
    """

    values: Array
    sequence: str
    method: str
    model: str
    kind: MapKind = "probability"
    caution: str = ""
    windows: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32).view()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        if self.kind not in get_args(MapKind):
            msg = f"kind must be one of {', '.join(get_args(MapKind))}, got {self.kind!r}"
            raise InputError(msg)
        if values.ndim != N_AXES or values.shape[0] != values.shape[1]:
            msg = f"values must have shape (L, L), got {values.shape}"
            raise InputError(msg)
        residues(self.sequence, len(values))
        _check_values(values)
        _check_windows(self.windows, len(values))

    def __repr__(self) -> str:
        told = (
            f"ContactMap {self.model} ({self.method}): {len(self.values)} residues, "
            f"{self.kind} of each pair{self._told_windows()}"
        )
        return with_caution(told, self.caution)

    def _told_windows(self) -> str:
        if not self.windows:
            return ""
        longest = max(stop - start for start, stop in self.windows)
        return (
            f", joined from {len(self.windows)} windows of {longest} residues: pairs {longest} or "
            "more apart were not predicted"
        )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def probabilities(self) -> Array:
        """The values, where they are probabilities: shape (L, L).

        Raises
        ------
        CapabilityError
            If the map holds scores.
        """
        if self.kind != "probability":
            msg = (
                f"the map of {self.model!r} by method {self.method!r} holds scores, not "
                "probabilities: .values has them, and their ranks mean something within this RNA "
                "alone. For probabilities use the model's own contact head, or fit one on known "
                "structures of several families with rx.tl.fit_contacts"
            )
            raise CapabilityError(msg)
        return self.values

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Whether each pair was predicted, shape (L, L): always, or where a window holds both."""
        n = len(self.values)
        covered = np.full((n, n), not self.windows)
        for start, stop in self.windows:
            covered[start:stop, start:stop] = True
        return covered

    @property
    def residues(self) -> tuple[str, ...]:
        """Labels of both axes: nucleotides, or codons. Length L."""
        return residues(self.sequence, len(self.values))

    def to_frame(self) -> pd.DataFrame:
        """Return the map as a table: rows and columns are letter and 1-based number, ``"G1"``.

        Returns
        -------
        DataFrame
            Shape (L, L), float32; the name of the index is `kind`.
        """
        import pandas as pd

        labels = [f"{residue}{i}" for i, residue in enumerate(self.residues, start=1)]
        frame = pd.DataFrame(self.values, index=labels, columns=labels)
        return frame.rename_axis(index=self.kind)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the map as `to_frame` returns it, with six decimals.

        Parameters
        ----------
        path
            File to write; an existing one is replaced.
        """
        self.to_frame().to_csv(path, float_format="%.6f")

    def decode(
        self,
        method: Decoder = DEFAULT.decoder,
        *,
        threshold: float | None = None,
        pairs_per_residue: float | None = None,
        canonical: bool = DEFAULT.canonical,
        min_loop: int = DEFAULT.min_loop,
    ) -> Structure:
        """Return the secondary structure that the map is most compatible with.

        Parameters
        ----------
        method
            ``"mea"``: nested pairs of maximal expected accuracy, for probabilities;
            ``"nussinov"``: nested pairs of largest sum; ``"greedy"``: the best pairs first;
            ``"matching"``: maximum-weight matching; ``"threshold"``: residues that are each
            other's best partner. The last three may hold pseudoknots.
        threshold
            For probabilities: pairs less probable than that are not considered, 0 to 1.
        pairs_per_residue
            A threshold by rank, for scores or probabilities: only the best
            ``pairs_per_residue * L`` pairs are considered, above 0. Scores have no common scale,
            so a value that is a good threshold for one RNA is a poor one for another.
        canonical
            Whether to consider only AU, GC and GU pairs.
        min_loop
            Fewest residues between the partners of a pair, 0 or more.

        Notes
        -----
        Defaults are those of `rnaexplore.structure.DEFAULT`: of `threshold` for probabilities, of
        `pairs_per_residue` for scores.

        Raises
        ------
        InputError
            If the method is unknown, a setting is out of range, both thresholds are given, the map
            counts codons; or if it holds scores and `threshold` or ``"mea"`` is asked for.
        """
        if self.kind == "score":
            self._check_for_scores(method, threshold)
        return decode(
            self.values,
            self.sequence,
            method=method,
            canonical=canonical,
            min_loop=min_loop,
            **DEFAULT.cut(self.kind, threshold, pairs_per_residue),
        )

    def _check_for_scores(self, method: str, threshold: float | None) -> None:
        """Raise if something is asked for that only probabilities have."""
        if threshold is not None:
            msg = (
                f"threshold={threshold} is a probability, but the map of {self.model!r} by method "
                f"{self.method!r} holds scores; choose pairs by rank: pairs_per_residue="
                f"{DEFAULT.pairs_per_residue:g}"
            )
            raise InputError(msg)
        if method in NEED_PROBABILITIES:
            others = ", ".join(d for d in get_args(Decoder) if d not in NEED_PROBABILITIES)
            msg = (
                f"method {method!r} needs probabilities, but the map of {self.model!r} by method "
                f"{self.method!r} holds scores; use one of {others}"
            )
            raise InputError(msg)


def _check_windows(windows: tuple[tuple[int, int], ...], n: int) -> None:
    for start, stop in windows:
        if not 0 <= start < stop <= n:
            msg = f"windows must lie in 0 to {n}, got {(start, stop)}"
            raise InputError(msg)


def _check_values(values: Array) -> None:
    inside = (values >= 0) & (values <= 1)  # also False for NaN
    if not inside.all():
        i, j = (int(k) for k in np.argwhere(~inside)[0])
        msg = f"values must lie in 0 to 1, got {values[i, j]:.6g} at ({i}, {j})"
        raise InputError(msg)
    if values.diagonal().any():
        msg = "values must be 0 on the diagonal: a residue is not in contact with itself"
        raise InputError(msg)
    difference = np.abs(values - values.T).max(initial=0.0)
    if difference > TOLERANCE:
        msg = f"values must be symmetric; they differ from their mirror by {difference:.2g}"
        raise InputError(msg)
