"""What a fine-tuning run leaves behind: a folder, scores beside baselines, curves, predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rnaexplore.errors import InputError
from rnaexplore.finetuning.scores import MAIN
from rnaexplore.models import load_model

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.tuned.model import TunedModel

__all__ = ["TUNED", "FinetuneResult", "main_score"]

FEWEST = 5  #: groups of test RNAs below which an interval says nothing
TUNED = "fine-tuned"  #: kind of the row of the model itself


@dataclass(frozen=True, slots=True, eq=False)
class FinetuneResult:
    """A fine-tuned model and what it is worth.

    Attributes
    ----------
    folder
        Where the model lies; ``rx.load_model(result.folder)`` opens it.
    metrics
        Indexed by ``method``: the fine-tuned model, then probes of the frozen one, baselines and
        nulls on the same test RNAs; ``kind`` and scores with the ends of their 95 % intervals under
        ``<score>_low`` and ``<score>_high``.
    history
        Indexed by epoch: train_loss, valid_loss, learning_rate, best; for `rnaexplore.pl.history`.
    predictions
        Indexed by RNA: ``part`` (train, valid, test, or empty), ``true``, ``predicted``, and for
        classes of RNAs or pairs a column ``p_<label>`` each.
    task, target
        What was predicted.
    split, groups
        How the parts were made, and what was held out together.
    test_groups
        How many groups the test RNAs are of: what the intervals are drawn over.
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

    def model(self, *, device: str = "auto") -> TunedModel:
        """Return the model, opened from its folder."""
        return cast("TunedModel", load_model(str(self.folder), device=device))

    def summary(self) -> pd.DataFrame:
        """Return the scores to be read: ``0.91 [0.88, 0.94]``, with the 95 % interval."""
        names = [str(c).removesuffix("_low") for c in self.metrics if str(c).endswith("_low")]
        shown = self.metrics[["kind"]].copy()
        for name in names:
            columns = self.metrics[[name, f"{name}_low", f"{name}_high"]].to_numpy()
            shown[name] = [f"{value:.2f} [{low:.2f}, {high:.2f}]" for value, low, high in columns]
        return shown

    def verdict(self) -> str:
        """Return one sentence: whether fine-tuning beats the best baseline, and the frozen model.

        Intervals that overlap are no proof of a difference, and the sentence says so; nor are
        intervals over fewer than 5 groups.
        """
        score = main_score(self.metrics)
        if self.test_groups < FEWEST:
            return (
                f"{score}: no claim, the test RNAs are of {self.test_groups} group"
                f"{'s' * (self.test_groups > 1)}, too few for an interval (at least {FEWEST})"
            )
        parts = []
        for kind, named in (("baseline", "the best baseline"), ("probe", "the frozen model")):
            others = self.metrics[self.metrics["kind"] == kind]
            if len(others):
                parts.append(_compared(self.metrics, others, score, named))
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
            f"{self.split}, groups: {self.groups}>\n{self.summary().to_string()}\n{self.verdict()}"
        )


def main_score(metrics: pd.DataFrame) -> str:
    """Return the name of the score by which methods are compared."""
    return next(name for name in MAIN.values() if name in metrics)


def _compared(metrics: pd.DataFrame, others: pd.DataFrame, score: str, named: str) -> str:
    ours, name = metrics.iloc[0], str(others[score].idxmax())
    best = others.loc[name]
    if ours[f"{score}_low"] > best[f"{score}_high"]:
        verdict = "better than"
    elif ours[f"{score}_high"] < best[f"{score}_low"]:
        verdict = "worse than"
    else:
        verdict = "not clearly different from"
    return f"fine-tuned {ours[score]:.2f} is {verdict} {named} ({name}, {best[score]:.2f})"
