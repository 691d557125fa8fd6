"""The notebooks on variants and on probes run, and tell what they measured."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.filterwarnings("default"),  # the kernel's own client code, not ours
]


def outputs_of(name, folder):
    notebook = nbformat.read(ROOT / "tutorials" / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    assert list(folder.iterdir()) == []
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def text_of(outputs):
    return "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")


def shown(outputs, kind):
    return [o for o in outputs if kind in o.get("data", {})]


def test_variant_effects(tmp_path: Path) -> None:
    outputs = outputs_of("05-variant-effects", tmp_path)
    text = text_of(outputs)
    assert "a tRNA: mini is better than composition" in text
    assert "HBB donor: mini is not clearly better than composition" in text
    assert "variant 'IVS-I-1 G>A' is off" in text
    assert len(re.findall("ranks of the disturbing variants", text)) == 4
    assert len(shown(outputs, "image/png")) == 4
    assert len(shown(outputs, "application/vnd.jupyter.widget-view+json")) == 1
    scores = next(t for o in outputs if "ss_kl" in (t := o.get("data", {}).get("text/plain", "")))
    assert "context" in scores
    assert not re.search(r"\s-\d{2,}", scores), "a divergence is neither negative nor a hundred"
    tables = "\n".join(o.get("data", {}).get("text/plain", "") for o in outputs)
    assert "position outside" in tables
    assert "ambiguous letter" in tables
    rows = re.findall(r"^(wt-fill|mut-fill) +(-?[\d.]+) +(-?[\d.]+)$", tables, re.MULTILINE)
    (_, wt_double, wt_single), (_, mut_double, mut_single) = sorted(rows, reverse=True)
    assert wt_single == mut_single, "with a single mutation all fills are the same"
    assert float(wt_double) < float(wt_single) < float(mut_double), "mini knows partners"
    table = next(
        o for o in outputs if "['GU', 'AG', 'GU']" in o.get("data", {}).get("text/plain", "")
    )
    assert table.output_type == "execute_result"


def test_a_probe_you_can_trust(tmp_path: Path) -> None:
    outputs = outputs_of("06-a-probe-you-can-trust", tmp_path)
    text = text_of(outputs)
    random, close, honest = (
        {
            name: [float(x) for x in numbers]
            for name, *numbers in re.findall(
                r"^(X_mini|4-mers) .*?([\d.]+) \[([\d.]+), ([\d.]+)\]", part, re.MULTILINE
            )
        }
        for part in re.split("80 % held out|60 % held out", text)
    )
    for name in ("X_mini", "4-mers"):
        assert random[name][1] > 0.6, "a random split must be fooled"
        assert random[name][0] > close[name][0] > honest[name][0]
        assert honest[name][1] < 0.5 < honest[name][2], "held-out groups must tell the truth"
    assert re.search(r"macro_f1: X_mini is .* \S.*, difference [+-]\d", text)
    assert "family held out" in text
    assert len(shown(outputs, "image/png")) == 2
