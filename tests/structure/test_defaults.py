"""One definition of the default decoding, which everything else takes over."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import rnaexplore as rx
from rnaexplore.cli._fold import fold as fold_command
from rnaexplore.cli.folding import fold_to_folder
from rnaexplore.structure import DEFAULT, DecodingSettings
from rnaexplore.widgets.contacts.contact_state import ContactState
from rnaexplore.widgets.contacts.studio_state import StudioState

PACKAGE = Path(rx.__file__).parent
CALLS = [rx.structure.decode, rx.maps.ContactMap.decode, rx.tl.fold, fold_to_folder, fold_command]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__qualname__)
def test_every_call_takes_the_default_decoding(call) -> None:
    parameters = inspect.signature(call).parameters
    decoder = "decode" if "decode" in parameters else "method"
    assert parameters[decoder].default == DEFAULT.decoder
    assert parameters["canonical"].default == DEFAULT.canonical
    assert parameters["min_loop"].default == DEFAULT.min_loop
    assert parameters["threshold"].default is None  # that of the kind of map
    assert parameters["pairs_per_residue"].default is None


@pytest.mark.parametrize("state", [StudioState, ContactState])
def test_views_start_from_the_default_decoding(state) -> None:
    view = state()
    assert view.threshold == DEFAULT.threshold
    assert view.pairs_per_residue == DEFAULT.pairs_per_residue
    if state is StudioState:
        assert (view.decoder, view.canonical) == (DEFAULT.decoder, DEFAULT.canonical)
        assert view.min_loop == DEFAULT.min_loop


def test_the_explorer_knows_the_default_decoder() -> None:
    """Its view decodes in the browser (`structure.js`); others have to be written there first."""
    assert DEFAULT.decoder in {"greedy", "nussinov"}


def test_no_other_file_sets_a_default() -> None:
    spelled = re.compile(
        r'(?:decoder|decode|method): Decoder = "|threshold: float = 0\.|^MIN_LOOP = \d',
        re.MULTILINE,
    )
    allowed = {
        "structure/defaults.py",
        "models/finetuned/tuning.py",
        "pl/_attention.py",  # of attention, not of base pairs
        "px/_attention.py",
        "_figure_data/attention.py",
    }
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if spelled.search(path.read_text(encoding="utf-8"))
    }
    assert found <= allowed


def test_the_cut_follows_what_the_map_holds() -> None:
    settings = DecodingSettings(threshold=0.3, pairs_per_residue=0.7)
    assert settings.cut("probability") == {"threshold": 0.3}
    assert settings.cut("score") == {"pairs_per_residue": 0.7}
    assert settings.cut("probability", pairs_per_residue=0.2) == {"pairs_per_residue": 0.2}
    assert settings.cut("score", threshold=0.2) == {"threshold": 0.2}
