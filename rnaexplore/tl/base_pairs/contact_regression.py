"""A logistic regression from attention heads to contacts, with what it was fitted on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError, InputError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import CalibrationCurve, MapKind
from rnaexplore.structure.calibration import sigmoid
from rnaexplore.structure.decoding import MIN_LOOP
from rnaexplore.tl.evaluation.seen import Seen
from rnaexplore.tl.heads.attention import attention_maps

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["ContactRegression", "fingerprint", "head_features"]

FORMAT = "rnaexplore contact regression 2"
UNCALIBRATED = "rnaexplore contact regression 1"  #: without a curve


def fingerprint(model: Model) -> str:
    """Return what identifies a model's weights: their SHA-256, or how they were drawn."""
    return model.weights_sha256 or model.source


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRegression:
    """A fitted contact readout of one model: `rnaexplore.tl.fit_contacts` makes it.

    Attributes
    ----------
    model
        Name of the model.
    weights
        SHA-256 of its weights, or for random weights how they were drawn.
    coefficients
        One number a head, layer by layer; most are 0.
    intercept
        Log odds of a pair on which no head has an opinion.
    family_key
        ``obs`` key of the families, ``""`` if none was given.
    families
        Families of the RNAs that it was fitted on.
    names
        Names of those RNAs.
    sequences
        SHA-256 of the sequences of those RNAs.
    strength
        Inverse strength of the L1 penalty, scikit-learn's ``C``.
    curve
        Log odds of the regression and calibrated log odds at the knots of a
        `rnaexplore.structure.CalibrationCurve`, as two rows; empty if it was not calibrated, and
        then its maps are scores.
    errors
        Expected calibration error on held-out families before and after calibration; empty if it
        was not calibrated.
    """

    model: str
    weights: str
    coefficients: tuple[float, ...]
    intercept: float
    family_key: str
    families: tuple[str, ...]
    names: tuple[str, ...]
    sequences: tuple[str, ...]
    strength: float
    curve: tuple[tuple[float, ...], ...] = ()
    errors: tuple[float, ...] = ()

    def __repr__(self) -> str:
        used = np.count_nonzero(self.coefficients)
        calibrated = (
            f"calibration error on held-out families {self.errors[0]:.3f} before, "
            f"{self.errors[1]:.3f} after"
            if self.curve
            else "not calibrated"
        )
        return (
            f"<ContactRegression of {self.model}: {used} of {len(self.coefficients)} heads, fitted "
            f"on {len(self.names)} RNAs of {len(self.families)} families, {calibrated}>"
        )

    @property
    def kind(self) -> MapKind:
        """``"probability"`` if it was calibrated on held-out families, else ``"score"``."""
        return "probability" if self.curve else "score"

    @property
    def seen(self) -> Seen:
        """The RNAs and families that it was fitted on."""
        return Seen(
            what="the fit of the regression",
            families=frozenset(self.families),
            sequences=frozenset(self.sequences),
            key=self.family_key,
        )

    def save(self, path: str | Path) -> None:
        """Write the regression as JSON, a text file that is safe to share.

        Parameters
        ----------
        path
            File to write, by convention ending in ``.json``.
        """
        record = {"format": FORMAT, **asdict(self)}
        Path(path).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> ContactRegression:
        """Read a regression that `save` wrote.

        Raises
        ------
        CheckpointError
            If the file is something else, or was damaged.
        """
        problem = "is not a contact regression that rx.tl.fit_contacts saved"
        with border(path, CheckpointError, problem=problem, ours=(InputError,)):
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            if record.pop("format") not in {FORMAT, UNCALIBRATED}:
                raise ValueError("another format")  # noqa: EM101
            for name in ("families", "names", "sequences"):
                record[name] = _all_of(str, record[name])
            record["coefficients"] = _all_of((int, float), record["coefficients"])
            record["curve"] = tuple(
                _all_of((int, float), row) for row in _all_of(list, record.get("curve", []))
            )
            record["errors"] = _all_of((int, float), record.get("errors", []))
            _all_of(str, [record[name] for name in ("model", "weights", "family_key")])
            _all_of((int, float), [record[name] for name in ("intercept", "strength")])
            if len(record["errors"]) != 2 * bool(record["curve"]):
                raise ValueError("errors")  # noqa: EM101
            loaded = cls(**record)
            finite = np.isfinite([*loaded.coefficients, loaded.intercept]).all()
            if loaded.curve:
                CalibrationCurve(*loaded.curve)
        if not finite:
            msg = f"{path} holds coefficients that are not finite"
            raise CheckpointError(msg)
        return loaded

    def check_model(self, model: Model) -> None:
        """Raise if the regression was fitted on another model or other weights.

        Raises
        ------
        InputError
            Naming both.
        """
        if (model.spec.name, fingerprint(model)) != (self.model, self.weights):
            msg = (
                f"the regression was fitted on {self.model!r} (weights {self.weights[:12]}), not "
                f"on {model.spec.name!r} (weights {fingerprint(model)[:12]}); fit one for this "
                "model with rx.tl.fit_contacts"
            )
            raise InputError(msg)

    def predict(self, model: Model, sequence: str) -> ContactMap:
        """Return the contacts of one RNA, families not checked.

        Parameters
        ----------
        model
            The model that the regression was fitted on.
        sequence
            The RNA.

        Returns
        -------
        ContactMap
            Probabilities, or scores if the regression was not calibrated; 0 for pairs less than 4
            apart, which were not in the fit.

        Raises
        ------
        InputError
            If it was fitted on another model.
        """
        self.check_model(model)
        features, spelled = head_features(model, sequence)
        odds = np.tensordot(np.array(self.coefficients), features, axes=1) + self.intercept
        if self.curve:
            odds = CalibrationCurve(*self.curve)(odds)
        upper = np.triu(sigmoid(odds), MIN_LOOP + 1)
        values = (upper + upper.T).astype(np.float32)
        return ContactMap(values, spelled, "regression", model.spec.name, kind=self.kind)


def _all_of(kind: type | tuple[type, ...], values: object) -> tuple[Any, ...]:
    """Return a list of a file as a tuple; raise `TypeError` if something else is in it."""
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        msg = f"a list of {kind} is expected"
        raise TypeError(msg)
    return tuple(values)


def head_features(model: Model, sequence: str) -> tuple[NDArray[np.float64], str]:
    """Return the symmetrised and corrected map of every head, (heads, L, L), and the sequence."""
    maps = attention_maps(model, sequence).symmetrize().apc()
    n = maps.values.shape[-1]
    return maps.values.reshape(-1, n, n).astype(np.float64), maps.sequence
