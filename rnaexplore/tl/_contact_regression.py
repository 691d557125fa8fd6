"""A logistic regression from attention heads to contacts, with what it was fitted on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore.errors import CheckpointError, InputError
from rnaexplore.maps import ContactMap
from rnaexplore.models.alphabet import normalise
from rnaexplore.structure.decoding import MIN_LOOP
from rnaexplore.tl._access import sequence_of
from rnaexplore.tl._attention import attention_maps

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["ContactRegression", "digest", "fingerprint", "head_features", "refuse_seen"]

FORMAT = "rnaexplore contact regression 1"


def digest(sequence: str) -> str:
    """Return the SHA-256 of a sequence in upper case with U."""
    return sha256(normalise(sequence).encode()).hexdigest()


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

    def __repr__(self) -> str:
        used = np.count_nonzero(self.coefficients)
        return (
            f"<ContactRegression of {self.model}: {used} of {len(self.coefficients)} heads, fitted "
            f"on {len(self.names)} RNAs of {len(self.families)} families>"
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
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            if record.pop("format") != FORMAT:
                raise ValueError  # noqa: TRY301
            for name in ("coefficients", "families", "names", "sequences"):
                record[name] = tuple(record[name])
            loaded = cls(**record)
            finite = np.isfinite([*loaded.coefficients, loaded.intercept]).all()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            msg = f"{path} is not a contact regression that rx.tl.fit_contacts saved"
            raise CheckpointError(msg) from error
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

    def check_unseen(self, sequence: str, family: object) -> None:
        """Raise if a prediction for an RNA would be one of what the regression was fitted on.

        Raises
        ------
        InputError
            If the RNA, or another of its family, was among those of the fit.
        """
        if digest(sequence) in self.sequences:
            what = "this very sequence"
        elif family and family in self.families:
            what = f"RNAs of the family {family!r}"
        else:
            return
        msg = (
            f"the regression was fitted on {what}, so its contacts would say little about new "
            "RNAs. Fit it without that family, adata[adata.obs['family'] != …], or pass "
            "allow_seen_families=True if that is what you want to see"
        )
        raise InputError(msg)

    def predict(self, model: Model, sequence: str) -> ContactMap:
        """Return the contact probabilities of one RNA, families not checked.

        Parameters
        ----------
        model
            The model that the regression was fitted on.
        sequence
            The RNA.

        Returns
        -------
        ContactMap
            0 for pairs less than 4 apart, which were not in the fit.

        Raises
        ------
        InputError
            If it was fitted on another model.
        """
        self.check_model(model)
        features, spelled = head_features(model, sequence)
        odds = np.tensordot(np.array(self.coefficients), features, axes=1) + self.intercept
        probabilities = 1 / (1 + np.exp(-odds))
        upper = np.triu(probabilities, MIN_LOOP + 1)
        values = (upper + upper.T).astype(np.float32)
        return ContactMap(values, spelled, "regression", model.spec.name)


def refuse_seen(regression: ContactRegression, adata: AnnData, names: Sequence[str]) -> None:
    """Raise if one of some RNAs, or another of its family, was fitted on.

    Raises
    ------
    InputError
        Naming the family and the remedies; also if families were known when it was fitted, and
        are not in `adata`.
    """
    key = regression.family_key
    if key and key not in adata.obs:
        msg = (
            f"adata.obs has no {key!r}, so whether the regression was fitted on the family cannot "
            "be told; add the column, or pass allow_seen_families=True"
        )
        raise InputError(msg)
    families = adata.obs.loc[list(names), key] if key else [None] * len(names)
    for name, family in zip(names, families, strict=True):
        regression.check_unseen(sequence_of(adata, name), family)


def head_features(model: Model, sequence: str) -> tuple[NDArray[np.float64], str]:
    """Return the symmetrised and corrected map of every head, (heads, L, L), and the sequence."""
    maps = attention_maps(model, sequence).symmetrize().apc()
    n = maps.values.shape[-1]
    return maps.values.reshape(-1, n, n).astype(np.float64), maps.sequence
