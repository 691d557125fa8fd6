"""Checkpoints of strangers: no crash, no code, no foreign exception, and soon."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from rnaexplore.errors import CheckpointError
from rnaexplore.models.weights.checkpoints import read_state
from tests.hostile import pickles

READ = """
import signal, sys, warnings
from pathlib import Path
from rnaexplore.errors import CheckpointError
from rnaexplore.models.weights.checkpoints import read_state
warnings.simplefilter("error")
for name in sys.argv[1:]:
    signal.alarm(20)  # loading torch, on a busy machine, is part of the first
    print(Path(name).name, flush=True)
    try:
        read_state(Path(name))
    except CheckpointError as error:
        assert name in str(error), error
        assert len(str(error)) < 2000
        continue
    sys.exit(f"{name} was read")
"""


@pytest.mark.filterwarnings("ignore::UserWarning")  # nested and quantized tensors are prototypes
@pytest.mark.parametrize("suffix", [".pdparams", ".pt"])
def test_hostile_files_are_refused(suffix, tmp_path):
    """In a process of their own, for a crash would end this one."""
    made = pickles.pdparams() if suffix == ".pdparams" else dict(pickles.torch_files())
    for name, content in made.items():
        (tmp_path / f"{name}{suffix}").write_bytes(content)
    files = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(
        [sys.executable, "-c", READ, *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout.splitlines()[-1]}: {done.stderr[-2000:]}"
    assert len(done.stdout.splitlines()) == len(made)


def test_what_paddle_writes_comes_back_exactly(tmp_path):
    expected = pickles.honest()
    content = OrderedDict({**expected, "tied": expected["f4"], "StructuredToParameterName@@": {}})
    path = tmp_path / "model.pdparams"
    for data in pickles.every_protocol(content):
        path.write_bytes(data)
        found = read_state(path)
        assert found.keys() == expected.keys() | {"tied"}
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name].numpy(), values)
            assert found[name].shape == np.shape(values)
        assert found["tied"] is found["f4"]


def test_numpy_is_never_asked_to_make_an_array_for_the_file(monkeypatch):
    """The names of a file stand for functions of ours: none of NumPy's is among them."""
    from rnaexplore.models.weights import pdparams

    for call in pdparams._CALLS.values():
        assert call.__module__ == pdparams.__name__
    assert pdparams._Name.NDARRAY not in pdparams._CALLS


def test_formats_of_torch_still_load(tmp_path):
    state = {"a": torch.randn(3, 4), "b": torch.nn.Parameter(torch.ones(2)), "n": torch.tensor(3)}
    state["half"], state["tied"] = torch.ones(2, dtype=torch.bfloat16), state["a"].T
    for old in (True, False):
        path: Path = tmp_path / "w.pt"
        torch.save({"model": state}, path, _use_new_zipfile_serialization=not old)
        found = read_state(path)
        assert all(torch.equal(found[name], value) for name, value in state.items())


def test_the_error_names_file_and_entry(tmp_path):
    path = tmp_path / "model.pdparams"
    path.write_bytes(pickles.every_protocol({"w": np.ones(2), "strange": "text"})[0])
    with pytest.raises(CheckpointError, match=r"model\.pdparams', record 'strange'"):
        read_state(path)
