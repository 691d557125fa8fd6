"""Heads that begin as what is known without fine-tuning: first probe, then fine-tune.

Kumar et al. 2022, arXiv:2202.10054: with a random head, the first steps bend the language model
towards noise, which costs most where labels are few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.finetuning import columns, residues
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.methods import Question
from rnaexplore.models.model import Model
from rnaexplore.models.tuned import contact_heads, pair_heads, residue_heads, sequence_heads
from rnaexplore.models.tuned.network import Network
from rnaexplore.tl._fit_contacts import fit_contacts
from rnaexplore.tl._linear import LinearProbe, fit_linear

__all__ = ["begin_as_probe", "own_contacts", "structures"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
READOUT = 50  #: most RNAs that a readout of contacts is fitted on
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
        _set(head, *_contacts(network, asked, learn))
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


def own_contacts(network: Network, model: Model) -> tuple[Floats, Floats] | None:
    """Return weight and bias of a model's own logistic regression on attention, if it has one."""
    lm: Any = network.lm
    head = getattr(getattr(lm, "esm", None), "contact_head", None)
    if head is None or "contacts" not in model.spec.can:
        return None
    weight, bias = (p.detach().double().numpy() for p in head.regression.parameters())
    return weight, bias


def _contacts(network: Network, asked: Question, learn: Ints) -> tuple[Floats, Floats]:
    """Return weight and bias of the model's own contact head, or of a readout fitted on `learn`."""
    own = own_contacts(network, asked.model)
    if own is None:
        fitted = fit_contacts(
            structures(asked.examples, learn), asked.model, family=None, n_max=READOUT,
            seed=asked.seed, progress=False,
        )  # fmt: skip
        # its maps are the mean of both directions, the head's are their sum
        own = np.array(fitted.coefficients)[None] / 2, np.array([fitted.intercept])
    return own[0] / contact_heads.Attention.SCALE, own[1]


def structures(examples: Examples, rows: Ints) -> AnnData:
    """Return RNAs with known structures as an AnnData."""
    import pandas as pd

    obs = {
        _keys.SEQUENCE: [examples.sequences[k] for k in rows],
        _keys.STRUCTURE: [str(examples.spelled(int(k))) for k in rows],
    }
    return AnnData(obs=pd.DataFrame(obs, index=[str(k) for k in rows]))


def _set(head: Any, weight: Floats, bias: Floats) -> None:
    with torch.no_grad():
        head.out.weight.copy_(torch.from_numpy(weight))
        head.out.bias.copy_(torch.from_numpy(bias))
