"""Structures and contact maps write themselves: what is written is read back."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError

PSEUDOKNOT = rx.Structure.from_dot_bracket("GGGAAACCCAUUU", "(((.[[))).]].")


@pytest.mark.parametrize("kind", ["dbn", "ct"])
def test_a_structure_is_read_back_with_its_name(tmp_path, kind) -> None:
    path = tmp_path / f"one.{kind}"
    write = {"dbn": PSEUDOKNOT.to_dbn, "ct": PSEUDOKNOT.to_ct}[kind]
    write(path, name="tRNA 7")
    back = rx.read_structures(path)
    assert list(back.obs_names) == ["tRNA"]
    assert list(back.obs["description"]) == ["7"]
    found = rx.Structure.from_dot_bracket(*back.obs.iloc[0][["sequence", "structure"]])
    assert found == PSEUDOKNOT


@pytest.mark.parametrize("kind", ["dbn", "ct"])
def test_a_structure_writes_the_same_bytes_as_write_structures(tmp_path, kind) -> None:
    rnas = rx.from_sequences({"RNA": PSEUDOKNOT.sequence})
    rnas.obs["structure"] = [PSEUDOKNOT.dot_bracket]
    rx.write_structures(rnas, tmp_path / f"a.{kind}")
    {"dbn": PSEUDOKNOT.to_dbn, "ct": PSEUDOKNOT.to_ct}[kind](tmp_path / f"b.{kind}")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_a_name_of_two_lines_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="name must be one line"):
        PSEUDOKNOT.to_ct(tmp_path / "x.ct", name="a\n3 b")
    assert not list(tmp_path.iterdir())


def test_a_contact_map_is_a_table_of_letters_and_numbers(tmp_path) -> None:
    values = np.zeros((4, 4))
    values[0, 3] = values[3, 0] = 0.123456789
    contacts = rx.ContactMap(values, "GAUC", "m", "m", kind="score")
    contacts.to_csv(tmp_path / "map.csv")
    with (tmp_path / "map.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["score", "G1", "A2", "U3", "C4"]
    assert rows[1] == ["G1", "0.000000", "0.000000", "0.000000", "0.123457"]
    assert contacts.to_frame().loc["C4", "G1"] == pytest.approx(0.123456789)
