"""Heads that begin as what is known without fine-tuning: first probe, then fine-tune.

Kumar et al. 2022, arXiv:2202.10054: with a random head, the first steps bend the language model
towards noise, which costs most where labels are few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.finetuning import columns, residues
from rnaexplore.finetuning.methods import Question
from rnaexplore.finetuning.readouts import first_contacts
from rnaexplore.models.finetuned import contact_heads, pair_heads, residue_heads, sequence_heads
from rnaexplore.models.finetuned.network import Network
from rnaexplore.tl.evaluation.linear import LinearProbe, fit_linear

__all__ = ["begin_as_probe"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LINEAR = (sequence_heads.Linear, sequence_heads.Middle, pair_heads.Linear)


def begin_as_probe(network: Network, asked: Question, learn: Ints) -> bool:
    """Give a linear head the weights of a probe, or of the model's own contact head.

    Parameters
    ----------
    network
        Its head is changed in place.
    asked
        What is learned.
    learn
        From which RNAs: no others are looked at. The strength of the probe is chosen on groups held
        out of them.

    Returns
    -------
    bool
        Whether the head is of that kind; others are left as they are.
    """
    head = network.head
    if isinstance(head, contact_heads.Attention):
        _set(head, *first_contacts(network, asked, learn))
        return True
    if type(head) is residue_heads.Linear:
        probe = _of_residues(asked, learn)
    elif type(head) in LINEAR and not network.tuning.n_types:
        probe = _of_rnas(asked, learn)
    else:
        return False
    if probe is None:
        return False
    _set(head, *_for_head(probe, network))
    return True


def _of_rnas(asked: Question, learn: Ints) -> LinearProbe | None:
    y = np.array(asked.examples.targets)[learn]
    if len(np.unique(y)) < 2:  # noqa: PLR2004 - nothing to tell apart
        return None
    found = columns.of_rnas(asked.model, asked.examples, learn, asked.tuning).take(learn)
    return fit_linear(
        found, y, asked.parts.groups[learn], is_class=bool(asked.examples.labels),
        seed=asked.seed, class_weight=asked.class_weight,
    )  # fmt: skip


def _of_residues(asked: Question, learn: Ints) -> LinearProbe | None:
    known = residues.known_residues(asked.examples, learn, asked.seed)
    if len(np.unique(known[2])) < 2:  # noqa: PLR2004 - nothing to tell apart
        return None
    states = residues.states_of(asked.model, asked.examples, learn)
    return residues.fit_residues(
        states, known, asked.parts.groups, is_whole=False, seed=asked.seed,
        class_weight=asked.class_weight,
    )  # fmt: skip


def _for_head(probe: LinearProbe, network: Network) -> tuple[Floats, Floats]:
    """Return weights and biases of a head, which has an output for each class that there is.

    Classes that no RNA of the probe has are as unlikely as the unlikeliest; numbers are in
    standard deviations from the mean.
    """
    tuning = network.tuning
    if probe.classes is None:
        return probe.weight / tuning.std, (probe.bias - tuning.mean) / tuning.std
    weight = np.zeros((len(tuning.labels), probe.weight.shape[1]))
    bias = np.full(len(tuning.labels), float(probe.bias.min()))
    weight[probe.classes], bias[probe.classes] = probe.weight, probe.bias
    return weight, bias


def _set(head: Any, weight: Floats, bias: Floats) -> None:
    with torch.no_grad():
        head.out.weight.copy_(torch.from_numpy(weight))
        head.out.bias.copy_(torch.from_numpy(bias))
