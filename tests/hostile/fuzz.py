"""The fuzzer: files that nobody wrote, read in processes that may crash."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil

from rnaexplore.errors import RnaExploreError
from tests.hostile.borders import Border, borders
from tests.hostile.guard import Guard

LONGEST = 5  #: seconds of processor time a case may take
BATCH = 200  #: cases a process
LOADED = 60  #: seconds for what the first case has to load
STUCK = 120  #: seconds in which a case that only waits has to end
MEMORY = 8 << 30  #: bytes a process may take
#: What libraries load when they first read something; each process would load it anew.
LOADS = (
    "anndata", "anndata.experimental", "dask.array", "h5py", "pandas", "safetensors.torch",
    "rnaexplore.app.uploads", "rnaexplore.io.lazy", "rnaexplore.io.variants", "rnaexplore.tl",
    "rnaexplore.finetuning.record", "rnaexplore.models.finetuned.folder",
    "rnaexplore.models.registry", "vcfpy", "zarr",
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """A case that broke the promise."""

    border: str
    case: int
    what: str
    data: bytes


class TooSlowError(BaseException):
    """Raised by the alarm; no reader may catch it."""


def fuzz(cases: int, seed: int = 0, only: str = "", jobs: int = 1) -> Iterator[Failure]:
    """Yield what failed among some cases, spread over all borders."""
    chosen = [border for border in borders() if only in border.name]
    preload()
    whole = sum(border.share for border in chosen)
    work = []
    for k, border in enumerate(chosen):
        _SEEDS[k] = border, border.all_seeds()
        share = -int(-cases * border.share // whole)
        starts = range(0, share, BATCH)
        work += [(k, seed, start, min(share, start + BATCH)) for start in starts]
    if jobs == 1:
        for batch in work:
            yield from _batch(batch)
        return
    with get_context("fork").Pool(jobs) as pool:
        for found in pool.imap_unordered(_batch, work):
            yield from found


_SEEDS: dict[int, tuple[Border, list[bytes]]] = {}  #: as child processes find them


def _batch(given: tuple[int, int, int, int]) -> list[Failure]:
    k, seed, start, stop = given
    return list(_in_a_process(*_SEEDS[k], seed, range(start, stop)))


def preload() -> None:
    """Import what readers import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LOADS:
            with suppress(ImportError):
                import_module(name)


def data_of(border: Border, seeds: list[bytes], seed: int, case: int) -> bytes:
    """Return the file of a case: the same each time."""
    rng = np.random.default_rng([seed, case, *border.name.encode()])
    return border.change(seeds, rng)


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
            ended = _watched(child, notes)
            lines = [line.split("\t", 2) for line in notes.read_text().splitlines()]
        done = [int(case) for kind, case, *_ in lines if kind == "done"]
        for kind, case, *told in lines:
            if kind == "failed":
                data = data_of(border, seeds, seed, int(case))
                yield Failure(border.name, int(case), told[0], data)
        left = left[len(done) :]
        if left and ended:
            yield Failure(border.name, left[0], ended, data_of(border, seeds, seed, left[0]))
            left = left[1:]


def _watched(child: int, notes: Path) -> str:
    """Wait for a child, or end it where no signal reaches it; return what was wrong."""
    size, begun, used = -1, 0.0, 0.0
    process = psutil.Process(child)
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            return f"the process ended with {code}" if code else ""
        if notes.stat().st_size != size:  # another case
            size, begun, used = notes.stat().st_size, time.monotonic(), process.cpu_times().user
        busy = process.cpu_times().user - used
        if busy > 3 * (LONGEST if size else LOADED) or time.monotonic() - begun > STUCK:
            process.kill()
            os.waitpid(child, 0)
            return f"more than {LONGEST} seconds, and no signal reached it"
        time.sleep(0.02)


def _child(  # noqa: PLR0917
    border: Border, seeds: list[bytes], seed: int, cases: list[int], folder: Path, notes: Path
) -> None:
    try:
        os.chdir(folder)
        sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        signal.signal(signal.SIGVTALRM, _too_slow)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        warnings.simplefilter("ignore")
        with notes.open("a", buffering=1) as out:
            guard = Guard(folder)
            for n, case in enumerate(cases):
                data = data_of(border, seeds, seed, case)
                what = _read(border, data, folder / "in", LONGEST if n else LOADED)
                what = guard.broken() or what
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
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    name = border.suffix if not border.suffix.startswith(".") else f"case{border.suffix}"
    path = folder / name
    border.place(data, path)
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
