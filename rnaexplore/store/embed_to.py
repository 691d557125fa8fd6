"""Embeddings of more RNAs than fit into memory, into a store."""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, load
from rnaexplore._library_errors import border
from rnaexplore.errors import RnaExploreError, RnaExploreWarning, StoreError
from rnaexplore.io.checksums import ROOT, root_with_sums
from rnaexplore.io.report import OnInvalid, check_on_invalid
from rnaexplore.io.stream import examine
from rnaexplore.models.inference.prefetch import behind
from rnaexplore.store.cluster import Workers, workers_of
from rnaexplore.store.files import NEW, flush, flush_all, sums, write_safely
from rnaexplore.store.job import Job, computed, copy_repeats, keep_products_few, write
from rnaexplore.store.plan import LOCK, Record, claim, clear, is_begun, plan, planned
from rnaexplore.store.settings import Level, layer_index, pooling_of
from rnaexplore.store.sources import AnnDataRnas, FastaRnas, Rnas

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling
    from rnaexplore.models.model import Model

__all__ = ["embed_to"]


def embed_to(
    rnas: AnnData | str | os.PathLike[str],
    store: str | os.PathLike[str],
    model: str | Model = "mini",
    *,
    level: Level = "sequence",
    layer: int = -1,
    pooling: Pooling | None = None,
    window: int | None = None,
    key_added: str | None = None,
    on_invalid: OnInvalid = "raise",
    client: Any = None,
    progress: bool = True,
) -> None:
    """Embed RNAs into a zarr store, in memory that does not grow with their number.

    Equal sequences are embedded once. What is done is kept: after an interruption of any kind the
    same call goes on, and the store is the same, byte for byte; what a power cut has damaged is
    noticed by its checksum and computed again. Until it is complete it lies in
    ``<store>.partial``. `rnaexplore.read_lazy` opens it, `rnaexplore.io.verify_store` compares
    every file with its checksum.

    Parameters
    ----------
    rnas
        A FASTA file of any size, compressed with gzip or not; or an AnnData with
        ``obs["sequence"]``.
    store
        Folder to write, usually ending in ``.zarr``.
    model
        Name of a model (`rnaexplore.list_models`), or a loaded one.
    level
        ``"sequence"`` for one vector an RNA, ``"nucleotide"`` for one a nucleotide (a codon for
        codon models).
    layer
        0 (embeddings) to ``n_layers`` (after the last layer), or negative from the end.
    pooling
        ``"mean"`` (the default) or ``"max"`` over residues, or ``"cls"``. Not for nucleotides.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged. Without it
        an RNA longer than the model allows is an error.
    key_added
        Name of the vectors; ``"X_<model>"`` if not given.
    on_invalid
        What to do with a record of a FASTA file that is no nucleotide sequence: ``"raise"`` an
        error, or ``"drop"`` and report it.
    client
        ``dask.distributed.Client``: its workers compute, and write into the same store, which
        has to lie where all of them see it. A model given by name is loaded once by each, on a
        GPU of its own where it sees several. What a worker that dies had not finished is done by
        another one.
    progress
        Whether to show a progress bar, with RNAs a second and the time left.

    Returns
    -------
    None
        Written in zarr format 3, as an AnnData with one observation an RNA:

        ``obs``, ``uns["rnaexplore"]["input"]``
            As `rnaexplore.read_fasta` makes them, or those of the AnnData.
        ``obsm[key_added]`` : float32, shape (n_obs, dim)
            At level ``"sequence"``.
        ``uns["nucleotides"][key_added]`` : float32, shape (rows, dim)
            At level ``"nucleotide"``: those of an RNA start at the row
            ``obs["<key_added>_start"]`` and end before ``obs["<key_added>_stop"]``; RNAs with the
            same sequence share them, and a few rows that belong to none are NaN.
            `rnaexplore.tl.nucleotides` reads those of an RNA.
        ``uns["rnaexplore"][key_added]`` : dict
            As of `rnaexplore.tl.embed`, and ``level`` and ``input_sha256``.

    Raises
    ------
    StoreError
        If the store cannot be written (the disk is full, the folder read-only), was made of other
        RNAs or in another way, or is being written by another process. What was there is intact.
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If a sequence cannot be read, before anything is computed.
    UnknownModelError, WeightsNotFoundError, CheckpointError
        If the model cannot be loaded.
    MissingKeyError, InputError
        If the AnnData has no sequences, the file is not FASTA, or a setting is not allowed.

    Warns
    -----
    RnaExploreWarning
        Once, with the counts of what was dropped, renamed or normalised.

    Notes
    -----
    Time is that of `rnaexplore.tl.embed`. Memory does not grow with the number of RNAs; it grows
    with the length of the longest one, and with the square of it in models with attention.
    """
    check_on_invalid(on_invalid)
    keep_products_few()
    source = _source(rnas, on_invalid)
    loaded, target = load(model), Path(store)
    key = chosen_key(key_added, _keys.embedding_key(loaded.spec.name))
    job = Job(
        folder=target.with_name(f"{target.name}{_keys.PARTIAL}"),
        key=key,
        level=level,
        layer=layer_index(loaded, layer),
        pooling=pooling_of(loaded, level, pooling),
        window=window,
    )
    with nullcontext() if client is None else workers_of(client, model, loaded) as workers:
        kind = _precision(loaded) if workers is None else workers.precision()
        recipe = _recipe(job, source, loaded, kind)
        with _told(job.folder):
            if not target.exists():
                with _locked(job.folder):
                    if not target.exists():  # it may have been finished just now
                        _planned(job, source, loaded, recipe, progress=progress)
                        if summary := source.summary():
                            warnings.warn(summary, RnaExploreWarning, stacklevel=2)
                        _computed(job, loaded, workers, progress=progress)
                        _finished(job, target)
            _same(_recipe_of(target, key), recipe, target)
            _cleared(job)


