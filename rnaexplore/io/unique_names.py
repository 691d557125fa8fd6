"""Names made unique on disk, for more records than fit into memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

__all__ = ["UniqueNames"]


class UniqueNames:
    """Does what `rnaexplore.io.build.unique` does, for names that come block by block.

    Parameters
    ----------
    database
        Scratch space.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._n = 0
        database.execute("CREATE TABLE name (name TEXT PRIMARY KEY, last INT) WITHOUT ROWID")
        database.execute("CREATE TABLE again (row INTEGER PRIMARY KEY, name TEXT)")

    def add(self, names: Sequence[str]) -> None:
        """Take in the names of the next rows."""
        for row, name in enumerate(names, start=self._n):
            new = self._database.execute("INSERT OR IGNORE INTO name VALUES (?, 0)", [name])
            if not (name and new.rowcount):
                self._database.execute("INSERT INTO again VALUES (?, ?)", [row, name])
        self._n += len(names)

    def renamed(self) -> Iterator[tuple[int, str]]:
        """Yield, after all names are in, the rows whose name changes, and to what."""
        for row, name in self._database.execute("SELECT row, name FROM again ORDER BY row"):
            yield row, self._free(row, name)

    def _free(self, row: int, name: str) -> str:
        base = name or f"rna-{row + 1}"
        found = self._database.execute("SELECT last FROM name WHERE name = ?", [base]).fetchone()
        suffix = found[0] if found else 0
        new = base
        while not self._took(new):
            suffix += 1
            new = f"{base}-{suffix}"
        self._database.execute("UPDATE name SET last = ? WHERE name = ?", [suffix, base])
        return new

    def _took(self, name: str) -> bool:
        return bool(
            self._database.execute("INSERT OR IGNORE INTO name VALUES (?, 0)", [name]).rowcount
        )
