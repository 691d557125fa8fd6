"""Verification: does a loaded model do what its numbers are taken for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from rnaexplore.models import sanity
from rnaexplore.models.alphabet import Alphabet

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["VerifyReport", "verify"]

TOLERANCE = 1e-5  #: largest difference between vectors that count as equal, in float32
HALF_TOLERANCE = 5e-2  #: the same where the network runs in half precision


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `Model.verify` found out.

    Attributes
    ----------
    model
        Name of the model.
    source, sha256
        Where its weights came from, and their checksum.
    strict_load
        Whether every weight was read from the checkpoint, none missing and none left over.
    eval_mode
        Whether the network is in evaluation mode, without dropout.
    finite
        Whether every weight is a finite number.
    spelling
        Largest difference between the vectors of an RNA written with U or T, in upper or lower
        case.
    batch
        Largest difference between the vectors of an RNA alone and in a padded batch.
    repeat
        Largest difference between two runs.
    unknown_rate
        Share of A C G U residues that the vocabulary does not know; 0 unless it is wrong.
    masked_loss
        Masked-language loss on transfer RNAs in nats, where guessing gives 1.386; ``None`` for
        codon models and for models without that head. A diagnosis, no criterion: a model need not
        know tRNAs.
    tolerance
        Largest difference that counts as none, for the precision in which the network runs.
    """

    model: str
    source: str
    sha256: str
    strict_load: bool
    eval_mode: bool
    finite: bool
    spelling: float
    batch: float
    repeat: float
    unknown_rate: float
    masked_loss: float | None
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether everything is as it should be."""
        return all(passed for _, passed, _ in self.checks())

    def checks(self) -> list[tuple[str, bool, str]]:
        """Return each check: what it is, whether it passed, and what was measured."""
        limit = self.tolerance
        return [
            ("complete checkpoint", self.strict_load, "strict" if self.strict_load else "no"),
            ("evaluation mode", self.eval_mode, "yes" if self.eval_mode else "no"),
            ("finite weights", self.finite, "yes" if self.finite else "no"),
            ("U and T, upper and lower case", self.spelling <= limit, f"{self.spelling:.1e}"),
            ("alone and in a batch", self.batch <= limit, f"{self.batch:.1e}"),
            ("repeatable", self.repeat <= limit, f"{self.repeat:.1e}"),
            ("knows A C G U", self.unknown_rate == 0, f"{self.unknown_rate:.0%} unknown"),
        ]

    def __str__(self) -> str:
        lines = [
            f"  {'ok  ' if passed else 'FAIL'}  {name}: {measured}"
            for name, passed, measured in self.checks()
        ]
        if self.masked_loss is not None:
            lines.append(
                f"        masked-language loss on tRNAs: {self.masked_loss:.3f} nats "
                f"(guessing {sanity.GUESSING:.3f})"
            )
        head = f"{self.model}: {'verified' if self.ok else 'NOT verified'}"
        return "\n".join([head, *lines, f"  from {self.source}", f"  sha256 {self.sha256}"])

    __repr__ = __str__


def verify(model: Model) -> VerifyReport:
    """Return a report on a loaded model; see `Model.verify`."""
    adapter, alphabet = model.adapter, model.spec.alphabet
    rnas = _probes(alphabet)
    vectors = model.embed(rnas)
    spellings = [s for rna in rnas for s in (rna.lower(), rna.replace("U", "T"))]
    respelled = model.embed(spellings).reshape(len(rnas), 2, -1)
    alone = np.concatenate([model.embed([rna]) for rna in rnas])
    half = model.dtype in {torch.float16, torch.bfloat16}
    return VerifyReport(
        model=model.spec.name,
        source=model.source,
        sha256=model.weights_sha256,
        strict_load=adapter.complete,
        eval_mode=not any(part.training for part in adapter.module.modules()),
        finite=all(bool(p.isfinite().all()) for p in adapter.module.parameters()),
        spelling=_distance(respelled, vectors[:, None]),
        batch=_distance(alone, vectors),
        repeat=_distance(model.embed(rnas), vectors),
        unknown_rate=float(np.mean([len(alphabet.unknown(r)) > 0 for r in alphabet.residues])),
        masked_loss=_loss(model),
        tolerance=HALF_TOLERANCE if half else TOLERANCE,
    )


def _probes(alphabet: Alphabet) -> list[str]:
    """Return RNAs of different lengths that the model reads in frame."""
    lengths = (72, 51, 30)
    shortest = 3 * alphabet.width
    return [rna[: max(n, shortest)] for rna, n in zip(sanity.TRNAS, lengths, strict=False)]


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(np.abs(a - b).max())


def _loss(model: Model) -> float | None:
    if "logits" not in model.spec.can or model.spec.alphabet.unit != "nucleotide":
        return None
    return sanity.masked_loss(model.adapter, model.device)
