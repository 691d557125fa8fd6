"""Contacts from attention before any fine-tuning: a model's own head, or a fitted readout."""

from __future__ import annotations

from typing import Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.methods import Question
from rnaexplore.models.finetuned.contact_heads import Attention
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.model import Model
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression, head_features
from rnaexplore.tl.base_pairs.fit_contacts import fit_contacts
from rnaexplore.tl.heads.pair_scores import candidates

__all__ = ["first_contacts", "fitted_readout"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 50  #: RNAs that a readout is fitted on


def fitted_readout(model: Model, examples: Examples, rows: Ints, *, seed: int) -> ContactRegression:
    """Return a logistic regression on all attention maps of a model, fitted on known structures."""
    import pandas as pd

    obs = {
        _keys.SEQUENCE: [examples.sequences[k] for k in rows],
        _keys.STRUCTURE: [str(examples.spelled(int(k))) for k in rows],
    }
    known = AnnData(obs=pd.DataFrame(obs, index=[str(k) for k in rows]))
    return fit_contacts(known, model, family=None, n_max=MOST, n_folds=0, seed=seed, progress=False)


def first_contacts(network: Network, asked: Question, learn: Ints) -> tuple[Floats, Floats]:
    """Return weights (1, heads) and bias with which the head `Attention` begins.

    Those of the model's own contact head, if it has one, its log odds calibrated on the RNAs to
    learn from; else those of a readout fitted on these.
    """
    own = _own(network, asked.model)
    if own is None:
        found = fitted_readout(asked.model, asked.examples, learn, seed=asked.seed)
        # its maps are the mean of both directions, the head's are their sum
        own = np.array(found.coefficients)[None] / 2, np.array([found.intercept])
    else:
        slope, shift = _calibration(*own, asked, learn)
        own = slope * own[0], slope * own[1] + shift
    return own[0] / Attention.SCALE, own[1]


def _own(network: Network, model: Model) -> tuple[Floats, Floats] | None:
    """Return weights and bias of a model's own logistic regression on attention, if it has one."""
    lm: Any = network.lm
    head = getattr(getattr(lm, "esm", None), "contact_head", None)
    if head is None or "contacts" not in model.spec.can:
        return None
    weight, bias = (p.detach().double().numpy() for p in head.regression.parameters())
    return weight, bias


def _calibration(weight: Floats, bias: Floats, asked: Question, learn: Ints) -> tuple[float, float]:
    """Return slope and shift that make log odds fit the RNAs to learn from best (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    chosen = np.random.default_rng(asked.seed).permutation(learn)[:MOST]
    odds, paired = [], []
    for k in chosen:
        maps, sequence = head_features(asked.model, asked.examples.sequences[k])
        i, j = candidates(len(sequence))
        truth = np.zeros((len(sequence),) * 2, dtype=bool)
        truth[tuple(asked.examples.targets[k].T)] = True
        odds.append(np.tensordot(weight[0], 2 * maps[:, i, j], axes=1) + bias[0])
        paired.append(truth[i, j])
    y = np.concatenate(paired)
    if y.all() or not y.any():
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e6).fit(np.concatenate(odds)[:, None], y)
    slope, shift = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    return (slope, shift) if slope > 0 else (1.0, 0.0)  # a head that knows nothing stays as it is
