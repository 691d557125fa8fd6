"""From RNAs to a folder of structures, the work of ``rnaexplore fold``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from rnaexplore import _keys
from rnaexplore.errors import InputError, SequenceTooLongError
from rnaexplore.io.file_names import TABLE, file_stems, table_of_names
from rnaexplore.structure import DEFAULT

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.maps import ContactMap
    from rnaexplore.models.model import Model
    from rnaexplore.models.spec import ModelSpec
    from rnaexplore.structure import Decoder
    from rnaexplore.tl.base_pairs.contact_methods import ContactMethod

__all__ = ["FoldedFolder", "OnLong", "fold_to_folder"]

FORMATS = (".dbn", ".ct")
OnLong = Literal["window", "skip"]


@dataclass(frozen=True, slots=True)
class FoldedFolder:
    """What `fold_to_folder` wrote, and what it could not.

    Attributes
    ----------
    files
        The files, RNA by RNA, and ``names.csv`` if there is one.
    windowed
        Names of the RNAs that were read in overlapping windows.
    skipped
        Why RNAs were left out, by name.
    """

    files: tuple[Path, ...]
    windowed: tuple[str, ...]
    skipped: dict[str, str]


def fold_to_folder(
    adata: AnnData,
    out: Path,
    *,
    model: str | Model = "mini",
    method: ContactMethod = "regression",
    decode: Decoder = DEFAULT.decoder,
    threshold: float | None = None,
    pairs_per_residue: float | None = None,
    canonical: bool = DEFAULT.canonical,
    min_loop: int = DEFAULT.min_loop,
    window: int | None = None,
    on_long: OnLong = "window",
    progress: bool = True,
) -> FoldedFolder:
    """Predict the structure of each RNA and write it. `adata` is not changed.

    An RNA that the model cannot read is left out and reported; all others are written.

    Parameters
    ----------
    adata
        One observation per RNA, with ``obs["sequence"]``.
    out
        Folder to write into, made if it is missing. For each RNA ``<name>.dbn``, ``<name>.ct``,
        and ``<name>.csv``: the (L, L) map under the residues' letters and 1-based numbers, its
        first cell saying whether it holds probabilities or scores. Letters of a name that do not
        fit a file name become ``_``, long names are shortened, and a part of their digest keeps
        equal ones apart; ``names.csv`` then says which RNA has which files.
    model
        Name of a model, or a loaded one; ``method="vienna"`` needs none.
    method
        How contact maps are made, see `rnaexplore.tl.contacts`.
    decode, threshold, pairs_per_residue, canonical, min_loop
        How a map becomes a structure, see `rnaexplore.tl.fold`.
    window
        Residues per window for RNAs longer than that, see `rnaexplore.tl.contacts`; by default
        as many as the model reads.
    on_long
        What to do with an RNA longer than the model reads: ``"window"``, join the maps of
        overlapping windows; ``"skip"``, leave it out.
    progress
        Whether to show a progress bar.

    Returns
    -------
    FoldedFolder
        Files, RNAs read in windows, RNAs left out and why.

    Raises
    ------
    InputError
        If two RNAs have the same name, a setting is not allowed, or no RNA could be folded.
    """
    from tqdm.auto import tqdm

    from rnaexplore._adata import sequences_of

    stems = _stems(adata, out)
    predict = _predictor(adata, model, method, window, on_long)
    out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    windowed: list[str] = []
    skipped: dict[str, str] = {}
    rnas = zip(stems.items(), sequences_of(adata), strict=True)
    for (name, stem), sequence in tqdm(rnas, "fold", len(stems), disable=not progress, unit="RNA"):
        try:
            contacts = predict(name, sequence)
        except InputError as error:
            skipped[name] = str(error)
            continue
        structure = contacts.decode(
            decode,
            threshold=threshold,
            pairs_per_residue=pairs_per_residue,
            canonical=canonical,
            min_loop=min_loop,
        )
        files += _write(adata[[name]].copy(), structure.dot_bracket, contacts, stem)
        windowed += [name] if contacts.windows else []
    if stems and len(skipped) == len(stems):
        msg = f"no RNA could be folded: {next(iter(skipped.values()))}"
        raise InputError(msg)
    written = {name: stem for name, stem in stems.items() if name not in skipped}
    return FoldedFolder((*files, *_names_table(written, out)), tuple(windowed), skipped)


def _predictor(
    adata: AnnData, model: str | Model, method: ContactMethod, window: int | None, on_long: OnLong
) -> Callable[[str, str], ContactMap]:
    """Return what makes contact maps of a name and a sequence.

    Before that it is said which RNAs the model has seen.
    """
    from rnaexplore._adata import load
    from rnaexplore.models.inference.inputs import check_sequences
    from rnaexplore.tl.base_pairs.contact_methods import (
        VIENNA,
        check_options,
        predictor,
        what_was_seen,
    )
    from rnaexplore.tl.evaluation.seen import check_exposure

    check_options(method, None, None, None)
    loaded = VIENNA if method == VIENNA else load(model)
    spec = None if isinstance(loaded, str) else loaded.spec
    size = _window(window, on_long, None if spec is None else spec.max_length)
    seen = what_was_seen(loaded, None, None)
    check_exposure(adata, range(adata.n_obs), seen, on_seen="warn")
    predict = predictor(loaded, method, heads=None, fit_on=None, n_best=1, window=size)

    def predict_named(name: str, sequence: str) -> ContactMap:
        if spec is not None:
            _check_length(spec, name, sequence, size)
            check_sequences(spec, [sequence], [name], window=size)
        return predict(sequence)

    return predict_named


def _check_length(spec: ModelSpec, name: str, sequence: str, window: int | None) -> None:
    n, limit = spec.alphabet.n_residues(sequence), spec.max_length
    if window is None and limit is not None and n > limit:
        msg = (
            f"record {name!r} has {n} {spec.alphabet.unit}s, but {spec.name!r} reads at most "
            f"{limit}; with on_long='window' maps of overlapping windows are joined"
        )
        raise SequenceTooLongError(msg)


def _window(window: int | None, on_long: OnLong, limit: int | None) -> int | None:
    """Return the residues per window, ``None`` to read every RNA whole."""
    if on_long not in get_args(OnLong):
        msg = f"on_long must be one of {', '.join(get_args(OnLong))}, got {on_long!r}"
        raise InputError(msg)
    if on_long == "skip" and window is not None:
        msg = f"on_long='skip' leaves long RNAs out, so window={window} has no use; drop one"
        raise InputError(msg)
    return None if on_long == "skip" else window or limit


def _stems(adata: AnnData, out: Path) -> dict[str, Path]:
    """Return the path of each RNA's files without their ending."""
    if not adata.obs_names.is_unique:
        msg = "some RNAs would share a file name; make adata.obs_names unique"
        raise InputError(msg)
    stems = file_stems(map(str, adata.obs_names))
    return {name: out / stem for name, stem in stems.items()}


def _names_table(stems: dict[str, Path], out: Path) -> list[Path]:
    """Write which RNA has which files, where that is not plain from their names."""
    if all(name == stem.name for name, stem in stems.items()):
        return []
    names = {name: stem.name for name, stem in stems.items()}
    (out / TABLE).write_text(table_of_names(names), encoding="utf-8")
    return [out / TABLE]


def _write(rna: AnnData, dots: str, contacts: ContactMap, stem: Path) -> list[Path]:
    from rnaexplore.io import write_structures

    rna.obs[_keys.STRUCTURE] = [dots]
    files = [stem.with_name(stem.name + ending) for ending in (*FORMATS, ".csv")]
    for file in files[: len(FORMATS)]:
        write_structures(rna, file)
    contacts.to_csv(files[-1])
    return files
