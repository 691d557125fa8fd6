"""Designs of heads by name: for classes and numbers of RNAs, of residues, of pairs.

The names begin with the model in whose publication or code the design stands. ``linear`` and the
other plain ones are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from torch import nn

from rnaexplore.errors import InputError, nearest
from rnaexplore.models.finetuned import contact_heads, pair_heads, residue_heads, sequence_heads
from rnaexplore.models.finetuned.tuning import Task, Tuning
from rnaexplore.models.spec import ModelSpec

__all__ = ["HEADS", "build_head", "check_head", "default_head"]

Builder = Callable[[ModelSpec, Tuning], nn.Module]

HEADS: dict[Task, dict[str, Builder]] = {
    "sequence": {
        "linear": sequence_heads.Linear,
        "mlp": sequence_heads.Mlp,
        "middle": sequence_heads.Middle,
        "rnaernie-ncrna": sequence_heads.Pooler,
        "splicebert-splice": sequence_heads.Pooler,
        "rinalmo-ncrna": sequence_heads.rinalmo_ncrna,
        "rinalmo-splice": sequence_heads.rinalmo_splice,
        "rinalmo-mrl": sequence_heads.Load,
    },
    "residue": {
        "linear": residue_heads.Linear,
        "splicebert-branchpoint": residue_heads.Linear,
        "conv": residue_heads.Convolution,
    },
    "contact": {
        "attention": contact_heads.Attention,
        "rinalmo-ss": contact_heads.rinalmo,
        "rnafm-ss": contact_heads.rnafm,
    },
    "pair": {
        "linear": pair_heads.Linear,
        "rnaernie-rri": pair_heads.Interaction,
    },
}
#: heads that read the first special token
ON_FIRST_TOKEN = frozenset({"rnaernie-ncrna", "splicebert-splice", "rinalmo-ncrna",
                            "rinalmo-splice"})  # fmt: skip


def default_head(task: Task) -> str:
    """Return the name of a task's first head."""
    return next(iter(HEADS[task]))


def check_head(spec: ModelSpec, tuning: Tuning) -> None:
    """Raise if there is no such task or head, or the model cannot carry it.

    Raises
    ------
    InputError
        With the names there are.
    """
    if tuning.task not in get_args(Task):
        msg = f"task must be one of {', '.join(get_args(Task))}, got {tuning.task!r}"
        raise InputError(msg)
    known = HEADS[tuning.task]
    if tuning.head not in known:
        msg = f"no head for the {tuning.task} task is named {tuning.head!r}. "
        raise InputError(msg + nearest(tuning.head, known))
    if tuning.head in ON_FIRST_TOKEN and spec.alphabet.cls is None:
        msg = f"head {tuning.head!r} reads a leading special token, and {spec.name!r} has none"
        raise InputError(msg + "; use head='linear'")


def build_head(spec: ModelSpec, tuning: Tuning) -> nn.Module:
    """Return a head with fresh weights for a language model."""
    return HEADS[tuning.task][tuning.head](spec, tuning)
