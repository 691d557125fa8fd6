"""The log of a run: a CSV table, and TensorBoard events."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from rnaexplore.errors import MissingDependencyError

__all__ = ["Log"]


class Log:
    """Writes rows of numbers to ``log.csv`` and, if asked for, to TensorBoard.

    Parameters
    ----------
    folder
        Where both are written; TensorBoard's events go to ``tensorboard/`` in it.
    tensorboard
        Whether events are written.

    Raises
    ------
    MissingDependencyError
        If they are and TensorBoard is not installed.
    """

    def __init__(self, folder: Path, *, tensorboard: bool = False) -> None:
        self._path = folder / "log.csv"
        self._events = _writer(folder / "tensorboard") if tensorboard else None

    def write(self, row: Mapping[str, float]) -> None:
        """Add a row; ``row["step"]`` is its place on TensorBoard's axis."""
        fresh = not self._path.exists()
        with self._path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        if self._events is not None:
            for name, value in row.items():
                self._events.add_scalar(f"pretrain/{name}", value, int(row["step"]))
            self._events.flush()


def _writer(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        msg = "TensorBoard is not installed: pip install 'rnaexplore[train]'"
        raise MissingDependencyError(msg) from error
    return SummaryWriter(str(folder))
