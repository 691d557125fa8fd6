"""Uploads are measured before they are believed, and read by the readers with their errors."""

from __future__ import annotations

import gzip

import pytest

from rnaexplore.app.limits import Limits
from rnaexplore.app.uploads import Incoming, receive
from rnaexplore.errors import InputError
from rnaexplore.io.records import clean

SMALL = Limits(megabytes=1, rnas=3, nucleotides=60)


def sent(name, content, limits=SMALL):
    upload = Incoming.announce(name, len(content), limits)
    for at in range(0, len(content), 1000):
        upload.add(content[at : at + 1000])
    return receive(upload)


def test_a_fasta_is_read_and_changes_are_noted():
    received = sent("a.fa", b">one first\nGGGTTTCCC\n>two\nACGUACGU\n")
    assert received.adata.obs["sequence"].tolist() == ["GGGUUUCCC", "ACGUACGU"]
    assert received.notes == ("a.fa: 2 RNAs read; 3 T read as U",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.fa.gz", gzip.compress(b">one\nGGGAAACCC\n", mtime=0)),
        ("a.dbn", b">one\nGGGAAACCC\n(((...)))\n"),
        ("a.sto", b"# STOCKHOLM 1.0\none GGGAAACCC\n#=GC SS_cons <<<...>>>\n//\n"),
        ("no ending", b">one\nGGGAAACCC\n"),
    ],
)
def test_formats(name, content):
    assert sent(name, content).adata.obs["sequence"].tolist() == ["GGGAAACCC"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("p.fa", b">p1\nMKVLAAGIEF\n", "'p1'"),
        ("a.fa", b"hello", "'a.fa' is not FASTA"),
        ("a.fa", b"", "'a.fa' is empty"),
        ("a.fa.gz", gzip.compress(b">a\nACGU\n" * 9, mtime=0)[:-9], "damaged or incomplete gzip"),
        ("a.h5ad", b"\x89HDF\r\n\x1a\n", "must end in one of .fa"),
        ("a.exe", b"MZ", "must end in one of .fa"),
        ("a.fa", b">a\nACGU\n" * 4, "there are more than 3 RNAs, the limit of this server"),
        ("a.fa", b">a\n" + b"ACGU" * 20, "there are more than 60 nucleotides"),
    ],
)
def test_refusals_teach_and_name_no_folder(name, content, told):
    with pytest.raises(InputError) as caught:
        sent(name, content)
    assert told in str(caught.value)
    assert "/tmp" not in str(caught.value)


def test_too_large_is_refused_before_it_is_sent_and_while_it_is():
    with pytest.raises(InputError, match=r"'big.fa' has 1.5 MB, and this server takes 1 MB"):
        Incoming.announce("big.fa", 1_500_000, SMALL)
    lies = Incoming.announce("small.fa", 10, SMALL)
    for _ in range(10):
        lies.add(b"A" * 100_000)
    with pytest.raises(InputError, match="this server takes 1 MB"):
        lies.add(b"A")
    assert len(lies.content) == 1_000_000


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused():
    bomb = gzip.compress(b">a\n" + b"A" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="more than 1 MB when unpacked"):
        sent("a.fa.gz", bomb)


def test_every_member_of_a_gzip_file_counts():
    small, large = gzip.compress(b">a\nACGU\n"), gzip.compress(b"A" * 3_000_000)
    for bomb in (small + large, small * 3 + b"\0" * 8 + large, small + gzip.compress(b"") + large):
        assert len(bomb) < 10_000
        with pytest.raises(InputError, match="more than 1 MB when unpacked"):
            sent("a.fa.gz", bomb)
    two = sent("a.fa.gz", small + gzip.compress(b">b\nAC\n"))
    assert two.adata.obs["sequence"].tolist() == ["ACGU", "AC"]


@pytest.mark.parametrize("name", ["a.fa", "a.dbn", "a.ct", "a.sto"])
def test_reading_ends_where_there_are_too_many(name, monkeypatch):
    """Not after all of them: no more records are made than the server takes."""
    one = {
        "a.fa": ">{k}\nACGU\n", "a.dbn": ">{k}\nACGU\n....\n", "a.ct": "1 {k}\n1 A 0 0 0 1\n",
        "a.sto": "{k} ACGU\n",
    }[name]  # fmt: skip
    text = "".join(one.format(k=k) for k in range(500))
    if name == "a.sto":
        text = f"# STOCKHOLM 1.0\n{text}//\n"
    made = []
    monkeypatch.setattr(
        "rnaexplore.io.build.clean", lambda record: made.append(clean(record)) or made[-1]
    )
    with pytest.raises(InputError, match="there are more than 3"):
        sent(name, text.encode())
    assert len(made) <= 3


@pytest.mark.parametrize(
    "name", ["../../etc/x.fa", "..\\x.fa", "..", "", "/x.fa", "a\0.fa", "x" * 999]
)
def test_names_stay_within_their_folder(name):
    assert "/" not in Incoming.announce(name, 1, SMALL).name
    received = sent(name, b">one\nGGGAAACCC\n")
    assert received.adata.n_obs == 1


def test_limits_travel_through_the_environment():
    assert Limits.from_environment(SMALL.environment()) == SMALL
    assert Limits.from_environment({}) == Limits()
    with pytest.raises(InputError, match="rnas must be at least 1"):
        Limits(rnas=0)
