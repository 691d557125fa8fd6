"""What a fine-tuning run leaves behind: a folder, scores with baselines, curves, predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rnaexplore.errors import InputError
from rnaexplore.finetuning.scores import MAIN, TUNED
from rnaexplore.models import load_model
from rnaexplore.tl.evaluation.paired import Difference

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.finetuned.model import TunedModel

__all__ = ["FinetuneResult", "main_score"]

FEWEST = 5  #: groups of test RNAs below which an interval says nothing
DIFFERENCE = "difference"
_ENDS = (f"{DIFFERENCE}_low", f"{DIFFERENCE}_high")


@dataclass(frozen=True, slots=True, eq=False)
class FinetuneResult:
    """A fine-tuned model and what it is worth.

    Attributes
    ----------
    folder
        Where the model lies; ``rx.load_model(result.folder)`` opens it.
    metrics
        Indexed by ``method``: the fine-tuned model, then probes of the frozen one, baselines and
        nulls, all trained on the same RNAs (``n_train``) and tested on the same; ``kind`` and
        scores with the ends of their 95 % intervals under ``<score>_low`` and ``<score>_high``.
        ``validation`` is the main score (macro_f1, r2, f1) on validation RNAs, when trained without
        them. ``difference``, ``difference_low`` and ``difference_high`` are how much better the
        fine-tuned model is by the main score, and the 95 % interval of that: a paired bootstrap.
    history
        Indexed by epoch, 0 being before any training: train_loss, valid_loss, learning_rate, best;
        for `rnaexplore.pl.history`.
    predictions
        Indexed by RNA: ``part`` (train, valid, test, or empty), ``true``, ``predicted``, and for
        classes of RNAs or pairs a column ``p_<label>`` each.
    task, target
        What was predicted.
    split, groups
        How the parts were made, and what was held out together.
    test_groups
        How many groups the test RNAs are of: what the intervals are drawn over.
    exposure
        How many of the test RNAs and their families the language model saw in pretraining, or that
        this is not known.
    """

    folder: Path
    metrics: pd.DataFrame
    history: pd.DataFrame
    predictions: pd.DataFrame
    task: str
    target: str
    split: str
    groups: str
    test_groups: int
    exposure: str = ""

    def model(self, *, device: str = "auto") -> TunedModel:
        """Return the model, opened from its folder."""
        return cast("TunedModel", load_model(str(self.folder), device=device))

    def summary(self) -> pd.DataFrame:
        """Return the scores to be read: ``0.91 [0.88, 0.94]``, with the 95 % interval."""
        names = [str(c).removesuffix("_low") for c in self.metrics if str(c).endswith("_low")]
        shown = self.metrics[["kind"]].copy()
        for name in names:
            columns = self.metrics[[name, f"{name}_low", f"{name}_high"]].to_numpy()
            sign = "+" if name == DIFFERENCE else ""
            shown[name] = [_spelled(values, sign) for values in columns.tolist()]
        shown["validation"] = [f"{value:.2f}" for value in self.metrics["validation"]]
        return shown

    @property
    def kept_epoch(self) -> int:
        """The epoch that was kept; 0 is the model before any training."""
        return int(self.history.index[self.history["best"].astype(bool)][0])

    def best(self, kind: str) -> str | None:
        """Return the method of a kind that is best on validation RNAs, ``None`` if there is none.

        Test RNAs have no part in the choice.

        Parameters
        ----------
        kind
            ``"baseline"``, ``"probe"`` or ``"null"``.
        """
        found = self.metrics.loc[self.metrics["kind"] == kind, "validation"]
        return None if found.empty else str(found.fillna(float("-inf")).idxmax())

    def verdict(self) -> str:
        """Return one sentence: whether fine-tuning beats the best baseline, and the frozen model.

        Baseline and probe are those that are best on validation RNAs. A claim needs an interval of
        the paired difference that leaves out 0, over at least 5 groups of test RNAs.
        """
        score = main_score(self.metrics)
        if self.test_groups < FEWEST:
            return (
                f"{score}: no claim, the test RNAs are of {self.test_groups} group"
                f"{'s' * (self.test_groups > 1)}, too few for an interval (at least {FEWEST})"
            )
        parts = []
        for kind, named in (("baseline", "the best baseline"), ("probe", "the frozen model")):
            best = self.best(kind)
            if best is not None:
                parts.append(_compared(self.metrics, best, score, named))
        parts += _rivals(self.metrics, self.best("baseline"))
        if not self.kept_epoch:
            parts.append("no epoch lowered the validation loss, so the model as it began was kept")
        return f"{score}: " + "; ".join(parts)

    def confusion(self) -> pd.DataFrame:
        """Return how many test RNAs of each class (rows) were told to be of each class (columns).

        Raises
        ------
        InputError
            Where the target is no class of an RNA or a pair.
        """
        import pandas as pd

        names = [str(c) for c in self.predictions]
        classes = [c.removeprefix("p_") for c in names if c.startswith("p_")]
        if not classes:
            msg = f"{self.target!r} is no class of RNAs; only classes have a confusion table"
            raise InputError(msg)
        test = self.predictions[self.predictions["part"] == "test"]
        counts = pd.crosstab(test["true"].astype(str), test["predicted"].astype(str))
        counts = counts.reindex(index=classes, columns=classes, fill_value=0)
        return counts.rename_axis(index="true", columns="predicted")

    def __repr__(self) -> str:
        parts = self.predictions["part"].value_counts()
        n = ", ".join(f"{parts.get(p, 0)} {p}" for p in ("train", "valid", "test"))
        return (
            f"<FinetuneResult of {self.target!r} ({self.task} task) in {self.folder}: {n}; split: "
            f"{self.split}, groups: {self.groups}>\n{self.summary().to_string()}\n"
            f"{self.verdict()}\ntest RNAs: {self.exposure}"
        )


def main_score(metrics: pd.DataFrame) -> str:
    """Return the name of the score by which methods are compared."""
    return next(name for name in MAIN.values() if name in metrics)


def _spelled(values: Sequence[float], sign: str) -> str:
    value, low, high = values
    return "" if isnan(value) else f"{value:{sign}.2f} [{low:{sign}.2f}, {high:{sign}.2f}]"


def _compared(metrics: pd.DataFrame, name: str, score: str, named: str) -> str:
    """Return a sentence on the fine-tuned model and one other method."""
    ours, theirs = metrics[score].iloc[0], metrics.loc[name]
    value, low, high = (float(str(theirs[key])) for key in (DIFFERENCE, *_ENDS))
    told = Difference(score, TUNED, name, value, low, high)
    return (
        f"fine-tuned {ours:.2f} is {told.verdict} {named} ({name}, {theirs[score]:.2f}; difference "
        f"{told.value:+.2f} [{told.low:+.2f}, {told.high:+.2f}])"
    )


def _rivals(metrics: pd.DataFrame, best: str | None) -> list[str]:
    """Return a warning of baselines that are not clearly worse, the best one left out."""
    others = metrics[(metrics["kind"] == "baseline") & (metrics[f"{DIFFERENCE}_low"] <= 0)]
    names = [str(name) for name in others.index if name != best]
    return [f"not clearly better than {', '.join(names)} either"] if names else []
