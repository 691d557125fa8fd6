"""Joins the ES modules in ``static/`` into the one module that a widget hands to the browser.

The files are ordinary ES modules. Joining puts each after what it imports and removes the import
lines and ``export`` words, so that the result needs neither a server nor a network.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files

__all__ = ["bundle", "esm", "stylesheet"]

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.MULTILINE)
_NAME = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@cache
def bundle(*entries: str) -> str:
    """Return one script that holds modules of ``static/`` and all that they import.

    Raises
    ------
    ValueError
        If two modules define the same top-level name.
    """
    order: list[str] = []
    for entry in entries:
        _visit(entry, order)
    script = "\n".join(_body(name) for name in order)
    twice = [name for name, n in Counter(_NAME.findall(script)).items() if n > 1]
    if twice:
        msg = f"modules of {', '.join(entries)} define {', '.join(twice)} twice"
        raise ValueError(msg)
    return script


def esm(entry: str, render: str) -> str:
    """Return the ES module of a widget whose view is drawn by the function `render`."""
    return f"{bundle(entry)}\nexport default {{ render: {render} }};\n"


@cache
def stylesheet() -> str:
    """Return the style sheet that all views share."""
    return _read("style.css") + _read("explorer.css")


def _visit(name: str, order: list[str]) -> None:
    if name in order:
        return
    for needed in _IMPORT.findall(_read(f"{name}.js")):
        _visit(needed, order)
    if name not in order:
        order.append(name)


def _body(name: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", _read(f"{name}.js")))


def _read(name: str) -> str:
    return (files("rnaexplore.widgets") / "static" / name).read_text(encoding="utf-8")
