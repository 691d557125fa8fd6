"""Jobs on a dask cluster: one model a worker, kept between tasks, on a GPU of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore.errors import CheckpointError, MissingDependencyError
from rnaexplore.tl._embed_job import Job, compute
from rnaexplore.tl._embed_settings import layer_index, pooling_of

if TYPE_CHECKING:
    from rnaexplore.models.engine import Pooling
    from rnaexplore.models.model import Model

__all__ = ["Workers", "connect", "device_of"]

Array = NDArray[np.float32]

PIECE = 1024  #: sequences a task
_LOADING = Lock()


def connect(address: str) -> Any:
    """Return a client of the scheduler at an address.

    Raises
    ------
    MissingDependencyError
        If dask is missing.
    """
    try:
        from distributed import Client
    except ImportError as error:
        msg = "a cluster needs dask: pip install 'rnaexplore[dask]'"
        raise MissingDependencyError(msg) from error
    return Client(address)  # type: ignore[no-untyped-call]


class Workers:
    """The workers of a cluster, and the model that each of them keeps.

    Parameters
    ----------
    client
        ``dask.distributed.Client``.
    model
        A name, which each worker loads once; or a loaded model, which is sent to all of them.
    loaded
        The model in this process.
    """

    def __init__(self, client: Any, model: str | Model, loaded: Model) -> None:
        self._client = client
        self._loaded = loaded
        named = isinstance(model, str)
        self._model = model if named else client.scatter(model, broadcast=True, hash=False)

    def precision(self) -> tuple[str, str]:
        """Return in which precision, and on which kind of device, they run the model."""
        future = self._client.submit(_precision, self._model, pure=False)
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
        sha256 = self._loaded.weights_sha256
        futures = self._client.map(
            _shard, shards, job=job, model=self._model, sha256=sha256, pure=False
        )
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
        from rnaexplore.models.inputs import check_sequences

        check_sequences(self._loaded.spec, sequences, names, window=window)
        pooling_of(self._loaded, "sequence", pooling)
        layer = layer_index(self._loaded, layer)
        places = [slice(i, i + PIECE) for i in range(0, len(sequences), PIECE)]
        pieces = [list(sequences[place]) for place in places]
        settings = {"layer": layer, "pooling": pooling, "window": window}
        futures = self._client.map(_vectors, pieces, model=self._model, pure=False, **settings)
        place_of = dict(zip([future.key for future in futures], places, strict=True))
        result = np.empty((len(sequences), self._loaded.spec.dim), dtype=np.float32)
        name = self._loaded.spec.name
        with tqdm(total=len(sequences), desc=name, unit="RNA", disable=not progress) as bar:
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


def device_of(worker: str, n_gpus: int) -> str:
    """Return the device of a worker: where it sees several GPUs, one by the number in its name.

    Examples
    --------
    >>> device_of("3", 2)
    'cuda:1'
    >>> device_of("SLURMCluster-0", 1)
    'auto'
    """
    if n_gpus <= 1:
        return "auto"
    numbers = re.findall(r"\d+", worker)
    return f"cuda:{int(numbers[-1]) % n_gpus if numbers else 0}"


def _shard(shard: int, *, job: Job, model: str | Model, sha256: str) -> int:
    loaded = _here(model)
    if loaded.weights_sha256 != sha256:
        msg = (
            f"a worker has other weights of {loaded.spec.name!r} (SHA-256 "
            f"{loaded.weights_sha256}) than this process ({sha256}); use the same file everywhere"
        )
        raise CheckpointError(msg)
    if not job.done(shard):
        compute(job, loaded, shard, lambda _: None)
    return len(job.own(shard))


def _vectors(
    sequences: list[str],
    *,
    model: str | Model,
    layer: int,
    pooling: Pooling,
    window: int | None,
) -> Array:
    return _here(model).embed(sequences, layer=layer, pooling=pooling, window=window)


def _precision(model: str | Model) -> tuple[str, str]:
    loaded = _here(model)
    return str(loaded.dtype).removeprefix("torch."), loaded.device.type


def _here(model: str | Model) -> Model:
    """Return the model of this worker, loaded once."""
    if not isinstance(model, str):
        return model
    with _LOADING:
        return _loaded(model)


@lru_cache(maxsize=1)
def _loaded(name: str) -> Model:
    import torch
    from distributed import get_worker

    from rnaexplore.models import load_model

    return load_model(name, device=device_of(str(get_worker().name), torch.cuda.device_count()))
