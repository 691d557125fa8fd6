"""What keeps a printed script ours: values of a file are literals, and the script is parsed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rnaexplore._library_errors import shown
from rnaexplore.errors import InputError

__all__ = ["RESERVED", "check_record", "check_script", "plain", "quoted"]

DEEPEST = 20  #: dictionaries and lists in one another
_DIGEST = re.compile(r"[0-9A-Za-z_-]{0,128}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,63}")
_PACKAGE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_TEXTS = ("model", "source", "reader", "method", "pooling", "decode", "use_rep", "function")

#: Names that the script uses for itself; variables of models get others.
RESERVED = frozenset({
    "rx", "sys", "hashlib", "Path", "anndata", "np", "pd", "adata", "made", "some", "chosen",
    "name", "source", "target", "_",
})  # fmt: skip
_IMPORTS = frozenset({
    "import hashlib", "import sys", "from pathlib import Path", "import anndata",
    "import numpy as np", "import pandas as pd", "import rnaexplore as rx",
})  # fmt: skip
_NODES = (
    ast.Module, ast.Expr, ast.Assign, ast.If, ast.Compare, ast.NotEq, ast.Call, ast.keyword,
    ast.Attribute, ast.Subscript, ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Dict,
    ast.Load, ast.Store, ast.BinOp, ast.Add, ast.UnaryOp, ast.USub, ast.ListComp,
    ast.comprehension, ast.Slice, ast.Import, ast.ImportFrom, ast.alias,
)  # fmt: skip


def plain(value: Any, field: str = "provenance", depth: int = 0) -> Any:
    """Return provenance as Python's own types, whatever file it was read from.

    Raises
    ------
    InputError
        If a value is none that a tool notes, naming its field.
    """
    if depth > DEEPEST:
        msg = f"the provenance of {field!r} is nested more than {DEEPEST} deep"
        raise InputError(msg)
    if isinstance(value, Mapping):
        return {str(k): plain(v, str(k), depth + 1) for k, v in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist(), field, depth + 1)
    if isinstance(value, list | tuple):
        return [plain(v, field, depth + 1) for v in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    msg = (
        f"the provenance of {field!r} is {_kind(value)}; allowed are texts, numbers, lists of them"
    )
    raise InputError(msg)


def check_record(key: str, record: Any) -> None:
    """Check the fields of a record that the script depends on.

    Raises
    ------
    InputError
        If one is not what a tool notes there.
    """
    if not isinstance(record, Mapping):
        raise InputError(_wrong(key, "record", record, "a dictionary"))
    for name in _TEXTS:
        if not isinstance(record.get(name, ""), str):
            raise InputError(_wrong(key, name, record[name], "text"))
    _check_digests(key, record)
    versions = record.get("versions", {})
    if not isinstance(versions, Mapping):
        raise InputError(_wrong(key, "versions", versions, "a dictionary"))
    for name, version in (*versions.items(), ("rnaexplore", record.get("rnaexplore", "0"))):
        if not _PACKAGE.fullmatch(name):
            raise InputError(_wrong(key, "versions", name, "the names of packages"))
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            raise InputError(_wrong(key, name, version, "a version"))
    for name in ("step", "n_obs", "records", "n_selected"):
        if type(record.get(name, 0)) is not int:
            raise InputError(_wrong(key, name, record[name], "a whole number"))


def _check_digests(key: str, record: Mapping[str, Any]) -> None:
    for name in ("sha256", "weights_sha256", "input_sha256"):
        found = record.get(name, "")
        several = found.values() if isinstance(found, Mapping) else [found]
        for digest in several:
            if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
                raise InputError(_wrong(key, name, digest, "a SHA-256 in hexadecimal digits"))


def _wrong(key: str, name: str, value: object, allowed: str) -> str:
    place = f"uns['rnaexplore'][{key!r}][{name!r}]"
    return f"{place} must be {allowed}, got {_kind(value)}; no code is printed for this AnnData"


def _kind(value: object) -> str:
    known = isinstance(value, str | int | float)
    return repr(value)[:80] if known else f"a {type(value).__name__}"


def quoted(text: str) -> str:
    """Return a text that can stand in a docstring, on one line, whatever is in it."""
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\\", "/")
    return shown(safe.replace('"', "'").replace("\n", " ").replace("\t", " ")).replace("\\", "/")


def check_script(code: str, models: Iterable[str]) -> None:
    """Parse a script, and check that it does nothing but what scripts of `rx.repro` do.

    Parameters
    ----------
    code
        The script.
    models
        Variables that stand for models.

    Raises
    ------
    InputError
        If it is no Python, or has another statement, name or call.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        msg = f"the provenance of this AnnData gives no Python ({error}); no code is printed"
        raise InputError(msg) from error
    known = RESERVED | set(models)
    for node in ast.walk(tree):
        if not _is_ours(node, known):
            msg = (
                f"the provenance of this AnnData gives code that no tool of rnaexplore writes "
                f"({ast.unparse(node)[:80]!r}); no code is printed"
            )
            raise InputError(msg)


def _is_ours(node: ast.AST, known: frozenset[str] | set[str]) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return ast.unparse(node) in _IMPORTS
        case ast.Name(id=name):
            return name in known
        case ast.Attribute(value=ast.Name(id="sys"), attr=attribute):
            return attribute in {"argv", "exit"}
        case ast.Attribute(attr=attribute):
            return not attribute.startswith("_")
        case ast.Call(func=function):
            return isinstance(function, ast.Attribute) or ast.unparse(function) == "Path"
        case _:
            return isinstance(node, _NODES)
