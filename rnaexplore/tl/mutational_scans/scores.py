"""The scores of many variants: each context is read once, in batches, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.mutational_scans.store import Kept
from rnaexplore.tl.mutational_scans.terms import (
    ONE_CONTEXT,
    WHOLE,
    Context,
    Term,
    hide,
    known,
    terms_of,
)
from rnaexplore.tl.mutations.sites import Copy, site_logits, whole_logits

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["Advance", "Asked", "scores_of"]

Array = NDArray[np.float64]
Answers = dict[Context, dict[int, Array]]  #: log-probabilities of all residues, by position
Advance = Callable[[int], object]

SHARED = 256  #: contexts of the wild type in a part
OWN = 2048  #: contexts of variants in a part, about
MOST = 4096  #: variants in a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How variants are scored.

    Attributes
    ----------
    model
        A model of nucleotides or codons.
    method
        One of `FitnessMethod`.
    wild_type
        Its sequence.
    window
        Residues a window, if the wild type is read in several.
    kept
        Where parts are kept.
    """

    model: Model
    method: str
    wild_type: str
    window: int | None
    kept: Kept

    def split(self, sequence: str) -> list[str]:
        """Return a sequence as the residues that the model reads."""
        return self.model.spec.alphabet.split(sequence)

    def sites(self, variant: str) -> tuple[int, ...]:
        """Return the residues that differ; those of the whole sequence for `WHOLE`."""
        wild, other = self.split(self.wild_type), self.split(variant)
        if self.method == WHOLE:
            return tuple(range(len(other)))
        return tuple(i for i, (a, b) in enumerate(zip(wild, other, strict=True)) if a != b)

    def terms(self, variant: str) -> Iterator[Term]:
        """Yield what the score of a variant is made of."""
        return terms_of(self.method, self.split(self.wild_type), self.split(variant))


def scores_of(
    asked: Asked, substituted: Sequence[str], others: Sequence[str], advance: Advance
) -> dict[str, float]:
    """Return the score of each distinct variant.

    Parameters
    ----------
    asked
        How they are scored.
    substituted
        Sequences that have only substitutions, scored by the method.
    others
        Sequences with insertions or deletions, scored by pseudo-likelihood.
    advance
        Called with the number of variants whenever some are done.
    """
    found = _scores(asked, substituted, advance)
    return found | _scores(replace(asked, method=WHOLE, window=None), others, advance)


def _scores(asked: Asked, variants: Sequence[str], advance: Advance) -> dict[str, float]:
    if not variants:
        return {}
    sites = {variant: asked.sites(variant) for variant in variants}
    shared = _shared(asked, sites)
    found: dict[str, float] = {}
    for part in _parts(asked.method, sites):
        compute = partial(_part, asked, part, shared)
        own = asked.method not in ONE_CONTEXT
        rows = asked.kept.rows(f"{asked.method} scores", part, compute) if own else compute()
        found |= {variant: row[0] for variant, row in zip(part, rows, strict=True)}
        advance(len(part))
    return found


def _shared(asked: Asked, sites: Mapping[str, tuple[int, ...]]) -> Answers:
    """Return the answers in contexts of the wild type, which many variants share."""
    found: Answers = {}
    wild = asked.split(asked.wild_type)
    needed = _of_wild_type(asked.method, wild, sites)
    for start in range(0, len(needed), SHARED):
        contexts = needed[start : start + SHARED]
        texts = [f"{c.text} {c.hidden}" for c in contexts]
        rows = asked.kept.rows("contexts", texts, partial(_flat, asked, contexts))
        for context, row in zip(contexts, rows, strict=True):
            places = _places(context, len(wild))
            found[context] = dict(zip(places, np.reshape(row, (len(places), -1)), strict=True))
    return found


def _of_wild_type(
    method: str, wild: Sequence[str], sites: Mapping[str, tuple[int, ...]]
) -> list[Context]:
    if method == "wt-marginals":
        return [hide(wild, [])]
    if method == "wt-fill":
        places = sorted({i for some in sites.values() for i in some})
    elif method == WHOLE:
        places = [i for i, residue in enumerate(wild) if known(residue)]
    else:
        places = sorted({some[0] for some in sites.values() if len(some) == 1})
    return [hide(wild, [i]) for i in places]


def _parts(method: str, sites: Mapping[str, tuple[int, ...]]) -> Iterator[list[str]]:
    """Yield variants in parts; those that share contexts stand together."""
    part: list[str] = []
    cost = 0
    for variant in sorted(sites, key=lambda v: (sites[v], v)):
        part.append(variant)
        cost += 0 if method in ONE_CONTEXT else 1 if method == "mask-fill" else len(sites[variant])
        if cost >= OWN or len(part) >= MOST:
            yield part
            part, cost = [], 0
    if part:
        yield part


def _part(asked: Asked, part: Sequence[str], shared: Answers) -> list[list[float]]:
    """Return the score of each variant of a part, as a row of one number."""
    terms = [list(asked.terms(variant)) for variant in part]
    own = dict.fromkeys(t.context for some in terms for t in some if t.context not in shared)
    answers = shared | _answers(asked, list(own))
    column = {residue: k for k, residue in enumerate(asked.model.spec.alphabet.residues)}
    return [
        [float(sum(t.weight * answers[t.context][t.position][column[t.residue]] for t in some))]
        for some in terms
    ]


def _flat(asked: Asked, contexts: Sequence[Context]) -> list[list[float]]:
    """Return the answers in some contexts as rows of numbers."""
    answers = _answers(asked, contexts)
    return [np.concatenate([*answers[c].values()]).tolist() for c in contexts]


def _places(context: Context, n: int) -> Sequence[int]:
    """Return the positions that are asked about in a context: the hidden ones, or all."""
    return context.hidden or range(n)


def _answers(asked: Asked, contexts: Sequence[Context]) -> Answers:
    """Run the model over some contexts."""
    found: Answers = {}
    for context, logits in _logits(asked, contexts):
        values = _log_softmax(logits[:, asked.model.spec.alphabet.residue_ids])
        found[context] = dict(zip(_places(context, len(values)), values, strict=True))
    return found


def _logits(
    asked: Asked, contexts: Sequence[Context]
) -> Iterator[tuple[Context, NDArray[np.float32]]]:
    """Yield each context and the logits at the positions that are asked about."""
    if asked.window is not None:
        yield from _windowed(asked, contexts)
        return
    texts, masks = [c.text for c in contexts], [c.hidden for c in contexts]
    for k, logits in asked.model.stream_logits(texts, masks=masks):
        yield contexts[k], logits[list(_places(contexts[k], len(logits)))]


def _windowed(
    asked: Asked, contexts: Sequence[Context]
) -> Iterator[tuple[Context, NDArray[np.float32]]]:
    """Yield the same for contexts of a wild type that is longer than a window."""
    model, text, window = asked.model, asked.wild_type, asked.window
    hidden = [c for c in contexts if c.hidden]
    if hidden:
        rows = site_logits(model, text, [Copy(c.hidden[0], None) for c in hidden], window=window)
        yield from ((context, row[None]) for context, row in zip(hidden, rows, strict=True))
    for context in contexts:
        if not context.hidden:
            yield context, whole_logits(model, text, window=window)


def _log_softmax(logits: NDArray[np.float32]) -> Array:
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result
