"""The package itself and what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from rnaexplore._version import __version__
from rnaexplore.diagnostics.report import Check, note, ok, problem

__all__ = ["check_extras", "check_files", "check_requirements", "installed"]

AREA = "packages"
FILES = ("widgets/explorer/explorer.js", "widgets/core/style.css", "datasets/data", "models/data")
EXTRAS = {  # module, what is missing without it
    "vienna": ("RNA", "structures by thermodynamics, the baseline beside every contact map"),
    "multimolecule": ("multimolecule", "models named multimolecule:<hub id>"),
    "jupyter": ("jupyterlab", "JupyterLab in this environment"),
    "app": ("voila", "rnaexplore app"),
    "train": ("parasail", "python -m rnaexplore.pretraining"),
    "dask": ("distributed", "rnaexplore embed --dask and client="),
}

Installed = Callable[[str], str | None]


def installed(name: str) -> str | None:
    """Return the version of an installed distribution, ``None`` if there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def check_requirements(
    requirements: Iterable[str] | None = None, versions: Installed = installed
) -> list[Check]:
    """Compare what is installed with what the package asks for.

    Parameters
    ----------
    requirements
        As in pyproject.toml; those of the installed rnaexplore by default.
    versions
        Gives the installed version of a distribution, or ``None``.
    """
    from packaging.requirements import Requirement

    asked = (requires("rnaexplore") or []) if requirements is None else requirements
    needed = [r for r in map(Requirement, asked) if r.marker is None or r.marker.evaluate()]
    found = []
    for requirement in needed:
        have = versions(requirement.name)
        wanted = f'pip install "{requirement.name}{requirement.specifier}"'
        if have is None:
            found.append(problem(AREA, requirement.name, "not installed", wanted))
        elif not requirement.specifier.contains(have, prereleases=True):
            told = f"{have}, but rnaexplore needs {requirement.specifier}"
            found.append(problem(AREA, requirement.name, told, wanted))
    if not found:
        found = [ok(AREA, "dependencies", f"all {len(needed)} installed, versions fit")]
    return [_itself(versions), *found]


def _itself(versions: Installed) -> Check:
    where = str(Path(__file__).parents[1])
    have, metadata = __version__, versions("rnaexplore")
    if metadata == have:
        return ok(AREA, "rnaexplore", f"{have} in {where}")
    told = f"{have} in {where} is imported, but {metadata or 'none'} is installed"
    cure = "leave the folder that holds another copy, or run pip install again"
    return note(AREA, "rnaexplore", told, cure)


def check_files(folder: Path | None = None) -> list[Check]:
    """Look whether the installation has the files that are no Python code."""
    root = Path(__file__).parents[1] if folder is None else folder
    missing = [name for name in FILES if not (root / name).exists()]
    if not missing:
        return []
    cure = "pip install --force-reinstall --no-deps rnaexplore"
    return [problem(AREA, "files", f"the installation has no {', '.join(missing)}", cure)]


def check_extras(present: Callable[[str], object | None] = find_spec) -> list[Check]:
    """Name what optional packages would add."""
    return [
        note(
            AREA,
            f"extra {extra}",
            f"not installed: no {what}",
            f'pip install "rnaexplore[{extra}]"',
        )
        for extra, (module, what) in EXTRAS.items()
        if present(module) is None
    ]
