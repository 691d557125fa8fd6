"""Advice of the library, which names Python calls, as advice for the shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

__all__ = ["in_shell"]

#: What a message says in Python, and the same for the shell; the first that fits wins.
_CALLS = (
    (r" \(vectors, logits and contact maps; for attention .*? stop\)\)\)", ""),
    (r"\. on_seen='raise' refuses them, on_seen='ignore' leaves this out", ""),
    (r"rx\.list_models\(\)", "rnaexplore models"),
    (r"rx\.load_model\(NAME, weights=(\S+?)\)", r"--model NAME --weights \1"),
    (r"pass weights=PATH to rx\.load_model", "pass --weights PATH"),
    (r"rx\.load_model\(('[^']*'|\S+?)\)", r"--model \1"),
    (r"rx\.read_stockholm", "a file name that ends in .sto"),
    (r"rx\.read_structures", "rx.read_structures in Python"),
    (r"rx\.tl\.embed\(adata, '([^']*)'\)", r"rnaexplore embed --model \1"),
    (r"rx\.tl\.embed\(adata\)", "rnaexplore embed"),
    (r"rx\.tl\.umap\(adata[^)]*\)", "rnaexplore map"),
    (r"rx\.tl\.fold", "rnaexplore fold"),
    (r"rx\.tl\.embed_to", "rnaexplore embed"),
    (r"rx\.finetune", "rnaexplore finetune"),
    (r"adata\.obs_names", "the names of the RNAs"),
    (r"adata\.(obs|obsm|uns)\b", r"the file's \1"),
)  # fmt: skip
_OPTION = re.compile(r"\b([a-z][a-z_]*)=('[^']*'|\"[^\"]*\"|[\w./:…-]*\w)?")
_PLAIN = re.compile(r"[\w./:-]+")


def in_shell(message: str, options: Iterable[str] = ()) -> str:
    """Return a message whose advice can be typed in a shell.

    Parameters
    ----------
    message
        As the library words it, for example ``"pass window=1022"``.
    options
        Names of the options that commands have, without hyphens at the front, for example
        ``"on-invalid"``: keyword arguments of these names are spelled as options.
    """
    for python, shell in _CALLS:
        message = re.sub(python, shell, message)
    return _OPTION.sub(_spelled(frozenset(options)), message)


def _spelled(options: frozenset[str]) -> Callable[[re.Match[str]], str]:
    def spell(found: re.Match[str]) -> str:
        name, value = found[1].replace("_", "-"), found[2] or ""
        if name not in options:
            return found[0]
        inner = value.strip("'\"")
        return f"--{name} {inner if _PLAIN.fullmatch(inner) else value}".rstrip()

    return spell
