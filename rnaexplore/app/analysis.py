"""The job: embed, predict structures, cluster, project; with progress, and it can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import _keys
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.models.model import Model

__all__ = ["Report", "StoppedError", "analyse", "models_to_offer"]

LEAST = 5  #: RNAs; fewer make no map
NEIGHBOURS = 15
SHARES = (0.55, 0.2)  #: of the whole that embedding and folding take

Report = Callable[[str, float], None]  #: told the step and the share that is done, 0 to 1


class StoppedError(Exception):
    """The visitor stopped the job; reports raise it."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """A model that tells how far it is; everything else is the model's own."""

    model: Model
    tell: Callable[[int], None]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def embed(self, sequences: Any, *, progress: bool = False, **options: Any) -> Any:
        """Return what the model returns, telling after each batch."""
        result = np.zeros((len(sequences), self.model.spec.dim), dtype=np.float32)
        for rows, vectors in self.model.stream_embeddings(sequences, progress=progress, **options):
            result[rows] = vectors
            self.tell(len(rows))
        return result

    def contacts(self, sequence: str) -> Any:
        """Return what the model returns, telling after each RNA."""
        result = self.model.contacts(sequence)
        self.tell(1)
        return result


def analyse(adata: AnnData, model: Model, *, fold: bool, report: Report) -> AnnData:
    """Return a copy of RNAs with embeddings, clusters and a map, and structures if asked for.

    Parameters
    ----------
    adata
        RNAs; not changed, also if something fails.
    model
        A loaded model.
    fold
        Whether to predict structures with the model's contact head.
    report
        Called with the step and the share of the whole that is done. What it raises ends the job.

    Raises
    ------
    InputError
        If there are too few RNAs for a map; and as the tools that are called.
    """
    from rnaexplore import tl
    from rnaexplore._adata import sequences_of

    n = len(set(sequences_of(adata)))
    if adata.n_obs < LEAST:
        msg = f"a map needs at least {LEAST} RNAs, there are {adata.n_obs}; add some"
        raise InputError(msg)
    work = adata.copy()
    embedding, folding = SHARES if fold else (sum(SHARES), 0.0)
    counter = _Counter(report, n, f"embed {n:,} RNAs", 0.0, embedding)
    tl.embed(work, _watched(model, counter), progress=False)
    if fold:
        counter = _Counter(report, n, f"predict {n:,} structures", embedding, folding)
        tl.fold(work, _watched(model, counter), progress=False)
    neighbours = min(NEIGHBOURS, adata.n_obs - 1)
    key = _keys.embedding_key(model.spec.name)
    report("find clusters (the first time takes longer)", embedding + folding)
    tl.cluster(work, use_rep=key, n_neighbors=neighbours)
    report("draw the map", embedding + folding + 0.15)
    tl.umap(work, use_rep=key, n_neighbors=neighbours)
    report("done", 1.0)
    return work


def _watched(model: Model, tell: Callable[[int], None]) -> Model:
    watched: Any = _Watched(model, tell)
    return watched  # type: ignore[no-any-return]


@dataclass(slots=True)
class _Counter:
    """Turns RNAs that are done into a share of the whole."""

    report: Report
    total: int
    step: str
    start: float
    share: float
    done: int = 0

    def __post_init__(self) -> None:
        self.report(self.step, self.start)

    def __call__(self, more: int) -> None:
        self.done += more
        self.report(self.step, self.start + self.share * min(1.0, self.done / self.total))


def models_to_offer() -> list[dict[str, Any]]:
    """Return name and abilities of each model whose weights are on disk: none is downloaded."""
    from rnaexplore.models import get_spec, names
    from rnaexplore.models.weights.sources import on_disk

    specs = (get_spec(name) for name in names())
    return [
        {"name": spec.name, "folds": "contacts" in spec.can, "longest": spec.max_length or 0}
        for spec in specs
        if "embed" in spec.can and on_disk(spec.name, spec.weights) is not None
    ]
