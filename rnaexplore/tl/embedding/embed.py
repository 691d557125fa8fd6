"""Embeddings: one vector an RNA."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, overload

from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, load, note, sequences_of
from rnaexplore.models.alphabet import normalise
from rnaexplore.store import cluster
from rnaexplore.store.plan import aliased
from rnaexplore.tl.memory import BYTES, check_fits

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model

__all__ = ["distinct", "embed"]


@overload
def embed(
    adata: AnnData,
    model: str | Model = ...,
    *,
    layer: int = ...,
    pooling: Pooling = ...,
    key_added: str | None = ...,
    copy: Literal[False] = ...,
    window: int | None = ...,
    client: Any = ...,
    progress: bool = ...,
) -> None: ...
@overload
def embed(
    adata: AnnData,
    model: str | Model = ...,
    *,
    layer: int = ...,
    pooling: Pooling = ...,
    key_added: str | None = ...,
    copy: Literal[True],
    window: int | None = ...,
    client: Any = ...,
    progress: bool = ...,
) -> AnnData: ...
def embed(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    layer: int = -1,
    pooling: Pooling = "mean",
    key_added: str | None = None,
    copy: bool = False,
    window: int | None = None,
    client: Any = None,
    progress: bool = True,
) -> AnnData | None:
    """Embed every RNA with a language model.

    RNAs with the same sequence are embedded once. T is read as U, and lower case as upper case.
    For more RNAs than fit into memory, and for vectors of nucleotides, there is
    `rnaexplore.tl.embed_to`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model (`rnaexplore.list_models`), or a loaded one.
    layer
        0 (embeddings) to ``n_layers`` (after the last layer), or negative from the end.
    pooling
        ``"mean"`` or ``"max"`` over residues, or ``"cls"``. Pads and special tokens never count.
    key_added
        ``obsm`` key to write; ``"X_<model>"`` if not given, whatever the layer. Give one to keep
        several layers side by side.
    copy
        Whether to return a changed copy instead of changing `adata`.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged. Without it
        an RNA longer than the model allows is an error.
    client
        ``dask.distributed.Client`` whose workers compute, as for `rnaexplore.tl.embed_to`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obsm[key_added]`` : float32, shape (n_obs, dim)
            One vector an RNA.
        ``uns["rnaexplore"][key_added]`` : dict
            Model, SHA-256 and source of its weights, layer, pooling, precision, device, window (0
            if none), how many RNAs and letters the model reads differently, package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownModelError, WeightsNotFoundError, CheckpointError
        If the model cannot be loaded.
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If the model cannot read a sequence, naming the RNA.
    InputError
        If `layer` or `pooling` is not allowed.

    Notes
    -----
    Time grows with the number of different sequences and their total length, and in models with
    attention with the square of the length of each; memory with the number of RNAs times the
    dimension, 4 bytes a number. Embeddings that do not fit into memory are refused:
    `rnaexplore.tl.embed_to` writes them to disk.
    """
    sequences = sequences_of(adata)
    loaded = load(model)
    first, inverse = distinct(sequences)
    names = [str(adata.obs_names[i]) for i in first]
    unique = [sequences[i] for i in first]
    with nullcontext() if client is None else cluster.workers_of(client, model, loaded) as workers:
        vectors = (workers or loaded).embed(
            unique, layer=layer, pooling=pooling, names=names, window=window, progress=progress
        )
        record = _record(loaded, sequences, layer, pooling, window)
        if workers is not None:
            record["dtype"], record["device"] = workers.precision()
    target = adata.copy() if copy else adata
    key = chosen_key(key_added, _keys.embedding_key(loaded.spec.name))
    check_fits(
        BYTES * adata.n_obs * loaded.spec.dim,
        f"embeddings of {adata.n_obs:,} RNAs",
        "write them to disk with rx.tl.embed_to",
    )
    target.obsm[key] = vectors[inverse]
    note(target, key, record)
    return target if copy else None


def distinct(sequences: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return where each distinct sequence comes first, and which of those each sequence is.

    Case, and T instead of U, make no difference.
    """
    rank: dict[str, int] = {}
    first: list[int] = []
    inverse: list[int] = []
    for i, sequence in enumerate(map(normalise, sequences)):
        if sequence not in rank:
            rank[sequence] = len(first)
            first.append(i)
        inverse.append(rank[sequence])
    return first, inverse


def _record(
    model: Model, sequences: Sequence[str], layer: int, pooling: str, window: int | None
) -> dict[str, object]:
    return {
        "model": model.spec.name,
        "weights_sha256": model.weights_sha256,
        "source": model.source,
        "layer": layer % (model.spec.n_layers + 1),
        "pooling": pooling,
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": str(model.device),
        "n_distinct": len(set(map(normalise, sequences))),
        "window": 0 if window is None else window,
        "read": {
            **asdict(model.inspect(sequences, window=window)),
            "aliased_residues": aliased(model.spec.alphabet, sequences),
        },
    }
