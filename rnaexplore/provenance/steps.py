"""Steps: what a tool noted of itself, and the call that does it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import _keys

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Record", "Step", "calls", "in_order"]

Record = Mapping[str, Any]
SELECTED_NEIGHBOURS = 15  #: of the explorer, where it groups a selection anew
LAST = 1 << 30  #: place of a step that has no number


@dataclass(frozen=True, slots=True)
class Step:
    """One key of the provenance.

    Attributes
    ----------
    key
        What was written.
    record
        What the tool noted.
    tool
        Its name, empty if unknown.
    gaps
        What is known not to be made again.
    """

    key: str
    record: Record
    tool: str
    gaps: list[str] = field(default_factory=list)


def in_order(records: Mapping[str, Record], columns: Sequence[str] = ()) -> list[Step]:
    """Return steps as they were made; a step comes after the one whose result it used.

    Parameters
    ----------
    records
        The provenance of each key.
    columns
        Columns of ``obs`` in their order, which is that of steps without a number.
    """
    steps = {key: Step(key, record, _tool(record)) for key, record in records.items()}
    known = {column: k for k, column in enumerate(columns)}
    places = {key: (_place(step), known.get(key, -1), key) for key, step in steps.items()}
    waiting = sorted(steps.values(), key=lambda step: places[step.key])
    done: list[Step] = []

    def add(step: Step) -> None:
        waiting.remove(step)
        used = steps.get(str(step.record.get("use_rep")))
        if used is not None and used in waiting:
            step.gaps.append(f"{step.key} was made of an earlier {used.key} than there is now")
            add(used)
        done.append(step)

    while waiting:
        add(waiting[0])
    return done


def _place(step: Step) -> int:
    """Return the number that a step noted; without one, steps that use others come later."""
    return int(step.record.get("step", LAST + ("use_rep" in step.record)))


def _tool(record: Record) -> str:
    return next((name for name, (belongs, _) in _TOOLS.items() if belongs(record)), "")


def calls(adata: AnnData, step: Step, models: Mapping[str, str]) -> Iterator[str]:
    """Yield the code of a step, and note on the step what it leaves out.

    Parameters
    ----------
    adata
        What was made.
    step
        One of `in_order`.
    models
        The variable that holds the model of a key.
    """
    if not step.tool:
        told = "rx.repro does not know the tool that made it"
        if "folder" in step.record:
            told = f"a model on disk made it, {step.record['folder']}, which has its settings"
        step.gaps.append(f"{step.key}: {told}")
        return
    seen = step.record.get("n_obs", adata.n_obs)
    if seen != adata.n_obs:
        told = f"{step.key} was made of {seen} RNAs, of which {adata.n_obs} are left"
        step.gaps.append(f"{told}; here it is made of these")
    try:
        yield from _TOOLS[step.tool][1](adata, step, models)
    except KeyError as missing:
        step.gaps.append(f"{step.key}: its record is not complete ({missing} is missing)")


def _call(name: str, *arguments: str, **options: object) -> str:
    return _call_on("adata", name, *arguments, **options)


def _call_on(target: str, name: str, /, *arguments: str, **options: object) -> str:
    shown = [*arguments, *(f"{k}={v!r}" for k, v in options.items() if v is not None)]
    return f"rx.tl.{name}({', '.join([target, *shown])})"


def _unless(key: str, default: str) -> str | None:
    """Return ``key_added`` where it is not what the tool takes anyway."""
    return None if key == default else key


def _embed(_: AnnData, step: Step, models: Mapping[str, str]) -> Iterator[str]:
    made = step.record
    yield _call(
        "embed",
        models[step.key],
        layer=made["layer"],
        pooling=made["pooling"],
        window=made["window"] or None,
        key_added=_unless(step.key, _keys.embedding_key(made["model"])),
    )


def _kmers(_: AnnData, step: Step, __: Mapping[str, str]) -> Iterator[str]:
    k, noted = step.record["k"], step.record.get("transform", "none")
    transform = None if noted == "none" else noted
    key = _unless(step.key, _keys.kmer_key(k, transform))
    yield _call("kmers", k=k, transform=transform, key_added=key)


def _umap(_: AnnData, step: Step, __: Mapping[str, str]) -> Iterator[str]:
    names = ("use_rep", "n_neighbors", "min_dist", "seed")
    settings = {name: step.record[name] for name in names}
    n = step.record.get("n_components", 2)
    more = None if n == 2 else n  # noqa: PLR2004
    yield _call("umap", **settings, n_components=more, key_added=_unless(step.key, _keys.UMAP))


def _cluster(_: AnnData, step: Step, __: Mapping[str, str]) -> Iterator[str]:
    names = ("use_rep", "method", "resolution", "n_neighbors", "min_cluster_size", "seed")
    settings = {name: step.record.get(name) for name in names}
    yield _call("cluster", **settings, key_added=_unless(step.key, step.record["method"]))


def _identity(_: AnnData, step: Step, __: Mapping[str, str]) -> Iterator[str]:
    identity = step.record["identity"]
    key = _unless(step.key, _keys.IDENTITY_GROUP)
    yield _call("group_by_identity", identity=identity, key_added=key)


def _nearest(_: AnnData, step: Step, __: Mapping[str, str]) -> Iterator[str]:
    if step.record["own_reference"]:
        step.gaps.append(
            f"{step.key}: reference= was an object in memory; make it again and add it to the call"
        )
    yield _call("nearest_identity", key_added=_unless(step.key, _keys.NEAREST_IDENTITY))


def _fold(_: AnnData, step: Step, models: Mapping[str, str]) -> Iterator[str]:
    made = step.record
    heads = [tuple(head) for head in made["heads"]] if "heads" in made else None
    step.gaps.extend(
        f"{step.key}: {option}= was an object in memory; make it again and add it to the call"
        for option in made.get("objects_given", [])
    )
    yield _call(
        "fold",
        models[step.key],
        method=made["method"],
        decode=made["decode"],
        threshold=made.get("threshold"),
        pairs_per_residue=made.get("pairs_per_residue"),
        canonical=made.get("canonical", False),  # records from before it was noted
        min_loop=made.get("min_loop"),
        heads=heads,
        window=made.get("window") or None,  # 0, or a record from before there were windows
        key_added=_unless(step.key, _keys.predicted_structure_key(made["model"])),
    )


def _likelihood(_: AnnData, step: Step, models: Mapping[str, str]) -> Iterator[str]:
    made = step.record
    window = made["window"] or None
    yield _call("pseudo_likelihood", models[step.key], method=made["method"], window=window)


def _selection(adata: AnnData, step: Step, _: Mapping[str, str]) -> Iterator[str]:
    """Yield a selection by its names: it was made by hand."""
    if step.key not in adata.obs:
        step.gaps.append(f"{step.key}: the selection is no column of obs any more")
        return
    column = adata.obs[step.key]
    place = f"adata.obs[{step.key!r}]"
    if column.dtype == bool:
        yield f"{place} = adata.obs_names.isin({[*map(str, adata.obs_names[column])]!r})"
    else:
        labels = {str(name): str(label) for name, label in column.dropna().items()}
        order = [str(label) for label in column.astype("category").cat.categories]
        yield f"chosen = {labels!r}"
        yield f"{place} = [chosen.get(name) for name in adata.obs_names]"
        yield f"{place} = {place}.astype(pd.CategoricalDtype({order!r}))"
    yield _noted(step)


def _noted(step: Step) -> str:
    """Return the code that writes a record as it is."""
    place = f"adata.uns.setdefault({_keys.PROVENANCE!r}, {{}})[{step.key!r}]"
    return f"{place} = {dict(step.record)!r}"


def _recluster(adata: AnnData, step: Step, _: Mapping[str, str]) -> Iterator[str]:
    """Yield clusters of a selection."""
    made = step.record
    chosen = adata.obs[step.key].notna().to_numpy()
    yield _some(adata, chosen)
    yield _call_on(
        "some",
        "cluster",
        use_rep=made["use_rep"],
        resolution=made["resolution"],
        n_neighbors=min(SELECTED_NEIGHBOURS, made["n_selected"] - 1),
        key_added=step.key,
    )
    yield f"adata.obs[{step.key!r}] = some.obs[{step.key!r}].reindex(adata.obs_names)"
    yield _noted(step)


def _reproject(adata: AnnData, step: Step, _: Mapping[str, str]) -> Iterator[str]:
    """Yield the map of a selection."""
    made, place = step.record, f"adata.obsm[{step.key!r}]"
    chosen = ~np.isnan(np.asarray(adata.obsm[step.key])[:, 0])
    yield _some(adata, chosen)
    yield _call_on(
        "some",
        "umap",
        use_rep=made["use_rep"],
        n_neighbors=min(SELECTED_NEIGHBOURS, made["n_selected"] - 1),
        seed=made["seed"],
        key_added=step.key,
    )
    yield f"{place} = np.full((adata.n_obs, 2), np.nan, dtype=np.float32)"
    yield f"{place}[adata.obs_names.isin(some.obs_names)] = some.obsm[{step.key!r}]"
    yield _noted(step)


def _some(adata: AnnData, chosen: Any) -> str:
    return f"some = adata[{[*map(str, adata.obs_names[chosen])]!r}].copy()"


_Writer = Callable[["AnnData", Step, Mapping[str, str]], Iterator[str]]
_TOOLS: dict[str, tuple[Callable[[Record], bool], _Writer]] = {
    "embed": (lambda r: r.keys() >= {"pooling", "layer", "window", "source"}, _embed),
    "umap": (lambda r: r.get("method") == "umap", _umap),
    "cluster": (lambda r: r.get("method") in _keys.CLUSTER_METHODS, _cluster),
    "kmers": (lambda r: "k" in r, _kmers),
    "group_by_identity": (lambda r: "identity" in r, _identity),
    "nearest_identity": (lambda r: "own_reference" in r, _nearest),
    "fold": (lambda r: "decode" in r, _fold),
    "pseudo_likelihood": (lambda r: r.get("method") in {"masked", "one-pass"}, _likelihood),
    "save_selection": (lambda r: r.get("function") == "save_selection", _selection),
    "recluster": (lambda r: r.get("function") == "recluster", _recluster),
    "reproject": (lambda r: r.get("function") == "reproject", _reproject),
}
