"""What a model makes of every substitution in one RNA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.maps._caution import with_caution
from rnaexplore.maps._letters import LETTERS, letter_index

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MARGINAL", "MutationMap"]

Array = NDArray[np.float32]

MARGINAL = ("masked-marginal", "wild-type-marginal")  #: methods whose rows are distributions
TOLERANCE = 1e-5  #: largest score of the residue that is there


@dataclass(frozen=True, slots=True, eq=False)
class MutationMap:
    """Scores of all substitutions in one RNA: logarithm of likelihood ratios, in nats.

    Negative: the model finds the change less likely than what is there.

    Parameters
    ----------
    values
        Shape (L, 4) over A C G U: ``log p(letter) - log p(reference)``; 0 for the residue that is
        there, NaN in the whole row where the residue is ambiguous. Kept as read-only float32.
    sequence
        The RNA.
    model
        Name of the model.
    method
        ``"masked-marginal"``, ``"wild-type-marginal"`` or ``"mutant-marginal"``; see
        `rnaexplore.tl.mutate`.
    deletions
        Shape (L,), the same ratio for the gap token in place of the residue; ``None`` if the
        model's alphabet has no gap.
    contacts
        Shape (L, 4), minus the expected number of base pairs that each substitution loses; 0 and
        NaN where `values` are. ``None`` if it was not asked for.
    caution
        Known weakness of the model that concerns these scores, empty if there is none; from
        ``model.spec.cautions``.

    Raises
    ------
    InputError
        If shapes do not fit, the residue that is there does not score 0, or a value is infinite.
    """

    values: Array
    sequence: str
    model: str
    method: str
    deletions: Array | None = None
    contacts: Array | None = None
    caution: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _frozen(self.values))
        _check_values(self.values, self.sequence)
        if self.deletions is not None:
            object.__setattr__(self, "deletions", _frozen(self.deletions))
            if self.deletions.shape != (len(self.sequence),) or np.isinf(self.deletions).any():
                msg = f"deletions must be {len(self.sequence)} numbers, got {self.deletions.shape}"
                raise InputError(msg)
        if self.contacts is not None:
            object.__setattr__(self, "contacts", _frozen(self.contacts))
            _check_contacts(self.contacts, self.values)

    def __repr__(self) -> str:
        told = f"MutationMap {self.model} ({self.method}): {len(self.sequence)} residues"
        return with_caution(told, self.caution)

    @property
    def mean(self) -> Array:
        """Mean score of the three substitutions at each position, shape (L,)."""
        result: Array = (self.values.sum(1, dtype=np.float64) / (len(LETTERS) - 1)).astype("f4")
        return result

    @property
    def probabilities(self) -> Array:
        """Probabilities of A C G U that the scores stand for, shape (L, 4).

        Raises
        ------
        InputError
            For mutant marginals: each of their scores is of another context.
        """
        if self.method not in MARGINAL:
            msg = (
                f"scores of method {self.method!r} are not one distribution a position; "
                f"use one of {', '.join(MARGINAL)}, or rx.tl.residue_probabilities"
            )
            raise InputError(msg)
        odds = np.exp(self.values.astype(np.float64) - self.values.max(1, keepdims=True))
        result: Array = (odds / odds.sum(1, keepdims=True)).astype(np.float32)
        return result

    @property
    def entropy(self) -> Array:
        """Shannon entropy of `probabilities` in bits, shape (L,), 0 to 2.

        Raises
        ------
        InputError
            For mutant marginals.
        """
        p = self.probabilities.astype(np.float64)
        logs = np.log2(np.where(p > 0, p, 1))  # NaN stays NaN
        result: Array = -(p * logs).sum(1).astype(np.float32)
        return result

    @property
    def disagreement(self) -> Array:
        """How differently the two effects rank each substitution, shape (L, 4), -1 to 1.

        The share of substitutions that lose fewer base pairs, less the share that lose less
        likelihood. Towards 1: harmful by contacts alone; towards -1: by likelihood alone. NaN for
        the residue that is there, and where it is ambiguous.

        Raises
        ------
        CapabilityError
            If there are no `contacts`.
        """
        if self.contacts is None:
            msg = "the map has no contacts; rx.tl.mutate(…, effect='contacts') computes them"
            raise CapabilityError(msg)
        known = np.isfinite(self.values)
        known[np.arange(len(known)), letter_index(self.sequence)] = False
        result = np.full(self.values.shape, np.nan, dtype=np.float32)
        result[known] = _shares(-self.contacts[known]) - _shares(-self.values[known])
        return result

    def to_frame(self) -> pd.DataFrame:
        """Return one row a substitution, and a deletion where there are scores of these.

        Returns
        -------
        DataFrame
            position (1-based), reference, alternative (``"-"`` for a deletion), score (nats); in
            the order of the sequence; and ``contacts`` and ``disagreement`` where they were asked
            for, missing for deletions. Ambiguous residues have no rows. ``attrs["caution"]`` is
            `caution`.
        """
        import pandas as pd

        rows = [
            (i + 1, here, letter, float(score))
            for i, here in enumerate(self.sequence)
            for letter, score in self._alternatives(i)
            if here in LETTERS and letter != here
        ]
        frame = pd.DataFrame(rows, columns=["position", "reference", "alternative", "score"])
        if self.contacts is not None:
            at = frame["position"].to_numpy() - 1, letter_index("".join(frame["alternative"]))
            for name, values in {
                "contacts": self.contacts,
                "disagreement": self.disagreement,
            }.items():
                frame[name] = np.where(at[1] >= 0, values[at], np.nan)
        frame.attrs["caution"] = self.caution
        return frame

    def _alternatives(self, i: int) -> list[tuple[str, np.float32]]:
        found = list(zip(LETTERS, self.values[i], strict=True))
        return found if self.deletions is None else [*found, ("-", self.deletions[i])]


def _shares(values: Array) -> NDArray[np.float64]:
    """Return for each value the share of the others that are smaller, ties counting half."""
    order = np.sort(values)
    below = np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right") - 1
    result: NDArray[np.float64] = below / max(1, 2 * (len(values) - 1))
    return result


def _check_contacts(contacts: Array, values: Array) -> None:
    if contacts.shape != values.shape:
        msg = f"contacts must have shape {values.shape}, as values, got {contacts.shape}"
        raise InputError(msg)
    known = np.isfinite(values)
    if not np.isfinite(contacts[known]).all() or (contacts[known] > 0).any():
        msg = "contacts must be finite and at most 0 where the residue is A C G U"
        raise InputError(msg)


def _frozen(values: Array) -> Array:
    kept = np.asarray(values, dtype=np.float32).view()
    kept.flags.writeable = False
    return kept


def _check_values(values: Array, sequence: str) -> None:
    if values.shape != (len(sequence), len(LETTERS)) or not sequence:
        msg = f"values must have shape ({len(sequence)}, 4) over A C G U, got {values.shape}"
        raise InputError(msg)
    here = letter_index(sequence)
    known = here >= 0
    if not np.isfinite(values[known]).all():
        msg = "values must be finite where the residue is A C G U"
        raise InputError(msg)
    if np.abs(values[np.flatnonzero(known), here[known]]).max(initial=0) > TOLERANCE:
        msg = "the residue that is there must score 0: values are ratios to its likelihood"
        raise InputError(msg)
    if not np.isnan(values[~known]).all():
        msg = "values must be NaN where the residue is not A C G U: there is no reference"
        raise InputError(msg)
