"""Whether RNAs were seen before: by a model in training, by a fit, by a choice of heads.

One rule for all three. What was seen is taken from where it is recorded: the metadata of the
weights, the file of a regression, the RNAs that heads are chosen on.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.errors import ExposureWarning, InputError
from rnaexplore.models.alphabet import normalise

if TYPE_CHECKING:
    from rnaexplore.models.exposure import Register
    from rnaexplore.models.model import Model

__all__ = ["Exposure", "OnSeen", "Seen", "check_exposure", "digest", "seen_by_model", "seen_in"]

OnSeen = Literal["warn", "raise", "ignore"]


def digest(sequence: str) -> str:
    """Return the SHA-256 of a sequence in upper case with U."""
    return sha256(normalise(sequence).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What something was trained, fitted or chosen on.

    Attributes
    ----------
    what
        What it is, for messages: ``"the training of 'mini'"``.
    families
        Families of the RNAs, by name or accession.
    sequences
        SHA-256 of their sequences, as `digest` returns it.
    key
        ``obs`` key of the families, ``""`` if none was given.
    is_known
        Whether any of this is recorded.
    register
        Hashes of the training data of a model, for models whose data are known in full.
    """

    what: str
    families: frozenset[str] = frozenset()
    sequences: frozenset[str] = frozenset()
    key: str = _keys.FAMILY
    is_known: bool = True
    register: Register | None = None

    def has(self, sequence: str, families: set[str]) -> bool:
        """Return whether an RNA (upper case, with U), a relative or its family was seen."""
        if not families.isdisjoint(self.families) or digest(sequence) in self.sequences:
            return True
        if self.register is None:
            return False
        known = not families.isdisjoint(self.register.families)
        return known or self.register.seen(sequence) or self.register.related(sequence)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposure:
    """How many of some RNAs were seen before.

    Attributes
    ----------
    rnas
        For each RNA whether it, or another of its family, was seen: shape (n,).
    n_families, n_seen_families
        Number of families of the RNAs, and of those that were seen; 0 if families are not known.
    sources
        What has seen them.
    unknown
        What has no record of what it has seen, or names families where the RNAs have none.
    """

    rnas: NDArray[np.bool_]
    n_families: int
    n_seen_families: int
    sources: tuple[str, ...]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        n, seen = len(self.rnas), int(self.rnas.sum())
        families = (
            f" and {self.n_seen_families} of {self.n_families} families" if self.n_families else ""
        )
        return f"{seen} of {n} RNAs{families} were seen in {' and in '.join(self.sources)}"

    @property
    def record(self) -> dict[str, object]:
        """The numbers, as they are kept in the provenance."""
        return {
            "rnas": len(self.rnas),
            "seen_rnas": int(self.rnas.sum()),
            "families": self.n_families,
            "seen_families": self.n_seen_families,
            "unknown": ", ".join(self.unknown),
        }


def seen_by_model(model: Model) -> Seen:
    """Return what a model was trained on: the register that comes with it, and its metadata.

    The metadata of the weights name the families of the training (``families``) and of the contact
    head (``contact_families``), as `rnaexplore.pretraining` writes them.
    """
    from rnaexplore.models.exposure import register_of_model

    trained = model.training.get("trained", {})
    known = trained if isinstance(trained, Mapping) else {}
    named = [*known.get("families", ()), *known.get("contact_families", ())]
    register = register_of_model(model)
    known_in_full = register is not None or not model.weights_sha256  # random ones saw nothing
    return Seen(
        what=f"the training of {model.spec.name!r}",
        families=frozenset(map(str, named)),
        is_known=bool(named) or known_in_full,
        register=register,
    )


def seen_in(what: str, adata: AnnData) -> Seen:
    """Return the RNAs and families of an AnnData, as something that was seen."""
    labels = set().union(*_labels(adata, range(adata.n_obs), _keys.FAMILY))
    return Seen(
        what=what,
        families=frozenset(labels),
        sequences=frozenset(map(digest, adata.obs[_keys.SEQUENCE])),
    )


