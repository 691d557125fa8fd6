"""Fitness of variants of one RNA, as a masked-language model sees it, beside thermodynamics."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tqdm.auto import tqdm

from rnaexplore._adata import load
from rnaexplore.errors import (
    CapabilityError,
    InputError,
    InvalidSequenceError,
    RnaExploreWarning,
    SequenceTooLongError,
)
from rnaexplore.models.inference.inputs import check_sequences, require
from rnaexplore.tl.evaluation.caution import told_caution
from rnaexplore.tl.mutational_scans.energies import energy_changes, vienna_version
from rnaexplore.tl.mutational_scans.scores import Asked, scores_of
from rnaexplore.tl.mutational_scans.store import Kept
from rnaexplore.tl.mutational_scans.table import COLUMNS, attrs_of, result_table
from rnaexplore.tl.mutational_scans.terms import ONE_CONTEXT, FitnessMethod
from rnaexplore.tl.mutational_scans.variants import (
    INDEL,
    INVALID,
    SUBSTITUTION,
    WILD_TYPE,
    Variant,
    problem_counts,
    read_variants,
    shift_hint,
    table_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["fitness"]

Path_ = str | os.PathLike[str]

_SHOWN = 3  #: problems in a warning


def fitness(
    variants: pd.DataFrame | Path_ | Iterable[str],
    wild_type: str,
    model: str | Model = "mini",
    *,
    method: FitnessMethod = "wt-fill",
    window: int | None = None,
    store: Path_ | None = None,
    thermodynamics: bool = True,
    progress: bool = True,
) -> pd.DataFrame:
    """Score variants of one RNA: how fit a masked-language model and thermodynamics find them.

    The score of substitutions is a log-likelihood ratio, the sum over mutated positions of
    ``log p(mutant) - log p(wild type)``. With one position hidden, what stands at the *other*
    mutated positions makes the difference between four scores that are all called masked marginals
    (Meier et al. 2021, doi:10.1101/2021.07.09.450648, appendix A), so methods are named after it.
    With a single mutation the three fills are the same score.

    A variant that cannot be scored keeps its row, with NaN and a ``problem``; nothing that was
    computed is lost for it.

    Parameters
    ----------
    variants
        Texts such as ``["C10A", "C10A,U56C", "G5-"]``; or a table, a DataFrame or a file
        (``.csv``, ``.tsv``, gzipped or not), with a column ``mutant`` or ``sequence`` or both, as
        `rnaexplore.io.read_assay` returns it; a row with neither has no score. Positions count
        nucleotides from 1. Deletions are written ``C10-``, ``C10del`` or ``5_7del``, insertions
        ``10_11insGA``. T and U, upper and lower case are the same.
    wild_type
        The sequence that variants are compared with. It may hold N: variants that change one have
        nothing to be compared with, and no score.
    model
        Name of a model of nucleotides or codons, or a loaded one. A codon model reads the wild type
        as a coding sequence in frame, and scores the codons that a variant changes.
    method
        ``"wt-fill"``
            Others are wild type: one pass for each position, whatever the number of variants;
            additive. ESM and ProteinGym call it masked marginals, RNAGym ranks by it.
        ``"mask-fill"``
            Others are hidden, too: one pass for each set of positions. The formula of the paper.
        ``"mut-fill"``
            Others are mutated: one pass for each variant and position.
        ``"wt-marginals"``
            Nothing is hidden: one pass in all. The model sees the wild type, and favors it.
        ``"pseudo-likelihood"``
            Of the whole sequence, mutant minus wild type: one pass for each variant and residue.
            Per residue, times the residues of the wild type; that is the plain difference for
            substitutions, and gives shorter sequences no advantage.

        Insertions and deletions have no positions in common with the wild type, and are scored by
        pseudo-likelihood whatever the method; column ``method`` says so row by row.
    window
        Residues a window, for a wild type longer than the model allows. For ``"wt-fill"`` and
        ``"wt-marginals"`` of nucleotide models alone: windows of the others would lose mutations.
    store
        Folder in which finished parts are kept, so that the same call goes on after an
        interruption. It may be shared by models, methods and assays, and is never cleared.
    thermodynamics
        Whether to fold each variant with ViennaRNA. Without it, or if it is not installed, the two
        columns are missing, and ``attrs["notes"]`` says so.
    progress
        Whether to show progress bars.

    Returns
    -------
    DataFrame
        One row per variant, in the order and with the index of `variants`. Other columns of the
        table are kept. Columns:

        ``mutant``, ``sequence`` : str
            Normalized mutations, and the whole variant.
        ``kind`` : str
            ``"wild type"``, ``"substitution"``, ``"indel"`` or ``"invalid"``.
        ``n_mutations`` : Int64
            Nucleotides changed, deleted or inserted.
        ``score`` : float
            Nats; higher is fitter, the wild type has 0.
        ``method`` : str
            How the row was scored.
        ``delta_mfe`` : float
            Minimum free energy minus that of the wild type, kcal/mol; positive is less stable.
        ``delta_pairs`` : float
            Base pairs expected to differ from the wild type: the sum of absolute differences of
            pair probabilities, 0 and up.
        ``edit_distance`` : Int64
            Levenshtein distance to the wild type.
        ``combined`` : float
            Mean of ranks among the variants with a score, each from 0 (worst) to 1 (best): of
            ``score``, ``-delta_mfe``, ``-delta_pairs`` and ``-edit_distance``, with equal weights
            that were fitted to nothing. It depends on the set of variants.
        ``problem`` : str
            Why there is no score: its kind, a colon, and details; empty otherwise.

        ``attrs`` hold ``model``, ``method``, ``wild_type``, ``caution`` (what is known to be weak
        about the model), ``notes`` (sentences), ``counts`` (rows of each kind, repeated rows, rows
        written with T, ambiguous letters of the wild type) and ``problems`` (rows by kind of
        problem).

    Raises
    ------
    InputError
        If a setting is not allowed, there is no variant, or none of them can be scored.
    InvalidSequenceError
        If the wild type is no RNA, or for codon models out of frame.
    SequenceTooLongError
        If the wild type is longer than the model allows, and `window` cannot help.
    CapabilityError
        If the model has no trained masked-language head, or reads k-mers.
    StoreError
        If `store` cannot be written.

    Warns
    -----
    RnaExploreWarning
        Once, if variants have no score: how many, why, and the first of each kind.

    Notes
    -----
    With n variants of m mutations each in an RNA of L residues, ``"wt-marginals"`` takes 1 pass of
    the model, ``"wt-fill"`` at most L, ``"mask-fill"`` at most n, ``"mut-fill"`` at most n m, and
    ``"pseudo-likelihood"`` n L; equal contexts are read once. In models with attention the time of
    a pass grows with the square of the length. ViennaRNA adds a time that grows with the number of
    variants and the cube of the length. Memory grows with the number of variants by one row of the
    table each; the model needs that of a batch and of 2,048 contexts.
    """
    table, wild = table_of(variants), _wild_type(wild_type)
    _check_columns(table)
    loaded = load(model)
    _check(loaded, wild, method, window)
    rows = read_variants(table, wild, loaded.spec)
    _check_any(rows, table, wild)
    folder = None if store is None else Path(store)
    windowed = window is not None and window < len(wild)
    asked = Asked(
        model=loaded,
        method=method,
        wild_type=wild,
        window=window if windowed else None,
        kept=Kept(folder, _recipe(loaded, wild, window)),
    )
    scores = _scored(asked, rows, progress=progress)
    changes = _folded(wild, rows, folder, progress=progress) if thermodynamics else None
    result = result_table(table, rows, wild=wild, method=method, scores=scores, changes=changes)
    told = attrs_of(loaded, wild, method, rows, asked_for_energies=thermodynamics)
    result.attrs.update(told | {"caution": told_caution(loaded)})
    _warn(rows, table, wild)
    return result


def _wild_type(text: str) -> str:
    wild = "".join(text.split()).upper().replace("T", "U")
    strange = sorted(set(wild) - set("ACGURYSWKMBDHVN"))
    if strange or not wild:
        what = f"letter {strange[0]!r} at {wild.index(strange[0]) + 1}" if strange else "nothing"
        msg = f"wild_type must be an RNA of A C G U T and IUPAC codes, got {what}"
        raise InvalidSequenceError(msg)
    return wild


def _check_columns(table: pd.DataFrame) -> None:
    taken = [c for c in COLUMNS if c in table]
    if taken:
        msg = (
            f"the table has a column {taken[0]!r}, which the result would overwrite; "
            f"rename it first: table.rename(columns={{{taken[0]!r}: 'own_{taken[0]}'}})"
        )
        raise InputError(msg)


def _check(model: Model, wild: str, method: str, window: int | None) -> None:
    """Raise if a model cannot score variants of a wild type in this way."""
    known, unit = get_args(FitnessMethod), model.spec.alphabet.unit
    if method not in known:
        msg = f"method must be one of {', '.join(known)}, got {method!r}"
        raise InputError(msg)
    require(model.spec, "logits")
    if unit == "k-mer":
        msg = (
            f"{model.spec.name!r} reads overlapping k-mers, and variants are scored by "
            "nucleotides or codons; rx.list_models() shows the unit of each model"
        )
        raise CapabilityError(msg)
    if window is not None and (method not in ONE_CONTEXT or unit == "codon"):
        msg = (
            f"window= needs method='wt-fill' or 'wt-marginals' and a model of nucleotides, got "
            f"{method!r} and {unit}s: windows would cut mutations off that the others see"
        )
        raise InputError(msg)
    _check_length(model, wild, window)
    check_sequences(model.spec, [wild], ["wild type"], window=window)


def _check_length(model: Model, wild: str, window: int | None) -> None:
    spec = model.spec
    n, limit = spec.alphabet.n_residues(wild), spec.max_length
    if window is None and limit is not None and n > limit:
        msg = (
            f"the wild type has {n} {spec.alphabet.unit}s, and {spec.name!r} reads at most "
            f"{limit}; score it with method='wt-fill' and window={limit}, cut the construct to the "
            "part that varies, or choose a model with a higher limit (rx.list_models())"
        )
        raise SequenceTooLongError(msg)


def _check_any(rows: Sequence[Variant], table: pd.DataFrame, wild: str) -> None:
    if any(row.kind != INVALID for row in rows):
        return
    msg = f"none of the {len(rows)} variants can be scored. {_told(rows)}. {_hint(table, wild)}"
    raise InputError(msg.strip())


def _hint(table: pd.DataFrame, wild: str) -> str:
    return shift_hint(table, wild) or (
        f"Positions are 1-based, of a wild type that starts {wild[:10]}…"
    )


def _told(rows: Sequence[Variant]) -> str:
    """Return the kinds of problems with their number and the first of each."""
    first = {row.problem.partition(":")[0]: row.problem for row in reversed(rows) if row.problem}
    counts = problem_counts(rows)
    shown = [f"{n} × {first[kind]}" for kind, n in list(counts.items())[:_SHOWN]]
    rest = len(counts) - len(shown)
    return "; ".join(shown) + (f"; {rest} more kinds of problems" if rest > 0 else "")


def _recipe(model: Model, wild: str, window: int | None) -> dict[str, object]:
    """Return what kept parts depend on beside the contexts and variants themselves."""
    return {
        "model": model.spec.name,
        "weights_sha256": model.weights_sha256 or model.source,
        "dtype": str(model.dtype),
        "device": model.device.type,
        "window": window or 0,
        "wild_type": wild,
        "rnaexplore": version("rnaexplore"),
    }


def _distinct(rows: Sequence[Variant], kind: str) -> list[str]:
    return list(dict.fromkeys(row.sequence for row in rows if row.kind == kind))


def _scored(asked: Asked, rows: Sequence[Variant], *, progress: bool) -> dict[str, float]:
    """Return the score of each distinct sequence."""
    substituted, indels = _distinct(rows, SUBSTITUTION), _distinct(rows, INDEL)
    with _bar(asked.model.spec.name, len(substituted) + len(indels), progress=progress) as bar:
        found = scores_of(asked, substituted, indels, bar.update)
    return found | dict.fromkeys(_distinct(rows, WILD_TYPE), 0.0)


def _folded(
    wild: str, rows: Sequence[Variant], folder: Path | None, *, progress: bool
) -> dict[str, tuple[float, float]] | None:
    """Return what ViennaRNA says of each distinct sequence, ``None`` if it is not installed."""
    if not vienna_version():
        return None
    kept = Kept(folder, {"ViennaRNA": vienna_version(), "wild_type": wild})
    distinct = list(dict.fromkeys(row.sequence for row in rows if row.kind != INVALID))
    with _bar("ViennaRNA", len(distinct), progress=progress) as bar:
        return energy_changes(wild, distinct, kept, bar.update)


def _bar(name: str, total: int, *, progress: bool) -> Any:
    return tqdm(total=total, desc=name, unit="variant", disable=not progress)


def _warn(rows: Sequence[Variant], table: pd.DataFrame, wild: str) -> None:
    bad = sum(row.kind == INVALID for row in rows)
    if bad:
        hint = shift_hint(table, wild)
        msg = f"{bad} of {len(rows)} variants have no score: {_told(rows)}. {hint}".strip()
        warnings.warn(msg, RnaExploreWarning, stacklevel=3)
