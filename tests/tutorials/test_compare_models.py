"""The tutorial that compares models runs with the weights that are on disk, and names the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from rnaexplore.errors import WeightsNotFoundError
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.weights.sources import find_weights

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tutorials" / "02-compare-models.py"
DATA = Path(os.environ.get("RNAEXPLORE_TEST_DATA", ROOT.parent / "shared" / "data"))


def run(folder):
    environment = {
        **os.environ, "RNAEXPLORE_MODELS": str(folder), "HF_HUB_OFFLINE": "1", "MPLBACKEND": "agg",
    }  # fmt: skip
    result = subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return {line.split(":")[0]: line for line in result.stdout.splitlines() if ":" in line}


def bundled_model_or_a_stand_in(folder):
    """Put random weights where a checkout without the trained ones would look."""
    spec = get_spec("mini")
    try:
        find_weights(spec.name, spec.weights)
    except WeightsNotFoundError:
        torch.manual_seed(0)
        state = {key: value.clone() for key, value in EsmAdapter.build(spec).state_dict().items()}
        save_file(state, folder / spec.weights.file)


@pytest.mark.notebook
def test_it_runs_and_says_what_it_skipped(tmp_path):
    bundled_model_or_a_stand_in(tmp_path)
    real = DATA / "weights" / "rnabert_RNABERT.pth"
    if real.is_file():
        (tmp_path / real.name).symlink_to(real)
    lines = run(tmp_path)
    compared, skipped = lines["compared"], lines["skipped, no weights on disk"]
    assert "mini, random weights" in compared
    assert ("rnabert" in compared) == real.is_file()
    assert ("rnabert" in skipped) != real.is_file()
    assert "rinalmo-micro" in compared + skipped
    assert float(lines["neighbour overlap by chance"].split(":")[1]) < 0.5
