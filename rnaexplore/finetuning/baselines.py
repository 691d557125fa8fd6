"""What a fine-tuned model has to beat: the frozen model, and what needs no model.

All are trained on training and validation RNAs, and scored on the same test RNAs in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore.finetuning.examples import IGNORED, Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.finetuning.scores import mean_scores, residue_scores
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure, decode
from rnaexplore.tl._kmers import kmer_frequencies
from rnaexplore.tl._probe import probe

__all__ = ["baseline_scores"]

Rows = list[dict[str, Any]]
AROUND = 10  #: residues on either side in the one-hot baseline of residues
MOST = 20_000  #: residues that train a baseline


def baseline_scores(
    model: Model, examples: Examples, parts: Parts, *, window: int | None, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return one row a baseline: ``kind`` (probe, baseline or null) and scores with intervals.

    Parameters
    ----------
    model
        The language model before fine-tuning.
    examples, parts
        What was learned, from which RNAs.
    window
        Residues a window, where RNAs may be longer than the model reads.
    n_boot, seed
        Draws of groups behind the intervals, and their seed.
    """
    if examples.task == "residue":
        rows = _of_residues(model, examples, parts, n_boot=n_boot, seed=seed)
    elif examples.task == "contact":
        rows = _of_contacts(model, examples, parts, n_boot=n_boot, seed=seed)
    else:
        return _of_rnas(model, examples, parts, window=window, n_boot=n_boot, seed=seed)
    return pd.DataFrame(rows).set_index("method")


def _of_rnas(
    model: Model, examples: Examples, parts: Parts, *, window: int | None, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return the scores of linear probes of whole RNAs (or both RNAs of a pair)."""
    used = np.flatnonzero(parts.names() != "")
    told = np.where(parts.names()[used] == "test", "test", "train")
    obs = {
        _keys.SEQUENCE: [examples.sequences[k] for k in used],
        "target": [examples.spelled(int(k)) for k in used],
        "part": told,
        "group": parts.groups[used].astype(str),
    }
    name = f"{model.spec.name}, probe"
    adata = AnnData(obs=pd.DataFrame(obs, index=[str(k) for k in used]))
    adata.obsm[name] = _both(examples, used, lambda s: model.embed(s, window=window))
    keys = [name]
    if examples.seconds is not None:
        keys.append("3-mers of both")
        adata.obsm[keys[-1]] = _both(examples, used, lambda s: kmer_frequencies(s, 3))
    found = probe(
        adata, "target", use_rep=keys, split="part", groups="group", n_boot=n_boot, seed=seed
    ).scores
    kind = found["kind"].replace("embedding", "probe")
    kind[keys[1:]] = "baseline"
    return found.assign(kind=kind).rename_axis("method")


def _both(examples: Examples, used: NDArray[np.int64], vectors: Any) -> NDArray[np.float32]:
    sides = [examples.sequences] + ([] if examples.seconds is None else [examples.seconds])
    return np.concatenate([vectors([side[k] for k in used]) for side in sides], axis=1)


def _of_residues(model: Model, examples: Examples, parts: Parts, *, n_boot: int, seed: int) -> Rows:
    """Return the scores of logistic regressions on single residues."""
    learn = np.concatenate([parts.train, parts.valid])
    wanted = {*learn.tolist(), *parts.test.tolist()}
    empty = np.empty(0, dtype=np.float32)
    states = [
        model.hidden_states(s)[-1] if k in wanted else empty
        for k, s in enumerate(examples.sequences)
    ]
    near = [_around(s) for s in examples.sequences]
    nothing = [np.zeros((len(t), 1), dtype=np.float32) for t in examples.targets]
    jobs = (
        (f"{model.spec.name}, probe", "probe", states),
        (f"one-hot ±{AROUND}", "baseline", near),
        ("most frequent class", "baseline", nothing),
    )
    of = parts.groups[parts.test]
    rows: Rows = []
    for name, kind, features in jobs:
        told = _labelled(examples, features, learn, parts.test, seed)
        found = residue_scores(examples, parts.test, told, of, n_boot=n_boot, seed=seed)
        rows.append({"method": name, "kind": kind} | found)
    return rows


def _labelled(
    examples: Examples,
    features: Sequence[NDArray[np.float32]],
    learn: NDArray[np.int64],
    test: NDArray[np.int64],
    seed: int,
) -> list[NDArray[np.int64]]:
    """Return codes of the test RNAs' residues by a regression on the training RNAs'."""
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.concatenate([features[k] for k in learn])
    y = np.concatenate([examples.targets[k] for k in learn])
    known = np.flatnonzero(y != IGNORED)
    chosen = np.random.default_rng(seed).permutation(known)[:MOST]
    constant = len(np.unique(y[chosen])) == 1 or not x.any()
    model: Any = (
        DummyClassifier()
        if constant
        else make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))
    )
    fitted = model.fit(x[chosen], y[chosen])
    return [fitted.predict(features[k]) for k in test]


def _around(sequence: str) -> NDArray[np.float32]:
    """Return the letters around each residue as 0 and 1, (L, 21 * 4); zeros beyond the ends."""
    codes = np.array([NUCLEOTIDES.find(c) for c in normalise(sequence)])
    wide = np.pad(codes, AROUND, constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * AROUND + 1)
    hot: NDArray[np.bool_] = windows[..., None] == np.arange(len(NUCLEOTIDES))
    return hot.reshape(len(codes), -1).astype(np.float32)


def _of_contacts(model: Model, examples: Examples, parts: Parts, *, n_boot: int, seed: int) -> Rows:
    """Return the scores of what folds without training here."""
    known = [Structure(examples.sequences[k], examples.targets[k]) for k in parts.test]
    rng = np.random.default_rng(seed)
    jobs = [("random canonical pairs", "null", [_random(s.sequence, rng) for s in known])]
    folded = _vienna([s.sequence for s in known])
    if folded:
        jobs.insert(0, ("ViennaRNA minimum free energy", "baseline", folded))
    if "contacts" in model.spec.can:
        own = [decode(model.contacts(s.sequence), s.sequence) for s in known]
        jobs.insert(0, (f"{model.spec.name}, own head", "probe", [s.dot_bracket for s in own]))
    of = parts.groups[parts.test]
    return [
        {"method": name, "kind": kind} | mean_scores(known, told, of, n_boot=n_boot, seed=seed)
        for name, kind, told in jobs
    ]


def _vienna(sequences: Sequence[str]) -> list[str]:
    """Return minimum free energy structures; none if ViennaRNA is not installed."""
    try:
        import RNA
    except ImportError:
        return []
    return [str(RNA.fold(s)[0]) for s in sequences]


def _random(sequence: str, rng: np.random.Generator) -> str:
    noise = rng.random((len(sequence), len(sequence))).astype(np.float32)
    scores = (noise + noise.T) / 2
    return decode(scores, sequence, method="nussinov", threshold=0.5, canonical=True).dot_bracket
