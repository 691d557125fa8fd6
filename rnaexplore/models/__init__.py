"""Models: sequences in, arrays out. Nothing here knows AnnData, and listing imports no torch."""

from rnaexplore.models.alphabet import Alphabet
from rnaexplore.models.registry import get_spec, list_models, load_model, names, register
from rnaexplore.models.spec import ModelSpec, Weights

__all__ = [
    "Alphabet",
    "ModelSpec",
    "Weights",
    "get_spec",
    "list_models",
    "load_model",
    "names",
    "register",
]
