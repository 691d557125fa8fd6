"""The models that steps used: each is loaded once, and has to have the same weights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path

from rnaexplore.provenance.guard import RESERVED
from rnaexplore.provenance.steps import Record, Step

__all__ = ["Loading", "loading"]

GIVEN = "given: "  #: how the source of weights begins whose path was passed
RANDOM = "random weights"  #: how that of untrained models begins
VIENNA = "vienna"  #: stands for a model and has no weights
NEEDED = {"model", "weights_sha256"}
SETTINGS = ("device", "dtype")


@dataclass(slots=True)
class Loading:
    """Code that loads models.

    Attributes
    ----------
    code
        Lines.
    names
        The code that stands for the model of each key.
    gaps
        What cannot be loaded again.
    """

    code: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def loading(steps: Iterable[Step]) -> Loading:
    """Return how the models of steps are loaded, each once.

    Parameters
    ----------
    steps
        Those with a ``"model"`` in their record need one. A step that did not note device and
        precision takes the model of one that did.
    """
    made = Loading()
    variables: dict[tuple[str, ...], str] = {}
    using = [step for step in steps if step.tool and step.record.keys() >= NEEDED]
    for step in sorted(using, key=lambda step: "device" not in step.record):
        record = step.record
        if record["model"] == VIENNA:
            made.names[step.key] = repr(VIENNA)
            continue
        identity = (record["model"], record["weights_sha256"])
        known = next((v for k, v in variables.items() if k[:2] == identity), None)
        full = (*identity, *(str(record.get(name, "")) for name in SETTINGS))
        variable = variables.get(full) or (None if "device" in record else known)
        if variable is None:
            variable = _variable(record["model"], set(variables.values()))
            variables[full] = variable
            made.code += _lines(variable, record)
            made.gaps += _gaps(record)
        made.names[step.key] = variable
    return made


def _variable(model: str, taken: set[str]) -> str:
    stem = re.sub(r"[^A-Za-z0-9]+", "_", model).strip("_").lower()
    free = stem.isidentifier() and not iskeyword(stem) and stem not in RESERVED
    name = stem = stem if free else f"model_{stem}"
    number = 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def _lines(variable: str, record: Record) -> list[str]:
    options = {name: record[name] for name in SETTINGS if name in record}
    source = str(record.get("source", ""))
    if source.startswith(GIVEN):
        options |= {"weights": Path(source.removeprefix(GIVEN)).name}
    shown = "".join(f", {name}={value!r}" for name, value in options.items())
    digest = record["weights_sha256"]
    return [
        f"{variable} = rx.load_model({record['model']!r}{shown})",
        f"if {variable}.weights_sha256 != {digest!r}:",
        f'    sys.exit("{variable} has other weights than then; they came from:"',
        f"             {' ' + source!r})" if source else '             " not noted")',
    ]


def _gaps(record: Record) -> list[str]:
    if not str(record.get("source", "")).startswith(RANDOM):
        return []
    return [f"{record['model']} had {record['source']}, which rx.load_model does not give"]
