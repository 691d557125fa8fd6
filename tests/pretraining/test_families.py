from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.pretraining.families import assign_families, joined
from rnaexplore.pretraining.records import Record

RNG = np.random.default_rng(0)


def random_sequence(length: int = 100) -> str:
    return "".join(RNG.choice(list("ACGU"), length))


def labeled(*labels: str, name: str = "", sequence: str = "") -> Record:
    return Record(
        sequence or random_sequence(),
        family=min(labels, default=""),
        labels=frozenset(labels),
        names=frozenset((label, name) for label in labels if name),
    )


def by_label(records: list[Record]) -> dict[str, Record]:
    return {min(r.labels): r for r in assign_families(records)}


def test_links_join_names_through_others() -> None:
    groups = joined("abcdef", [("b", "c"), ("c", "e"), ("f", "f")])
    assert groups == {"a": "a", "b": "b", "c": "b", "e": "b", "d": "d", "f": "f"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (labeled("RF00638", name="MIR159"), labeled("MIPF0000010", name="MIR159")),
        (labeled("RF00722", name="mir-451"), labeled("MIPF0000148", name="mir-451_relabelled")),
    ],
)
def test_one_name_makes_synonyms(first: Record, second: Record) -> None:
    found = assign_families([first, second])
    assert found[0].family == found[1].family


def test_two_labels_of_one_sequence_are_synonyms() -> None:
    found = by_label([labeled("MIPF0000252", "RFseed14.3_test_907"), labeled("MIPF0000252")])
    assert len({r.family for r in found.values()}) == 1


def test_numbers_of_micro_rnas_are_no_variants_of_one_name() -> None:
    found = by_label([labeled("MIPF0000001", name="mir-17"), labeled("MIPF0000002", name="mir-18")])
    assert found["MIPF0000001"].clan != found["MIPF0000002"].clan


def test_parts_of_one_transcript_are_one_clan_and_two_families() -> None:
    found = by_label([labeled("RF1", name="DLEU2_1"), labeled("RF2", name="DLEU2_2")])
    assert found["RF1"].family != found["RF2"].family
    assert found["RF1"].clan == found["RF2"].clan


def test_clans_of_rfam_join_families_that_no_alignment_joins() -> None:
    found = by_label([labeled("RF00017"), labeled("RF00169"), labeled("RF00026")])
    assert found["RF00017"].clan == found["RF00169"].clan != found["RF00026"].clan


def test_families_whose_members_align_are_one_clan() -> None:
    ancestor = random_sequence(120)
    copies = [ancestor[: 10 * k] + "G" + ancestor[10 * k + 1 :] for k in range(1, 7)]
    records = [labeled(f"RF0000{7 + k % 2}", sequence=c) for k, c in enumerate(copies)]
    assert len({r.clan for r in assign_families(records)}) == 1


def test_relatives_without_any_label_form_a_family_of_their_own() -> None:
    ancestor = random_sequence(120)
    found = assign_families(
        [Record(ancestor), Record("A" + ancestor[1:]), Record(random_sequence(120))]
    )
    assert found[0].family == found[1].family != found[2].family
    assert all(r.inferred and r.family.startswith("unnamed-") for r in found)
