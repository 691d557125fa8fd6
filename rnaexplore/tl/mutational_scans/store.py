"""Results of parts of a call, kept in a folder so that an interrupted call goes on.

A part is a sealed JSON file (`rnaexplore.store.files.write_sealed`) that is named by the digest
of all that it depends on. Parts of other models, methods or variants lie beside it and do no harm;
a part that is damaged is computed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from rnaexplore.errors import StoreError
from rnaexplore.store.files import read_sealed, write_sealed

__all__ = ["Kept"]

Rows = list[list[float]]


class Kept:
    """Rows of numbers by what they depend on.

    Parameters
    ----------
    folder
        Where they are kept; ``None`` keeps nothing.
    recipe
        What all of them depend on: the model, the method, versions.
    """

    def __init__(self, folder: Path | None, recipe: Mapping[str, object]) -> None:
        self._folder = folder
        self._recipe = json.dumps(recipe, sort_keys=True)

    def rows(self, what: str, asked: Sequence[str], compute: Callable[[], Rows]) -> Rows:
        """Return one row of numbers for each text, from the folder or computed and kept.

        Parameters
        ----------
        what
            What is computed.
        asked
            What each row depends on beside that and the recipe.
        compute
            Returns the rows.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        if self._folder is None:
            return compute()
        path = self._folder / f"{self._digest(what, asked)}.json"
        found = self._read(path, len(asked))
        return self._write(path, compute()) if found is None else found

    def _digest(self, what: str, asked: Sequence[str]) -> str:
        text = "\n".join([self._recipe, what, *asked])
        return blake2b(text.encode(), digest_size=16).hexdigest()

    @staticmethod
    def _read(path: Path, n: int) -> Rows | None:
        content = read_sealed(path)
        rows = None if content is None else content.get("rows")
        return rows if isinstance(rows, list) and len(rows) == n else None

    @staticmethod
    def _write(path: Path, rows: Rows) -> Rows:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_sealed(path, {"rows": rows})
        except OSError as error:
            msg = (
                f"could not write {str(path.parent)!r}: {error}. Parts written so far stay; free "
                "disk space or fix permissions, then rerun to resume"
            )
            raise StoreError(msg) from error
        return rows
