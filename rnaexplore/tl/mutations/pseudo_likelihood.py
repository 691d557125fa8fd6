"""How likely a masked-language model finds whole RNAs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from anndata import AnnData
from tqdm.auto import tqdm

from rnaexplore import _keys
from rnaexplore._adata import load, note, sequences_of
from rnaexplore.tl.embedding.embed import distinct
from rnaexplore.tl.evaluation.caution import told_caution
from rnaexplore.tl.mutations.residue_probabilities import LikelihoodMethod, check_method, scored

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["pseudo_likelihood"]


@overload
def pseudo_likelihood(
    adata: AnnData,
    model: str | Model = ...,
    *,
    method: LikelihoodMethod = ...,
    window: int | None = ...,
    copy: Literal[False] = ...,
    progress: bool = ...,
) -> None: ...
@overload
def pseudo_likelihood(
    adata: AnnData,
    model: str | Model = ...,
    *,
    method: LikelihoodMethod = ...,
    window: int | None = ...,
    copy: Literal[True],
    progress: bool = ...,
) -> AnnData: ...
def pseudo_likelihood(
    adata: AnnData,
    model: str | Model = "mini",
    *,
    method: LikelihoodMethod = "masked",
    window: int | None = None,
    copy: bool = False,
    progress: bool = True,
) -> AnnData | None:
    """Score how likely a masked-language model finds every RNA.

    RNAs with the same sequence are scored once. Residues other than A C G U are not scored. Nothing
    is kept of an interrupted call: do a long job in parts, such as ``adata[:1000].copy()``.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    model
        Name of a model of nucleotides, or a loaded one.
    method
        ``"masked"`` (L passes an RNA of L residues) or its approximation ``"one-pass"``, which is
        biased upwards; see `rnaexplore.tl.residue_probabilities`.
    window
        Residues a window for RNAs longer than that; overlapping windows are averaged.
    copy
        Whether to return a changed copy instead of changing `adata`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written, the first three with ``_one_pass`` appended for that
        method:

        ``obs["pseudo_log_likelihood_<model>"]`` : float64
            Sum over residues of the natural logarithm of their probability; it falls with length.
        ``obs["pseudo_perplexity_<model>"]`` : float64
            ``exp`` of minus its mean, 1 (certain) to 4 (uniform) and up.
        ``obs["entropy_<model>"]`` : float64
            Mean Shannon entropy of the positions in bits, 0 to 2.
        ``obs["composition_perplexity"]`` : float64
            The baseline: perplexity of the RNA's own composition.
        ``uns["rnaexplore"]["pseudo_log_likelihood_<model>"]`` : dict
            Model, SHA-256 of its weights, method, window (0 if none), what is known to be weak
            about the model's predictions (``"caution"``, empty if nothing is), package version.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    InputError
        If `method` is unknown.
    SequenceTooLongError
        If an RNA is longer than the model allows and there is no `window`.
    CapabilityError
        If the model has no trained masked-language head, or reads codons or k-mers.

    Notes
    -----
    With the masked method the model reads each RNA once for every residue: time grows with the
    number of RNAs and, in models with attention, the cube of their lengths; with the methods of one
    pass with the square. Memory grows with the square of the longest RNA, and with the number of
    RNAs.
    """
    check_method(method)
    sequences, loaded = sequences_of(adata), load(model)
    first, inverse = distinct(sequences)
    bar = tqdm(first, desc=loaded.spec.name, unit="RNA", disable=not progress)
    found = [scored(loaded, sequences[i], method=method, window=window) for i in bar]
    target = adata.copy() if copy else adata
    keys = _keys.likelihood_keys(loaded.spec.name, method)
    columns = {
        keys.log_likelihood: [r.pseudo_log_likelihood for r in found],
        keys.perplexity: [r.pseudo_perplexity for r in found],
        keys.entropy: [float(r.entropy.mean()) for r in found],
        _keys.COMPOSITION_PERPLEXITY: [r.composition_perplexity for r in found],
    }
    for key, values in columns.items():
        target.obs[key] = [values[i] for i in inverse]
    note(
        target,
        keys.log_likelihood,
        {
            "model": loaded.spec.name,
            "weights_sha256": loaded.weights_sha256,
            "method": method,
            "window": window or 0,
            "caution": told_caution(loaded),
        },
    )
    return target if copy else None
