"""The contact map of one RNA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anndata import AnnData

from rnaexplore.maps import ContactMap
from rnaexplore.tl._access import sequence_of
from rnaexplore.tl._contact_methods import ContactMethod, predictor
from rnaexplore.tl._contact_regression import ContactRegression, refuse_seen

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
    allow_seen_families: bool = False,
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
            model's own trained contact head. Probabilities.
        ``"heads"``
            The mean of some heads' symmetrised and corrected attention maps. Scores, not
            probabilities: values below 0 and pairs less than 4 apart are 0, and the best pair of
            the RNA is 1.
        ``"jacobian"``, ``"dependency"``
            How the masked-language head's predictions change with each residue, see
            `rnaexplore.tl.jacobian`; about 3 L passes. Scores, scaled like those of ``"heads"``.
        ``"supervised"``
            The trained structure head of models that have one, for example
            ``"rinalmo-giga-ss-bprna"``. Probabilities.
        ``"vienna"``
            Base-pair probabilities of the thermodynamic ensemble by ViennaRNA (Lorenz et al.
            2011), the baseline of the others. Probabilities.
    heads
        For ``"heads"``: 0-based (layer, head) of each head.
    fit_on
        For ``"heads"`` instead of `heads`: RNAs with ``obs["structure"]``; the heads that follow
        them best are taken. The RNA itself must not be among them.
    n_best
        How many heads are chosen on `fit_on`.
    regression
        For ``"regression"``: one fitted by `rnaexplore.tl.fit_contacts`.
    allow_seen_families
        Whether `regression` may be used on an RNA of a family that it was fitted on, or on an RNA
        that it was fitted on, which is refused otherwise.
    progress
        Whether to show a progress bar, with the cost before it starts, where there are many
        passes (``"jacobian"``, ``"dependency"``).

    Returns
    -------
    ContactMap
        ``probabilities`` float32 of shape (L, L).

    Raises
    ------
    MissingKeyError
        If ``obs["sequence"]`` is missing.
    UnknownNameError
        If no RNA has this name, with the nearest names.
    InputError
        If the method is unknown or its options do not fit, or the family was fitted on.
    CapabilityError
        If the model has no trained contact head, no trained masked-language head, or no attention,
        whichever the method needs.
    MissingDependencyError
        If ViennaRNA is not installed.
    """
    sequence = sequence_of(adata, obs_name)
    predict = predictor(
        model,
        method,
        heads=heads,
        fit_on=fit_on,
        n_best=n_best,
        regression=regression,
        progress=progress,
    )
    if regression is not None and not allow_seen_families:
        refuse_seen(regression, adata, [obs_name])
    return predict(sequence)
