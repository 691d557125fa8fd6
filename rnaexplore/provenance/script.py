"""The whole script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self

from rnaexplore import _keys
from rnaexplore._library_errors import border
from rnaexplore._version import __version__
from rnaexplore.errors import InputError
from rnaexplore.provenance.guard import check_record, check_script, plain, quoted
from rnaexplore.provenance.inputs import reading
from rnaexplore.provenance.models import loading
from rnaexplore.provenance.steps import Step, calls, in_order

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Script", "repro"]


LAST = "adata.write_h5ad(target)"


class Script(str):
    """Python code that makes an AnnData again; its ``repr`` is the code itself.

    Attributes
    ----------
    gaps
        What of the AnnData the code does not make again, and why; also in the code's head.
    """

    __slots__ = ("gaps",)
    gaps: tuple[str, ...]

    def __new__(cls, code: str, gaps: Iterable[str] = ()) -> Self:
        """Return code with what it leaves out."""
        made = super().__new__(cls, code)
        made.gaps = tuple(gaps)
        return made

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}```"


def repro(adata: AnnData) -> Script:
    """Return the code that makes what an AnnData holds, with the versions that made it.

    Everything comes from the provenance that readers and tools leave in ``uns["rnaexplore"]``.
    The code is a script: ``python script.py INPUT OUTPUT.h5ad`` reads the input, checks that it
    is the file that was read then and that the weights are the same, makes each step with its
    settings and seed, and writes the result. On one machine, with the same versions, a second run
    writes the same bytes.

    Parameters
    ----------
    adata
        Made by the readers and tools of rnaexplore. It is not changed.

    Returns
    -------
    Script
        A ``str``; in a notebook or a console it shows as code. ``gaps`` names what it leaves out:
        what was changed by hand, on a subset, or given in memory. RNAs that were given in memory
        are taken from the AnnData, whose file is the input then.

    Raises
    ------
    TypeError
        If `adata` is no AnnData.
    InputError
        If its provenance, which whoever made the file can set, is not what tools note. Texts of
        the file stand in the script as literals only, and the script is parsed before it is
        returned: it calls nothing but rnaexplore's readers and tools.

    Examples
    --------
    >>> import rnaexplore as rx
    >>> adata = rx.from_sequences({"a": "GGGAAACCC"})
    >>> rx.tl.kmers(adata, k=2)
    >>> print(rx.repro(adata).splitlines()[-2])
    rx.tl.kmers(adata, k=2)
    """
    from anndata import AnnData

    if not isinstance(adata, AnnData):
        msg = f"rx.repro takes an AnnData, got {type(adata).__name__}; read one with anndata first"
        raise TypeError(msg)
    with border("the provenance of the AnnData", InputError, problem="gives no code"):
        return _script(adata)


def _script(adata: AnnData) -> Script:
    made = plain(adata.uns.get(_keys.PROVENANCE, {}))
    for key, record in made.items():
        check_record(key, record)
    tools = {key: record for key, record in made.items() if key != _keys.INPUT}
    steps = in_order(tools, [*map(str, adata.obs)])
    read = reading(adata, made.get(_keys.INPUT, {}), steps)
    models = loading(steps)
    lines = [line for step in steps for line in calls(adata, step, models.names)]
    numpy = ["import numpy as np"] if any("np." in line for line in lines) else []
    pandas = ["import pandas as pd"] if any("pd." in line for line in lines) else []
    imports = [*read.imports, *([""] if numpy or pandas else []), *numpy, *pandas]
    gaps = [*read.gaps, *models.gaps, *(gap for step in steps for gap in step.gaps)]
    body = [*imports, "", "import rnaexplore as rx", "", *read.code, *models.code, *lines, LAST]
    code = "\n".join([*_head(read.source, steps, gaps), *body, ""])
    check_script(code, (name for name in models.names.values() if name.isidentifier()))
    return Script(code, gaps)


def _head(source: str, steps: Iterable[Step], gaps: Iterable[str]) -> Iterator[str]:
    yield '"""Made by rx.repro; run it with:  python THIS.py INPUT OUTPUT.h5ad'
    yield ""
    yield f"INPUT: {quoted(source)}"
    yield f"Versions then: {_versions(steps)}"
    told = [*gaps]
    if told:
        yield ""
        yield "Not made again:"
        yield from (f"- {quoted(gap)}" for gap in told)
    yield '"""'
    yield ""


def _versions(steps: Iterable[Step]) -> str:
    """Return every version that some step noted, several of a package if steps differ."""
    seen: dict[str, set[str]] = {}
    for step in steps:
        own = {name: step.record[name] for name in ("rnaexplore",) if name in step.record}
        for name, version in (own | step.record.get("versions", {})).items():
            seen.setdefault(name, set()).add(str(version))
    if not seen:
        return f"not noted (this text is by rnaexplore {__version__})"
    first = [name for name in ("rnaexplore", "python") if name in seen]
    names = [*first, *sorted(seen.keys() - {*first}, key=str.lower)]
    return ", ".join(f"{name} {' and '.join(sorted(seen[name]))}" for name in names)
