"""A fixed budget of the fuzzer, and that it finds what it looks for."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.hostile import fuzz
from tests.hostile.borders import Border, borders

CASES = 20  #: of each border


@pytest.fixture(scope="module", autouse=True)
def loaded():
    fuzz.preload()


@pytest.mark.parametrize("name", [border.name for border in borders()])
def test_files_that_nobody_wrote(name):
    failures = [
        f"case {failure.case}: {failure.what}"
        for border in borders()
        if border.name == name
        for failure in fuzz._in_a_process(
            border, border.seeds() + border.hostile(), 0, range(CASES)
        )
    ]
    assert failures == []


@pytest.mark.parametrize("name", [border.name for border in borders()])
def test_the_files_to_begin_from_are_read(name, tmp_path):
    (border,) = [border for border in borders() if border.name == name]
    path = tmp_path / (border.suffix if border.suffix[0] != "." else f"a{border.suffix}")
    for data in border.seeds():
        border.place(data, path)
        assert border.read(path)
        if path.is_dir():
            shutil.rmtree(path)


def crash(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(path: Path) -> None:
    while True:
        pass


def foreign(path: Path) -> None:
    raise KeyError(path.name)


def stuck(path: Path) -> None:
    """Computes where no signal of Python arrives."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGVTALRM])
    hang(path)


def runs_code(path: Path) -> None:
    os.system("true")


def writes_elsewhere(path: Path) -> None:
    Path(__file__).with_name("written").open("ab").close()
    Path(__file__).with_name("written").unlink()


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (stuck, "no signal reached it"), (runs_code, "it did os.system"),
        (writes_elsewhere, "outside of its folder"),
        (crash, "the process ended with -11"), (hang, "more than"), (foreign, "KeyError"),
        (lambda path: os.urandom(8), "two results"),
    ],
)  # fmt: skip
def test_what_breaks_the_promise_is_found(read, what, monkeypatch):
    monkeypatch.setattr(fuzz, "LONGEST", 0.2)
    monkeypatch.setattr(fuzz, "LOADED", 0.2)
    border = Border("planted", ".x", lambda: [b"x"], read)
    failures = list(fuzz._in_a_process(border, [b"x"], 0, range(3)))
    assert [failure.case for failure in failures] == [0, 1, 2]
    assert all(what in failure.what for failure in failures)
