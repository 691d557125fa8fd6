"""Contact maps of RNAs longer than the model, joined: by hand, and with a planted map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, SequenceTooLongError
from rnaexplore.models.inference import windows
from rnaexplore.tl.base_pairs.contact_windows import Windowed

LENGTH, WINDOW = 61, 20


@pytest.fixture
def sequence() -> str:
    rng = np.random.default_rng(0)
    return "".join(rng.choice(list("ACGU"), LENGTH))


@pytest.fixture
def planted() -> np.ndarray:
    rng = np.random.default_rng(1)
    upper = np.triu(rng.random((LENGTH, LENGTH)), 4)
    return (upper + upper.T).astype(np.float32)


def by_pairs(parts, places) -> np.ndarray:
    """Return the weighted mean pair by pair, from the definition in words."""
    joined = np.zeros((LENGTH, LENGTH))
    for i in range(LENGTH):
        for j in range(LENGTH):
            found = []
            for part, (start, stop) in zip(parts, places, strict=True):
                if not (start <= i < stop and start <= j < stop):
                    continue
                gaps = [[], []]
                for k, residue in enumerate((i, j)):
                    gaps[k] += [residue - start + 1] if start > 0 else []
                    gaps[k] += [stop - residue] if stop < LENGTH else []
                weight = min(gaps[0]) * min(gaps[1])
                found.append((weight, part[i - start, j - start]))
            if found:
                total = sum(weight for weight, _ in found)
                joined[i, j] = sum(weight * value for weight, value in found) / total
    return joined


def test_windows_that_disagree_are_averaged_by_weight(sequence) -> None:
    rng = np.random.default_rng(2)
    places = windows.spans(LENGTH, WINDOW, WINDOW // 2)
    parts = [(part + part.T) / 2 for part in rng.random((len(places), WINDOW, WINDOW))]
    given = iter(parts)
    joined, told = Windowed(WINDOW, None)(lambda _: next(given), sequence)
    np.testing.assert_allclose(joined, by_pairs(parts, places), atol=1e-6)
    assert told == tuple(places)
    np.testing.assert_array_equal(joined, joined.T)


def test_a_planted_map_comes_back_where_windows_hold_both_residues(
    sequence, planted, tiny, monkeypatch
) -> None:
    """Windows see their part of the map, and nothing else."""

    def contacts(piece: str) -> np.ndarray:
        assert len(piece) == WINDOW
        start = sequence.index(piece)
        return planted[start : start + WINDOW, start : start + WINDOW]

    monkeypatch.setattr(tiny, "contacts", contacts)
    rnas = rx.from_sequences({"long": sequence})
    found = rx.tl.contacts(rnas, "long", tiny, window=WINDOW, on_seen="ignore")
    distance = np.abs(np.subtract.outer(np.arange(LENGTH), np.arange(LENGTH)))
    assert found.covered[distance <= WINDOW // 2].all()
    assert not found.covered[distance >= WINDOW].any()
    np.testing.assert_allclose(found.values, np.where(found.covered, planted, 0), atol=1e-6)
    assert "pairs 20 or more apart were not predicted" in repr(found)
    assert found.windows[0] == (0, WINDOW)
    assert found.windows[-1] == (LENGTH - WINDOW, LENGTH)


def test_an_rna_that_fits_is_read_whole(hairpins, tiny) -> None:
    whole = rx.tl.contacts(hairpins, "h1", tiny)
    found = rx.tl.contacts(hairpins, "h1", tiny, window=12)
    np.testing.assert_array_equal(found.values, whole.values)
    assert found.windows == ()
    assert found.covered.all()
    assert "windows" not in repr(found)


@pytest.mark.parametrize("method", ["heads", "jacobian", "dependency"])
def test_scores_are_joined_before_they_are_scaled(sequence, tiny, method) -> None:
    """Scaled window by window, a window without a helix would weigh like one with a helix."""
    options = {"heads": [(0, 1)]} if method == "heads" else {}
    rnas = rx.from_sequences({"long": sequence})
    found = rx.tl.contacts(
        rnas, "long", tiny, method=method, window=WINDOW, progress=False, **options
    )
    assert found.kind == "score"
    best = []
    for start, stop in found.windows:
        piece = rx.from_sequences({"piece": sequence[start:stop]})
        if method == "heads":
            raw = rx.tl.attention(piece, "piece", tiny).symmetrize().apc().at(0, 1)
        else:
            raw = rx.tl.jacobian(piece, "piece", tiny, kind=method, progress=False).scores
        far = np.abs(np.subtract.outer(np.arange(WINDOW), np.arange(WINDOW))) > 3
        best.append(np.where(far, (raw + raw.T) / 2, 0).max())
    assert max(best) > 1.05 * min(best)
    assert found.values.max() == 1
    start, stop = found.windows[int(np.argmin(best))]
    assert found.values[start:stop, start:stop].max() < 1 or len(set(best)) == 1


def test_vienna_reads_windows_too(sequence) -> None:
    pytest.importorskip("RNA")
    rnas = rx.from_sequences({"long": sequence})
    found = rx.tl.contacts(rnas, "long", method="vienna", window=30)
    assert found.windows
    assert (found.values[~found.covered] == 0).all()
    assert found.values.any()


def test_fold_joins_windows_and_notes_it(sequence, tiny) -> None:
    short = replace(tiny.spec, max_length=WINDOW)
    rnas = rx.from_sequences({"short": "GGGGAAAACCCC", "long one": sequence})
    tiny_short = type(tiny)(
        type(tiny._adapter)(short, tiny._adapter.module),
        device=tiny.device, weights_sha256="", source="random",
    )  # fmt: skip
    with pytest.raises(SequenceTooLongError, match=f"'long one' has {LENGTH}.*window={WINDOW}"):
        rx.tl.fold(rnas, tiny_short, progress=False)
    assert "structure_tiny" not in rnas.obs
    rx.tl.fold(rnas, tiny_short, window=WINDOW, progress=False, on_seen="ignore")
    assert rnas.obs["structure_tiny"].str.len().tolist() == [12, LENGTH]
    assert rnas.uns["rnaexplore"]["structure_tiny"]["window"] == WINDOW
    with pytest.raises(SequenceTooLongError, match="window=21 exceeds the 20"):
        rx.tl.fold(rnas, tiny_short, window=21, progress=False)


def test_a_window_that_holds_no_hairpin_is_refused(hairpins, tiny) -> None:
    with pytest.raises(InputError, match="at least 8 residues, got 4"):
        rx.tl.contacts(hairpins, "h1", tiny, window=4)


def test_a_window_outside_the_rna_is_refused() -> None:
    with pytest.raises(InputError, match=r"windows must lie in 0 to 12, got \(4, 13\)"):
        rx.ContactMap(np.zeros((12, 12)), "GGGGAAAACCCC", "m", "m", windows=((0, 8), (4, 13)))
