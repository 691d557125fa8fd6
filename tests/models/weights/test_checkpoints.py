"""Files that must not load: malicious, truncated, incomplete, foreign. Nothing in them may run."""

from __future__ import annotations

import os
import pickle
import zipfile
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from rnaexplore.errors import CheckpointError
from rnaexplore.models import load_model
from rnaexplore.models.catalog import CATALOG
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.weights.checkpoints import SUFFIXES, read_state, sha256

TORCH = [".pth", ".pt", ".bin"]
PICKLES = [*TORCH, ".pdparams"]


class Payload:
    """An object whose unpickling runs a command that leaves a mark."""

    def __init__(self, mark: Path, how: str) -> None:
        self.mark, self.how = str(mark), how

    def __reduce__(self):
        if self.how == "os.system":
            return os.system, (f"touch '{self.mark}'",)
        if self.how == "eval":
            return eval, (f"open({self.mark!r}, 'w').close()",)
        return Path.touch, (Path(self.mark),)


@pytest.mark.parametrize("how", ["os.system", "eval", "pathlib"])
@pytest.mark.parametrize("suffix", PICKLES)
@pytest.mark.parametrize("place", ["alone", "beside tensors", "plain pickle"])
def test_a_payload_does_not_run(suffix, how, place, tmp_path):
    mark, path = tmp_path / "mark", tmp_path / f"evil{suffix}"
    payload = Payload(mark, how)
    content = payload if place == "alone" else {"w": torch.ones(2), "x": payload}
    if suffix == ".pdparams" and place != "alone":
        content = {"w": np.ones(2), "x": payload}
    if suffix == ".pdparams" or place == "plain pickle":
        path.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path)
    with pytest.raises(CheckpointError, match=path.name):
        read_state(path)
    assert not mark.exists()
    pickle.loads(pickle.dumps(payload))  # the payload does run where nothing stops it
    assert mark.exists()


