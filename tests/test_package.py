from __future__ import annotations

import subprocess
import sys
from inspect import isclass, isfunction

import pytest

import rnaexplore as rx

HEAVY = ("torch", "transformers", "scanpy", "umap", "anndata", "pandas", "matplotlib", "plotly")


def loaded_after(code: str) -> set[str]:
    """Return which heavy packages a fresh interpreter has loaded after running code."""
    report = f"import sys; {code}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=120
    )
    return set(run.stdout.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert loaded_after("import rnaexplore") == set()


def test_importing_the_package_takes_a_tenth_of_a_second() -> None:
    """Processor time of the best of five fresh interpreters: a busy machine does not count."""
    code = (
        "import time; start = time.process_time(); import rnaexplore, rnaexplore.px, rnaexplore.pl;"
        "print(time.process_time() - start)"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) <= 0.1


def test_rooms_are_light_until_used() -> None:
    code = "import rnaexplore as rx; rx.io, rx.tl, rx.pl, rx.px, rx.datasets, rx.structure, rx.maps"
    assert loaded_after(code) == set()


def test_names_of_models_need_no_torch() -> None:
    assert loaded_after("from rnaexplore.models import names; names()").isdisjoint(
        {"torch", "transformers", "anndata"}
    )


@pytest.mark.parametrize("name", rx.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(rx, name) is not None


def _constants_first(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize(
    "room", ["io", "tl", "pl", "px", "datasets", "structure", "maps", "models"]
)
def test_every_room_offers_what_it_lists(room: str) -> None:
    module = getattr(rx, room)
    assert list(module.__all__) == sorted(module.__all__, key=_constants_first)
    for name in module.__all__:
        member = getattr(module, name)
        if isclass(member) or isfunction(member):
            assert member.__doc__, f"rx.{room}.{name} has no docstring"


def test_unknown_names_are_attribute_errors_that_name_both() -> None:
    with pytest.raises(AttributeError, match="module 'rnaexplore' has no attribute 'embedd'"):
        rx.embedd  # noqa: B018
