"""The fitness benchmark on assays written here: planted order, types, means, what is skipped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import rnaexplore as rx
from benchmarks import fitness
from rnaexplore.io import Assay

WILD = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAG"


def variants(seed, n=40):
    """Return random single and double mutants."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(n):
        sites = sorted(rng.choice(len(WILD), 1 + k % 2, replace=False))
        found.append(
            ",".join(
                f"{WILD[i]}{i + 1}{rng.choice([b for b in 'ACGU' if b != WILD[i]])}" for i in sites
            )
        )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two types; measurements follow `mini` in two assays, and its opposite in the third."""
    path = tmp_path_factory.mktemp("rnagym")
    (path / "assays").mkdir()
    model = rx.load_model("mini")
    sheet = []
    for name, kind, sign in (("A", "tRNA", 1), ("B", "Ribozyme", 1), ("C", "Ribozyme", -1)):
        table = rx.tl.fitness(
            variants(len(sheet)), WILD, model, thermodynamics=False, progress=False
        )
        rows = table[["mutant", "sequence"]].assign(DMS_score=sign * table["score"])
        rows.loc[len(rows)] = ["G99A", WILD, 0.0]
        rows.to_csv(path / "assays" / f"{name}.csv", index=False)
        sheet.append((name, kind, WILD))
    (path / "assays" / "broken.csv").write_text("x\n1\n")
    columns = ["DMS_ID", "RNA_TYPE", "RAW_CONSTRUCT_SEQ"]
    pd.DataFrame(sheet, columns=columns).to_csv(path / "reference_sheet.csv", index=False)
    return path


@pytest.fixture(scope="module")
def printed(folder, tmp_path_factory):
    """The output of one call on all of it."""
    app = typer.Typer()
    app.command()(fitness.main)
    out = tmp_path_factory.mktemp("out")
    result = CliRunner().invoke(app, [str(folder), "--n-boot", "20", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return result.output, pd.read_csv(out / "rows.csv"), pd.read_csv(out / "assays.csv")


pytestmark = pytest.mark.filterwarnings("ignore::rnaexplore.errors.RnaExploreWarning")


def test_the_planted_order_is_found_with_its_sign(printed) -> None:
    rows = printed[1]
    mini = rows[(rows["score"] == "mini") & (rows["mutations"] == "all")].set_index("assay")
    assert mini["spearman"].to_dict() == pytest.approx({"A": 1, "B": 1, "C": -1})
    assert mini["n"].eq(40).all()
    nulls = rows[(rows["score"] == "mini, random weights") & (rows["mutations"] == "all")]
    assert nulls["spearman"].abs().max() < 0.8


def test_types_count_once_in_the_mean(printed) -> None:
    text = printed[0]
    part = text[text.index("# spearman: means by type") :]
    row = re.search(r"^mini +(.*)$", part, flags=re.MULTILINE).group(1)
    values = [float(v) for v in re.findall(r"[+-]\d\.\d{3}", row)]
    assert values == pytest.approx([0, -1, 1, 1, 0.5]), "no interval where a type has one assay"
    assert "Ribozyme (2)" in part
    assert "tRNA (1)" in part


def test_bad_files_and_rows_are_told(printed) -> None:
    text, _, assays = printed
    assert "left out:" in text
    assert "broken.csv" in text
    assert set(assays["problems"]) == {"1 position outside"}
    assert set(assays["scored"]) == {40}
    assert set(assays.loc[assays["model"] == "mini", "seen"]) <= {"yes", "no", "a relative"}
    assert "not evidence" in text


def test_baselines_stand_beside_once(printed) -> None:
    rows = printed[1]
    here = rows[(rows["assay"] == "A") & (rows["mutations"] == "all")]["score"]
    assert not here.duplicated().any()
    assert {"mini, combined", "-edit_distance", "mini, random weights"} <= set(here)


def test_an_assay_that_a_model_cannot_read_is_skipped(folder, capsys) -> None:
    model = rx.load_model("mini")
    assay = rx.io.read_assays(folder, on_invalid="drop")["A"]
    rows = pd.DataFrame({"mutant": ["A1C"], "sequence": ["C" + "A" * 1099], "DMS_score": [1.0]})
    long = Assay(name="long", rna_type="tRNA", wild_type="A" * 1100, variants=rows)
    found, told = fitness.run(
        {"long": long, "A": assay}, [model], method="wt-fill", limit=10, n_boot=5, seed=0,
        null=False, store=None,
    )  # fmt: skip
    assert "skipped: long with mini: the wild type has 1100 nucleotides" in capsys.readouterr().out
    assert told["assay"].tolist() == ["A"]
    assert found.loc[found["mutations"] == "all", "n"].max() <= 10, "of 10 rows drawn"


def test_an_unknown_method_is_refused_before_anything_is_scored(folder) -> None:
    app = typer.Typer()
    app.command()(fitness.main)
    result = CliRunner().invoke(app, [str(folder), "--method", "masked-marginals"])
    assert result.exit_code == 2
    assert "wt-fill, mask-fill" in result.output