def test_a_payload_inside_the_arguments_does_not_run(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "rnafm.pth"
    args = Namespace(arch="roberta_large", extra=Payload(mark, "os.system"))
    torch.save({"args": args, "model": {"w": torch.ones(2)}}, path)
    with pytest.raises(CheckpointError, match="holds more than tensors"):
        read_state(path)
    assert not mark.exists()


def test_a_payload_inside_an_array_of_objects_does_not_run(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "model.pdparams"
    array = np.array([Payload(mark, "os.system")], dtype=object)
    for content in ({"w": array}, {"x": Payload(mark, "os.system"), "w": array}):
        path.write_bytes(pickle.dumps(content))
        with pytest.raises(CheckpointError, match=r"posix\.system|'O8' is not a type of numbers"):
            read_state(path)
    assert not mark.exists()


def test_an_array_of_objects_is_no_parameter(tmp_path):
    path = tmp_path / "model.pdparams"
    path.write_bytes(pickle.dumps({"w": np.array(["a", None], dtype=object)}))
    with pytest.raises(CheckpointError, match="'O8' is not a type of numbers"):
        read_state(path)


def test_pdparams_bytes_in_other_encodings_are_refused(tmp_path):
    path = tmp_path / "model.pdparams"
    path.write_bytes(b"\x80\x02c_codecs\nencode\nX\x03\0\0\0abcX\x05\0\0\0rot13\x86R.")
    with pytest.raises(CheckpointError, match="rot13"):
        read_state(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.98])
def test_truncated_files(suffix, share, tmp_path):
    path = tmp_path / f"whole{suffix}"
    write(path, {"a": torch.randn(40, 40), "b": torch.randn(7)})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=path.name):
        read_state(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_of_another_kind(suffix, tmp_path):
    path = tmp_path / f"other{suffix}"
    for content in (b"<html>404 not found</html>", b"\x00" * 64, b"ACGU\n"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=path.name):
            read_state(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(CheckpointError, match=path.name):
        read_state(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_whole_files_come_back_exactly(suffix, tmp_path):
    state = {"a": torch.randn(3, 4), "b": torch.arange(5)}
    path = tmp_path / f"whole{suffix}"
    write(path, state)
    read = read_state(path)
    assert read.keys() == state.keys()
    assert all(torch.equal(read[key], state[key]) for key in state)


def test_wrappers_and_numbers(tmp_path):
    path = tmp_path / "w.pt"
    torch.save({"state_dict": {"a": torch.ones(2), "threshold": 0.25}, "epoch": 3}, path)
    read = read_state(path)
    assert set(read) == {"a", "threshold"}
    assert float(read["threshold"]) == 0.25


@pytest.mark.parametrize("content", [{"model": {}}, {"a": "text"}, {}])
def test_files_without_tensors(content, tmp_path):
    path = tmp_path / "empty.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="no tensors"):
        read_state(path)


def test_a_list_is_no_state(tmp_path):
    path = tmp_path / "list.pt"
    torch.save([torch.ones(2)], path)
    with pytest.raises(CheckpointError, match="holds a list"):
        read_state(path)


def test_sha256_is_that_of_the_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def write(path, state):
    if path.suffix == ".safetensors":
        save_file(state, path)
    elif path.suffix == ".pdparams":
        path.write_bytes(pickle.dumps({key: value.numpy() for key, value in state.items()}))
    else:
        torch.save(state, path)


KINDS = [
    spec.name
    for i, spec in enumerate(CATALOG)
    if (spec.adapter, spec.alphabet) not in [(s.adapter, s.alphabet) for s in CATALOG[:i]]
    and spec.name != "rnaernie-multimolecule"  # refuses random weights as such: its own tests
]


@pytest.fixture(params=KINDS)
def complete(request, shrink, randomise):
    """Return a spec, its adapter class, and a complete state under the module's own names."""
    spec = shrink(request.param, layers=2)
    cls = adapter_class(spec)
    return spec, cls, dict(randomise(cls.build(spec)).state_dict())


def load_converted(spec, cls, state):
    from rnaexplore.models.adapters.base import load_strictly

    load_strictly(cls.build(spec), state, spec.name)


def test_one_missing_key(complete):
    spec, cls, state = complete
    key = sorted(state)[len(state) // 2]
    del state[key]
    with pytest.raises(CheckpointError, match=f"not a complete '{spec.name}'") as caught:
        load_converted(spec, cls, state)
    assert key in str(caught.value)
    assert "1 missing" in str(caught.value)


def test_one_extra_key(complete):
    spec, cls, state = complete
    state["decoy.weight"] = torch.ones(1)
    with pytest.raises(CheckpointError, match=r"1 unexpected \(decoy.weight\)"):
        load_converted(spec, cls, state)


def test_an_extra_key_is_not_converted_away(complete):
    spec, cls, state = complete
    assert "decoy.weight" in str(cls.convert(spec, {**state, "decoy.weight": torch.ones(1)}).keys())


def test_a_wrong_shape(complete):
    spec, cls, state = complete
    key = max(state, key=lambda k: state[k].numel())
    state[key] = state[key][:-1]
    with pytest.raises(CheckpointError, match="1 of the wrong shape") as caught:
        load_converted(spec, cls, state)
    assert f"{key} {tuple(state[key].shape)} instead of" in str(caught.value)


def test_nothing_is_half_loaded(complete):
    from rnaexplore.models.adapters.base import load_strictly

    spec, cls, state = complete
    module = cls.build(spec)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    state.pop(min(key for key in state if not key.endswith("knots")))  # older files have no knots
    with pytest.raises(CheckpointError):
        load_strictly(module, state, spec.name)
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())


FOREIGN = ["rnafm", "rinalmo-micro", "splicebert", "rnaernie", "rnabert", "mini"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_model(name, tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"encoder.conv.weight": torch.ones(3, 3), "encoder.conv.bias": torch.ones(3)}, path)
    with pytest.raises(CheckpointError, match=f"not a complete '{name}'.*missing.*unexpected"):
        load_model(name, weights=path, device="cpu")


@pytest.mark.parametrize("name", KINDS)
def test_every_other_kind_of_model_is_foreign(name, shrink):
    """The whole state of any other architecture is refused by name, whatever its shapes."""
    spec = shrink(name, layers=1)
    cls = adapter_class(spec)
    for other in KINDS:
        foreign = shrink(other, layers=1)
        if foreign.adapter == spec.adapter:
            continue
        with pytest.raises(CheckpointError, match=f"not a complete '{name}'"):
            cls.load(spec, adapter_class(foreign).build(foreign).state_dict())
