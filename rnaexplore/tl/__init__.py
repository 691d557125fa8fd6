"""Tools: each computes on an AnnData and writes into it, or returns a typed result.

Tools that write return ``None``; with ``copy=True`` they leave their input alone and return a
changed copy. Names are resolved on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.store.embed_to import embed_to
    from rnaexplore.tl.base_pairs.contact_regression import ContactRegression
    from rnaexplore.tl.base_pairs.contacts import contacts
    from rnaexplore.tl.base_pairs.evaluate_contacts import evaluate_contacts
    from rnaexplore.tl.base_pairs.evaluate_structures import compare_structures, evaluate_structures
    from rnaexplore.tl.base_pairs.fit_contacts import fit_contacts
    from rnaexplore.tl.base_pairs.fold import fold
    from rnaexplore.tl.base_pairs.jacobian import JacobianCost, jacobian, jacobian_cost
    from rnaexplore.tl.base_pairs.jacobian_controls import CouplingControls, jacobian_controls
    from rnaexplore.tl.base_pairs.reliability import reliability
    from rnaexplore.tl.embedding.cluster import cluster
    from rnaexplore.tl.embedding.compare import cka, neighbor_overlap
    from rnaexplore.tl.embedding.embed import embed
    from rnaexplore.tl.embedding.embed_sites import embed_sites
    from rnaexplore.tl.embedding.identity import group_by_identity
    from rnaexplore.tl.embedding.kmers import kmers
    from rnaexplore.tl.embedding.nearest_identity import nearest_identity
    from rnaexplore.tl.embedding.nucleotides import nucleotides
    from rnaexplore.tl.embedding.umap import umap
    from rnaexplore.tl.evaluation.evaluate import evaluate
    from rnaexplore.tl.evaluation.evaluate_sites import evaluate_sites
    from rnaexplore.tl.evaluation.exposure import exposure
    from rnaexplore.tl.evaluation.layer_sweep import layer_sweep
    from rnaexplore.tl.evaluation.probe import probe
    from rnaexplore.tl.evaluation.probe_result import ProbeResult
    from rnaexplore.tl.heads.attention import attention
    from rnaexplore.tl.heads.score_heads import score_heads
    from rnaexplore.tl.heads.site_attention import SiteAttention, site_attention
    from rnaexplore.tl.mutational_scans.evaluate_fitness import evaluate_fitness
    from rnaexplore.tl.mutational_scans.fitness import fitness
    from rnaexplore.tl.mutations.mutate import mutate
    from rnaexplore.tl.mutations.pseudo_likelihood import pseudo_likelihood
    from rnaexplore.tl.mutations.rescue import rescue
    from rnaexplore.tl.mutations.residue_probabilities import fill_mask, residue_probabilities
    from rnaexplore.tl.mutations.variants import variants

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

_PLACES = {
    "ContactRegression": "tl.base_pairs.contact_regression",
    "CouplingControls": "tl.base_pairs.jacobian_controls",
    "JacobianCost": "tl.base_pairs.jacobian",
    "ProbeResult": "tl.evaluation.probe_result",
    "SiteAttention": "tl.heads.site_attention",
    "attention": "tl.heads.attention",
    "cka": "tl.embedding.compare",
    "cluster": "tl.embedding.cluster",
    "compare_structures": "tl.base_pairs.evaluate_structures",
    "contacts": "tl.base_pairs.contacts",
    "embed": "tl.embedding.embed",
    "embed_sites": "tl.embedding.embed_sites",
    "embed_to": "store.embed_to",
    "evaluate": "tl.evaluation.evaluate",
    "evaluate_contacts": "tl.base_pairs.evaluate_contacts",
    "evaluate_fitness": "tl.mutational_scans.evaluate_fitness",
    "evaluate_sites": "tl.evaluation.evaluate_sites",
    "evaluate_structures": "tl.base_pairs.evaluate_structures",
    "exposure": "tl.evaluation.exposure",
    "fill_mask": "tl.mutations.residue_probabilities",
    "fit_contacts": "tl.base_pairs.fit_contacts",
    "fitness": "tl.mutational_scans.fitness",
    "fold": "tl.base_pairs.fold",
    "group_by_identity": "tl.embedding.identity",
    "jacobian": "tl.base_pairs.jacobian",
    "jacobian_controls": "tl.base_pairs.jacobian_controls",
    "jacobian_cost": "tl.base_pairs.jacobian",
    "kmers": "tl.embedding.kmers",
    "layer_sweep": "tl.evaluation.layer_sweep",
    "mutate": "tl.mutations.mutate",
    "nearest_identity": "tl.embedding.nearest_identity",
    "neighbor_overlap": "tl.embedding.compare",
    "nucleotides": "tl.embedding.nucleotides",
    "probe": "tl.evaluation.probe",
    "pseudo_likelihood": "tl.mutations.pseudo_likelihood",
    "reliability": "tl.base_pairs.reliability",
    "rescue": "tl.mutations.rescue",
    "residue_probabilities": "tl.mutations.residue_probabilities",
    "score_heads": "tl.heads.score_heads",
    "site_attention": "tl.heads.site_attention",
    "umap": "tl.embedding.umap",
    "variants": "tl.mutations.variants",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(import_module(f"rnaexplore.{_PLACES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.tl' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
