"""After training: the contact readout on known structures, and the file that is shipped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from rnaexplore.models.adapters.calibrated import CalibratedSigmoid
from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretraining.records import Record
from rnaexplore.structure import Calibration, calibrate, pairs_from_dot_bracket
from rnaexplore.structure.resampling import family_folds

__all__ = [
    "calibrate_contact_head",
    "choose_structured",
    "export",
    "fit_calibrated_contact_head",
    "fit_contact_head",
]

Sample = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]

MIN_SEPARATION = 4  #: smallest distance in sequence of two residues that can pair
BACKGROUND = 5000  #: unpaired candidates of an RNA that are kept for the regression, about
STRENGTH = 0.25


def choose_structured(
    records: Sequence[Record], n: int, *, max_length: int, seed: int
) -> list[Record]:
    """Return `n` records with a structure, at most one a family, drawn at random."""
    rng = np.random.default_rng(seed)
    chosen: dict[str, Record] = {}
    for i in rng.permutation(len(records)):
        record = records[i]
        if "(" in record.structure and len(record.sequence) <= max_length and record.family:
            chosen.setdefault(record.family, record)
        if len(chosen) == n:
            break
    return list(chosen.values())


def fit_contact_head(
    module: Any, alphabet: Alphabet, records: Sequence[Record], *, strength: float = STRENGTH
) -> None:
    """Fit the stock ESM contact head, where there is one; its curve is made one of slope 1.

    It is a logistic regression on symmetrised, APC'd attention maps, with an L2 penalty.

    The protocol of Rao et al. 2020 (doi:10.1101/2020.12.15.422761) with base pairs of known
    structures as contacts, and residues at least 4 apart.

    Parameters
    ----------
    module
        An `EsmForMaskedLM`; its contact head is set in place.
    alphabet
        The module's vocabulary.
    records
        RNAs with known structures, of families that the module was not trained on: where heads
        were supervised they are surer of themselves than they are on new families.
    strength
        Inverse strength of the penalty, of the loss of an RNA, with features in units of their
        root mean square over all heads.
    """
    if _head(module) is None:
        return
    weight, bias = _regression(
        [_sampled(x, y) for x, y in _examples(module, alphabet, records)], strength
    )
    _set_head(module, weight, bias)


def calibrate_contact_head(
    module: Any, alphabet: Alphabet, records: Sequence[Record], *, n_folds: int = 5, seed: int = 0
) -> Calibration | None:
    """Calibrate the contact head that is there, on families that it was not fitted on.

    Parameters
    ----------
    module
        An `EsmForMaskedLM` with a fitted contact head, whose curve is set in place.
    alphabet
        The module's vocabulary.
    records
        RNAs with known structures, of families that neither the module was trained nor its head
        fitted on. Every family counts once.
    n_folds, seed
        Parts into which families are divided to measure the result, and the seed of that.

    Returns
    -------
    Calibration or None
        The curve, with the reliability before and, on families that a curve was not fitted on,
        after. ``None`` if the module has no contact head.

    Raises
    ------
    InputError
        If there are fewer than 2 families, or a record has none.
    """
    head = _head(module)
    if head is None:
        return None
    weight = head.regression.weight.detach().double().numpy()[0]
    bias = float(head.regression.bias.detach()[0])
    logits, truths = [], []
    for features, truth in _examples(module, alphabet, records):
        logits.append(features @ weight + bias)
        truths.append(truth)
    families = [record.family for record in records]
    found = calibrate(logits, truths, families, n_folds=n_folds, seed=seed)
    _set_curve(head, found)
    return found


def fit_calibrated_contact_head(
    module: Any,
    alphabet: Alphabet,
    records: Sequence[Record],
    *,
    strength: float = STRENGTH,
    n_folds: int = 5,
    seed: int = 0,
) -> Calibration | None:
    """Fit the contact head and calibrate it on the same families, each held out in turn.

    Families are divided into parts. A regression without a part tells the log odds of the pairs
    in that part; from all of these the curve is fitted. The regression that is kept is fitted on
    all records.

    Parameters
    ----------
    module
        An `EsmForMaskedLM`; its contact head is set in place.
    alphabet
        The module's vocabulary.
    records
        RNAs with known structures, of families that the module was not trained on.
    strength
        As for `fit_contact_head`.
    n_folds, seed
        Number of parts, and the seed of the division.

    Returns
    -------
    Calibration or None
        As `calibrate_contact_head` returns it.

    Raises
    ------
    InputError
        If there are fewer than 2 families, or a record has none.
    """
    head = _head(module)
    if head is None:
        return None
    families = [record.family for record in records]
    folds = family_folds(families, min(n_folds, len(set(families))), seed=seed)
    examples = [_sampled(x, y) for x, y in _examples(module, alphabet, records)]
    fitted = [
        _regression([examples[k] for k in np.flatnonzero(folds != fold)], strength)
        for fold in range(int(folds.max()) + 1)
    ]
    logits, truths = [], []
    for fold, (features, truth) in zip(folds, _examples(module, alphabet, records), strict=True):
        weight, bias = fitted[fold]
        logits.append(features @ weight + bias)
        truths.append(truth)
    found = calibrate(logits, truths, families, n_folds=n_folds, seed=seed)
    _set_head(module, *_regression(examples, strength))
    _set_curve(head, found)
    return found


def _head(module: Any) -> Any:
    """Return the stock contact head, ``None`` if there is none."""
    return getattr(getattr(module, "esm", None), "contact_head", None)


def _set_head(module: Any, weight: NDArray[np.float64], bias: float) -> None:
    head = _head(module)
    with torch.no_grad():
        head.regression.weight.copy_(torch.from_numpy(weight)[None])
        head.regression.bias.fill_(bias)
    head.activation = CalibratedSigmoid()


def _set_curve(head: Any, found: Calibration) -> None:
    head.activation = CalibratedSigmoid()
    curve = torch.tensor([found.curve.logits, found.curve.calibrated])
    head.activation.knots.copy_(curve)


def _regression(examples: Sequence[Sample], strength: float) -> tuple[NDArray[np.float64], float]:
    """Return the weights of heads and the offset that fit best."""
    from sklearn.linear_model import LogisticRegression

    features, labels, counts = (np.concatenate(part) for part in zip(*examples, strict=True))
    unit = float(np.sqrt(np.mean(features**2, dtype=np.float64))) or 1.0
    model = LogisticRegression(C=strength / len(examples), max_iter=500)
    model.fit(features / unit, labels, sample_weight=counts)
    return model.coef_[0].astype(np.float64) / unit, float(model.intercept_[0])


def _sampled(features: NDArray[np.float32], paired: NDArray[np.bool_]) -> Sample:
    """Return all base pairs and some other pairs, with how many each stands for."""
    others = np.flatnonzero(~paired)
    step = max(1, len(others) // BACKGROUND)
    kept = np.concatenate([np.flatnonzero(paired), others[::step]])
    counts = np.where(paired[kept], 1.0, len(others) / max(1, len(others[::step])))
    return features[kept], paired[kept], counts


def _examples(
    module: Any, alphabet: Alphabet, records: Sequence[Record]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    module.eval().set_attn_implementation("eager")
    for record in records:
        ids = torch.from_numpy(alphabet.encode(record.sequence))[None]
        with torch.inference_mode():
            maps = torch.stack(module.esm(ids, output_attentions=True).attentions, 1)[0]
        maps = maps.flatten(0, 1)[:, 1:-1, 1:-1]
        i, j = np.triu_indices(len(record.sequence), MIN_SEPARATION)
        paired = np.zeros((len(record.sequence),) * 2, dtype=bool)
        paired[tuple(pairs_from_dot_bracket(record.structure).T)] = True
        yield _corrected(maps)[:, i, j].T.numpy(), paired[i, j]


def _corrected(maps: Tensor) -> Tensor:
    """Symmetrise and subtract the average product, as the stock contact head does."""
    maps = maps + maps.transpose(1, 2)
    rows, total = maps.sum(2, keepdim=True), maps.sum((1, 2), keepdim=True)
    return maps - rows * rows.transpose(1, 2) / total


def export(module: Any, path: Path, training: Mapping[str, object]) -> None:
    """Write the weights in half precision under the module's own names.

    `rnaexplore.load_model(name, weights=path)` opens the file.

    Parameters
    ----------
    module
        The trained module.
    path
        A ``.safetensors`` file.
    training
        How the weights came about; kept in the file's metadata as JSON.
    """
    state = {
        key: value.clone() if _is_table(key, value) else value.half().contiguous()
        for key, value in module.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path, metadata={"format": "pt", "training": json.dumps(training)})


def _is_table(key: str, value: Tensor) -> bool:
    """Whether a tensor is no trained parameter: indices, rotary frequencies."""
    return not value.is_floating_point() or key.endswith("inv_freq")
