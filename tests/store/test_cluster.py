"""The same job on a cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import logging
import os
import signal
from threading import Thread
from time import perf_counter, sleep

import numpy as np
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from rnaexplore.cli import app
from rnaexplore.errors import CheckpointError, InputError, SequenceTooLongError, StoreError
from rnaexplore.store import cluster, embed_to, plan
from rnaexplore.store.cluster import connect

distributed = pytest.importorskip("distributed")

from rnaexplore.store import worker  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # of the cluster's own sockets and processes


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


@pytest.fixture
def rnas():
    """Return 400 RNAs, 20 of them twice."""
    rng = np.random.default_rng(0)
    made = ["".join(rng.choice(list("ACGU"), n)) for n in rng.integers(20, 60, 400)]
    made[200:220] = made[:20]
    return rx.from_sequences(made)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(plan, "SEQUENCES", (8, 8))
    monkeypatch.setattr(plan, "NUCLEOTIDES", (32, 512))
    monkeypatch.setattr(cluster, "PIECE", 50)


def kill_a_worker(client, folder, killed) -> None:
    """Kill one of the workers as soon as some shards are there."""
    victim = next(iter(client.run(os.getpid).values()))
    end = perf_counter() + 300
    while len(list(folder.glob("store/obsm/X_tiny/c/*"))) < 4 and perf_counter() < end:
        sleep(0.001)
    killed.append(len(list(folder.glob("store/obsm/X_tiny/c/*"))))
    os.kill(victim, signal.SIGKILL)


def test_a_worker_that_dies_loses_nothing(client, rnas, tiny, tmp_path) -> None:
    killed: list[int] = []
    thread = Thread(target=kill_a_worker, args=(client, tmp_path / "a.zarr.partial", killed))
    thread.start()
    rx.tl.embed_to(rnas, tmp_path / "a.zarr", tiny, client=client, progress=False)
    thread.join()
    assert 4 <= killed[0] < 50, "in the middle"
    lazy = rx.read_lazy(tmp_path / "a.zarr")
    assert lazy.obsm["X_tiny"].numblocks[0] == 50
    expected = tiny.embed(list(rnas.obs["sequence"]))
    np.testing.assert_allclose(lazy.obsm["X_tiny"], expected, atol=1e-5)
    np.testing.assert_array_equal(lazy.obsm["X_tiny"][:20], lazy.obsm["X_tiny"][200:220])
    client.wait_for_workers(2, timeout=60)
    rx.tl.embed_to(rnas, tmp_path / "b.zarr", tiny, client=client, progress=False)
    for path in (tmp_path / "a.zarr").rglob("*"):
        if path.is_file():
            other = tmp_path / "b.zarr" / path.relative_to(tmp_path / "a.zarr")
            assert path.read_bytes() == other.read_bytes(), path


def test_nucleotides_on_a_cluster(client, rnas, tiny, tmp_path) -> None:
    part = rnas[:40].copy()
    rx.tl.embed_to(
        part, tmp_path / "n.zarr", tiny, level="nucleotide", client=client, progress=False
    )
    lazy = rx.read_lazy(tmp_path / "n.zarr")
    for name in lazy.obs_names[[0, 7, 39]]:
        expected = tiny.hidden_states(lazy.obs.loc[name, "sequence"])[-1]
        np.testing.assert_allclose(rx.tl.nucleotides(lazy, name, "X_tiny"), expected, atol=1e-5)


def test_embed_in_memory_on_a_cluster(client, rnas, tiny) -> None:
    rx.tl.embed(rnas, tiny, layer=1, pooling="max", client=client, progress=False)
    expected = tiny.embed(list(rnas.obs["sequence"]), layer=1, pooling="max")
    np.testing.assert_allclose(rnas.obsm["X_tiny"], expected, atol=1e-5)
    record = rnas.uns["rnaexplore"]["X_tiny"]
    assert (record["device"], record["dtype"], record["n_distinct"]) == ("cpu", "float32", 380)
    long = rx.from_sequences({"long": "ACGU" * 300})
    with pytest.raises(SequenceTooLongError, match="'long'"):
        rx.tl.embed(long, tiny, client=client, progress=False)


def test_the_command_line_works_on_a_cluster(client, tmp_path) -> None:
    fasta, out = tmp_path / "in.fa", tmp_path / "out.zarr"
    fasta.write_text(">a\nGGGGAAAACCCC\n>b\nGGGGAAAACCCG\n")
    address = client.scheduler.address
    result = CliRunner().invoke(app, ["embed", str(fasta), "-o", str(out), "--dask", address])
    assert result.exit_code == 0, result.output
    expected = rx.load_model("mini", device="cpu").embed(["GGGGAAAACCCC", "GGGGAAAACCCG"])
    np.testing.assert_allclose(rx.read_lazy(out).obsm["X_mini"], expected, atol=1e-4)
    left = client.run(lambda dask_worker: [n for n in dask_worker.plugins if "rnaexpl" in n])
    assert set(map(len, left.values())) == {0}


def test_a_worker_loads_its_model_once(client, tiny) -> None:
    def identity(_, kept):
        return id(distributed.get_worker().plugins[kept].model())

    with cluster.workers_of(client, tiny, tiny) as workers:
        for address in client.scheduler_info()["workers"]:
            futures = client.map(
                identity, range(5), kept=workers._kept, workers=[address], pure=False
            )
            assert len(set(client.gather(futures))) == 1


def test_other_weights_and_full_disks_on_workers_are_told(
    client, rnas, tiny, tmp_path, monkeypatch
) -> None:
    part = rnas[:20].copy()
    other = tiny.randomised(seed=0)
    with (
        cluster.workers_of(client, tiny, other) as workers,
        pytest.raises(CheckpointError, match="other weights of 'tiny'"),
    ):
        next(workers.compute_shards(None, [0]))
    original = embed_to._computed

    def unwritable(job, *arguments, **options):
        (job.store / job.array_path / "c").write_text("in the way of the shards")
        return original(job, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(embed_to, "_computed", unwritable)
        with pytest.raises(StoreError, match="could not write"):
            rx.tl.embed_to(part, tmp_path / "a.zarr", tiny, client=client, progress=False)
    (tmp_path / "a.zarr.partial" / "store" / "obsm" / "X_tiny" / "c").unlink()
    rx.tl.embed_to(part, tmp_path / "a.zarr", tiny, client=client, progress=False)
    assert rx.read_lazy(tmp_path / "a.zarr").n_obs == 20


@pytest.mark.parametrize(
    ("name", "n_gpus", "device"),
    [
        ("0", 0, "auto"), ("3", 1, "auto"), ("0", 4, "cuda:0"), ("5", 4, "cuda:1"),
        ("SLURMCluster-2-1", 2, "cuda:1"), ("tcp-worker", 2, "cuda:0"),
    ],
)  # fmt: skip
def test_workers_share_the_gpus_that_they_see(name, n_gpus, device) -> None:
    assert worker.device_of(name, n_gpus) == device


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "", "a:b:c", "\0"])
def test_an_address_without_a_scheduler_is_told(address) -> None:
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(InputError, match="is not the address of a dask scheduler that answers"),
    ):
        connect(address)
