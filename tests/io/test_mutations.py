"""Mutations as text: read, applied, found again, and refused with what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnaexplore.io.mutations import (
    Change,
    MutationError,
    apply_changes,
    describe_changes,
    parse_changes,
)

WILD = "ACGUACGU"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C2A", "AAGUACGU"),
        ("c2t", "AUGUACGU"),
        ("C2A,U8G", "AAGUACGG"),
        ("U8G:C2A", "AAGUACGG"),
        ("C2A; U8G", "AAGUACGG"),
        ("C2-", "AGUACGU"),
        ("C2del", "AGUACGU"),
        ("2_4del", "AACGU"),
        ("C2_U4del", "AACGU"),
        ("2_3insTT", "ACUUGUACGU"),
        ("0_1insG", "GACGUACGU"),
        ("8_9insG", "ACGUACGUG"),
        ("C2-,2_3insA", "AAGUACGU"),
        ("", WILD),
        ("WT", WILD),
        ("wild-type", WILD),
    ],
)
def test_notation(text, expected) -> None:
    assert apply_changes(WILD, parse_changes(text)) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("C9A", "position outside"),
        ("C0A", "position outside"),
        ("C-3A", "position outside"),
        ("9_10insA", "position outside"),
        ("7_9del", "position outside"),
        ("G2A", "other reference"),
        ("G2-", "other reference"),
        ("C2C", "no change"),
        ("C2N", "ambiguous letter"),
        ("C2A,C2G", "position twice"),
        ("C2A,2_3del", "position twice"),
        ("2_3insA,2_3insG", "position twice"),
        ("C2", "unreadable"),
        ("2_4insA", "unreadable"),
        ("4_2del", "unreadable"),
        ("p.Gly12Asp", "unreadable"),
        (f"C{'9' * 5000}A", "unreadable"),
        ("C٢A", "unreadable"),
    ],
)
def test_what_does_not_fit_says_why(text, kind) -> None:
    with pytest.raises(MutationError, match=f"^{kind}: ") as caught:
        apply_changes(WILD, parse_changes(text))
    assert caught.value.kind == kind


def test_a_wild_type_of_n_has_nothing_to_compare_with() -> None:
    with pytest.raises(MutationError, match="wild type ambiguous: N2A"):
        apply_changes("ANGU", parse_changes("N2A"))
    assert apply_changes("ANGU", parse_changes("U4A")) == "ANGA"


def test_texts_are_those_that_are_read() -> None:
    for text in ("C2A", "C2-", "2_4del", "2_3insUU", "0_1insG"):
        (change,) = parse_changes(text)
        assert str(change) == text


@settings(deadline=None)
@given(st.text("ACGU", min_size=1, max_size=12), st.text("ACGU", max_size=12))
def test_changes_that_are_found_lead_to_the_variant(wild, variant) -> None:
    changes = describe_changes(wild, variant)
    assert apply_changes(wild, changes) == variant
    if changes:
        assert parse_changes(",".join(map(str, changes))) == tuple(
            Change(c.start, c.stop, c.old if c.stop - c.start == 1 else "", c.new) for c in changes
        )
