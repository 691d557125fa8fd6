"""The long mode: ``python -m tests.hostile --cases 100000``."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.hostile.fuzz import fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="files to read, of all kinds")
    parser.add_argument("--seed", type=int, default=0, help="other cases with another number")
    parser.add_argument("--only", default="", help="borders whose name has this in it")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    given = parser.parse_args()
    found: Counter[str] = Counter()
    for failure in fuzz(given.cases, given.seed, given.only, given.jobs):
        found[f"{failure.border}: {failure.what}"] += 1
        print(f"{failure.border} case {failure.case}: {failure.what}", flush=True)
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{failure.border}-{given.seed}-{failure.case}").write_bytes(failure.data)
    print(f"{given.cases:,} cases, {found.total():,} failed in {len(found):,} ways")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
