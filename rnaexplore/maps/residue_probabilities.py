"""What a model expects at the positions of one RNA: probabilities of A C G U."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps._caution import with_caution
from rnaexplore.maps._letters import LETTERS, letter_index

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ResidueProbabilities"]

Array = NDArray[np.float32]

TOLERANCE = 1e-4  #: largest difference between 1 and the sum of a position's probabilities


@dataclass(frozen=True, slots=True, eq=False)
class ResidueProbabilities:
    """Probabilities of A C G U at some positions of one RNA, from a masked-language head.

    Parameters
    ----------
    values
        Shape (n, 4) over A C G U, 0 to 1, rows sum to 1; kept as read-only float32.
    positions
        0-based position of each row, shape (n,).
    sequence
        The RNA.
    model
        Name of the model.
    method
        ``"masked"``: each position hidden on its own; ``"together"``: all of them hidden at once;
        ``"one-pass"``: nothing hidden.
    caution
        Known weakness of the model that concerns these probabilities, empty if there is none; from
        ``model.spec.cautions``.

    Raises
    ------
    InputError
        If shapes do not fit, a position lies outside, or rows are no probabilities.
    """

    values: Array
    positions: NDArray[np.int64]
    sequence: str
    model: str
    method: str
    caution: str = ""

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32).view()
        positions = np.asarray(self.positions, dtype=np.int64).view()
        values.flags.writeable = positions.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "positions", positions)
        _check(values, positions, len(self.sequence))

    def __repr__(self) -> str:
        n, length = len(self.positions), len(self.sequence)
        told = f"ResidueProbabilities {self.model} ({self.method}): {n} of {length} residues"
        return with_caution(told, self.caution)

    @property
    def entropy(self) -> Array:
        """Shannon entropy of each position in bits, shape (n,): 0 (certain) to 2 (no idea)."""
        p = self.values.astype(np.float64)
        safe = np.where(p > 0, p, 1)
        result: Array = -(p * np.log2(safe)).sum(1).astype(np.float32)
        return result

    @property
    def own(self) -> Array:
        """Probability of the residue that is there, shape (n,); NaN where it is not A C G U."""
        here = letter_index(self.sequence)[self.positions]
        rows = np.arange(len(here))
        result: Array = np.where(here < 0, np.nan, self.values[rows, here]).astype(np.float32)
        return result

    @property
    def pseudo_log_likelihood(self) -> float:
        """Sum of the natural logarithms of `own`, ambiguous residues left out. Salazar et al. 2020.

        A true pseudo-log-likelihood for ``method="masked"`` over all positions. With
        ``"one-pass"`` each residue sees itself, and the sum is too high.
        """
        return float(self._log_own().sum())

    @property
    def pseudo_perplexity(self) -> float:
        """``exp`` of minus the mean of the logarithms of `own`: 1 (certain) to 4 (uniform) and up.

        NaN if no residue is A C G U.
        """
        logs = self._log_own()
        return float(np.exp(-logs.mean())) if len(logs) else float("nan")

    @property
    def composition_perplexity(self) -> float:
        """Perplexity of a model that knows the RNA's composition and nothing else, 1 to 4.

        The baseline of `pseudo_perplexity`; it has seen the answer, for it counts the RNA itself.
        """
        counts = np.array(list(Counter(c for c in self.sequence if c in LETTERS).values()))
        shares = counts / max(counts.sum(), 1)
        return float(np.exp(-(shares * np.log(shares)).sum())) if len(counts) else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return a table indexed by 1-based position: residue, A, C, G, U, own, entropy.

        ``attrs["caution"]`` is `caution`.
        """
        import pandas as pd

        frame = pd.DataFrame(self.values, columns=list(LETTERS))
        frame.insert(0, "residue", [self.sequence[i] for i in self.positions])
        frame.index = pd.Index(self.positions + 1, name="position")
        frame = frame.assign(own=self.own, entropy=self.entropy)
        frame.attrs["caution"] = self.caution
        return frame

    def _log_own(self) -> NDArray[np.float64]:
        own = self.own.astype(np.float64)
        logs: NDArray[np.float64] = np.log(np.maximum(own[~np.isnan(own)], np.finfo(float).tiny))
        return logs


def _check(values: Array, positions: NDArray[np.int64], length: int) -> None:
    if values.shape != (len(positions), len(LETTERS)):
        msg = f"values must have shape ({len(positions)}, 4) over A C G U, got {values.shape}"
        raise InputError(msg)
    if ((positions < 0) | (positions >= length)).any():
        msg = f"positions must be in [0, {length - 1}], got {positions.min()} to {positions.max()}"
        raise InputError(msg)
    if not ((values >= 0).all() and np.allclose(values.sum(1), 1, atol=TOLERANCE)):
        msg = "values must be probabilities: not negative, each row summing to 1"
        raise InputError(msg)
