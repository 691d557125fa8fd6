"""embed_to: what embed gives, in a store; computed once; nothing lost to an interruption."""

from __future__ import annotations

import errno
import json
import re
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import anndata as ad
import numpy as np
import pytest
import zarr
from filelock import FileLock

import rnaexplore as rx
from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    MissingKeyError,
    RnaExploreWarning,
    SequenceTooLongError,
    StoreError,
)
from rnaexplore.store import embed_to as writing
from rnaexplore.store import plan, sources

CALLER = "ignore::rnaexplore.errors.RnaExploreWarning"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sequences(n: int) -> list[str]:
    """Return RNAs, of which every seventh occurs again later, and some at once."""
    rng = np.random.default_rng(1)
    made = ["".join(rng.choice(list("ACGU"), k)) for k in rng.integers(8, 40, n)]
    made[n // 2 :: 7] = made[: len(made[n // 2 :: 7])]
    made[3], made[5] = made[2], made[2].lower().replace("u", "t")
    return made


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(plan, "SEQUENCES", (8, 32))
    monkeypatch.setattr(plan, "NUCLEOTIDES", (32, 256))
    monkeypatch.setattr(sources, "BLOCK", 50)
    monkeypatch.setattr(plan, "BLOCK", 50)


@pytest.fixture
def fasta(tmp_path):
    """200 RNAs; some names occur again, one is missing."""
    names = [f"r{i}" for i in range(200)]
    names[7] = names[150] = "r1"
    names[60] = ""
    path = tmp_path / "in.fa"
    records = zip(names, sequences(200), strict=True)
    path.write_text("".join(f">{name} number\n{sequence}\n" for name, sequence in records))
    return path


@pytest.fixture
def embed_to(tmp_path, fasta, tiny):
    """Embed the RNAs into a store, without a word about what was normalised."""

    def call(store="out.zarr", rnas=fasta, **options) -> Path:
        rx.tl.embed_to(
            rnas, tmp_path / store, options.pop("model", tiny), progress=False, **options
        )
        return tmp_path / store

    return call


@pytest.mark.filterwarnings(CALLER)
def test_a_store_holds_what_embed_gives(embed_to, fasta, tiny) -> None:
    lazy = rx.read_lazy(embed_to(layer=1, pooling="max"))
    expected = rx.read_fasta(fasta)
    rx.tl.embed(expected, tiny, layer=1, pooling="max", progress=False)
    for column in expected.obs:
        assert list(lazy.obs[column]) == list(expected.obs[column])
    assert list(lazy.obs_names) == list(expected.obs_names)
    assert lazy.obsm["X_tiny"].__module__.startswith("dask")
    np.testing.assert_allclose(lazy.obsm["X_tiny"], expected.obsm["X_tiny"], atol=1e-5)
    made, known = (a.uns["rnaexplore"]["X_tiny"] for a in (lazy, expected))
    for key in known.keys() - {"versions"}:
        assert made[key] == known[key], key
    assert made.keys() - known.keys() == {"level", "input_sha256", "key_added"}
    for key, value in expected.uns["rnaexplore"]["input"].items():
        np.testing.assert_array_equal(lazy.uns["rnaexplore"]["input"][key], value)


@pytest.mark.filterwarnings(CALLER)
def test_a_store_is_zarr_3_in_shards_that_anndata_reads(embed_to, tmp_path) -> None:
    store = embed_to()
    array = zarr.open_group(store, mode="r")["obsm/X_tiny"]
    assert array.metadata.zarr_format == 3
    assert (array.chunks, array.shards) == ((8, 32), (32, 32))
    assert ad.read_zarr(store).obsm["X_tiny"].shape == (200, 32)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.fa", "out.zarr"]


@pytest.mark.filterwarnings(CALLER)
def test_equal_sequences_are_computed_once(embed_to, fasta, tiny, monkeypatch) -> None:
    read = []
    embed = type(tiny).embed

    def spy(self, given, **options):
        read.extend(given)
        return embed(self, given, **options)

    monkeypatch.setattr(type(tiny), "embed", spy)
    lazy = rx.read_lazy(embed_to())
    assert len(read) == len(set(read)) == lazy.obs["sequence"].nunique()
    assert lazy.uns["rnaexplore"]["X_tiny"]["n_distinct"] == len(read) < 200
    vectors = np.asarray(lazy.obsm["X_tiny"])
    assert not np.isnan(vectors).any()
    groups = lazy.obs.reset_index().groupby("sequence").indices.values()
    for rows in groups:
        np.testing.assert_array_equal(vectors[rows], vectors[rows[[0] * len(rows)]])


@pytest.mark.filterwarnings(CALLER)
def test_nucleotides(embed_to, tiny, monkeypatch) -> None:
    read = []
    stream = type(tiny).stream_hidden_states

    def spy(self, given, **options):
        read.extend(given)
        return stream(self, given, **options)

    monkeypatch.setattr(type(tiny), "stream_hidden_states", spy)
    lazy = rx.read_lazy(embed_to(level="nucleotide", layer=1))
    assert len(read) == len(set(read)) == lazy.obs["sequence"].nunique()
    vectors = lazy.uns["nucleotides"]["X_tiny"]
    start, stop = lazy.obs["X_tiny_start"].to_numpy(), lazy.obs["X_tiny_stop"].to_numpy()
    assert (start // 256 == (stop - 1) // 256).all(), "an RNA lies in one shard"
    used = np.zeros(len(vectors), dtype=bool)
    for name, row in lazy.obs.iterrows():
        used[row["X_tiny_start"] : row["X_tiny_stop"]] = True
        if row.name in {"r0", "r2", "r5", "r120", "r199"}:
            found = rx.tl.nucleotides(lazy, name, "X_tiny")
            expected = tiny.hidden_states(row["sequence"])[1]
            np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(np.isnan(np.asarray(vectors)).all(1), ~used)
    assert not np.isnan(np.asarray(vectors)[used]).any()
    with pytest.raises(MissingKeyError, match="level='nucleotide'"):
        rx.tl.nucleotides(lazy, "r0", "X_mini")


def test_an_rna_longer_than_a_shard_makes_the_shards_longer(embed_to, tiny) -> None:
    adata = rx.from_sequences({"a": "ACGU" * 5, "b": "GGAC" * 100, "c": "ACG"})
    lazy = rx.read_lazy(embed_to(rnas=adata, level="nucleotide", window=64))
    assert list(lazy.obs["X_tiny_start"]) == [0, 416, 816]
    for name in lazy.obs_names:
        expected = tiny.hidden_states(lazy.obs.loc[name, "sequence"], window=64)[-1]
        np.testing.assert_array_equal(rx.tl.nucleotides(lazy, name, "X_tiny"), expected)


def test_an_anndata_keeps_its_columns_and_its_notes(embed_to, rnas, tiny) -> None:
    rx.tl.kmers(rnas)
    lazy = rx.read_lazy(embed_to(rnas=rnas, key_added="X_mine"))
    assert list(lazy.obs["family"]) == list(rnas.obs["family"])
    notes = lazy.uns["rnaexplore"]
    assert notes["X_mine"]["step"] == 2
    expected = tiny.embed(list(rnas.obs["sequence"]))
    np.testing.assert_allclose(lazy.obsm["X_mine"], expected, atol=1e-5)


class Killed(BaseException):
    """Ends a run as suddenly as an exception can."""


def killed(*_, **__):
    raise Killed


STAGES = {
    "the first RNAs": (plan, "aliased"),
    "the vectors are made room for": (plan, "_create_vectors"),
    "the provenance": (plan, "_write_provenance"),
    "the third shard is computed": (writing, "computed"),
    "the third shard is written": (writing, "write"),
    "repeated sequences": (writing, "copy_repeats"),
    "metadata": (zarr, "consolidate_metadata"),
    "cleaning up": (writing, "_cleared"),
}


@pytest.mark.filterwarnings(CALLER)
def test_a_process_that_comes_just_after_the_first_computes_nothing(
    embed_to, tmp_path, monkeypatch
) -> None:
    """It sees no store, waits for the lock, and then the store is there."""
    locked, computed = writing._locked, []

    @contextmanager
    def late(folder):
        with monkeypatch.context() as first:
            first.setattr(writing, "_locked", locked)
            embed_to()
        monkeypatch.setattr(writing, "computed", lambda *a: computed.append(a))
        with locked(folder):
            yield

    monkeypatch.setattr(writing, "_locked", late)
    assert embed_to()
    assert computed == []
    assert not (tmp_path / "out.zarr.partial").exists()


@pytest.mark.filterwarnings(CALLER)
@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(
    stage, embed_to, tiny, tmp_path, monkeypatch
) -> None:
    expected = bytes_of(embed_to("whole.zarr"))
    module, name = STAGES[stage]
    original, calls = getattr(module, name), []

    def until_third(*arguments, **options):
        calls.append(arguments)
        if name in {"computed", "write", "copy_repeats"} and len(calls) < 3:
            return original(*arguments, **options)
        raise Killed

    monkeypatch.setattr(module, name, until_third)
    with pytest.raises(Killed):
        embed_to()
    assert (tmp_path / "out.zarr").exists() == (stage == "cleaning up")
    monkeypatch.setattr(module, name, original)
    if stage == "the third shard":
        computed = []
        monkeypatch.setattr(writing, "compute", lambda *a: (computed.append(a[2]), original(*a)))
        embed_to()
        assert computed == [2, 3, 4, 5, 6], "the first two were kept"
    assert bytes_of(embed_to()) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.fa", "out.zarr", "whole.zarr"]


KILLED_AGAIN_AND_AGAIN = """
import os, random, signal, sys, time
import anndata.experimental, filelock, torch, tqdm.auto, zarr
import Bio.SeqIO.FastaIO
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from conftest import tiny
import rnaexplore as rx
from rnaexplore.store import embed_to, plan, sources
plan.SEQUENCES, plan.BLOCK, sources.BLOCK = (8, 16), 64, 64
model = tiny.__wrapped__() if hasattr(tiny, "__wrapped__") else tiny.__pytest_wrapped__.obj()
source, whole, often = sys.argv[2:]

def run(store):
    child = os.fork()
    if child == 0:
        try:
            rx.tl.embed_to(source, store, model, progress=False)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return child

def files(folder):
    return sum(len(names) for _, _, names in os.walk(folder))

assert os.waitstatus_to_exitcode(os.waitpid(run(whole), 0)[1]) == 0
random.seed(0)
for share in [0.1, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98]:
    child, enough = run(often), share * files(whole)
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and files(often + ".partial") < enough:
        pass
    time.sleep(random.uniform(0, 0.02))
    if done[0] == 0:
        os.kill(child, signal.SIGKILL)
        done = os.waitpid(child, 0)
    vectors = os.path.join(often + ".partial", "store", "obsm", "X_tiny", "c")
    shards = len(os.listdir(vectors)) if os.path.isdir(vectors) else 0
    print("ended by", os.waitstatus_to_exitcode(done[1]), "with", shards)
assert os.waitstatus_to_exitcode(os.waitpid(run(often), 0)[1]) == 0
"""


def test_killed_at_any_moment_it_goes_on_and_gives_the_same_bytes(fasta, tmp_path) -> None:
    result = subprocess.run(
        [
            sys.executable, "-W", "ignore", "-c", KILLED_AGAIN_AND_AGAIN,
            str(Path(__file__).parents[1]), str(fasta), str(tmp_path / "a.zarr"),
            str(tmp_path / "b.zarr"),
        ],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    ends = re.findall(r"ended by (-?\d+) with (\d+)", result.stdout)
    shards = [int(n) for end, n in ends if int(end) == -signal.SIGKILL]
    assert len(shards) >= 4, "it was killed"
    assert 0 in shards, "before it computed"
    assert max(shards) > 0, "and while it computed"
    assert bytes_of(tmp_path / "a.zarr") == bytes_of(tmp_path / "b.zarr")
    assert not (tmp_path / "b.zarr.partial").exists()


@pytest.mark.filterwarnings(CALLER)
def test_another_way_is_refused_and_the_store_stays(embed_to, fasta, tiny, tmp_path) -> None:
    expected = bytes_of(embed_to())
    for options, message in (
        ({"layer": 0}, "layer is 2, asked for 0"),
        ({"pooling": "max"}, "pooling is 'mean', asked for 'max'"),
        ({"model": tiny.randomised(seed=1)}, "weights_sha256 is '000"),
        ({"window": 20}, "window is 0, asked for 20"),
        ({"key_added": "X_other"}, "holds no such vectors"),
        ({"level": "nucleotide"}, "level is 'sequence', asked for 'nucleotide'"),
        ({"rnas": rx.from_sequences(["ACGU"])}, "input_sha256"),
    ):
        with pytest.raises(StoreError, match=re.escape(message)):
            embed_to(**options)
    assert bytes_of(embed_to()) == expected


@pytest.mark.filterwarnings(CALLER)
def test_work_begun_in_another_way_is_refused_and_stays(embed_to, tmp_path, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writing, "copy_repeats", killed)
        with pytest.raises(Killed):
            embed_to()
    before = bytes_of(tmp_path / "out.zarr.partial")
    with pytest.raises(StoreError, match=r"layer is 2, asked for 1.*Choose another path"):
        embed_to(layer=1)
    assert bytes_of(tmp_path / "out.zarr.partial") == before
    with pytest.raises(InputError, match=r"is not finished.*embed_to"):
        rx.read_lazy(tmp_path / "out.zarr")


def test_a_folder_that_is_not_ours_is_left_alone(embed_to, tmp_path) -> None:
    other = tmp_path / "out.zarr.partial"
    other.mkdir()
    (other / "thesis.tex").write_text("mine")
    with pytest.raises(StoreError, match="not from here"):
        embed_to()
    (tmp_path / "file.zarr").write_text("mine")
    with pytest.raises(StoreError, match="holds no such vectors"):
        embed_to("file.zarr")
    assert (other / "thesis.tex").read_text() == (tmp_path / "file.zarr").read_text() == "mine"


def test_two_processes_do_not_write_the_same_store(embed_to, tmp_path) -> None:
    plan.claim(tmp_path / "out.zarr.partial")
    with (
        FileLock(tmp_path / "out.zarr.partial" / "lock"),
        pytest.raises(StoreError, match="another process"),
    ):
        embed_to()


@pytest.mark.filterwarnings(CALLER)
@pytest.mark.parametrize("stage", ["_planned", "_computed", "_finished"])
def test_a_full_disk_is_told_and_costs_nothing(stage, embed_to, tmp_path, monkeypatch) -> None:
    """No file may become larger than 1500 bytes, from some stage on."""
    expected = bytes_of(embed_to("whole.zarr"))
    original = getattr(writing, stage)

    def full(*arguments, **options):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
        return original(*arguments, **options)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with monkeypatch.context() as patch:
        patch.setattr(writing, stage, full)
        try:
            with pytest.raises(StoreError, match=r"could not write.*the same call goes on"):
                embed_to()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, previous)
    assert not (tmp_path / "out.zarr").exists()
    assert bytes_of(embed_to()) == expected


def test_a_read_only_folder_is_told(embed_to, tmp_path, monkeypatch) -> None:
    def read_only(path, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", read_only)  # tests may run as root, whom no mode stops
    with pytest.raises(StoreError, match="Read-only file system"):
        embed_to()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.fa"]


def test_bad_rnas_are_told_before_anything_is_computed(embed_to, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(writing, "computed", killed)
    path = tmp_path / "bad.fa"
    path.write_text(">a\nACGU\n>b\nACGX\n")
    with pytest.raises(InvalidSequenceError, match="'b': 'X' at position 4"):
        embed_to(rnas=path)
    path.write_text(f">a\nACGU\n>long\n{'ACGU' * 300}\n")
    with pytest.raises(SequenceTooLongError, match=r"'long'.*window=1022"):
        embed_to(rnas=path)
    path.write_text(">a\nAXGU\n")
    with pytest.raises(InputError, match="no valid record; the first: record 'a'"):
        embed_to(rnas=path, on_invalid="drop")
    path.write_text("ACGU\n")
    with pytest.raises(InputError, match="is not FASTA"):
        embed_to(rnas=path)
    assert not (tmp_path / "out.zarr").exists()


def test_dropped_records_are_told_and_noted(embed_to, tmp_path) -> None:
    path = tmp_path / "some.fa"
    path.write_text(">a\nACGU\n>b\nACGX\n>a\nACGG\n")
    with pytest.warns(RnaExploreWarning, match=r"1 invalid records dropped \(b\), 1 names"):
        lazy = rx.read_lazy(embed_to(rnas=path, on_invalid="drop"))
    assert list(lazy.obs_names) == ["a", "a-1"]
    assert list(lazy.uns["rnaexplore"]["input"]["dropped"]) == ["b"]


def test_settings_that_are_not_allowed(embed_to) -> None:
    for options, message in (
        ({"layer": 9}, r"layer must be in \[-3, 2\]"),
        ({"level": "atom"}, "'sequence' or 'nucleotide'"),
        ({"level": "nucleotide", "pooling": "mean"}, "leave out pooling"),
        ({"pooling": "sum"}, "pooling must be one of"),
        ({"on_invalid": "ignore"}, "'raise' or 'drop'"),
    ):
        with pytest.raises(InputError, match=message):
            embed_to(**options)


@pytest.mark.filterwarnings(CALLER)
def test_scanpy_works_on_a_store_that_stays_on_disk(embed_to) -> None:
    import scanpy as sc

    lazy = rx.read_lazy(embed_to())
    adata = ad.AnnData(X=lazy.obsm["X_tiny"], obs=lazy.obs)
    sc.pp.pca(adata, n_comps=5, svd_solver="covariance_eigh")
    scores = np.asarray(adata.obsm["X_pca"])
    vectors = np.asarray(lazy.obsm["X_tiny"])
    singular = np.linalg.svd(vectors - vectors.mean(0), compute_uv=False)[:5]
    np.testing.assert_allclose(np.linalg.norm(scores, axis=0), singular, rtol=1e-3)
    rx.tl.group_by_identity(lazy)
    assert lazy.obs["identity_group"].notna().all()
    part = lazy[["r0", "r199"]].to_memory()
    np.testing.assert_array_equal(part.obsm["X_tiny"], vectors[[0, 199]])


def test_progress_tells_the_rate(embed_to, fasta, tiny, tmp_path, capsys) -> None:
    adata = rx.from_sequences(sequences(40)[8:])
    rx.tl.embed_to(adata, tmp_path / "out.zarr", tiny)
    said = capsys.readouterr().err
    assert re.search(r"tiny: +100%.*32/32 \[.*RNA/s\]", said), said
    assert json.loads((tmp_path / "out.zarr" / "zarr.json").read_text())["zarr_format"] == 3
