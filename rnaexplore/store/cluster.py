"""Jobs on a dask cluster, seen from the process that hands them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore._library_errors import border
from rnaexplore.errors import InputError, MissingDependencyError
from rnaexplore.store.job import Job
from rnaexplore.store.settings import layer_index, pooling_of

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model

__all__ = ["Workers", "connect", "workers_of"]

Array = NDArray[np.float32]

PIECE = 1024  #: sequences a task


def connect(address: str) -> Any:
    """Return a client of the scheduler at an address.

    Raises
    ------
    MissingDependencyError
        If dask is missing.
    InputError
        If no scheduler answers there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        msg = "a cluster needs dask: pip install 'rnaexplore[dask]'"
        raise MissingDependencyError(msg) from error
    problem = "is not the address of a dask scheduler that answers"
    with border(address, problem=problem):
        if not address.strip():  # distributed would start a cluster on this machine
            msg = f"{address!r} {problem}, such as 'tcp://127.0.0.1:8786'"
            raise InputError(msg)
        return Client(address, set_as_default=False)  # type: ignore[no-untyped-call]


@contextmanager
def workers_of(client: Any, model: str | Model, loaded: Model) -> Iterator[Workers]:
    """Give the workers of a cluster a model, and take it back in the end.

    Parameters
    ----------
    client
        ``dask.distributed.Client``.
    model
        A name, which each worker loads once; or a loaded model, which is sent to all of them.
    loaded
        The model in this process.
    """
    from rnaexplore.store import worker

    kept = f"rnaexplore-{uuid4().hex}"
    sent = model if isinstance(model, str) else worker.Parts.of(model)
    client.register_plugin(worker.KeptModel(sent), name=kept)
    try:
        yield Workers(client, kept, loaded)
    finally:
        client.unregister_worker_plugin(kept)


class Workers:
    """The workers of a cluster, each with the model.

    Parameters
    ----------
    client
        ``dask.distributed.Client``.
    kept
        Name of the plugin that keeps the model.
    model
        The model in this process.
    """

    def __init__(self, client: Any, kept: str, model: Model) -> None:
        self._client = client
        self._kept = kept
        self._loaded = model

    def precision(self) -> tuple[str, str]:
        """Return in which precision, and on which kind of device, they run the model."""
        from rnaexplore.store import worker

        future = self._client.submit(worker.precision, self._kept, pure=False)
        found: tuple[str, str] = future.result()
        return found

    def compute_shards(self, job: Job, shards: Sequence[int]) -> Iterator[int]:
        """Compute shards; yield how many RNAs each had, as they come.

        A shard whose worker dies is given to another one.

        Raises
        ------
        CheckpointError
            If a worker has other weights.
        """
        from rnaexplore.store import worker

        given = {"job": job, "kept": self._kept, "weights_sha256": self._loaded.weights_sha256}
        futures = self._client.map(worker.shard, shards, pure=False, **given)
        yield from (number for _, number in self._completed(futures))

    def embed(
        self,
        sequences: Sequence[str],
        *,
        layer: int,
        pooling: Pooling,
        names: Sequence[str],
        window: int | None,
        progress: bool,
    ) -> Array:
        """Return what `rnaexplore.models.model.Model.embed` returns."""
        from rnaexplore.models.inference.inputs import check_sequences
        from rnaexplore.store import worker

        spec = self._loaded.spec
        check_sequences(spec, sequences, names, window=window)
        layer = layer_index(self._loaded, layer)
        given = {"layer": layer, "pooling": pooling_of(self._loaded, "sequence", pooling)}
        places = [slice(i, i + PIECE) for i in range(0, len(sequences), PIECE)]
        pieces = [list(sequences[place]) for place in places]
        futures = self._client.map(
            worker.vectors, pieces, kept=self._kept, window=window, pure=False, **given
        )
        place_of = dict(zip([future.key for future in futures], places, strict=True))
        result = np.empty((len(sequences), spec.dim), dtype=np.float32)
        with tqdm(total=len(sequences), desc=spec.name, unit="RNA", disable=not progress) as bar:
            for key, vectors in self._completed(futures):
                result[place_of[key]] = vectors
                bar.update(len(vectors))
        return result

    def _completed(self, futures: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        from distributed import as_completed

        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield future.key, future.result()
                future.release()
        finally:
            self._client.cancel([future for future in futures if not future.done()])
