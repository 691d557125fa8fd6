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

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.pretrain.records import Record
from rnaexplore.structure import pairs_from_dot_bracket

__all__ = ["choose_structured", "export", "fit_contact_head"]

MIN_SEPARATION = 4  #: smallest distance in sequence of two residues that can pair


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


def fit_contact_head(module: Any, alphabet: Alphabet, records: Sequence[Record]) -> None:
    """Fit the stock ESM contact head, where there is one.

    It is a logistic regression on symmetrised, APC'd attention maps.

    The protocol of Rao et al. 2020 (doi:10.1101/2020.12.15.422761) with base pairs of known
    structures as contacts, and residues at least 4 apart.

    Parameters
    ----------
    module
        An `EsmForMaskedLM`; its contact head is set in place.
    alphabet
        The module's vocabulary.
    records
        RNAs with known structures.
    """
    from sklearn.linear_model import LogisticRegression

    if getattr(getattr(module, "esm", None), "contact_head", None) is None:
        return
    features, labels = zip(*_examples(module.eval(), alphabet, records), strict=True)
    model = LogisticRegression(C=1.0, max_iter=300)
    model.fit(np.concatenate(features), np.concatenate(labels))
    head = module.esm.contact_head.regression
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(model.coef_))
        head.bias.copy_(torch.from_numpy(model.intercept_))


def _examples(
    module: Any, alphabet: Alphabet, records: Sequence[Record]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    module.set_attn_implementation("eager")
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
