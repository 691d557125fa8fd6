"""What is known about a model before any of its weights are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rnaexplore.models.alphabet import Alphabet

__all__ = ["Capability", "ModelSpec", "Weights"]

Capability = Literal["embed", "attention", "logits", "contacts", "predict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Where the weights of a model come from.

    Parameters
    ----------
    file
        Name of the checkpoint file in the ``RNAEXPLORE_MODELS`` folder, or below the package's
        own folder if `bundled`.
    licence
        Licence of the weights, ``"not stated"`` if their authors state none.
    bundled
        Whether the file is shipped with the package.
    hub
        Repository on the Hugging Face hub, if the weights are there.
    hub_file
        File name in that repository.
    revision
        Pinned revision of that repository.
    url
        The authors' own archive.
    archive_member
        Path of the checkpoint inside the file at `url`, if that is a tar archive.
    page
        Where a person finds the file, for checkpoints that no program can download.
    beside
        Files of that repository that belong beside the checkpoint. A ``config.json`` among them
        decides over `ModelSpec.config`.
    sha256
        Checksum of the file, where one is known.
    """

    file: str
    licence: str
    bundled: bool = False
    hub: str | None = None
    hub_file: str | None = None
    revision: str | None = None
    url: str | None = None
    archive_member: str | None = None
    page: str | None = None
    beside: tuple[str, ...] = ()
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """The facts of one model.

    Parameters
    ----------
    name
        Public name, ``[a-z0-9-]+``; embeddings go to ``obsm["X_<name>"]``.
    family
        Name of the architecture's family as its authors write it.
    adapter
        ``"package.module:Class"`` of the adapter, resolved when the model is loaded.
    alphabet
        The checkpoint's vocabulary.
    n_layers, n_heads, dim
        Number of layers, of attention heads a layer, and width of the hidden states.
    max_length
        Longest input in residues (nucleotides or codons) without special tokens; ``None`` if the
        architecture has no hard limit.
    config
        Settings of the architecture beyond those above, passed to the adapter.
    outputs
        Names of the numbers that a trained task head predicts for each sequence.
    weights
        Where the weights come from.
    can
        What the model can do with trained weights.
    trained_on
        One line on the training data: what the model may be expected to know.
    register
        File of the package's data with hashes of the training data (`exposure.Register`), for
        models whose training data are known in full.
    citation
        Paper, and where the architecture was read from.
    cautions
        Known weaknesses of the published weights, by the capability that they concern: one or two
        plain sentences that go with every result made with it (see `caution`).
    """

    name: str
    family: str
    adapter: str
    alphabet: Alphabet
    n_layers: int
    n_heads: int
    dim: int
    max_length: int | None
    weights: Weights
    can: frozenset[Capability]
    trained_on: str
    citation: str
    config: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    register: str | None = None
    cautions: Mapping[Capability, str] = field(default_factory=dict)

    def caution(self, capability: Capability) -> str:
        """Return what is known to be weak about results of a capability, empty if nothing is.

        Parameters
        ----------
        capability
            For example ``"logits"``: mutation scores, couplings and likelihoods.
        """
        return self.cautions.get(capability, "")