def check_exposure(
    adata: AnnData, rows: Iterable[int], seen: Sequence[Seen], *, on_seen: OnSeen
) -> Exposure:
    """Count which RNAs were seen, and say so.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]`` and, where known, families: their names
        and their accessions are compared.
    rows
        Positions of the RNAs to look at.
    seen
        What the model, the fit and the choice behind a result have seen.
    on_seen
        ``"warn"``: an `ExposureWarning` if an RNA was seen; ``"raise"``: an error, also if it
        cannot be told because families are missing; ``"ignore"``: neither.

    Returns
    -------
    Exposure
        The counts.

    Raises
    ------
    InputError
        If `on_seen` is unknown; or as it says.
    """
    if on_seen not in get_args(OnSeen):
        msg = f"on_seen must be one of {', '.join(get_args(OnSeen))}, got {on_seen!r}"
        raise InputError(msg)
    chosen = list(rows)
    found = _counted(adata, chosen, seen)
    if on_seen == "raise":
        _refuse_untold(adata, seen)
    if not found.rnas.any() or on_seen == "ignore":
        return found
    msg = (
        f"{found}: results for these say little about new families. on_seen='raise' refuses them, "
        "on_seen='ignore' leaves this out"
    )
    if on_seen == "raise":
        raise InputError(msg)
    warnings.warn(msg, ExposureWarning, stacklevel=3)
    return found


def _counted(adata: AnnData, rows: list[int], seen: Sequence[Seen]) -> Exposure:
    sequences = [normalise(s) for s in adata.obs[_keys.SEQUENCE].iloc[rows]]
    by_source = {}
    for one in seen:
        labels = _labels(adata, rows, one.key)
        by_source[one.what] = np.array(
            [one.has(s, own) for s, own in zip(sequences, labels, strict=True)],
            dtype=np.bool_,
        )
    rnas = np.logical_or.reduce([*by_source.values(), np.zeros(len(rows), dtype=np.bool_)])
    families = _families(adata, rows)
    return Exposure(
        rnas=rnas,
        n_families=len({f for f in families if f}),
        n_seen_families=len({f for f, was in zip(families, rnas, strict=True) if f and was}),
        sources=tuple(what for what, was in by_source.items() if was.any()),
        unknown=tuple(one.what for one in seen if not one.is_known or _untold(adata, one)),
    )


def _labels(adata: AnnData, rows: Sequence[int], key: str) -> list[set[str]]:
    """Return the family of each RNA by all the names it goes by."""
    keys = [key, _keys.ACCESSION] if key == _keys.FAMILY else [key]
    columns = [adata.obs[k].iloc[list(rows)].astype(object) for k in keys if k in adata.obs]
    names = zip(*columns, strict=True) if columns else [()] * len(rows)
    return [{str(label) for label in own if isinstance(label, str) and label} for own in names]


def _families(adata: AnnData, rows: list[int]) -> list[str]:
    """Return the family of each RNA, empty where it is not known."""
    if _keys.FAMILY not in adata.obs:
        return [""] * len(rows)
    column = adata.obs[_keys.FAMILY].iloc[rows].astype(object)
    return [label if isinstance(label, str) else "" for label in column]


def _untold(adata: AnnData, one: Seen) -> bool:
    """Return whether families were recorded, and `adata` has none to compare them with."""
    keys = {one.key, _keys.ACCESSION} if one.key == _keys.FAMILY else {one.key}
    return bool(one.families) and keys.isdisjoint(adata.obs.columns)


def _refuse_untold(adata: AnnData, seen: Sequence[Seen]) -> None:
    for one in seen:
        if _untold(adata, one):
            msg = (
                f"adata.obs has no {one.key!r}, so whether {one.what} had RNAs of these families "
                "cannot be told; add the column, or pass on_seen='warn'"
            )
            raise InputError(msg)
