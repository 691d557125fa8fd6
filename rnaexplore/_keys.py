"""Every AnnData key that rnaexplore reads or writes.

One observation is one RNA. No other module spells a key; the tables in the documentation and
the golden tests are made from this file.

Keys may not contain ``/`` (zarr refuses it), values in ``uns`` are strings, numbers, lists of
them, or dictionaries with string keys.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "ACCESSION",
    "CHECKSUMS",
    "CLUSTER_METHODS",
    "COMPOSITION_PERPLEXITY",
    "DESCRIPTION",
    "FAMILY",
    "IDENTIFIER",
    "IDENTITY_GROUP",
    "INPUT",
    "LENGTH",
    "NEAREST_IDENTITY",
    "NUCLEOTIDES",
    "PARTIAL",
    "PROVENANCE",
    "SEQUENCE",
    "STRUCTURE",
    "UMAP",
    "LikelihoodKeys",
    "embedding_key",
    "is_storable",
    "kmer_key",
    "layer_key",
    "likelihood_keys",
    "model_of_key",
    "nearest_identity_keys",
    "nucleotide_rows_keys",
    "part_key",
    "predicted_key",
    "predicted_structure_key",
    "safe",
]

# obs ------------------------------------------------------------------------------------------
SEQUENCE = "sequence"  #: str; A C G U and IUPAC codes, upper case, no gaps
LENGTH = "length"  #: int64; nucleotides
IDENTIFIER = "identifier"  #: str; the identifier as the file spelled it (obs_names are unique)
DESCRIPTION = "description"  #: str; what followed the identifier in the file
FAMILY = "family"  #: category; family name, for example "tRNA"
ACCESSION = "accession"  #: category; family accession, for example "RF00005"
STRUCTURE = "structure"  #: str; dot-bracket as long as the sequence, pseudoknots in further orders
CLUSTER_METHODS = ("leiden", "hdbscan")  #: obs key of each clustering = its method, scanpy's way
COMPOSITION_PERPLEXITY = "composition_perplexity"  #: float64; of the RNA's own composition, 1 to 4
IDENTITY_GROUP = "identity_group"  #: category; RNAs that are relatives by sequence
NEAREST_IDENTITY = "nearest_identity"  #: float64; identity to the nearest relative, 0 to 1

# obsm -----------------------------------------------------------------------------------------
UMAP = "X_umap"  #: (n, 2) or (n, 3) float32; scanpy's own key
_EMBEDDING = "X_{}"  #: (n, dim) float32; one vector an RNA

# uns ------------------------------------------------------------------------------------------
PROVENANCE = "rnaexplore"  #: dict; how each key was made: uns["rnaexplore"][key]
INPUT = "input"  #: dict in uns["rnaexplore"]; what was read, and what was changed on the way
NUCLEOTIDES = "nucleotides"  #: dict of (rows, dim) float32 arrays; one vector a nucleotide

# attributes of a store ----------------------------------------------------------------------
CHECKSUMS = "rnaexplore_checksums"  #: dict; checksum of each file of the store by its path

# files ----------------------------------------------------------------------------------------
PARTIAL = ".partial"  #: what a store's name ends in until it is complete


def safe(name: str) -> str:
    """Return a name with all but letters, digits, ``_``, ``-`` and ``.`` made ``_``."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)


def is_storable(key: str) -> bool:
    """Return whether files of every kind can hold a key: no path, no name that they use."""
    reserved = key == "_index" or key.startswith((".", "__", "zarr.")) or key == ""
    return not reserved and key.isprintable() and not set(key) & set("/\\")


def embedding_key(name: str) -> str:
    """Return the ``obsm`` key of a model's embeddings, ``X_<model>``."""
    return _EMBEDDING.format(safe(name))


def layer_key(model: str, layer: int) -> str:
    """Return the ``obsm`` key of one layer's embeddings of sites, ``X_<model>_layer<k>``."""
    return embedding_key(f"{model}_layer{layer}")


def nucleotide_rows_keys(key: str) -> tuple[str, str]:
    """Return the ``obs`` keys of where an RNA starts and stops in ``uns["nucleotides"][key]``."""
    return f"{key}_start", f"{key}_stop"


def kmer_key(k: int, transform: str | None = None) -> str:
    """Return the ``obsm`` key of k-mer frequencies, ``X_kmer<k>`` or ``X_kmer<k>_<transform>``.

    (n, 4 ** k) float32.
    """
    return _EMBEDDING.format(f"kmer{k}" if transform is None else f"kmer{k}_{transform}")


def nearest_identity_keys(key: str) -> tuple[str, str]:
    """Return the ``obs`` keys of the identity to the nearest relative and of that one's name.

    ``<key>``, float64, and ``<key>_name``, str.
    """
    return key, f"{key}_name"


def model_of_key(key: str) -> str:
    """Return the model name of an ``obsm`` key, the inverse of `embedding_key`."""
    return key.removeprefix(_EMBEDDING.format(""))


def predicted_structure_key(name: str) -> str:
    """Return the ``obs`` key of structures predicted with a model, ``structure_<model>``."""
    return f"{STRUCTURE}_{safe(name)}"


def predicted_key(target: str) -> str:
    """Return the ``obs`` key of what a fine-tuned model says of a target, ``predicted_<target>``.

    str, or float64 where the target is a number.
    """
    return f"predicted_{safe(target)}"


def part_key(target: str) -> str:
    """Return the ``obs`` key of the part an RNA had in fine-tuning, ``part_<target>``: category."""
    return f"part_{safe(target)}"


class LikelihoodKeys(NamedTuple):
    """``obs`` keys of what a masked-language model makes of whole RNAs, all float64."""

    log_likelihood: str  #: nats
    perplexity: str  #: 1 and up
    entropy: str  #: bits, 0 to 2


def likelihood_keys(model: str, method: str) -> LikelihoodKeys:
    """Return ``pseudo_log_likelihood_<model>`` and so on; other methods than masked are named."""
    suffix = safe(model) + ("" if method == "masked" else f"_{method.replace('-', '_')}")
    names = ("pseudo_log_likelihood", "pseudo_perplexity", "entropy")
    return LikelihoodKeys(*(f"{name}_{suffix}" for name in names))
