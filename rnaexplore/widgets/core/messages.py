"""What a view says instead of a picture: what is missing, and the call that helps."""

from __future__ import annotations

__all__ = [
    "NOT_EXPORTED",
    "NO_EMBEDDING",
    "NO_MODEL",
    "NO_NEIGHBOURS",
    "NO_SEQUENCE",
    "TEXT_NOT_EXPORTED",
    "note",
    "nothing_to_map",
]

NO_MODEL = (
    "No model was given. rx.explore(adata, model=rx.load_model('mini')) shows attention and "
    "contact maps of the RNA you click."
)
NO_SEQUENCE = (
    "obs has no column 'sequence', so there is nothing to run the model on. rx.read_fasta and "
    "rx.from_sequences make an AnnData with one."
)
NO_EMBEDDING = (
    "obsm holds no embedding, so there are no distances between RNAs. "
    "rx.tl.embed(adata, 'mini') makes 'X_mini'; then make a new view."
)
NO_NEIGHBOURS = (
    "Neighbours of this RNA are not in this page: it has too many RNAs. They are there in the "
    "notebook, and for the RNAs with maps."
)
NOT_EXPORTED = (
    "The maps of this RNA are not in this page; to_html(path, maps=['{name}', …]) of the explorer "
    "puts them in."
)
TEXT_NOT_EXPORTED = (
    "not in this page, for there were too many letters; to_html(path, maps=[…]) puts in those of "
    "the RNAs with maps"
)


def nothing_to_map(keys: list[str]) -> str:
    """Return the message for an AnnData without an ``obsm`` key that can be drawn."""
    held = f"obsm holds {', '.join(keys)}, without two columns" if keys else "obsm is empty"
    return (
        f"There is no map to draw: {held}. "
        "rx.tl.embed(adata) and then rx.tl.umap(adata) make 'X_umap'; then make a new view."
    )


def note(error: Exception) -> str:
    """Return an error's message as a sentence."""
    text = str(error).strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."
