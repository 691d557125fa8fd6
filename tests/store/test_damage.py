"""What a power cut or a bad disk leaves is noticed, told, and computed again."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import RnaExploreError, RnaExploreWarning, StoreError
from rnaexplore.io import verify_store
from rnaexplore.store import embed_to, plan, sources


class Killed(BaseException):
    """Ends a run as suddenly as an exception can."""


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(plan, "SEQUENCES", (4, 8))
    monkeypatch.setattr(sources, "BLOCK", 50)
    monkeypatch.setattr(plan, "BLOCK", 50)


@pytest.fixture
def fasta(tmp_path):
    rng = np.random.default_rng(1)
    made = ["".join(rng.choice(list("ACGU"), k)) for k in rng.integers(8, 20, 24)]
    made[20] = made[1]
    path = tmp_path / "in.fa"
    path.write_text("".join(f">r{k}\n{sequence}\n" for k, sequence in enumerate(made)))
    return path


@pytest.fixture
def embed(tmp_path, fasta, tiny):
    def call(store="out.zarr") -> Path:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RnaExploreWarning)
            rx.tl.embed_to(fasta, tmp_path / store, tiny, progress=False)
        return tmp_path / store

    return call


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def interrupted(embed, tmp_path, monkeypatch):
    """Return the files of a job that ended before its last step, and what it should have given."""
    expected = bytes_of(embed("whole.zarr"))

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(embed_to, "_finished", killed)
        with pytest.raises(Killed):
            embed()
    return tmp_path / "out.zarr.partial", expected


DAMAGE = {
    "emptied": lambda data: b"",
    "zeroed": lambda data: bytes(len(data)),
    "cut": lambda data: data[: len(data) // 2],
    "flipped": lambda data: data[:-3] + bytes([data[-3] ^ 4]) + data[-2:],
}
FILES = [
    "recipe.json", "first.npy", "bounds.npy", "sums/1", "store/obsm/X_tiny/c/1/0",
    "store/obsm/X_tiny/c/0/0", "store/obs/sequence/c/0", "store/obsm/X_tiny/zarr.json",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_of_a_job_is_computed_again(name, interrupted, embed, monkeypatch) -> None:
    """Each file in its own way: all ways of all files are in the long mode of tests.hostile."""
    folder, expected = interrupted
    how = list(DAMAGE)[FILES.index(name) % len(DAMAGE)]
    path = folder / name
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    computed = []
    original = embed_to.computed
    monkeypatch.setattr(embed_to, "computed", lambda *a: (computed.append(a[2]), original(*a))[1])
    assert bytes_of(embed()) == expected
    single = {"sums/1": [1], "store/obsm/X_tiny/c/1/0": [1], "store/obsm/X_tiny/c/0/0": [0]}
    assert computed == single.get(name, [0, 1, 2])


def test_the_loss_is_told(interrupted, fasta, tmp_path, tiny) -> None:
    folder, _ = interrupted
    (folder / "sums" / "2").write_bytes(b"")
    (folder / "store/obsm/X_tiny/c/1/0").write_bytes(b"")
    with pytest.warns(RnaExploreWarning, match="2 of 3 parts of the interrupted job damaged"):
        rx.tl.embed_to(fasta, tmp_path / "out.zarr", tiny, progress=False)


def test_a_whole_job_computes_nothing_again(interrupted, embed, monkeypatch) -> None:
    _, expected = interrupted

    def killed(*_):
        raise Killed

    monkeypatch.setattr(embed_to, "computed", killed)
    assert bytes_of(embed()) == expected


def test_every_flipped_bit_of_a_finished_store_is_found(embed) -> None:
    store = embed()
    n = verify_store(store)
    files = [path for path in sorted(store.rglob("*")) if path.is_file()]
    assert n == len(files)
    rng = np.random.default_rng(0)
    for path in files:
        data = path.read_bytes()
        place = int(rng.integers(len(data)))
        path.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        with pytest.raises(StoreError):
            verify_store(store)
        path.write_bytes(data)
    assert verify_store(store) == n
    files[3].unlink()
    with pytest.raises(StoreError, match=f"1 of {n} files are missing or damaged"):
        verify_store(store)


def test_a_flipped_bit_never_gives_other_vectors(embed) -> None:
    """Readers that know nothing of our checksums notice it too: each chunk has one of its own."""
    store = embed()
    expected = np.asarray(rx.read_lazy(store).obsm["X_tiny"])
    path = store / "obsm/X_tiny/c/0/0"
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0
    for place in rng.integers(0, len(data), 25):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        try:
            found = np.asarray(rx.read_lazy(store).obsm["X_tiny"])
        except Exception:  # noqa: BLE001 - zarr's own
            noticed += 1
            continue
        np.testing.assert_array_equal(found, expected)
    assert noticed > 20


@pytest.mark.filterwarnings("ignore:Writing zarr v2 data:UserWarning")
def test_stores_without_checksums_are_told(tmp_path) -> None:
    rx.from_sequences(["ACGU"]).write_zarr(tmp_path / "a.zarr")
    for path in (tmp_path / "a.zarr", tmp_path):
        with pytest.raises(StoreError):
            verify_store(path)


@pytest.mark.parametrize("own", ["thesis.tex", "lock", "store/thesis.tex", "recipe.json"])
def test_a_folder_of_somebody_else_is_left_alone(own, embed, tmp_path) -> None:
    other = tmp_path / "out.zarr.partial"
    (other / own).parent.mkdir(parents=True)
    (other / own).write_text("mine")
    with pytest.raises(StoreError, match="not from here; it was left as it is"):
        embed()
    assert bytes_of(other) == {own: b"mine"}
    assert not (tmp_path / "out.zarr").exists()


def test_what_somebody_put_into_a_job_survives_it(interrupted, embed) -> None:
    folder, expected = interrupted
    (folder / "thesis.tex").write_text("mine")
    (folder / "recipe.json").write_bytes(b"")
    assert bytes_of(embed()) == expected
    assert bytes_of(folder) == {"thesis.tex": b"mine"}


def test_who_comes_just_after_the_first_has_nothing_to_do(embed, tmp_path, monkeypatch) -> None:
    """The second looked before the first had finished, and held the folder after."""
    expected = bytes_of(embed())
    exists, asked = Path.exists, []

    def first_not(path, **options):
        if path == tmp_path / "out.zarr" and not asked:
            asked.append(path)
            return False
        return exists(path, **options)

    def killed(*_):
        raise Killed

    monkeypatch.setattr(Path, "exists", first_not)
    monkeypatch.setattr(embed_to, "computed", killed)
    assert bytes_of(embed()) == expected
    assert asked
    assert not (tmp_path / "out.zarr.partial").exists()


def test_errors_are_ours() -> None:
    assert issubclass(StoreError, RnaExploreError)
