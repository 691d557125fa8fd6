"""What is embedded, and by which weights: the same for every row of the table."""

from __future__ import annotations

import resource
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import torch

from rnaexplore.models import get_spec
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class, load_model

__all__ = ["MEDIAN", "SPREAD", "load_ours", "peak_mb", "random_rnas", "reset_peak", "save_official"]

MEDIAN = 118  #: nucleotides; with SPREAD 128 sequences make about 18,000 tokens
SPREAD = 0.57  #: standard deviation of the logarithm of the length
LONGEST = 1022
RNAFM = "rnafm"
CHECKPOINT = "RNA-FM_pretrained.pth"

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def random_rnas(n: int, *, median: float, spread: float, seed: int = 0) -> list[str]:
    """Return RNAs of log-normal length, 20 to 1,022 nucleotides, in random order."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.lognormal(np.log(median), spread, n).astype(int), 20, LONGEST)
    return ["".join(rng.choice(list("ACGU"), k)) for k in lengths]


def save_official(folder: Path) -> Path:
    """Write random weights of RNA-FM as its authors publish theirs; return where."""
    import fm

    torch.manual_seed(0)
    settings = {
        "layers": 12,
        "embed_dim": 640,
        "ffn_embed_dim": 5120,
        "attention_heads": 20,
        "max_positions": 1024,
    }
    alphabet = fm.Alphabet.from_architecture("roberta_large", "rna")
    whole = Namespace(arch="roberta_large", emb_layer_norm_before=True, **settings)
    state = fm.BioBertModel(whole, alphabet).state_dict()
    renamed = {
        ("encoder." if key.startswith("lm_head") else "encoder.sentence_encoder.") + key: value
        for key, value in state.items()
        if not key.startswith("contact_head")
    }
    named = {f"encoder_{key}": value for key, value in settings.items()}
    path = folder / CHECKPOINT
    torch.save({"args": Namespace(arch="roberta_large", **named), "model": renamed}, path)
    return path


def load_ours(name: str, folder: Path, *, dtype: str = "auto") -> Model:
    """Return our model: RNA-FM from the file that the peers read, others with random weights."""
    if name == RNAFM and (folder / CHECKPOINT).is_file():
        return load_model(name, weights=folder / CHECKPOINT, device="cpu", dtype=dtype)  # type: ignore[arg-type]
    spec = get_spec(name)
    cls = adapter_class(spec)
    torch.manual_seed(0)
    adapter = cls(spec, cls.build(spec).eval().requires_grad_(requires_grad=False))
    if dtype == "int8":
        from rnaexplore.models.inference.int8 import use_int8

        use_int8(adapter.layers(), torch.device("cpu"))
    return Model(adapter, device=torch.device("cpu"), weights_sha256="", source="random weights")


def reset_peak() -> float:
    """Forget this process's peak memory; return what it holds now, in MB."""
    try:
        _CLEAR.write_text("5")
    except OSError:  # not Linux: the peak is that of the whole life of the process
        return peak_mb()
    return _status("VmRSS")


def peak_mb() -> float:
    """Return the peak of resident memory since `reset_peak`, in MB."""
    if _STATUS.exists():
        return _status("VmHWM")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _status(key: str) -> float:
    line = next(x for x in _STATUS.read_text().splitlines() if x.startswith(f"{key}:"))
    return float(line.split()[1]) / 2**10
