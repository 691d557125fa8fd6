"""Tools: each computes on an AnnData and writes into it, or returns a typed result.

Tools that write return ``None``; with ``copy=True`` they leave their input alone and return a
changed copy. Names are resolved on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.tl._attention import attention
    from rnaexplore.tl._cluster import cluster
    from rnaexplore.tl._compare import cka, neighbor_overlap
    from rnaexplore.tl._contact_regression import ContactRegression
    from rnaexplore.tl._contacts import contacts
    from rnaexplore.tl._embed import embed
    from rnaexplore.tl._embed_sites import embed_sites
    from rnaexplore.tl._embed_to import embed_to
    from rnaexplore.tl._evaluate import evaluate
    from rnaexplore.tl._evaluate_contacts import evaluate_contacts
    from rnaexplore.tl._evaluate_fitness import evaluate_fitness
    from rnaexplore.tl._evaluate_sites import evaluate_sites
    from rnaexplore.tl._evaluate_structures import compare_structures, evaluate_structures
    from rnaexplore.tl._exposure import exposure
    from rnaexplore.tl._fit_contacts import fit_contacts
    from rnaexplore.tl._fitness import fitness
    from rnaexplore.tl._fold import fold
    from rnaexplore.tl._identity import group_by_identity
    from rnaexplore.tl._jacobian import JacobianCost, jacobian, jacobian_cost
    from rnaexplore.tl._jacobian_controls import CouplingControls, jacobian_controls
    from rnaexplore.tl._kmers import kmers
    from rnaexplore.tl._layer_sweep import layer_sweep
    from rnaexplore.tl._mutate import mutate
    from rnaexplore.tl._nearest_identity import nearest_identity
    from rnaexplore.tl._nucleotides import nucleotides
    from rnaexplore.tl._probe import probe
    from rnaexplore.tl._probe_result import ProbeResult
    from rnaexplore.tl._pseudo_likelihood import pseudo_likelihood
    from rnaexplore.tl._reliability import reliability
    from rnaexplore.tl._rescue import rescue
    from rnaexplore.tl._residue_probabilities import fill_mask, residue_probabilities
    from rnaexplore.tl._score_heads import score_heads
    from rnaexplore.tl._site_attention import SiteAttention, site_attention
    from rnaexplore.tl._umap import umap
    from rnaexplore.tl._variants import variants

__all__ = [
    "ContactRegression",
    "CouplingControls",
    "JacobianCost",
    "ProbeResult",
    "SiteAttention",
    "attention",
    "cka",
    "cluster",
    "compare_structures",
    "contacts",
    "embed",
    "embed_sites",
    "embed_to",
    "evaluate",
    "evaluate_contacts",
    "evaluate_fitness",
    "evaluate_sites",
    "evaluate_structures",
    "exposure",
    "fill_mask",
    "fit_contacts",
    "fitness",
    "fold",
    "group_by_identity",
    "jacobian",
    "jacobian_controls",
    "jacobian_cost",
    "kmers",
    "layer_sweep",
    "mutate",
    "nearest_identity",
    "neighbor_overlap",
    "nucleotides",
    "probe",
    "pseudo_likelihood",
    "reliability",
    "rescue",
    "residue_probabilities",
    "score_heads",
    "site_attention",
    "umap",
    "variants",
]

_MODULES = {  # others are named as their tool
    "ContactRegression": "contact_regression",
    "CouplingControls": "jacobian_controls",
    "JacobianCost": "jacobian",
    "ProbeResult": "probe_result",
    "SiteAttention": "site_attention",
    "cka": "compare",
    "compare_structures": "evaluate_structures",
    "fill_mask": "residue_probabilities",
    "group_by_identity": "identity",
    "jacobian_cost": "jacobian",
    "neighbor_overlap": "compare",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        value = getattr(import_module(f"rnaexplore.tl._{_MODULES.get(name, name)}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.tl' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
