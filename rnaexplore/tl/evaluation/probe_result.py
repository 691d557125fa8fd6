"""What a probe found: scores with intervals, and every prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from rnaexplore.errors import InputError, UnknownNameError, nearest
from rnaexplore.tl.evaluation.paired import Difference, difference
from rnaexplore.tl.evaluation.probe_scores import MAIN, Scored, class_scores, number_scores

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ProbeResult", "Task"]

Task = Literal["classes", "numbers"]


@dataclass(frozen=True, slots=True, eq=False)
class ProbeResult:
    """A probe on one or more representations, its baselines and nulls, on the same folds.

    Attributes
    ----------
    scores
        Indexed by ``representation``; ``kind`` (``"embedding"``, ``"combined"`` for an embedding
        with k-mers, ``"baseline"`` or ``"null"``) and scores on RNAs that the probe was not trained
        on, with the ends of their 95 % intervals under ``<score>_low`` and ``<score>_high``.
        Classes: accuracy, balanced_accuracy, macro_f1. Numbers: r2, spearman,
        mean_absolute_error. ``validation`` is the macro F1 or R² on groups held out of the training
        RNAs, which the tested RNAs have no part in.
    predictions
        Indexed by RNA: ``fold``, ``group``, ``true``, and one column a representation.
    task
        ``"classes"`` or ``"numbers"``.
    probe
        ``"linear"``, ``"knn"`` or ``"mlp"``.
    target
        ``obs`` column that is predicted.
    split
        How the folds were made.
    groups
        What the groups are: an ``obs`` column, or ``"identity 0.6"``.
    exposure
        For each embedding one sentence: how many of the RNAs and families its model saw in
        pretraining, or that this is not known.
    """

    scores: pd.DataFrame
    predictions: pd.DataFrame
    task: Task
    probe: str
    target: str
    split: str
    groups: str
    exposure: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        n, folds = len(self.predictions), self.predictions["fold"].nunique()
        return (
            f"<ProbeResult {self.probe} probe of {self.target!r}: {n} RNAs, {folds} folds by "
            f"{self.split}, groups: {self.groups}>\n{self.summary().to_string()}"
            + "".join(f"\n{key}: {told}" for key, told in self.exposure.items())
        )

    def summary(self) -> pd.DataFrame:
        """Return the scores to be read: ``0.91 [0.88, 0.94]``, with the 95 % interval."""
        names = [str(c).removesuffix("_low") for c in self.scores if str(c).endswith("_low")]
        shown = self.scores[["kind"]].copy()
        for name in names:
            columns = self.scores[[name, f"{name}_low", f"{name}_high"]].to_numpy()
            shown[name] = [f"{value:.2f} [{low:.2f}, {high:.2f}]" for value, low, high in columns]
        shown["validation"] = [f"{value:.2f}" for value in self.scores["validation"]]
        return shown

    @property
    def best_baseline(self) -> str:
        """Name of the baseline that is best on held-out training RNAs, not on the tested ones."""
        found = self.scores[self.scores["kind"] == "baseline"]
        return str(found["validation"].fillna(float("-inf")).idxmax())

    def difference(
        self,
        representation: str,
        reference: str | None = None,
        *,
        score: str | None = None,
        n_boot: int = 1000,
        seed: int = 0,
    ) -> Difference:
        """Return how much better one representation is than another, with a 95 % interval.

        A paired bootstrap: both are scored on the same draws of groups. Two representations whose
        own intervals overlap may well differ, and this tells.

        Parameters
        ----------
        representation, reference
            Rows of `scores`; the reference is `best_baseline` by default.
        score
            A score in `scores`; by default macro_f1 for classes, r2 for numbers.
        n_boot, seed
            Draws of groups, and their seed.

        Raises
        ------
        UnknownNameError
            If there is no such representation or score.
        """
        other = self.best_baseline if reference is None else reference
        name = MAIN[self.task] if score is None else score
        known = [str(c).removesuffix("_low") for c in self.scores if str(c).endswith("_low")]
        if name not in known:
            msg = f"no score {name!r}. {nearest(name, known)}"
            raise UnknownNameError(msg)
        found = [(key, self._scored(key, n_boot, seed)) for key in (representation, other)]
        return difference(found[0], found[1], name)

    def _scored(self, representation: str, n_boot: int, seed: int) -> Scored:
        self._check(representation)
        table, options = self.predictions, {"n_boot": n_boot, "seed": seed}
        true, told = table["true"].to_numpy(), table[representation].to_numpy()
        groups = table["group"].to_numpy()
        if self.task == "numbers":
            return number_scores(true, told, groups, **options)
        names = sorted({*map(str, true), *map(str, told)})
        codes = [np.array([names.index(str(v)) for v in side]) for side in (true, told)]
        return class_scores(codes[0], codes[1], groups, n_classes=len(names), **options)

    def _check(self, representation: str) -> None:
        if representation not in self.scores.index:
            msg = f"no representation {representation!r}. "
            raise UnknownNameError(msg + nearest(representation, map(str, self.scores.index)))

    def per_class(self, representation: str) -> pd.DataFrame:
        """Return precision, recall, f1 and the number of RNAs of each class.

        Raises
        ------
        InputError
            For numbers.
        UnknownNameError
            If there is no such representation.
        """
        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        table = self.confusion(representation)
        found = precision_recall_fscore_support(
            self.predictions["true"].astype(str),
            self.predictions[representation].astype(str),
            labels=list(table.index),
            zero_division=0,
        )
        columns = dict(zip(("precision", "recall", "f1", "n"), found, strict=True))
        return pd.DataFrame(columns, index=pd.Index(table.index, name="class"))

    def confusion(self, representation: str) -> pd.DataFrame:
        """Return how many RNAs of each class (rows) were told to be of each class (columns).

        Raises
        ------
        InputError
            For numbers.
        UnknownNameError
            If there is no such representation.
        """
        import pandas as pd

        if self.task != "classes":
            msg = f"{self.target!r} is a number; only classes have a confusion table"
            raise InputError(msg)
        self._check(representation)
        true = self.predictions["true"].astype(str)
        told = self.predictions[representation].astype(str)
        names = sorted(set(true) | set(told))
        counts = pd.crosstab(true, told).reindex(index=names, columns=names, fill_value=0)
        return counts.rename_axis(index="true", columns="predicted")
