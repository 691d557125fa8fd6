"""Effects of variants near splice sites, as published with SpliceBERT."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from rnaexplore._adata import load, sequence_of
from rnaexplore.errors import InputError, RnaExploreWarning, UnknownNameError
from rnaexplore.io.report import OnInvalid
from rnaexplore.models.alphabet import NUCLEOTIDES, normalise
from rnaexplore.tl.evaluation.caution import told_caution
from rnaexplore.tl.mutations.sites import nucleotide_model
from rnaexplore.tl.mutations.splice_sites import SpliceSites, read_splice_sites
from rnaexplore.tl.mutations.variant_scores import FLANK, at_site, distances, divergence, in_context

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.model import Model

__all__ = ["variants"]

Array = NDArray[np.float32]
Path = str | os.PathLike[str]


def variants(
    adata: AnnData | Path,
    table: Path | pd.DataFrame,
    model: str | Model = "splicebert",
    *,
    splice_sites: Path | pd.DataFrame | None = None,
    window: int | None = None,
    on_invalid: OnInvalid = "raise",
    progress: bool = True,
) -> pd.DataFrame:
    """Score single-nucleotide variants as published with SpliceBERT. Nothing is written.

    Chen et al. 2024, doi:10.1093/bib/bbae163, and the analysis code published with it. With
    ``p_ref`` and ``p_alt`` the probabilities of A C G U (normalised over these four) that the model
    gives at a position of the reference and of the alternative RNA, nothing hidden,
    ``KL = sum(p_alt * ln(p_alt / p_ref))`` is the divergence at that position.

    Nothing is kept of an interrupted call: score a long table in parts.

    Parameters
    ----------
    adata
        RNAs by the names that the variants use, or a FASTA file of them; in the orientation of the
        transcript.
    table
        Variants: VCF, table, or DataFrame, see `rnaexplore.io.read_variants`.
    model
        Name of a model of nucleotides, or a loaded one.
    splice_sites
        Table (``.csv``, ``.tsv``) or DataFrame with columns name, position (1-based, of the first
        base of the dinucleotide) and kind (``"donor"`` or ``"acceptor"``). Without it what is
        about sites is NaN.
    window
        Residues read around a variant, for RNAs longer than that; at the ends of an RNA the window
        is shifted inwards. Without it RNAs are read whole. The published scores are of 510 nt
        around the middle of an exon; pass such RNAs to reproduce them.
    on_invalid
        What to do with other variants than substitutions: ``"raise"``, or ``"drop"`` and warn.
    progress
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        One row a variant, in the order of `table`: name, position, id, reference, alternative, and

        ``delta_p`` : float
            P(alternative) - P(reference) at the hidden position, over the whole vocabulary, -1 to
            1. Variants that disturb have low ones: rank by ``-delta_p``.
        ``kl`` : float
            KL at the variant itself, nats.
        ``donor_kl``, ``acceptor_kl`` : float
            Mean KL over the two bases of the nearest donor and acceptor within what was read.
        ``ss_kl`` : float
            SS-KL: their sum, by which the authors rank; of one alone if there is one alone.
        ``kl_context`` : float
            KL-context: the sum over d = 1 … 100 of ``ln(max(KL_d, 1e-6))``, where ``KL_d`` is the
            mean of KL d bases up- and downstream. NaN where fewer than 100 bases lie on a side,
            with a warning.
        ``distance`` : float
            Bases to the nearest splice dinucleotide, 0 within it: the published baseline, which
            needs no model.

        ``attrs["caution"]`` says what is known to be weak about the model's predictions.

    Raises
    ------
    InputError
        If an RNA does not have the reference letter at a variant's position, naming the variant;
        or if the table or the sites cannot be used.
    UnknownNameError
        If a variant names no RNA.
    SequenceTooLongError
        If an RNA is longer than the model allows and there is no `window`.
    CapabilityError
        If the model has no trained masked-language head, or reads codons or k-mers.

    Notes
    -----
    The model reads what is around each variant three times (as it is, changed, hidden): time grows
    with the number of variants and, in models with attention, the square of `window` or of the
    length; memory with the square of one of them, and with the number of variants.
    """
    import pandas as pd

    from rnaexplore.io import read_fasta, read_variants

    rnas = adata if isinstance(adata, AnnData) else read_fasta(adata)
    frame = read_variants(table, on_invalid=on_invalid)
    sequences = _checked(rnas, frame)
    sites = read_splice_sites(splice_sites)
    loaded = load(model)
    nucleotide_model(loaded)
    scores: dict[int, dict[str, float]] = {}
    with tqdm(total=len(frame), desc=loaded.spec.name, unit="variant", disable=not progress) as bar:
        for stretch in _stretches(frame, sequences, window):
            for row, found in _scored(loaded, stretch, sites):
                scores[row] = found
                bar.update()
    result = pd.concat([frame, pd.DataFrame([scores[k] for k in range(len(frame))])], axis=1)
    result.attrs["caution"] = told_caution(loaded)
    _warn_of_ends(result)
    return result


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is read of one RNA, and the variants in it."""

    name: str
    start: int
    text: str
    rows: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  #: 0-based, in `text`
    letters: list[str] = field(default_factory=list)  #: alternatives


