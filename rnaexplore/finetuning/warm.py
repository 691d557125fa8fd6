"""A linear head begins as the probe of the frozen model: first probe, then fine-tune.

Kumar et al. 2022, arXiv:2202.10054: with a random head, the first steps bend the language model
towards noise, which costs most where labels are few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.models.model import Model
from rnaexplore.models.tuned import residue_heads, sequence_heads
from rnaexplore.models.tuned.network import Network

__all__ = ["begin_as_probe"]

Floats = NDArray[np.floating[Any]]
MOST = 20_000  #: residues that the probe sees


def begin_as_probe(
    network: Network, model: Model, examples: Examples, parts: Parts, *, seed: int
) -> bool:
    """Give a head that is one linear layer the weights of a probe of the training RNAs.

    Parameters
    ----------
    network
        Its head is changed in place.
    model
        The language model before fine-tuning.
    examples, parts
        What is learned, and from which RNAs.
    seed
        Seed of the choice of residues.

    Returns
    -------
    bool
        Whether the head is of that kind; others are left as they are.
    """
    tuning = network.tuning
    if tuning.n_types:
        return False
    if type(network.head) is sequence_heads.Linear:
        sequences = [examples.sequences[k] for k in parts.train]
        x: Floats = model.embed(sequences, window=tuning.chunk)
        y = np.array([examples.targets[k] for k in parts.train])
    elif type(network.head) is residue_heads.Linear:
        x, y = _of_residues(model, examples, parts, seed)
    else:
        return False
    if len(np.unique(y)) < 2:  # noqa: PLR2004 - nothing to tell apart
        return False
    scaled = y if tuning.labels else (y - tuning.mean) / tuning.std
    weight, bias = _probe(x, scaled, len(tuning.labels))
    with torch.no_grad():
        network.head.out.weight.copy_(torch.from_numpy(weight))
        network.head.out.bias.copy_(torch.from_numpy(bias))
    return True


def _of_residues(
    model: Model, examples: Examples, parts: Parts, seed: int
) -> tuple[Floats, NDArray[np.int64]]:
    x = np.concatenate([model.hidden_states(examples.sequences[k])[-1] for k in parts.train])
    y = np.concatenate([examples.targets[k] for k in parts.train])
    known = np.flatnonzero(y != IGNORED)
    chosen = np.random.default_rng(seed).permutation(known)[:MOST]
    return x[chosen], y[chosen]


def _probe(x: Floats, y: NDArray[Any], n_classes: int) -> tuple[Floats, Floats]:
    """Return weights (outputs, dim) and biases of a regression on standardised columns."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x)
    columns = scaler.transform(x)
    if n_classes == 0:
        ridge = RidgeCV(alphas=np.logspace(-1, 5, 13)).fit(columns, y)
        weight, bias = ridge.coef_[None], np.array([ridge.intercept_])
    else:
        weight, bias = _logistic(
            LogisticRegression(max_iter=2000, C=0.1).fit(columns, y), n_classes
        )
    flat: Floats = weight / scaler.scale_
    return flat, bias - flat @ scaler.mean_


def _logistic(fitted: Any, n_classes: int) -> tuple[Floats, Floats]:
    """Return one row a class; classes without an RNA are as unlikely as the unlikeliest."""
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # noqa: PLR2004 - one row for two classes
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    weight = np.zeros((n_classes, coefficients.shape[1]))
    bias = np.full(n_classes, float(intercepts.min()))
    weight[fitted.classes_] = coefficients
    bias[fitted.classes_] = intercepts
    return weight, bias
