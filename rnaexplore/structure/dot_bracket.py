"""Dot-bracket and WUSS strings to base pairs, and back."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InvalidStructureError

__all__ = [
    "ORDERS",
    "as_pairs",
    "dot_bracket_from_pairs",
    "pair_orders",
    "pairs_from_dot_bracket",
    "pairs_from_wuss",
    "stems",
]

Pairs = NDArray[np.int64]

#: Brackets of each pseudoknot order, the nested one first.
ORDERS: tuple[tuple[str, str], ...] = (
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("<", ">"),
    *zip(ascii_uppercase, ascii_lowercase, strict=True),
)
_OPENING = frozenset(opening for opening, _ in ORDERS)
_CLOSING = {closing: opening for opening, closing in ORDERS}
_UNPAIRED = frozenset(".,_-:~")


def pairs_from_dot_bracket(dot_bracket: str) -> Pairs:
    """Return the base pairs of a dot-bracket string.

    Parameters
    ----------
    dot_bracket
        ``()``, ``[]``, ``{}``, ``<>`` and ``Aa`` to ``Zz`` are independent orders of brackets;
        ``.`` and ``, _ - : ~`` are unpaired.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        0-based positions i < j, sorted by i.

    Raises
    ------
    InvalidStructureError
        If a bracket has no partner or a character is unknown, naming its 1-based position.
    """
    return _match(dot_bracket)


def pairs_from_wuss(wuss: str) -> Pairs:
    """Return the base pairs of a WUSS string, as in the ``SS_cons`` line of a Stockholm file.

    In WUSS the kinds of bracket mark the depth of a nested structure; letters mark pseudoknots.
    See Nawrocki & Eddy, Infernal user's guide, "WUSS notation".

    Parameters
    ----------
    wuss
        One line of WUSS.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        0-based columns i < j, sorted by i.

    Raises
    ------
    InvalidStructureError
        If a bracket has no partner of its kind or a character is unknown.
    """
    return _match(wuss)


def _match(text: str) -> Pairs:
    waiting: dict[str, list[int]] = {}
    pairs: list[tuple[int, int]] = []
    for j, character in enumerate(text):
        if character in _OPENING:
            waiting.setdefault(character, []).append(j)
        elif character in _CLOSING:
            if not waiting.get(_CLOSING[character]):
                raise _unbalanced(text, j)
            pairs.append((waiting[_CLOSING[character]].pop(), j))
        elif character not in _UNPAIRED:
            msg = (
                f"unknown character {character!r} at position {j + 1} of the structure; allowed: "
                "'.' for unpaired, and the brackets () [] {} <> Aa to Zz"
            )
            raise InvalidStructureError(msg)
    left = [i for stack in waiting.values() for i in stack]
    if left:
        raise _unbalanced(text, min(left))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _unbalanced(text: str, position: int) -> InvalidStructureError:
    msg = f"{text[position]!r} at position {position + 1} of the structure has no partner"
    return InvalidStructureError(msg)


def as_pairs(pairs: object, length: int) -> Pairs:
    """Return base pairs checked, with i < j, sorted.

    Parameters
    ----------
    pairs
        Anything of shape (n, 2) with 0-based positions.
    length
        Number of residues.

    Raises
    ------
    InvalidStructureError
        If a position is out of range, pairs with itself, or has two partners.
    """
    array = np.sort(np.asarray(pairs, dtype=np.int64).reshape(-1, 2), axis=1)
    array = array[np.argsort(array[:, 0], kind="stable")]
    if not len(array):
        return array
    if array.min() < 0 or array.max() >= length:
        msg = f"base pairs reach from {array.min()} to {array.max()}; allowed: 0 to {length - 1}"
        raise InvalidStructureError(msg)
    positions, counts = np.unique(array, return_counts=True)
    if (counts > 1).any():
        twice = int(positions[counts > 1][0])
        msg = f"position {twice + 1} occurs in two base pairs; a residue has at most one partner"
        raise InvalidStructureError(msg)
    return array


def pair_orders(pairs: Pairs) -> NDArray[np.int64]:
    """Return the pseudoknot order of each base pair.

    Stems are taken as wholes (runs of stacked pairs), longest first, and each goes to the lowest
    order in which it crosses no other, so that the shorter stem of a pseudoknot gets the higher
    order.

    Parameters
    ----------
    pairs
        Shape (n, 2), i < j, sorted by i.

    Returns
    -------
    ndarray of int64, shape (n,)
        0 for the nested structure, 1 and above for pseudoknots.
    """
    orders = np.zeros(len(pairs), dtype=np.int64)
    placed: list[list[Pairs]] = []
    for rows in sorted(stems(pairs), key=lambda rows: (-len(rows), pairs[rows[0], 0])):
        stem = pairs[rows]
        order = 0
        while order < len(placed) and any(_cross(stem, other) for other in placed[order]):
            order += 1
        if order == len(placed):
            placed.append([])
        placed[order].append(stem)
        orders[rows] = order
    return orders


def stems(pairs: Pairs) -> list[list[int]]:
    """Return rows of `pairs` grouped into runs of stacked pairs.

    Parameters
    ----------
    pairs
        Shape (n, 2), i < j, sorted by i.
    """
    row_of = {(int(i), int(j)): k for k, (i, j) in enumerate(pairs)}
    found = []
    for (i, j), k in row_of.items():
        if (i - 1, j + 1) in row_of:
            continue
        stem = [k]
        while (inner := row_of.get((i + len(stem), j - len(stem)))) is not None:
            stem.append(inner)
        found.append(stem)
    return found


def _cross(first: Pairs, second: Pairs) -> bool:
    """Return whether any pair of one stem crosses any of another; the outermost pairs decide."""
    (i, j), (k, m) = first[0], second[0]
    return bool(i < k < j < m or k < i < m < j)


def dot_bracket_from_pairs(pairs: object, length: int) -> str:
    """Return the dot-bracket string of base pairs.

    Parameters
    ----------
    pairs
        Shape (n, 2), 0-based.
    length
        Number of residues.

    Returns
    -------
    str
        Of `length` characters; pseudoknots in the further orders ``[] {} <> Aa …``.

    Raises
    ------
    InvalidStructureError
        If the pairs are not a structure, or need more than 30 orders.
    """
    checked = as_pairs(pairs, length)
    characters = ["."] * length
    for (i, j), order in zip(checked, pair_orders(checked), strict=True):
        if order >= len(ORDERS):
            msg = f"the structure needs more than {len(ORDERS)} orders of brackets"
            raise InvalidStructureError(msg)
        characters[i], characters[j] = ORDERS[order]
    return "".join(characters)
