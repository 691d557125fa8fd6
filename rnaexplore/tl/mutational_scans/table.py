"""The table of `rnaexplore.tl.fitness`: its columns, and what is told beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.mutational_scans.energies import vienna_version
from rnaexplore.tl.mutational_scans.terms import WHOLE
from rnaexplore.tl.mutational_scans.variants import (
    INDEL,
    INVALID,
    MUTANT,
    SEQUENCE,
    SUBSTITUTION,
    WILD_TYPE,
    Variant,
    problem_counts,
)

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["COLUMNS", "attrs_of", "combined", "result_table"]

Floats = NDArray[np.float64]

ENERGY, PAIRS, EDITS, SCORE, COMBINED = (
    "delta_mfe", "delta_pairs", "edit_distance", "score", "combined"
)  # fmt: skip
#: columns that a result adds to those of the table
COLUMNS = ("kind", "n_mutations", SCORE, "method", ENERGY, PAIRS, EDITS, COMBINED, "problem")


def result_table(
    table: pd.DataFrame,
    rows: Sequence[Variant],
    *,
    wild: str,
    method: str,
    scores: dict[str, float],
    changes: dict[str, tuple[float, float]] | None,
) -> pd.DataFrame:
    """Return the columns of a result beside what else the table of variants holds.

    Parameters
    ----------
    table, rows
        The variants as they were given, and as they were read.
    wild, method
        The wild type, and how substitutions were scored.
    scores, changes
        By sequence; ``None`` where nothing was folded.
    """
    from rapidfuzz.distance import Levenshtein

    valid = np.array([row.kind != INVALID for row in rows])
    edits = {s: Levenshtein.distance(wild, s) for s in {row.sequence for row in rows}}
    columns: dict[str, Any] = {
        MUTANT: [row.mutant for row in rows],
        SEQUENCE: [row.sequence for row in rows],
        "kind": [row.kind for row in rows],
        "n_mutations": _whole_numbers([row.n_mutations for row in rows], valid),
        SCORE: np.array([scores.get(row.sequence, np.nan) for row in rows]),
        "method": [_method(row, method) for row in rows],
    }
    if changes is not None:
        nothing = (np.nan, np.nan)
        values = np.array([changes.get(row.sequence, nothing) for row in rows], dtype=np.float64)
        columns |= {ENERGY: values[:, 0], PAIRS: values[:, 1]}
    columns[EDITS] = _whole_numbers([edits[row.sequence] for row in rows], valid)
    columns[COMBINED] = combined(columns, valid)
    columns["problem"] = [row.problem for row in rows]
    return table.drop(columns=[MUTANT, SEQUENCE], errors="ignore").assign(**columns)


def _whole_numbers(values: Sequence[int], valid: NDArray[np.bool_]) -> Any:
    """Return whole numbers, missing where a row is not valid."""
    import pandas as pd

    return pd.Series(values, dtype="Int64").where(valid).array


def _method(row: Variant, method: str) -> str:
    return {INVALID: "", INDEL: WHOLE}.get(row.kind, method)


def combined(columns: dict[str, Any], valid: NDArray[np.bool_]) -> Floats:
    """Return the mean of the ranks of what is there, from 0 (worst) to 1 (best)."""
    from scipy.stats import rankdata

    signs = {SCORE: 1, ENERGY: -1, PAIRS: -1, EDITS: -1}
    present = [
        sign * np.asarray(columns[c][valid], float) for c, sign in signs.items() if c in columns
    ]
    result = np.full(len(valid), np.nan)
    ranks = [rankdata(values) - 1 for values in present]
    result[valid] = np.mean(ranks, axis=0) / max(1, int(valid.sum()) - 1)
    return result


def attrs_of(
    model: Model, wild: str, method: str, rows: Sequence[Variant], *, asked_for_energies: bool
) -> dict[str, Any]:
    """Return what is told beside a result: what it is of, notes, counts and problems."""
    counts = {
        "variants": len(rows),
        "scored": sum(row.kind != INVALID for row in rows),
        "substitutions": sum(row.kind == SUBSTITUTION for row in rows),
        "indels": sum(row.kind == INDEL for row in rows),
        "wild type": sum(row.kind == WILD_TYPE for row in rows),
        "repeated": len(rows) - len({row.sequence or i for i, row in enumerate(rows)}),
        "with T": sum(row.with_t for row in rows),
        "wild type ambiguous": sum(letter not in "ACGU" for letter in wild),
    }
    return {
        "model": model.spec.name,
        "method": method,
        "wild_type": wild,
        "notes": _notes(counts, method, asked_for_energies=asked_for_energies),
        "counts": counts,
        "problems": problem_counts(rows),
    }


def _notes(counts: dict[str, int], method: str, *, asked_for_energies: bool) -> list[str]:
    notes = []
    if counts["indels"] and method != WHOLE:
        notes.append(
            f"{counts['indels']} variants with insertions or deletions are scored by {WHOLE}, the "
            f"others by {method}: compare scores within a kind"
        )
    if asked_for_energies and not vienna_version():
        notes.append(
            "delta_mfe and delta_pairs are missing, for ViennaRNA is not installed: "
            "pip install 'rnaexplore[vienna]'; combined is of score and edit_distance"
        )
    if not asked_for_energies:
        notes.append(
            "delta_mfe and delta_pairs were not asked for; combined is of score and edit_distance"
        )
    if counts["with T"]:
        notes.append(f"{counts['with T']} variants were written with T, read as U")
    if counts["wild type ambiguous"]:
        notes.append(
            f"the wild type has {counts['wild type ambiguous']} letters other than A C G U"
        )
    return notes
