from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np

from rnaexplore.models import get_spec, load_model
from rnaexplore.models.exposure import Register, exposure, register_of, register_of_model

RNG = np.random.default_rng(0)


def random_sequence(length: int = 120) -> str:
    return "".join(RNG.choice(list("ACGU"), length))


TRAINED = [random_sequence() for _ in range(40)]


REGISTER = Register.of(TRAINED, ["RF00001", "5S_rRNA", ""])
MINI = get_spec("mini")


def test_sequences_relatives_and_families_are_told_apart() -> None:
    half = TRAINED[1][:60] + random_sequence(60)
    given = [TRAINED[0].lower().replace("u", "t"), half, random_sequence(), random_sequence()]
    found = exposure(MINI, REGISTER, given, ["", "", "5S_rRNA", "RF00099"])
    assert found.seen.tolist() == [True, False, False, False]
    assert found.related.tolist() == [True, True, False, False]
    assert found.family_seen.tolist() == [False, False, True, False]
    assert found.exposed.tolist() == [True, True, True, False]
    assert str(found) == (
        "mini: 1 of 4 RNAs were in its training data, 1 more have relatives there; "
        "1 of 2 families were trained on"
    )


def test_strangers_are_not_taken_for_relatives() -> None:
    found = exposure(MINI, REGISTER, [random_sequence(100) for _ in range(500)])
    assert found.related.mean() < 0.01


def test_relatives_are_those_that_share_a_tenth_of_their_kmers() -> None:
    """The estimate from one in eight k-mers agrees with the count of all."""
    known = {s[i : i + 14] for s in TRAINED for i in range(len(s) - 13)}
    given = [TRAINED[k % 40][: 14 + k] + random_sequence(106 - k) for k in range(0, 100, 2)]
    shares = [np.mean([s[i : i + 14] in known for i in range(len(s) - 13)]) for s in given]
    found = exposure(MINI, REGISTER, given).related
    clear = [(s > 0.4) if f or s > 0.4 else False for s, f in zip(shares, found, strict=True)]
    assert np.mean(found[np.array(shares) > 0.4]) > 0.95
    assert not found[np.array(shares) == 0].any()
    assert any(clear)


def test_models_without_a_register_say_what_is_published() -> None:
    found = exposure(get_spec("rnafm"), None, ["ACGU"], ["tRNA"])
    assert not found.known
    assert "not known" in str(found)
    assert "RNAcentral" in str(found)


def test_register_is_the_same_after_a_round_trip(tmp_path: Path) -> None:
    register = Register.of(TRAINED, ["a", "b"])
    register.write(tmp_path / "r.npz")
    again = Register.read(tmp_path / "r.npz")
    assert np.array_equal(again.sequences, register.sequences)
    assert np.array_equal(again.kmers, register.kmers)
    assert again.families == {"a", "b"}


def test_weights_from_elsewhere_have_no_register(tmp_path: Path) -> None:
    mini = load_model("mini")
    assert register_of_model(mini) is register_of(mini.spec)
    assert register_of_model(mini.randomised(seed=0)) is None
    path = tmp_path / "own.safetensors"
    shutil.copy(files("rnaexplore.models") / "data" / "mini.safetensors", path)
    assert register_of_model(load_model("mini", weights=path)) is None


def test_register_of_the_bundled_model_is_shipped_and_holds_no_test_member() -> None:
    register = register_of(get_spec("mini"))
    assert register is not None
    assert len(register.sequences) > 10_000
    from benchmarks.held_out import part

    for name in ("development", "test"):
        hashes = np.array([int(h, 16) for h in part(name).index], dtype=np.uint64)
        assert len(hashes) > 1_000
        assert not np.isin(hashes, register.sequences).any()
