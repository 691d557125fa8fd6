"""Differences between two methods on the same RNAs: a paired bootstrap over groups of relatives."""

from __future__ import annotations

from dataclasses import dataclass

from rnaexplore.tl.evaluation.probe_scores import Scored, interval

__all__ = ["Difference", "difference"]

LOWER_IS_BETTER = frozenset({"mean_absolute_error"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A score of one method minus that of another, with the 95 % interval of the difference.

    Both methods are scored on the same draws of groups (a paired bootstrap), so that what makes
    some RNAs harder than others for both does not blur the comparison, as it does when two
    separate intervals are compared.

    Attributes
    ----------
    score
        Name of the score.
    first, second
        Names of the methods.
    value, low, high
        The difference, and the ends of its interval.
    """

    score: str
    first: str
    second: str
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``"better than"``, ``"worse than"``, or ``"not clearly different from"``."""
        sign = -1 if self.score in LOWER_IS_BETTER else 1
        low, high = sorted((sign * self.low, sign * self.high))
        if low > 0:
            return "better than"
        return "worse than" if high < 0 else "not clearly different from"

    def __str__(self) -> str:
        told = f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{self.score}: {self.first} is {self.verdict} {self.second}, difference {told}"


def difference(first: tuple[str, Scored], second: tuple[str, Scored], score: str) -> Difference:
    """Return the difference of two named methods that were scored on the same draws."""
    (name, one), (other, two) = first, second
    low, high = interval(one.draws[score] - two.draws[score])
    return Difference(score, name, other, one.values[score] - two.values[score], low, high)
