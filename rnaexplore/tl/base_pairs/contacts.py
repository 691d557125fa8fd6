"""The contact map of one RNA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore._adata import load, row_of, sequence_of
from rnaexplore.maps import ContactMap
from rnaexplore.tl.base_pairs.contact_methods import (
    VIENNA,
    ContactMethod,
    check_options,
    predictor,
    what_was_seen,
)
from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
from rnaexplore.tl.evaluation.seen import OnSeen, check_exposure

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = ["contacts"]


def contacts(
    adata: AnnData,
    obs_name: str,
    model: str | Model = "mini",
    *,
    method: ContactMethod = "regression",
    heads: Sequence[tuple[int, int]] | None = None,
    fit_on: AnnData | None = None,
    n_best: int = 5,
    regression: ContactRegression | None = None,
    window: int | None = None,
    on_seen: OnSeen = "warn",
    progress: bool = True,
) -> ContactMap:
    """Predict the contacts of one RNA. Nothing is written into `adata`.

    Parameters
    ----------
    adata
        One observation an RNA, with ``obs["sequence"]``.
    obs_name
        Name of the RNA in ``adata.obs_names``.
    model
        Name of a model, or a loaded one; ``"vienna"`` needs none.
    method
        ``"regression"``
            A logistic regression on the symmetrised and corrected attention maps (Rao et al.
            2021): the one that `rnaexplore.tl.fit_contacts` fitted, or without `regression` the
            model's own trained contact head. Probabilities; scores, if the fit could not be
            calibrated.
        ``"heads"``
            The mean of some heads' symmetrised and corrected attention maps. Scores, not
            probabilities: values below 0 and pairs less than 4 apart are 0, and the best pair of
            the RNA is 1.
        ``"jacobian"``, ``"dependency"``
            How the masked-language head's predictions change with each residue, see
            `rnaexplore.tl.jacobian`; about 3 L passes. Scores, scaled like those of ``"heads"``.
        ``"supervised"``
            The trained structure head of models that have one, for example
            ``"rinalmo-giga-ss-bprna"``. Probabilities as its authors trained them; how well they
            hold for your RNAs, `rnaexplore.tl.reliability` shows.
        ``"vienna"``
            Base-pair probabilities of the thermodynamic ensemble by ViennaRNA (Lorenz et al.
            2011), the baseline of the others. Probabilities.
    heads
        For ``"heads"``: 0-based (layer, head) of each head.
    fit_on
        For ``"heads"`` instead of `heads`: RNAs with ``obs["structure"]``; the heads that follow
        them best are taken. The RNA itself and its relatives should not be among them.
    n_best
        How many heads are chosen on `fit_on`.
    regression
        For ``"regression"``: one fitted by `rnaexplore.tl.fit_contacts`.
    window
        Residues per window, at least 8, for an RNA longer than that: it is read in windows of
        this length that overlap by half or more. A pair has the weighted average of the windows
        that hold both residues; the further a residue lies from the cuts, the more a window
        counts. Pairs a window or more apart are not predicted. Without it an RNA longer than the
        model reads is an error.
    on_seen
        What to do if the RNA, or another of its family, was in the training of the model, in the
        fit of `regression` or among `fit_on`, as far as that is recorded: ``"warn"`` with an
        `rnaexplore.errors.ExposureWarning`, ``"raise"`` or ``"ignore"``.
    progress
        Whether to show a progress bar, with the cost before it starts, where there are many
        passes (``"jacobian"``, ``"dependency"``).

    Returns
    -------
    ContactMap
        ``values`` float32 of shape (L, L), and of which ``kind`` they are: ``"probability"`` or
        ``"score"``; ``windows`` has those that were joined, and ``covered`` the pairs in them.

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownNameError
        If no RNA has this name, with the nearest names.
    InputError
        If the method is unknown or its options do not fit, or as `on_seen` says.
    SequenceTooLongError
        If the RNA is longer than the model reads and there is no `window`, or the window is.
    CapabilityError
        If the model has no trained contact head, no trained masked-language head, or no attention,
        whichever the method needs.
    MissingDependencyError
        If ViennaRNA is not installed.

    Notes
    -----
    Time and memory grow with the square of the length, whatever the number of RNAs in `adata`: one
    is read. Methods that change every residue (``"jacobian"``) take time that grows with the cube
    of the length, see `rnaexplore.tl.jacobian`.
    """
    sequence = sequence_of(adata, obs_name)
    check_options(method, heads, fit_on, regression)
    loaded = VIENNA if method == VIENNA else load(model)
    predict = predictor(
        loaded,
        method,
        heads=heads,
        fit_on=fit_on,
        n_best=n_best,
        regression=regression,
        window=window,
        progress=progress,
    )
    seen = what_was_seen(loaded, fit_on, regression)
    check_exposure(adata, [row_of(adata, obs_name)], seen, on_seen=on_seen)
    return predict(sequence)
