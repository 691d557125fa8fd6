"""What figures show, before a library draws it: values, order, colors, labels and ranges.

`rnaexplore.pl` (matplotlib) and `rnaexplore.px` (plotly) call the same functions of this package,
so that the two faces of a figure cannot differ. Nothing here knows either library.
"""

from __future__ import annotations
