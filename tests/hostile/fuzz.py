"""The fuzzer: files that nobody wrote, read in processes that may crash."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnaexplore.errors import RnaExploreError
from tests.hostile.borders import Border, borders
from tests.hostile.mutations import mutated

LONGEST = 5  #: seconds of processor time a case may take
BATCH = 50  #: cases a process
LOADED = 60  #: seconds for what the first case has to load


@dataclass(frozen=True)
class Failure:
    """A case that broke the promise."""

    border: str
    case: int
    what: str
    data: bytes


class TooSlowError(BaseException):
    """Raised by the alarm; no reader may catch it."""


def fuzz(cases: int, seed: int = 0, only: str = "") -> Iterator[Failure]:
    """Yield what failed among some cases, spread over all borders."""
    chosen = [border for border in borders() if only in border.name]
    share = -(-cases // len(chosen))
    for border in chosen:
        seeds = border.seeds()
        for start in range(0, share, BATCH):
            yield from _in_a_process(border, seeds, seed, range(start, min(share, start + BATCH)))


def data_of(border: Border, seeds: list[bytes], seed: int, case: int) -> bytes:
    """Return the file of a case: the same each time."""
    rng = np.random.default_rng([seed, case, *border.name.encode()])
    return mutated(seeds, rng)


def _in_a_process(border: Border, seeds: list[bytes], seed: int, cases: range) -> Iterator[Failure]:
    """Read cases in a child; where one ends it, go on behind that one."""
    left = list(cases)
    while left:
        with tempfile.TemporaryDirectory(prefix="rnaexplore-hostile-") as folder:
            notes = Path(folder) / "notes"
            notes.touch()
            child = os.fork()
            if child == 0:
                _child(border, seeds, seed, left, Path(folder), notes)
            _, status = os.waitpid(child, 0)
            lines = [line.split("\t", 2) for line in notes.read_text().splitlines()]
        done = [int(case) for kind, case, *_ in lines if kind == "done"]
        for kind, case, *told in lines:
            if kind == "failed":
                yield Failure(
                    border.name, int(case), told[0], data_of(border, seeds, seed, int(case))
                )
        left = left[len(done) :]
        if left and os.waitstatus_to_exitcode(status) != 0:
            what = f"the process ended with {os.waitstatus_to_exitcode(status)}"
            yield Failure(border.name, left[0], what, data_of(border, seeds, seed, left[0]))
            left = left[1:]


def _child(  # noqa: PLR0917
    border: Border, seeds: list[bytes], seed: int, cases: list[int], folder: Path, notes: Path
) -> None:
    try:
        os.chdir(folder)
        sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        signal.signal(signal.SIGVTALRM, _too_slow)
        warnings.simplefilter("ignore")
        with notes.open("a", buffering=1) as out:
            for n, case in enumerate(cases):
                data = data_of(border, seeds, seed, case)
                what = _read(border, data, folder / "in", LONGEST if n else LOADED)
                if what:
                    out.write(f"failed\t{case}\t{what}\n")
                out.write(f"done\t{case}\n")
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child never returns
        os._exit(3)


def _too_slow(*_: object) -> None:
    raise TooSlowError


def _read(border: Border, data: bytes, folder: Path, seconds: float) -> str:
    """Return what is wrong with how a file is read, empty if nothing."""
    folder.mkdir(exist_ok=True)
    name = border.suffix if not border.suffix.startswith(".") else f"case{border.suffix}"
    path = folder / name
    path.write_bytes(data)
    first = _once(border, path, seconds)
    if first.startswith("!"):
        return first[1:]
    again = _once(border, path, seconds)
    return "" if first == again else "read twice, it gave two results"


def _once(border: Border, path: Path, seconds: float) -> str:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return f"={border.read(path)!r}"
    except RnaExploreError as error:
        return f"-{type(error).__name__}"
    except TooSlowError:
        return f"!more than {seconds} seconds"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(str(error).split())[:100]
        return f"!{type(error).__module__}.{type(error).__name__} in {place.name}: {said}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
