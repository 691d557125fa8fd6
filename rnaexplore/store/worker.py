"""What runs on the workers of a dask cluster: one model each, kept between tasks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from distributed import WorkerPlugin, get_worker
from numpy.typing import NDArray

from rnaexplore.errors import CheckpointError
from rnaexplore.models import load_model
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.model import Model
from rnaexplore.models.spec import ModelSpec
from rnaexplore.store.job import Job, computed, keep_products_few, write

if TYPE_CHECKING:
    import torch

    from rnaexplore.models.inference.batching import Pooling

__all__ = ["KeptModel", "Parts", "device_of", "precision", "shard", "vectors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A loaded model as what can be sent: architecture and weights, without hooks and caches."""

    adapter: type[Adapter]
    spec: ModelSpec
    state: dict[str, torch.Tensor]
    device: torch.device
    dtype: torch.dtype
    weights_sha256: str
    source: str

    @classmethod
    def of(cls, model: Model) -> Parts:
        """Take a model apart."""
        return cls(
            adapter=type(model.adapter),
            spec=model.spec,
            state={name: t.cpu() for name, t in model.adapter.module.state_dict().items()},
            device=model.device,
            dtype=model.dtype,
            weights_sha256=model.weights_sha256,
            source=model.source,
        )

    def assemble(self) -> Model:
        """Return the model."""
        module = self.adapter.build(self.spec).eval().requires_grad_(requires_grad=False)
        module.load_state_dict(self.state)
        module.to(device=self.device, dtype=self.dtype)
        return Model(
            self.adapter(self.spec, module),
            device=self.device,
            weights_sha256=self.weights_sha256,
            source=self.source,
        )


class KeptModel(WorkerPlugin):
    """Gives every worker, those that come later too, the model of a job when it first needs it.

    Parameters
    ----------
    model
        A name, loaded on a GPU of the worker's own where it sees several; or a model's parts.
    """

    def __init__(self, model: str | Parts) -> None:
        self._sent = model

    def setup(self, worker: Any) -> None:
        """Remember whose model it is; called on the worker."""
        self._worker = str(worker.name)
        self._lock = Lock()
        self._model: Model | None = None

    def model(self) -> Model:
        """Return the model of this worker, loaded by the first task that asks."""
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> Model:
        import torch

        keep_products_few()
        if isinstance(self._sent, Parts):
            return self._sent.assemble()
        return load_model(self._sent, device=device_of(self._worker, torch.cuda.device_count()))


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


def precision(kept: str) -> tuple[str, str]:
    """Return the precision of this worker's model, and the kind of its device."""
    model = _model(kept)
    return str(model.dtype).removeprefix("torch."), model.device.type


def shard(number: int, *, job: Job, kept: str, weights_sha256: str) -> int:
    """Compute a shard that is not there yet; return how many RNAs it has of its own."""
    model = _model(kept)
    if model.weights_sha256 != weights_sha256:
        msg = (
            f"a worker has other weights of {model.spec.name!r} (SHA-256 {model.weights_sha256}) "
            f"than this process ({weights_sha256}); use the same file everywhere"
        )
        raise CheckpointError(msg)
    if not job.done(number):
        write(job, number, *computed(job, model, number, lambda _: None))
    return len(job.own(number))


def vectors(
    sequences: list[str], *, kept: str, layer: int, pooling: Pooling, window: int | None
) -> NDArray[np.float32]:
    """Return the vectors of some sequences."""
    return _model(kept).embed(sequences, layer=layer, pooling=pooling, window=window)


def _model(kept: str) -> Model:
    plugin = cast("KeptModel", get_worker().plugins[kept])
    return plugin.model()