def _stretches(
    frame: pd.DataFrame, sequences: dict[str, str], window: int | None
) -> Iterable[_Stretch]:
    """Return what has to be read: each whole RNA once, long ones around each variant."""
    if window is not None and window < 1:
        msg = f"window must be at least 1, got {window}"
        raise InputError(msg)
    found: dict[tuple[str, int], _Stretch] = {}
    for row, variant in enumerate(frame.itertuples(index=False)):
        name, at = str(variant.name), int(variant.position) - 1  # type: ignore[arg-type]
        sequence = sequences[name]
        size = len(sequence) if window is None else min(window, len(sequence))
        start = min(max(0, at - size // 2), len(sequence) - size)
        new = _Stretch(name, start, sequence[start : start + size])
        stretch = found.setdefault((name, start), new)
        stretch.rows.append(row)
        stretch.places.append(at - start)
        stretch.letters.append(str(variant.alternative))
    return found.values()


def _scored(
    model: Model, stretch: _Stretch, sites: SpliceSites
) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield the scores of each variant of a stretch, by its row in the table."""
    text, columns = stretch.text, model.spec.alphabet.residue_ids
    reference = next(model.stream_logits([text]))[1][:, columns]
    hidden = dict(_hidden(model, stretch))
    mutants = [
        text[:at] + letter + text[at + 1 :]
        for at, letter in zip(stretch.places, stretch.letters, strict=True)
    ]
    for k, logits in model.stream_logits(mutants):
        at, letter = stretch.places[k], stretch.letters[k]
        kl = divergence(reference, logits[:, columns])
        near = sites.near(stretch.name, stretch.start, at, len(text))
        p = {n: hidden[at][model.spec.alphabet.ids[n]] for n in NUCLEOTIDES}
        scores = {"delta_p": float(p[letter] - p[text[at]]), "kl": float(kl[at])}
        scores |= at_site(kl, near) | {"kl_context": in_context(kl, at)} | distances(at, near)
        yield stretch.rows[k], scores


def _hidden(model: Model, stretch: _Stretch) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield for each hidden position the probabilities of the whole vocabulary there."""
    places = sorted(set(stretch.places))
    masks = [[at] for at in places]
    for k, logits in model.stream_logits([stretch.text] * len(places), masks=masks):
        row = logits[places[k]].astype(np.float64)
        odds = np.exp(row - row.max())
        yield places[k], odds / odds.sum()


def _checked(adata: AnnData, frame: pd.DataFrame) -> dict[str, str]:
    """Return the sequences by name, if every variant has its reference letter there."""
    sequences = {name: normalise(_sequence(adata, str(name))) for name in frame["name"].unique()}
    wrong = [
        _mismatch(v, sequences[str(v.name)])
        for v in frame.itertuples(index=False)
        if not _fits(v, sequences[str(v.name)])
    ]
    if wrong:
        more = f"; so are {len(wrong) - 1} more variants" if len(wrong) > 1 else ""
        msg = (
            f"{wrong[0]}{more}. Positions are 1-based and alleles those of the RNA as given, "
            "not of the opposite strand or of a genome"
        )
        raise InputError(msg)
    return sequences


def _sequence(adata: AnnData, name: str) -> str:
    try:
        return sequence_of(adata, name)
    except UnknownNameError as error:
        error.add_note("while looking for the RNA that a variant names")
        raise


def _fits(variant: Any, sequence: str) -> bool:
    at = variant.position - 1
    return bool(at < len(sequence) and sequence[at] == variant.reference)


def _mismatch(variant: Any, sequence: str) -> str:
    at = variant.position - 1
    there = f"has {sequence[at]} there" if at < len(sequence) else f"ends at {len(sequence)}"
    place = f"{variant.name}:{variant.position}"
    return (
        f"variant {variant.id!r} is off: its reference at {place} is {variant.reference}, "
        f"but the RNA {there}"
    )


def _warn_of_ends(frame: pd.DataFrame) -> None:
    missing = int(frame["kl_context"].isna().sum())
    if missing:
        msg = (
            f"{missing} of {len(frame)} variants have fewer than {FLANK} bases on a side, so "
            "their kl_context is NaN"
        )
        warnings.warn(msg, RnaExploreWarning, stacklevel=3)