def _source(rnas: AnnData | str | os.PathLike[str], on_invalid: OnInvalid) -> Rnas:
    if isinstance(rnas, AnnData):
        return AnnDataRnas(rnas)
    return FastaRnas(examine(rnas), on_invalid)


def _precision(model: Model) -> tuple[str, str]:
    return str(model.dtype).removeprefix("torch."), model.device.type


def _recipe(job: Job, rnas: Rnas, model: Model, kind: tuple[str, str]) -> Record:
    """Return what two runs must share for one to go on with the work of the other."""
    pooled = {"pooling": job.pooling} if job.level == "sequence" else {}
    return {
        "model": model.spec.name,
        "weights_sha256": model.weights_sha256,
        "source": model.source,
        "key_added": job.key,
        "level": job.level,
        "layer": job.layer,
        **pooled,
        "dtype": kind[0],
        "device": kind[1],
        "window": job.window or 0,
        "input_sha256": rnas.sha256,
        "rnaexplore": version("rnaexplore"),
    }


def _recipe_of(store: Path, key: str) -> Record:
    """Return how the vectors in a complete store were made; empty if they are not there."""
    import anndata as ad
    import zarr

    try:
        with border(store, StoreError):
            group = zarr.open_group(str(store), mode="r")
            return dict(ad.io.read_elem(group[f"uns/{_keys.PROVENANCE}/{key}"]))
    except StoreError:
        return {}


def _same(found: Mapping[str, Any], recipe: Mapping[str, Any], path: Path) -> None:
    """Raise if what is there was made in another way."""
    other = {k: (found.get(k), v) for k, v in recipe.items() if k != "source" and found.get(k) != v}
    if not other:
        return
    if len(other) == len(recipe) - 1:
        found_there = "exists, and holds no such vectors; it was left as it is"
    else:
        told = "; ".join(f"{k} is {old!r}, asked for {new!r}" for k, (old, new) in other.items())
        found_there = f"was made in another way and was left as it is: {told}"
    msg = f"{str(path)!r} {found_there}. Choose another path, or delete it"
    raise StoreError(msg)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say of a write that failed what it means."""
    try:
        yield
    except RnaExploreError:
        raise
    except (OSError, sqlite3.OperationalError) as error:
        msg = (
            f"could not write {str(folder)!r}: {error}. What was written so far stays; once there "
            "is room and permission, the same call goes on from there"
        )
        raise StoreError(msg) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder of the job, so that no other process works in it."""
    from filelock import FileLock, Timeout

    claim(folder)
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        msg = f"another process is writing {str(folder)!r}; wait for it, or choose another store"
        raise StoreError(msg) from None


def _planned(job: Job, rnas: Rnas, model: Model, recipe: Record, *, progress: bool) -> None:
    """Make the plan, or go on with the one that is there."""
    found = planned(job)
    if found is None:
        if is_begun(job.folder):
            warnings.warn(_damaged(job, "the plan", "everything"), RnaExploreWarning, stacklevel=3)
        plan(job, rnas, model, recipe, progress=progress)
        return
    _same(found, recipe, job.folder)
    for left in (*job.store.rglob("*.partial"), *job.folder.rglob(f"*{NEW}")):
        left.unlink()
    if dropped := job.drop_damaged():
        msg = _damaged(job, f"{dropped} of {job.n_shards} parts", "them")
        warnings.warn(msg, RnaExploreWarning, stacklevel=3)


def _damaged(job: Job, what: str, anew: str) -> str:
    return (
        f"{str(job.folder)!r}: {what} of the interrupted job damaged, as by a power cut or a bad "
        f"disk; computing {anew} again"
    )


def _computed(job: Job, model: Model, workers: Workers | None, *, progress: bool) -> None:
    missing = set(job.missing())
    sizes = [len(job.own(shard)) for shard in range(job.n_shards)]
    bar = tqdm(
        total=sum(sizes),
        initial=sum(n for shard, n in enumerate(sizes) if shard not in missing),
        desc=model.spec.name,
        unit="RNA",
        disable=not progress,
    )
    with bar:
        if workers is None:
            with behind() as meanwhile:
                for shard in sorted(missing):
                    found = computed(job, model, shard, bar.update)
                    meanwhile(partial(write, job, shard, *found))
            return
        for n in workers.compute_shards(job, sorted(missing)):
            bar.update(n)


def _finished(job: Job, target: Path) -> None:
    """Copy what occurs again, and put the store where it belongs."""
    import zarr

    for shard in range(job.n_shards):
        copy_repeats(job, shard)
    with warnings.catch_warnings():
        # consolidated metadata is not in the specification yet, but every reader knows it
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(str(job.store))
    root = job.store / ROOT
    text = root_with_sums(root.read_text(encoding="utf-8"), sums(job.store, without=[root]))
    write_safely(root, text.encode())
    flush_all(job.store)
    job.store.replace(target)
    flush(target.parent)


def _cleared(job: Job) -> None:
    """Remove what is left of a job whose store has been put in place."""
    if job.folder.exists() and not job.store.exists():
        clear(job.folder)
