"""Print the model table of the README: ``python -m rnaexplore.models``."""

from __future__ import annotations

import sys

from rnaexplore.models.table import markdown_table

__all__: list[str] = []

sys.stdout.write(markdown_table() + "\n")
