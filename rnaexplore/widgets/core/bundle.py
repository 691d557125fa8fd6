"""Joins the ES modules of the views into the one script that a widget hands to the browser.

The files are ordinary ES modules beside the Python modules of each view. Joining turns each into a
function with a scope of its own, after those that it imports, so that the result needs neither a
server nor a network, and two modules may use the same name.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from importlib.resources import files

__all__ = ["bundle", "esm", "scope", "stylesheet"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([./\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+)\b)", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@cache
def bundle(*entries: str) -> str:
    """Return one script that holds modules and all that they import.

    Parameters
    ----------
    entries
        Modules by their path under ``widgets/`` without ending, for example ``explorer/explorer``.

    Raises
    ------
    ValueError
        If a module imports what another does not export, or imports or exports in a way that
        cannot be joined.
    """
    order: list[str] = []
    for entry in entries:
        _visit(entry, order)
    return "\n".join(_scoped(name) for name in order)


def scope(entry: str) -> str:
    """Return the name of the object that holds what a module exports."""
    return "rx_" + re.sub(r"\W", "_", entry)


def esm(entry: str, render: str) -> str:
    """Return the ES module of a widget whose view is drawn by the function `render`."""
    return f"{bundle(entry)}\nexport default {{ render: {scope(entry)}.{render} }};\n"


@cache
def stylesheet() -> str:
    """Return the style sheet that all views share."""
    return _read("core/style.css") + _read("explorer/explorer.css")


def _visit(name: str, order: list[str]) -> None:
    if name in order:
        return
    for _, path in _IMPORT.findall(_read(f"{name}.js")):
        _visit(_resolved(name, path), order)
    if name not in order:
        order.append(name)


def _resolved(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _scoped(name: str) -> str:
    """Return a module as a function that is called at once and returns its exports."""
    text = _read(f"{name}.js")
    body = _EXPORT.sub("", _IMPORT.sub(lambda m: _bound(name, m[1], m[2]), text))
    left = _LEFT.search(body)
    if left:
        msg = f"{name}.js cannot be joined: {left[0]!r}; write import {{ … }} and export function …"
        raise ValueError(msg)
    exports = ", ".join(_EXPORT.findall(text))
    return f"const {scope(name)} = (() => {{\n{body}return {{ {exports} }};\n}})();"


def _bound(name: str, names: str, path: str) -> str:
    """Return the constants that take the place of an import."""
    source = _resolved(name, path)
    wanted = [one.strip() for one in names.split(",") if one.strip()]
    missing = set(wanted) - set(_EXPORT.findall(_read(f"{source}.js")))
    if missing:
        msg = f"{name}.js imports {', '.join(sorted(missing))}, which {source}.js does not export"
        raise ValueError(msg)
    return f"const {{ {', '.join(wanted)} }} = {scope(source)};\n"


def _read(name: str) -> str:
    return (files("rnaexplore.widgets") / name).read_text(encoding="utf-8")
