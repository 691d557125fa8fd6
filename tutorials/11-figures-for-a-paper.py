# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figures for a paper
#
# From results to a file that a journal takes: the width of a column, text that stays text in Illustrator
# or Inkscape, embedded fonts, colours that colour-blind readers can tell apart, panel letters. The
# [gallery](../notebooks/gallery.ipynb) has every function of `rx.pl` and `rx.px`; this notebook makes one figure.

# %%
# %matplotlib inline
import re
import tempfile
from pathlib import Path

import rnaexplore as rx

adata = rx.datasets.rfam_sample()
adata = adata[adata.obs.groupby("family", observed=True).head(25).index].copy()
model = rx.load_model("mini")
rx.tl.embed(adata, model, progress=False)
rx.tl.umap(adata, use_rep="X_mini")
scores = rx.tl.evaluate(adata, use_rep="X_mini", progress=False)

trna = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
reference = rx.Structure.from_dot_bracket(*adata.obs.loc[trna, ["sequence", "structure"]])
contacts = rx.tl.contacts(adata, trna, model)

# %% [markdown]
# ## One column
#
# Everything happens inside the `with`: it sets the width and the sizes of text of a journal
# (`"nature"`, `"cell"`, `"ieee"`, or a `"poster"`), and leaves your own settings as they were. **Save
# inside it, too**: matplotlib decides how to write text when a figure is saved.

# %%
out = Path(tempfile.mkdtemp())
with rx.pl.style("nature", width="single"):
    ax = rx.pl.umap(adata, color="family")
    ax.figure.savefig(out / "map.pdf")

# %% [markdown]
# What is in that file? Fonts embedded as TrueType (type 42, which editors keep as text; type 3 is what
# journals refuse), and one picture for all the points, which stay pixels so that a map of a million RNAs
# can still be opened.

# %%
pdf = (out / "map.pdf").read_bytes()
print(f"{len(pdf) / 1000:.0f} kB")
print("fonts embedded as TrueType:", b"/FontFile2" in pdf, "| type 3:", b"/Type3" in pdf)
print("pictures:", len(re.findall(rb"/Subtype /Image", pdf)))

# %% [markdown]
# ## Several panels
#
# The mosaic says where the panels are: a letter each, `;` between rows. `height` is in millimetres, the
# width is the journal's. Every function draws on `ax=`, and what it returns is a matplotlib `Axes`: titles,
# limits and labels can be changed as usual.

# %% tags=["picture"]
with rx.pl.style("nature", width="double"):
    figure, axes = rx.pl.panels("ab;cd", height=130)
    rx.pl.umap(adata, color="family", ax=axes["a"])
    rows = ["X_mini", "4-mers", "6-mers sqrt", "sequence identity", "length", "shuffled labels"]
    rx.pl.metrics(scores.loc[rows], columns=["ARI", "NMI", "knn_accuracy"], ax=axes["b"])
    rx.pl.contacts(contacts, reference=reference, ax=axes["c"])
    rx.pl.structure(contacts.decode(), ax=axes["d"])
    axes["d"].set_title("predicted by mini")
    for kind in ("pdf", "svg", "png"):
        figure.savefig(out / f"figure.{kind}")
sorted(path.name for path in out.iterdir())

# %% [markdown]
# Panel b is the one to look at first. It stands beside the map in every figure of ours, for a map without
# a baseline shows nothing but colours.
#
# In the SVG, text is text:

# %%
svg = (out / "figure.svg").read_text()
texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
print(
    len(texts), "pieces of text, for example", sorted({t for t in texts if "kNN" in t or "F1" in t})
)

# %% [markdown]
# ## Colours of your own
#
# `rx.pl.palette(n)` gives the colours of the figures: up to seven are told apart by colour-blind readers,
# up to nineteen are distinct hues. Colours that other tools left in `uns["<column>_colors"]` are used if
# they are there.

# %%
few = adata[adata.obs["family"].isin(["tRNA", "U1", "U2"])].copy()
few.obs["family"] = few.obs["family"].cat.remove_unused_categories()
few.uns["family_colors"] = rx.pl.palette(3)
with rx.pl.style("cell", width="single"):
    rx.pl.umap(few, color="family", legend="map")

# %% [markdown]
# ## The same figure for the screen
#
# Reviewers and readers want to know which RNA a point is. `rx.px` has the same functions under the same
# names and draws the same values with plotly: hover over a point for its name, family, length and the
# beginning of its sequence, click an entry of the legend to hide a family.

# %%
interactive = rx.px.umap(adata, color="family", title="Rfam families, mini")
interactive

# %% [markdown]
# It is a `plotly.graph_objects.Figure`: everything in it can be changed, and it can go into a page of its
# own for the supplement, which needs no network.

# %%
interactive.update_layout(template="rnaexplore+dark", width=720, height=560)
interactive.write_html(out / "supplement.html", include_plotlyjs=True)
contact_figure = rx.px.contacts(contacts, reference=reference)
contact_figure.write_json(out / "contacts.json")
print(sorted(path.name for path in out.iterdir()))

# %% [markdown]
# ## Before you submit
#
# - Say in the caption what the map is made of, with which model, layer and pooling, and with which seed:
#   `adata.uns["rnaexplore"]` has it all.
# - Give strict scores beside shifted ones, and the baseline beside both.
# - Check at print size: no letter smaller than 5 points.
