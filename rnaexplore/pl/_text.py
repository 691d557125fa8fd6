"""Names of RNAs, families and columns as matplotlib shows them: letter by letter.

Matplotlib takes text between dollar signs for mathematics, which fails if it is none, and leaves
labels that begin with an underscore out of legends.
"""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.artist import Artist

from rnaexplore._figure_data.text import on_one_line

__all__ = ["label", "name", "plain", "plain_labels"]


def plain(text: object) -> str:
    r"""Return a text that matplotlib writes as it is; lines stay lines.

    Examples
    --------
    >>> print(plain("$_$"))
    \$_\$
    """
    seen = "".join(one if one.isprintable() or one == "\n" else " " for one in str(text))
    return seen.replace("$", r"\$")


def name(text: object) -> str:
    """Return the name of a category, a column or an RNA: one line, and not an endless one."""
    return plain(on_one_line(text))


def label(text: object) -> str:
    """Return a label that a legend shows as it is, behind a space where it would leave it out."""
    shown = plain(text)
    return f" {shown}" if not shown or shown.startswith("_") else shown


def plain_labels(handles: Iterable[Artist]) -> list[str]:
    """Return the labels of marks, for the legend that explains them."""
    return [label(handle.get_label()) for handle in handles]
